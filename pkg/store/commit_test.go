package store

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCommit(t *testing.T) {
	for name, s := range scenarios() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, s.before...)
			require.NoError(t, s.run(open(t, dir)))
			assert.Equal(t, s.new(), readTree(t, dir))
		})
	}
}

// Files are written side by side, but no more at once than is said.
func TestCommitWritesSideBySide(t *testing.T) {
	d := openLocked(t, t.TempDir())
	var writing atomic.Int32
	var once sync.Once
	full := make(chan struct{})
	d.before = func(step string) error {
		if !strings.HasPrefix(step, "sync "+newDir+"/") {
			return nil
		}
		n := writing.Add(1)
		assert.LessOrEqual(t, n, int32(maxWriters))
		if n == maxWriters {
			once.Do(func() { close(full) })
		}
		select {
		case <-full:
		case <-time.After(time.Minute):
			return errors.New("they do not come together")
		}
		return nil
	}
	d.after = func(step string) {
		if strings.HasPrefix(step, "close "+newDir+"/") {
			writing.Add(-1)
		}
	}
	files := manyFiles("new", 3*maxWriters)
	require.NoError(t, d.Commit(files, ""))
	require.NoError(t, d.Close())
	assert.Equal(t, tree{}.put("", files...), readTree(t, d.path))
}

// The commit is decided when everything that it needs was made last, and not before.
func TestCommitIsDecidedLast(t *testing.T) {
	dir := t.TempDir()
	files := manyFiles("old", 50)
	write(t, dir, files...)
	d := openLocked(t, dir)
	var steps []string
	var mu sync.Mutex
	d.after = func(step string) {
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, step)
	}
	require.NoError(t, d.Commit(manyFiles("new", 50), ""))
	place := func(step string) int {
		i := slices.Index(steps, step)
		require.GreaterOrEqual(t, i, 0, step)
		return i
	}
	folders := []string{newDir, oldDir, stagingDir, "."}
	for _, f := range files {
		path := staged(f.Name)
		assert.Less(t, place("write "+path), place("sync "+path))
		assert.Less(t, place("close "+path), place("create "+draft))
		assert.Less(t, place("keep "+f.Name), place("create "+draft))
	}
	for _, folder := range folders {
		assert.Less(t, place("close "+draft), place("sync "+folder))
		assert.Less(t, place("sync "+folder), place("move "+draft+" to "+applying))
	}
}

// Of the writers that are at work when one fails, each ends what it began; none begins anything else.
func TestCommitStopsWhereOneFails(t *testing.T) {
	dir := t.TempDir()
	d := openLocked(t, dir)
	files := manyFiles("new", 100)
	var created int
	d.before = oneByOne(func(step string) error {
		if strings.HasPrefix(step, "create "+newDir+"/") {
			created++
			return syscall.ENOSPC
		}
		return nil
	})
	err := d.Commit(files, "")
	assert.EqualError(t, err, "cannot create "+filepath.Join(dir, staged(files[0].Name))+": no space left on device")
	assert.LessOrEqual(t, created, maxWriters)
	require.NoError(t, d.Close())
	assert.Empty(t, readTree(t, dir))
}

func manyFiles(generation string, n int) []certset.File {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("client-%03d.pem", i)
	}
	return set(generation, names...)
}

func TestCommitOfNine(t *testing.T) {
	dir := t.TempDir()
	first, second := set("1", certset.Names()...), set("2", certset.Names()...)
	d := openLocked(t, dir)
	require.NoError(t, d.Commit(first, "kept"))
	require.NoError(t, d.Commit(second, "kept"))
	require.NoError(t, d.Unlock())
	want := tree{"kept": "folder 0700"}.put("kept", first...).put("", second...)
	assert.Equal(t, want, readTree(t, dir))
}

// The umask takes nothing from the modes, and adds nothing to them.
func TestCommitWhateverTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o077} {
		setUmask(t, mask)
		dir, s := t.TempDir(), scenarios()["replace-keeping"]
		write(t, dir, s.before...)
		require.NoError(t, s.run(open(t, dir)))
		assert.Equal(t, s.new(), readTree(t, dir))
	}
}

// Whoever has the old file open, or linked, keeps it: files are replaced, not written into.
func TestCommitMakesNewFiles(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "linked")
	write(t, dir, set("old", "ca.key")...)
	require.NoError(t, os.Link(filepath.Join(dir, "ca.key"), elsewhere))
	require.NoError(t, openLocked(t, dir).Commit(set("new", "ca.key"), ""))
	data, err := os.ReadFile(elsewhere)
	require.NoError(t, err)
	assert.Equal(t, "old ca.key", string(data))
}

