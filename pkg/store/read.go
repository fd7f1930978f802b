package store

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// MaxFileSize is the number of bytes up to which the files of a set, and the journal of a commit, are read.
const MaxFileSize = 1 << 20

// ReadFile returns the regular file at path, following links; its name is the path. A file of more than limit bytes, and
// anything that is not a regular file, is an error; it does not wait for the other end of a named pipe.
func ReadFile(path string, limit int64) (certset.File, error) {
	data, mode, err := readFile(path, limit)
	return certset.File{Name: path, Mode: mode, Data: data}, err
}

// Foreign tells whether the file at path belongs to someone who is neither the one who asks, nor root, nor the owner of the
// directory that it is in. Where files have no owners, or nothing can be found out, it is not.
func Foreign(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	dir, err := os.Stat(filepath.Dir(path))
	return err == nil && isForeign(info, dir)
}

func readFile(path string, limit int64) ([]byte, fs.FileMode, error) {
	// Merely opening a device can have effects (a tape rewinds), so it is looked at first.
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot read %s: %w", path, reason(err))
	}
	if err := wantRegular(path, info.Mode()); err != nil {
		return nil, 0, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|openWithoutWaiting, 0)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot read %s: %w", path, reason(err))
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, 0, fmt.Errorf("cannot read %s: %w", path, reason(err))
	}
	return readOpen(f, info, path, limit)
}

// readOpen reads an open file. What it is and how long it is counts by the open file, not by the look at its name, which
// may have come to mean another since.
func readOpen(f *os.File, info fs.FileInfo, path string, limit int64) ([]byte, fs.FileMode, error) {
	if err := wantRegular(path, info.Mode()); err != nil {
		return nil, 0, err
	}
	if info.Size() > limit {
		return nil, 0, fmt.Errorf("%s is too long: at most %d bytes are read, it has %d", path, limit, info.Size())
	}
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // the latter to find the end of it
	if _, err := data.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, 0, fmt.Errorf("cannot read %s: %w", path, reason(err))
	}
	if int64(data.Len()) > limit {
		return nil, 0, fmt.Errorf("%s is too long: at most %d bytes are read, it has more", path, limit)
	}
	return data.Bytes(), info.Mode().Perm(), nil
}

func wantRegular(path string, mode fs.FileMode) error {
	if mode.IsRegular() {
		return nil
	}
	return fmt.Errorf("%s is %s, not a regular file", path, kind(mode))
}

// kind names what a file is, as it reads in an error.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a regular file"
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "a special file"
	}
}
