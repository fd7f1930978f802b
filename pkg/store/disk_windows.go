package store

import (
	"errors"
	"io/fs"
	"os"
)

const (
	openWithoutWaiting = 0
	openLock           = os.O_CREATE | os.O_RDWR

	// removeHeld: a file cannot be removed while it is open.
	removeHeld = false

	// canRenameAt: there is no such call.
	canRenameAt = false
)

func renameAt(uintptr, string, uintptr, string) error { return errors.ErrUnsupported }

// setMode does nothing: the access of a new file is inherited from its directory.
func setMode(*os.File, fs.FileMode) error { return nil }

// setOwner does nothing: an owner is inherited too.
func setOwner(*os.File, fs.FileInfo) error { return nil }

// syncDir does nothing: a directory cannot be flushed.
func syncDir(*os.Root, string) error { return nil }

// isForeign: files have owners, but of another kind.
func isForeign(fs.FileInfo, fs.FileInfo) bool { return false }
