//go:build !windows

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each sequence of commands has a seed of its own, one more than the one before it. MODEL_SEED, MODEL_SEQUENCES and MODEL_LENGTH
// set others than these.
const modelSeed, modelSequences, modelLength = 1, 10, 24

func modelSetting(t *testing.T, name string, usual uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, name)
	return n
}

// modelCounts are what a test did.
type modelCounts struct{ commands, kills, unsettled, groups atomic.Int64 }

// TestModel runs random sequences of commands, some of them side by side and some killed, and holds what becomes of the directory to
// a model of it. A seed repeats the commands only so long as those that are killed or side by side end in the same way.
func TestModel(t *testing.T) {
	seed := modelSetting(t, "MODEL_SEED", modelSeed)
	sequences, length := modelSetting(t, "MODEL_SEQUENCES", modelSequences), int(modelSetting(t, "MODEL_LENGTH", modelLength))
	path, counts := program(t), &modelCounts{}
	t.Run("sequences", func(t *testing.T) {
		for i := range sequences {
			t.Run(fmt.Sprint(seed+i), func(t *testing.T) {
				t.Parallel()
				dice := &modelDice{Rand: rand.New(rand.NewPCG(seed+i, 0))}
				draw := func(s *modelState, n, unsettled int) modelStep {
					if n >= length && unsettled == 0 {
						return nil
					}
					return dice.step(s, unsettled)
				}
				steps, err := runModel(t, path, counts, draw)
				if err == nil {
					return
				}
				t.Errorf("MODEL_SEED=%d MODEL_SEQUENCES=1 MODEL_LENGTH=%d go test -run TestModel ./cmd/milvus-certs\n%v\n%s", seed+i, length, err, shellOf(steps))
				if testing.Short() {
					return
				}
				if less := shrinkModel(t, path, steps); len(less) < len(steps) {
					t.Logf("these fail, too:\n%s", shellOf(less))
				}
			})
		}
	})
	t.Logf("%d commands, %d of them side by side, %d killed, %d times when it was not known what a kill had left",
		counts.commands.Load(), counts.groups.Load(), counts.kills.Load(), counts.unsettled.Load())
}

// shrinkModel leaves out commands without which a sequence fails all the same. Where it hangs on a moment, it may not fail again,
// and stays as it is. With -short that is not tried.
func shrinkModel(t *testing.T, path string, steps []modelStep) []modelStep {
	end := time.Now().Add(30 * time.Second)
	for i := len(steps) - 2; i >= 0 && time.Now().Before(end); i-- {
		less := slices.Delete(slices.Clone(steps), i, i+1)
		replay := func(_ *modelState, n, _ int) modelStep {
			if n >= len(less) {
				return nil
			}
			return less[n]
		}
		if ran, err := runModel(t, path, &modelCounts{}, replay); err != nil {
			steps = ran
			i = min(i, len(steps)-1)
		}
	}
	return steps
}

// shellOf are the lines of a shell that do the same, but for what a moment more or less decides.
func shellOf(steps []modelStep) string {
	lines := []string{"mkdir set beside; cd set; export MODEL_PASS='" + modelPass + "'"}
	for _, s := range steps {
		lines = append(lines, s.shell())
	}
	return strings.Join(lines, "\n")
}
