package store

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scenario is a commit: what lies in the directory before, what is put there, and where the replaced files go. One with
// a single writer takes its steps in the same order each time; one with more lets each step fail, or be the last, too, but
// beside others that differ from run to run.
type scenario struct {
	before  []certset.File
	files   []certset.File
	backup  string
	writers int
	copies  bool
}

func set(generation string, names ...string) []certset.File {
	files := make([]certset.File, 0, len(names))
	for i, name := range names {
		file := certset.File{Name: name, Mode: 0o644, Data: []byte(generation + " " + name)}
		if i == 0 {
			file.Mode = 0o600
		}
		files = append(files, file)
	}
	return files
}

// other is a file of the user's that no commit touches.
var other = certset.File{Name: "notes", Mode: 0o640, Data: []byte("not ours")}

func scenarios() map[string]scenario {
	oldSet := set("old", "ca.key", "ca.pem", "ca.srl")
	oldSet[1].Mode = 0o664 // not the mode of the new one
	newSet := set("new", "ca.key", "ca.pem", "ca.srl")
	return map[string]scenario{
		"fresh":                {before: []certset.File{other}, files: newSet, backup: "kept", writers: 1},
		"replace-keeping":      {before: append(oldSet, other), files: newSet, backup: "kept", writers: 1},
		"replace-some-keeping": {before: append(oldSet[:1:1], other), files: newSet[:2], backup: "kept", writers: 1},
		"replace-some":         {before: append(oldSet[1:], other), files: newSet[:2], writers: 1},
		"replace-copying":      {before: append(oldSet[:2:2], other), files: newSet[:2], backup: "kept", writers: 1, copies: true},
		"side-by-side": {
			before: append(oldSet[:2:2], other), files: append(newSet[:2:2], set("new", "a.key")...), backup: "kept",
			writers: 3,
		},
	}
}

// run is what a command does.
func (s scenario) run(d *Dir) error {
	d.writers, d.copies = s.writers, s.copies
	if _, err := d.Lock(0, nil); err != nil {
		return err
	}
	if err := d.Commit(s.files, s.backup); err != nil {
		return err
	}
	return d.Close()
}

func (s scenario) old() tree { return tree{}.put("", s.before...) }

func (s scenario) new() tree {
	after := s.old()
	for _, f := range s.files {
		i := slices.IndexFunc(s.before, func(b certset.File) bool { return b.Name == f.Name })
		if i >= 0 && s.backup != "" {
			after[s.backup] = "folder 0700"
			after.put(s.backup, s.before[i])
		}
	}
	return after.put("", s.files...)
}

// each runs a test for each scenario, in a fresh directory for each step number until the test says that the run ended
// before that step.
func each(t *testing.T, test func(t *testing.T, name string, s scenario, dir string, n int) (reached bool)) {
	for name, s := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 1
			for ; ; n++ {
				dir := t.TempDir()
				write(t, dir, s.before...)
				if !test(t, name, s, dir, n) || t.Failed() {
					break
				}
			}
			assert.Greater(t, n, 25, "steps")
		})
	}
}

// settle is the next command: it locks, which recovers, and unlocks.
func settle(t *testing.T, dir string) Recovery {
	t.Helper()
	d := open(t, dir)
	recovery, err := d.Lock(0, nil)
	require.NoError(t, err)
	require.NoError(t, d.Close())
	return recovery
}

// requireWhole requires the directory to hold one of the two sets, whole, and nothing else; and the recovery to fit.
func requireWhole(t *testing.T, s scenario, dir string, recovery Recovery) {
	t.Helper()
	found := readTree(t, dir)
	switch {
	case maps.Equal(found, s.new()):
		require.NotEqual(t, Undone, recovery)
	default:
		require.Equal(t, s.old(), found)
		require.NotEqual(t, Completed, recovery)
	}
}

// A step that fails: the error tells of it, and the old set is there at once; or there is no error, and the new set is.
func TestCommitWhenAStepFails(t *testing.T) {
	each(t, func(t *testing.T, name string, s scenario, dir string, n int) bool {
		if name == "replace-some-keeping" {
			for _, errno := range []error{syscall.ENOSPC, syscall.EACCES} {
				another := t.TempDir()
				write(t, another, s.before...)
				failStep(t, s, another, n, errno)
			}
		}
		return failStep(t, s, dir, n, syscall.EIO)
	})
}

