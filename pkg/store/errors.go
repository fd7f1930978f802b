package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

var (
	// ErrBusy is what Lock reports, by errors.Is, where another process holds the lock.
	ErrBusy = errors.New("another milvus-certs is at work")

	// ErrNotWritable is what Lock and Commit report, by errors.Is, where the directory may not be written: for want of
	// permission, or because its file system is mounted read-only.
	ErrNotWritable = errors.New("the directory cannot be written")
)

// stepError is a step on the disk that failed.
type stepError struct {
	verb, path string
	err        error
}

func (e *stepError) Error() string {
	return fmt.Sprintf("cannot %s %s: %v", e.verb, e.path, e.err)
}

func (e *stepError) Unwrap() error { return e.err }

// Is makes a step that writes, and may not, an ErrNotWritable. A key that may not be read says nothing of its
// directory.
func (e *stepError) Is(target error) bool {
	switch e.verb {
	case verbLookAt, verbList, verbRead:
		return false
	}
	return target == ErrNotWritable && (errors.Is(e.err, fs.ErrPermission) || errors.Is(e.err, syscall.EROFS))
}

// reason strips the operation and the path from an error of package os, which the messages here state in their own way.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
