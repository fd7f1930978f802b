package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// The verbs of the steps that read, by which ErrNotWritable tells them from those that write.
const (
	verbLookAt = "look at"
	verbList   = "list"
	verbRead   = "read"
)

const (
	// maxStaged bounds the listing of a folder in the staging folder. A journal of MaxFileSize bytes names fewer files.
	maxStaged = 1 << 16

	// maxListed bounds the listing of the directory itself.
	maxListed = 1 << 20

	// maxWriters is how many files are written side by side. More gain little.
	maxWriters = 16
)

// disk is the directory as locking, committing and recovering see it: each thing that they do to the file system is one
// step here, named relative to the directory, and nothing leads out of it. The hooks are for tests, which let each step
// fail, and the process die after each; they are nil otherwise. Steps may run side by side, but where writers is 1 they
// come one after the other, always in the same order.
type disk struct {
	path    string
	root    *os.Root
	writers int                     // how many files are written side by side
	copies  bool                    // replaced files are kept as copies, as where a file cannot have two names
	inside  *folder                 // the folder of new files, while a commit works in it; nil: it is reached by its path
	before  func(step string) error // an error stands in for the step
	after   func(step string)
}

// step does one thing to the file system.
func (k *disk) step(verb, name string, run func() error) error {
	err := error(nil)
	if k.before != nil {
		err = k.before(verb + " " + name)
	}
	if err == nil {
		err = run()
		if k.after != nil {
			k.after(verb + " " + name)
		}
	}
	if err != nil {
		return &stepError{verb: verb, path: filepath.Join(k.path, name), err: reason(err)}
	}
	return nil
}

// lookAt returns what there is under a name, without following it where it is a link.
func (k *disk) lookAt(name string) (info fs.FileInfo, found bool, err error) {
	err = k.step(verbLookAt, name, func() (err error) {
		info, err = k.root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		found = err == nil
		return err
	})
	return info, found, err
}

func (k *disk) exists(name string) (bool, error) {
	_, found, err := k.lookAt(name)
	return found, err
}

// list returns what is in a folder that was found to be one, where that is not more than limit.
func (k *disk) list(name string, limit int) (entries []fs.DirEntry, err error) {
	err = k.step(verbList, name, func() error {
		f, err := k.root.OpenFile(name, os.O_RDONLY|openWithoutWaiting, 0)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		entries, err = f.ReadDir(limit + 1)
		if len(entries) > limit {
			return fmt.Errorf("at most %d files are looked at, it holds more", limit)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	})
	return entries, err
}

// read returns content and mode of a regular file. It refuses to read through a link, even one that was put there after
// the caller looked.
func (k *disk) read(name string) (data []byte, mode fs.FileMode, err error) {
	info, found, err := k.lookAt(name)
	if err != nil {
		return nil, 0, err
	}
	path := filepath.Join(k.path, name)
	if !found {
		return nil, 0, fmt.Errorf("cannot read %s: %w", path, fs.ErrNotExist)
	}
	if err := wantRegular(path, info.Mode()); err != nil {
		return nil, 0, err
	}
	var f *os.File
	err = k.step(verbRead, name, func() (err error) {
		f, err = k.root.OpenFile(name, os.O_RDONLY|openWithoutWaiting, 0)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	opened, err := f.Stat()
	if err != nil || !os.SameFile(info, opened) {
		return nil, 0, fmt.Errorf("cannot read %s: it was replaced in the meantime", path)
	}
	return readOpen(f, opened, path, MaxFileSize)
}

// create writes a new file, which has its mode before it has its content, and both before it counts as written. Where it takes the place
// of another file, it belongs to the same owner and group, as far as that can be.
func (k *disk) create(name string, mode fs.FileMode, data []byte, like fs.FileInfo) error {
	var f *os.File
	err := k.step("create", name, func() (err error) {
		root, name := k.within(name)
		f, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if like != nil {
		if err := k.step("set the owner of", name, func() error { return setOwner(f, like) }); err != nil {
			return err
		}
	}
	// The umask does not meddle with a mode that is set on the open file.
	if err := k.step("set the mode of", name, func() error { return setMode(f, mode) }); err != nil {
		return err
	}
	err = k.step("write", name, func() error {
		_, err := f.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	if err := k.step("sync", name, func() error { return syncable(f.Sync()) }); err != nil {
		return err
	}
	return k.step("close", name, f.Close)
}

// link gives a file a second name.
func (k *disk) link(name, as string) error {
	if k.copies {
		return errors.ErrUnsupported
	}
	return k.step("keep", name, func() error { return k.root.Link(name, as) })
}

func (k *disk) mkdir(name string) error {
	return k.step("create", name, func() error { return k.root.Mkdir(name, 0o700) })
}

// move renames a file or folder; a file of the new name is replaced, a link of the new name too.
func (k *disk) move(from, to string) error {
	return k.step("move "+from+" to", to, func() error {
		if k.inside != nil && path.Dir(from) == k.inside.name && path.Dir(to) == "." {
			return k.inside.moveOut(k.root, path.Base(from), to)
		}
		return k.root.Rename(from, to)
	})
}

func (k *disk) remove(name string) error {
	return k.step("remove", name, func() error { return k.root.Remove(name) })
}

// sync makes the names in a folder last.
func (k *disk) sync(name string) error {
	return k.step("sync", name, func() error { return syncDir(k.root, name) })
}

// syncable takes it for granted that a file system which cannot be asked to sync has its own ways.
func syncable(err error) error {
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