func TestCommitOfNothing(t *testing.T) {
	dir := t.TempDir()
	d := openLocked(t, dir)
	require.NoError(t, d.Commit(nil, "kept"))
	require.NoError(t, d.Unlock())
	assert.Empty(t, readTree(t, dir))
}

// What Commit refuses, it refuses before it writes anything.
func TestCommitRefuses(t *testing.T) {
	file := func(name string) []certset.File { return []certset.File{{Name: name, Mode: 0o600}} }
	dir := t.TempDir()
	write(t, dir, set("old", "file", "taken")...)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	makePipe(t, filepath.Join(dir, "pipe"))

	for _, test := range []struct {
		files  []certset.File
		backup string
		want   string
	}{
		{file("folder"), "", filepath.Join(dir, "folder") + " is a directory, not a regular file: it is not replaced"},
		{file("pipe"), "", "pipe is a named pipe, not a regular file: it is not replaced"},
		{file("../up"), "", `file name "../up": wanted`},
		{file("/up"), "", `file name "/up": wanted`},
		{file(".hidden"), "", `file name ".hidden": wanted`},
		{file(""), "", `file name "": wanted`},
		{file("\xff"), "", `file name "\xff": wanted`},
		{file(stagingDir), "", `file name ".milvus-certs.tx": wanted`},
		{set("new", "a", "b", "a"), "", `file name "a": given twice`},
		{[]certset.File{{Name: "a", Mode: fs.ModeSetuid | 0o755}}, "", "file a: mode urwxr-xr-x is more than permissions"},
		{file("file"), "taken", "backup folder " + filepath.Join(dir, "taken") + " exists: choose another name"},
		{file("file"), "file", `file name "file": given to the backup folder too`},
		{file("file"), "../kept", `file name "../kept": wanted`},
	} {
		before := readTreeButPipes(t, dir)
		d := openLocked(t, dir)
		assert.ErrorContains(t, d.Commit(test.files, test.backup), test.want)
		require.NoError(t, d.Close())
		assert.Equal(t, before, readTreeButPipes(t, dir), test.want)
	}
}

// readTreeButPipes is the directory without the pipe, which has nothing to read.
func readTreeButPipes(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var found []string
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		found = append(found, info.Mode().String()+" "+e.Name()+" "+info.ModTime().String())
	}
	return found
}

func TestCommitDoesNotReplaceLinks(t *testing.T) {
	for _, target := range []string{"notes", "nowhere"} {
		dir := t.TempDir()
		write(t, dir, other)
		require.NoError(t, os.Symlink(target, filepath.Join(dir, "ca.key")))
		d := openLocked(t, dir)
		assert.EqualError(t, d.Commit(set("new", "ca.key"), ""),
			filepath.Join(dir, "ca.key")+" is a symbolic link, not a regular file: it is not replaced")
		require.NoError(t, d.Close())
		require.NoError(t, os.Remove(filepath.Join(dir, "ca.key")))
		assert.Equal(t, tree{}.put("", other), readTree(t, dir))
	}
}

// A link that appears under the name of a file after the look at it is replaced itself; its target stays as it is.
func TestCommitDoesNotFollowLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, other)
	d := openLocked(t, dir)
	d.before = func(step string) error {
		if step == "create "+newDir {
			return os.Symlink("notes", filepath.Join(dir, "ca.key"))
		}
		return nil
	}
	require.NoError(t, d.Commit(set("new", "ca.key"), ""))
	require.NoError(t, d.Close())
	assert.Equal(t, tree{}.put("", other).put("", set("new", "ca.key")...), readTree(t, dir))
}

func TestCommitNeedsTheLock(t *testing.T) {
	d := open(t, t.TempDir())
	assert.EqualError(t, d.Commit(set("new", "ca.key"), ""), "store: Commit without Lock")
}

// An error of a commit names the file and the reason; one for want of permission can be told from others.
func TestCommitErrors(t *testing.T) {
	tests := map[syscall.Errno]bool{syscall.ENOSPC: false, syscall.EROFS: true, syscall.EACCES: true}
	for errno, notWritable := range tests {
		d := openLocked(t, t.TempDir())
		d.before = func(step string) error {
			if step == "write "+staged("ca.key") {
				return errno
			}
			return nil
		}
		err := d.Commit(set("new", "ca.key"), "")
		assert.EqualError(t, err, "cannot write "+filepath.Join(d.path, staged("ca.key"))+": "+errno.Error())
		if notWritable {
			assert.ErrorIs(t, err, ErrNotWritable)
		} else {
			assert.NotErrorIs(t, err, ErrNotWritable)
		}
	}
}

