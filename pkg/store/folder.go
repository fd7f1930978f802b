package store

import (
	"os"
	"path"
)

// folder is a folder in the directory that is held open, and the directory itself beside it: reaching each of many files by their
// path from the top opens every folder on the way anew, which costs more than writing the file.
type folder struct {
	name       string
	root       *os.Root
	file, self *os.File // the same as files, and the directory
	from, to   uintptr  // their descriptors
}

// enter holds a folder open, where that can be done.
func (k *disk) enter(name string) {
	f := &folder{name: name}
	var err error
	if f.root, err = k.root.OpenRoot(name); err != nil {
		return
	}
	k.inside = f
	if f.file, err = f.root.Open("."); err != nil {
		return
	}
	if f.self, err = k.root.Open("."); err == nil {
		f.from, f.to = f.file.Fd(), f.self.Fd()
	}
}

// leave lets go of the folder.
func (k *disk) leave() {
	if k.inside == nil {
		return
	}
	for _, f := range []*os.File{k.inside.file, k.inside.self} {
		if f != nil {
			_ = f.Close()
		}
	}
	_ = k.inside.root.Close()
	k.inside = nil
}

// within is the nearest open folder for a name, and what it is called there.
func (k *disk) within(name string) (*os.Root, string) {
	if k.inside != nil && path.Dir(name) == k.inside.name {
		return k.inside.root, path.Base(name)
	}
	return k.root, name
}

// moveOut moves a file from the folder to the directory.
func (f *folder) moveOut(root *os.Root, name, to string) error {
	if f.file != nil && f.self != nil && canRenameAt {
		return renameAt(f.from, name, f.to, to)
	}
	return root.Rename(path.Join(f.name, name), to)
}
