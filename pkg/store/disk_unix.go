//go:build !windows

package store

import (
	"io/fs"
	"os"
	"syscall"
)

const (
	openWithoutWaiting = syscall.O_NONBLOCK
	openLock           = os.O_CREATE | os.O_RDWR | syscall.O_NOFOLLOW | syscall.O_NONBLOCK // NFS wants it writable

	// removeHeld: a file can be removed while it is open.
	removeHeld = true
)

func setMode(f *os.File, mode fs.FileMode) error { return f.Chmod(mode) }

func syncDir(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return syncable(f.Sync())
}
