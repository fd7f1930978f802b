//go:build !windows

package store

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	openWithoutWaiting = syscall.O_NONBLOCK
	openLock           = os.O_CREATE | os.O_RDWR | syscall.O_NOFOLLOW | syscall.O_NONBLOCK // NFS wants it writable

	// removeHeld: a file can be removed while it is open.
	removeHeld = true

	// canRenameAt: files can be renamed from one open folder to another.
	canRenameAt = true
)

// renameAt is renameat(2).
func renameAt(from uintptr, name string, to uintptr, as string) error {
	return unix.Renameat(int(from), name, int(to), as)
}

func setMode(f *os.File, mode fs.FileMode) error { return f.Chmod(mode) }

func syncDir(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return syncable(f.Sync())
}

func isForeign(file, dir fs.FileInfo) bool {
	f, ok := file.Sys().(*syscall.Stat_t)
	d, known := dir.Sys().(*syscall.Stat_t)
	return ok && known && f.Uid != 0 && f.Uid != d.Uid && int(f.Uid) != os.Geteuid()
}