// A file that is kept is the very file: with its owner, its times and its links.
func TestCommitKeepsTheFileItself(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, set("old", "ca.key")...)
	before, err := os.Stat(filepath.Join(dir, "ca.key"))
	require.NoError(t, err)
	d := openLocked(t, dir)
	require.NoError(t, d.Commit(set("new", "ca.key"), "kept"))
	require.NoError(t, d.Close())
	after, err := os.Stat(filepath.Join(dir, "kept", "ca.key"))
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after))
}

// What was put in the place of a file since it was looked at is neither kept nor in the way.
func TestCommitKeepsNoLink(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, set("old", "a")...)
	d := openLocked(t, dir)
	d.before = func(step string) error {
		if step == "keep a" {
			require.NoError(t, os.Remove(filepath.Join(dir, "a")))
			require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "a")))
		}
		return nil
	}
	assert.ErrorContains(t, d.Commit(set("new", "a"), "kept"), "it was replaced in the meantime")
	require.NoError(t, d.Close())
	assert.Equal(t, NothingToRecover, settle(t, dir))
	target, err := os.Readlink(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "nowhere", target)
}

// Where a file cannot have two names it is copied.
func TestCommitKeepsACopy(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, set("old", "ca.key")...)
	d := openLocked(t, dir)
	d.before = func(step string) error {
		if step == "keep ca.key" {
			return syscall.EPERM
		}
		return nil
	}
	require.NoError(t, d.Commit(set("new", "ca.key"), "kept"))
	require.NoError(t, d.Close())
	assert.Equal(t, tree{"kept": "folder 0700"}.put("", set("new", "ca.key")...).put("kept", set("old", "ca.key")...), readTree(t, dir))
}

// A key that may not be read does not make its directory one that may not be written.
func TestCommitOverAKeyThatMayNotBeRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, set("old", "ca.key")...)
	before := maps.Clone(readTree(t, dir))
	d := openLocked(t, dir)
	d.copies = true
	d.before = func(step string) error {
		if step == "read ca.key" {
			return syscall.EACCES
		}
		return nil
	}
	err := d.Commit(set("new", "ca.key"), "")
	assert.EqualError(t, err, "cannot read "+filepath.Join(dir, "ca.key")+": permission denied")
	assert.NotErrorIs(t, err, ErrNotWritable)
	require.NoError(t, d.Close())
	assert.Equal(t, before, readTree(t, dir))
}

// Undoing leaves a file that was not yet replaced as it is, with its owner and its links.
func TestCommitUndoneLeavesTheRestAlone(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, set("old", "a", "b")...)
	before, err := os.Stat(filepath.Join(dir, "b"))
	require.NoError(t, err)
	d := openLocked(t, dir)
	d.before = func(step string) error {
		if step == "move "+staged("b")+" to b" {
			return syscall.EIO
		}
		return nil
	}
	require.ErrorIs(t, d.Commit(set("new", "a", "b"), ""), syscall.EIO)
	after, err := os.Stat(filepath.Join(dir, "b"))
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after))
}

// A commit that failed is cleared away at once: the next can follow under the same lock.
func TestCommitAfterOneThatFailed(t *testing.T) {
	dir := t.TempDir()
	d, failed := openLocked(t, dir), false
	d.before = func(step string) error {
		if step == "write "+staged("a") && !failed {
			failed = true
			return syscall.EIO
		}
		return nil
	}
	require.ErrorIs(t, d.Commit(set("new", "a"), ""), syscall.EIO)
	require.NoError(t, d.Commit(set("new", "a"), ""))
	require.NoError(t, d.Close())
	assert.Equal(t, tree{}.put("", set("new", "a")...), readTree(t, dir))
}

// Where undoing fails too, the error says who will finish; until then nothing else is begun.
func TestCommitThatCannotBeUndone(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, set("old", "a", "b")...)
	d := openLocked(t, dir)
	d.before = func(step string) error {
		switch step {
		case "move " + staged("b") + " to b":
			return syscall.EIO
		case "move " + replaced("a") + " to a":
			return syscall.ENOSPC
		}
		return nil
	}
	err := d.Commit(set("new", "a", "b"), "kept")
	assert.ErrorIs(t, err, syscall.EIO)
	assert.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorContains(t, err, "undoing it failed too")
	assert.ErrorContains(t, err, "the next milvus-certs that writes in "+dir+" finishes it")
	assert.EqualError(t, d.Commit(set("new", "c"), ""),
		"a commit in "+dir+" was not finished: unlock the directory first")
	assert.ErrorContains(t, d.Close(), "cannot finish an interrupted commit")

	assert.Equal(t, Undone, settle(t, dir))
	assert.Equal(t, tree{}.put("", set("old", "a", "b")...), readTree(t, dir))
}
