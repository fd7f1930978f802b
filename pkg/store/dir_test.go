package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, other)
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "link")))
	makePipe(t, filepath.Join(dir, "pipe"))

	for name, want := range map[string]string{
		"":        "",
		"link":    "",
		"missing": "missing: no such file or directory: create it with mkdir -p " + filepath.Join(dir, "missing"),
		"notes":   filepath.Join(dir, "notes") + " is a regular file, not a directory",
		"pipe":    "is a named pipe, not a directory",
	} {
		d, err := Open(filepath.Join(dir, name))
		if want != "" {
			assert.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(dir, name), d.path)
		assert.NoError(t, d.Close())
	}
	_, err := Open(filepath.Join(dir, "missing"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// As Kubernetes mounts a Secret, and with a link that leads out of the directory.
func TestReadFollowsLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	key := certset.File{Name: "ca.key", Mode: 0o600, Data: []byte("key")}
	pem := certset.File{Name: "ca.pem", Mode: 0o644, Data: []byte("certificate")}
	srl := certset.File{Name: "ca.srl", Mode: 0o640, Data: nil}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "..2026"), 0o700))
	write(t, filepath.Join(dir, "..2026"), key)
	require.NoError(t, os.Symlink("..2026", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("..data/ca.key", filepath.Join(dir, "ca.key")))
	write(t, elsewhere, pem)
	require.NoError(t, os.Symlink(filepath.Join(elsewhere, "ca.pem"), filepath.Join(dir, "ca.pem")))
	write(t, dir, srl)
	srl.Data = []byte{}

	files, err := open(t, dir).Read(certset.Names())
	require.NoError(t, err)
	assert.Equal(t, map[string]certset.File{"ca.key": key, "ca.pem": pem, "ca.srl": srl}, files)
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	makePipe(t, filepath.Join(dir, "pipe"))
	write(t, dir, certset.File{Name: "long", Mode: 0o600, Data: make([]byte, MaxFileSize+1)})

	for name, want := range map[string]string{
		"folder":      "is a directory, not a regular file",
		"dangling":    "dangling is a symbolic link to a file that is not there",
		"pipe":        "is a named pipe, not a regular file",
		"long":        "is too long: at most 1048576 bytes are read, it has 1048577",
		"../long":     `file name "../long": wanted the name of a file in the directory`,
		"folder/file": `file name "folder/file": wanted`,
		"":            `file name "": wanted`,
	} {
		_, err := open(t, dir).Read([]string{name})
		assert.ErrorContains(t, err, want)
	}
}

func TestList(t *testing.T) {
	dir := t.TempDir()
	names, err := open(t, dir).List()
	require.NoError(t, err)
	assert.Empty(t, names)

	write(t, dir, set("1", "z.pem", "ca.key", "a.pem", ".hidden", "Ä.pem", "ca.srl")...)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "..2026"), 0o700))
	require.NoError(t, os.Symlink("..2026", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("..data/b.pem", filepath.Join(dir, "b.pem")))
	require.NoError(t, os.Symlink("folder", filepath.Join(dir, "to-folder")))
	d := openLocked(t, dir)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, newDir), 0o700))
	names, err = d.List()
	require.NoError(t, err)
	assert.Equal(t, []string{"a.pem", "b.pem", "ca.key", "ca.srl", "to-folder", "z.pem", "Ä.pem"}, names)

	_, err = d.Read([]string{"to-folder"})
	assert.ErrorContains(t, err, "to-folder is a directory, not a regular file")
}

func TestListHasABound(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, set("1", "a", "b", "c")...)
	d := open(t, dir)
	names, err := d.listUpTo(3)
	require.NoError(t, err)
	assert.Len(t, names, 3)
	_, err = d.listUpTo(2)
	assert.EqualError(t, err, "cannot list "+dir+": at most 2 files are looked at, it holds more")
}

// What a step does, it does to the few names that it was given: a directory is never listed to commit to it.
func TestCommitListsOnlyItsOwnFolders(t *testing.T) {
	d := open(t, t.TempDir())
	var listed []string
	d.after = func(step string) {
		if strings.HasPrefix(step, verbList+" ") {
			listed = append(listed, step)
		}
	}
	require.NoError(t, scenario{before: nil, files: set("new", "a"), writers: 1}.run(d))
	assert.NotEmpty(t, listed)
	for _, step := range listed {
		assert.Contains(t, step, stagingDir)
	}
}

// A file that comes to be there after the look at it was not there, and is no link to nowhere.
func TestReadBesideOneThatWrites(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	d.before = func(string) error {
		write(t, dir, other)
		return nil
	}
	files, err := d.Read([]string{other.Name})
	require.NoError(t, err)
	assert.Empty(t, files)
}

func TestExisting(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, other)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	existing, err := open(t, dir).Existing([]string{"missing", "notes", "folder", "gone", "dangling"})
	require.NoError(t, err)
	assert.Equal(t, []string{"notes", "folder", "dangling"}, existing)
}

func TestFreeName(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	for _, want := range []string{"kept", "kept-2", "kept-3"} {
		free, err := d.FreeName("kept")
		require.NoError(t, err)
		assert.Equal(t, want, free)
		require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, free)))
	}
	_, err := d.FreeName("a/b")
	assert.ErrorContains(t, err, `"a/b"`)
}

func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	interrupted, err := d.Interrupted()
	require.NoError(t, err)
	assert.False(t, interrupted)

	require.NoError(t, os.MkdirAll(filepath.Join(dir, newDir), 0o700))
	before := readTree(t, dir)
	interrupted, err = d.Interrupted()
	require.NoError(t, err)
	assert.True(t, interrupted)
	assert.Equal(t, before, readTree(t, dir))
}
