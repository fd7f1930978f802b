package store

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(path("ten"), []byte("0123456789"), 0o600))
	require.NoError(t, os.WriteFile(path("empty"), nil, 0o600))
	require.NoError(t, os.Mkdir(path("folder"), 0o700))

	tests := []struct {
		name  string
		limit int64
		want  string
		err   string
	}{
		{name: "ten", limit: 11, want: "0123456789"},
		{name: "ten", limit: 10, want: "0123456789"},
		{name: "ten", limit: 9, err: "ten is too long: at most 9 bytes are read, it has 10"},
		{name: "empty", limit: 0, want: ""},
		{name: "folder", limit: 10, err: "folder is a directory, not a regular file"},
		{name: "missing", limit: 10, err: "missing: no such file or directory"},
		{name: "missing", limit: 10, err: "cannot read " + dir},
	}
	for _, test := range tests {
		data, err := ReadFile(path(test.name), test.limit)
		if test.err != "" {
			assert.ErrorContains(t, err, test.err)
			continue
		}
		assert.NoError(t, err)
		assert.Equal(t, test.want, string(data.Data))
	}
}

func TestReadFileThroughLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("content"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join(dir, "file"), filepath.Join(dir, "link")))
	require.NoError(t, os.Symlink("link", filepath.Join(dir, "further")))
	data, err := ReadFile(filepath.Join(dir, "further"), MaxFileSize)
	require.NoError(t, err)
	assert.Equal(t, "content", string(data.Data))

	require.NoError(t, os.Symlink("round", filepath.Join(dir, "round")))
	_, err = ReadFile(filepath.Join(dir, "round"), MaxFileSize)
	assert.ErrorContains(t, err, "round")
}

func TestReadFileOfNoFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such files")
	}
	dir := shortDir(t)
	pipe, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "socket")
	makePipe(t, pipe)
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()

	for path, kind := range map[string]string{pipe: "a named pipe", socket: "a socket", os.DevNull: "a device"} {
		_, err := ReadFile(path, MaxFileSize)
		assert.EqualError(t, err, path+" is "+kind+", not a regular file")
	}
}

// A file can look short and be long: those of /proc have no size.
func TestReadFileThatDeniesItsSize(t *testing.T) {
	const path = "/proc/self/status"
	if _, err := os.Stat(path); err != nil {
		t.Skip("no " + path)
	}
	_, err := ReadFile(path, 10)
	assert.EqualError(t, err, path+" is too long: at most 10 bytes are read, it has more")
}

// shortDir is a directory in which a socket's path is not too long.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", strings.ToLower(t.Name())[:8])
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