func failStep(t *testing.T, s scenario, dir string, n int, errno error) (reached bool) {
	t.Helper()
	d, failed := open(t, dir), ""
	d.writers, d.copies = s.writers, s.copies
	d.before = oneByOne(func(step string) error {
		if n--; n == 0 {
			failed = step
			return errno
		}
		return nil
	})
	_, err := d.Lock(0, nil)
	if err == nil {
		err = d.Commit(s.files, s.backup)
	}
	want := s.new()
	if err != nil {
		want = s.old()
		require.ErrorIs(t, err, errno, failed)
		require.Contains(t, err.Error(), dir)
		require.NotContains(t, err.Error(), "undoing", failed)
	}
	if unlockErr := d.Close(); unlockErr != nil {
		require.NoError(t, err)
		require.Contains(t, unlockErr.Error(), dir)
		settle(t, dir)
	}
	require.Equal(t, want, readTree(t, dir), "%s failed", failed)
	return failed != ""
}

// A disk that fails from some step on, so that undoing fails too: the next command finds a working disk and settles it.
func TestCommitWhenTheDiskDies(t *testing.T) {
	each(t, func(t *testing.T, _ string, s scenario, dir string, n int) bool {
		d, reached := open(t, dir), false
		d.before = oneByOne(func(string) error {
			n--
			reached = reached || n <= 0
			if reached {
				return syscall.EIO
			}
			return nil
		})
		err := s.run(d)
		_ = d.Close()
		recovery := settle(t, dir)
		requireWhole(t, s, dir, recovery)
		if !reached {
			require.NoError(t, err)
		}
		return reached
	})
}

// Two steps that fail: the second may be one of undoing, of tidying or of unlocking. Steps that write suffice: where
// one that reads fails, the same is left undone as where the next that writes fails.
func TestCommitWhenTwoStepsFail(t *testing.T) {
	for _, writers := range []int{1, 2} {
		s := scenario{before: set("old", "a"), files: set("new", "a", "b"), backup: "kept", writers: writers}
		for first := 1; first <= countSteps(t, s); first++ {
			t.Run(fmt.Sprintf("%d-%d", writers, first), func(t *testing.T) {
				t.Parallel()
				for second := first + 1; failSteps(t, s, first, second); second++ {
				}
			})
		}
	}
}

func countSteps(t *testing.T, s scenario) (n int) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, s.before...)
	d := open(t, dir)
	var mu sync.Mutex
	d.after = func(step string) {
		mu.Lock()
		defer mu.Unlock()
		if !reads(step) {
			n++
		}
	}
	require.NoError(t, s.run(d))
	return n
}

func failSteps(t *testing.T, s scenario, numbers ...int) (allReached bool) {
	t.Helper()
	dir, step, failed := t.TempDir(), 0, 0
	write(t, dir, s.before...)
	d := open(t, dir)
	d.before = oneByOne(func(name string) error {
		if reads(name) {
			return nil
		}
		if step++; slices.Contains(numbers, step) {
			failed++
			return syscall.EIO
		}
		return nil
	})
	_ = s.run(d)
	_ = d.Close()
	requireWhole(t, s, dir, settle(t, dir))
	return failed == len(numbers)
}

// A process that dies after a step.
func TestCommitWhenKilled(t *testing.T) {
	each(t, func(t *testing.T, name string, s scenario, dir string, n int) bool {
		reached := runToCrash(t, "commit", dir, name, n)
		recovery := settle(t, dir)
		requireWhole(t, s, dir, recovery)
		if !reached {
			require.Equal(t, s.new(), readTree(t, dir))
			require.Equal(t, NothingToRecover, recovery)
		}
		return reached
	})
}

// A process that dies after a step of recovering from the death of another. Deaths that leave files
// of the same names are taken once.
func TestRecoveryWhenKilled(t *testing.T) {
	for _, name := range []string{"replace-some-keeping", "replace-some"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, seen := scenarios()[name], map[string]bool{}
			for n := 1; ; n++ {
				dir := t.TempDir()
				write(t, dir, s.before...)
				if !runToCrash(t, "commit", dir, name, n) {
					return
				}
				left := readTree(t, dir)
				if key := fmt.Sprint(slices.Sorted(maps.Keys(left))); !seen[key] {
					seen[key] = true
					killRecovery(t, s, left)
				}
			}
		})
	}
}

// killRecovery kills the recovery of a directory after each of its steps.
func killRecovery(t *testing.T, s scenario, left tree) {
	t.Helper()
	for m, reached := 1, true; reached; m++ {
		dir := t.TempDir()
		left.restore(t, dir)
		reached = runToCrash(t, "recover", dir, m)
		requireWhole(t, s, dir, settle(t, dir))
	}
}
