//go:build !windows

package store

import (
	"errors"
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

// setOwner gives a file the owner and group of another one. Only root can give files away, and only to groups of one's own: what cannot be
// is left, for the file is then as new ones are.
func setOwner(f *os.File, like fs.FileInfo) error {
	old, ok := like.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	err := f.Chown(int(old.Uid), int(old.Gid))
	if errors.Is(err, fs.ErrPermission) {
		err = f.Chown(-1, int(old.Gid))
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

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
