package clients_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/measure"
	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
)

// assertRemedied runs each milvus-certs renew of the page in the sets that its row is about. In one of them at least, what the
// client's refusal came of has to be gone then.
func assertRemedied(t *testing.T, try remedies, rows []row, happened []happening) {
	about := make([][]happening, len(rows))
	for _, h := range happened {
		for _, text := range h.texts {
			if i, _ := explaining(rows, h, text); i >= 0 && h.at.client != "" {
				about[i] = append(about[i], h)
			}
		}
	}
	for i, r := range rows {
		commands := slices.DeleteFunc(slices.Clone(r.todo), func(s string) bool {
			return !strings.HasPrefix(s, "milvus-certs renew") || strings.Contains(s, "FILE")
		})
		if r.many || len(about[i]) == 0 {
			continue
		}
		for _, command := range commands {
			helps := func(h happening) bool { return try.helps(h, command) || len(commands) > 1 && try.helps(h, commands...) }
			assert.True(t, slices.ContainsFunc(about[i], helps), "line %d: %s changes nothing", r.line, command)
		}
	}
	t.Logf("%d times", len(try.done))
}

// remedies runs commands in copies of the sets, each once.
type remedies struct {
	t       *testing.T
	program sets.Program
	made    []measure.Set
	before  map[place]prediction
	done    map[string]map[place]prediction // the predictions after it, by set and commands
}

// helps tells whether a refusal no longer comes of what it came of, in the file that it was in, once the commands were run in its set.
func (r remedies) helps(h happening, commands ...string) bool {
	name := []string{"NAME", h.at.host, "ADDRESS", h.at.host}
	all := strings.NewReplacer(name...).Replace(strings.Join(commands, "\n"))
	key := h.at.set + "\n" + all
	if _, ok := r.done[key]; !ok {
		r.done[key] = r.run(h.at.set, strings.Split(all, "\n"))
	}
	p, ok := r.done[key][h.at]
	return ok && (p.OK || p.Cause != h.of || p.File != r.before[h.at].File)
}

// run returns no predictions where a command fails. A change to a new CA is taken to its end.
func (r remedies) run(name string, commands []string) map[place]prediction {
	set := r.made[slices.IndexFunc(r.made, func(s measure.Set) bool { return s.Name == name })]
	dir := filepath.Join(r.t.TempDir(), name)
	require.NoError(r.t, os.CopyFS(dir, os.DirFS(set.Dir)))
	for _, command := range commands {
		steps := [][]string{strings.Fields(command)[1:]}
		if strings.HasPrefix(command, "milvus-certs renew ca") && !strings.Contains(command, "--same-key") {
			steps = append(steps, []string{"renew"}, []string{"renew", "ca", "--finish"})
		}
		for _, step := range steps {
			if r.program.Run(dir, step...) != nil {
				return nil
			}
		}
	}
	set.Dir = dir
	return predictions(r.t, r.program, []measure.Set{set})
}
