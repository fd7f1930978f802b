package main

import (
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// atOnce is how many run at the same time, rounds how often.
const atOnce, rounds = 8, 4

// runAtOnce starts the same command so many times, and waits for all of them.
func runAtOnce(t *testing.T, dir string, args ...string) []ran {
	t.Helper()
	path, results := program(t), make([]ran, atOnce)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = runIn(t, dir, path, args...) })
	}
	all.Wait()
	return results
}

// One makes the set; the others find it, and leave it alone.
func TestInitAtOnce(t *testing.T) {
	for range rounds {
		dir, made := t.TempDir(), 0
		for _, got := range runAtOnce(t, dir, "init", "-q", "--key-type", "ec-p256") {
			if got.status == 0 {
				made++
				continue
			}
			assertOneLine(t, 1, got)
			assert.Contains(t, got.stderr, "holds a set already (ca.key, ca.pem, ca.srl,")
		}
		assert.Equal(t, 1, made)
		requireWhole(t, dir)
		assert.ElementsMatch(t, certset.Names(), slices.Collect(maps.Keys(readFiles(t, dir))))
	}
}

// Each either makes a set, and keeps the one before it, or says that another is at work. No serial number comes twice.
func TestInitForceAtOnce(t *testing.T) {
	for range rounds {
		dir := t.TempDir()
		initialise(t, dir, "--key-type", "ec-p256")
		before, made := readFiles(t, dir), 0
		for _, got := range runAtOnce(t, dir, "init", "-q", "--force", "--key-type", "ec-p256") {
			if got.status == 0 {
				made++
				continue
			}
			assertOneLine(t, 1, got)
			assert.Contains(t, got.stderr, "at work")
		}
		assert.NotZero(t, made)
		sets := setsIn(t, dir)
		assert.Len(t, sets, made+1, "one in place, the others in backup folders")
		assert.True(t, slices.ContainsFunc(sets, func(folder string) bool { return maps.Equal(before, filesOf(t, folder)) }),
			"the first set is kept as it was")
		assertSerials(t, sets)
	}
}

// Those who keep a set do so side by side.
func TestInitIfNeededAtOnce(t *testing.T) {
	dir := t.TempDir()
	for range rounds {
		for _, got := range runAtOnce(t, dir, "init", "-q", "--if-needed", "--key-type", "ec-p256") {
			assert.Zero(t, got.status, got.stderr)
		}
		requireWhole(t, dir)
		assert.ElementsMatch(t, certset.Names(), slices.Collect(maps.Keys(readFiles(t, dir))))
	}
}

// setsIn returns the folders with sets: the directory itself and the backups in it. There is nothing else.
func setsIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	sets := []string{dir}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "backup-") {
			sets = append(sets, filepath.Join(dir, e.Name()))
			continue
		}
		assert.Contains(t, certset.Names(), e.Name())
	}
	for _, folder := range sets {
		assert.ElementsMatch(t, certset.Names(), slices.Collect(maps.Keys(filesOf(t, folder))))
	}
	return sets
}

// filesOf reads a folder without those in it.
func filesOf(t *testing.T, dir string) files {
	t.Helper()
	found := readFiles(t, dir)
	maps.DeleteFunc(found, func(path, _ string) bool { return strings.Contains(path, "/") })
	return found
}

// assertSerials wants whole sets, whose serial numbers all follow each other.
func assertSerials(t *testing.T, folders []string) {
	t.Helper()
	var serials []*big.Int
	for _, folder := range folders {
		s := requireWhole(t, folder)
		serials = append(serials, s.Server.Certificate.SerialNumber, s.Client.Certificate.SerialNumber)
	}
	slices.SortFunc(serials, (*big.Int).Cmp)
	for i := range serials[1:] {
		next, err := certset.NextSerial(serials[i])
		require.NoError(t, err)
		assert.Zero(t, next.Cmp(serials[i+1]), "%x follows %x", serials[i+1], serials[i])
	}
}
