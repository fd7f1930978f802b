package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Dir is an open directory. It is not safe for concurrent use; two Dirs of one directory are.
type Dir struct {
	disk
	lock     *flock.Flock // nil while the lock is not held
	unlocked bool         // the lock was held before
}

// Open opens the directory at path, which must exist. Its name may be a link, or have links in it.
func Open(path string) (*Dir, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("directory %s: %w: create it with mkdir -p %s", path, reason(err), path)
	case err != nil:
		return nil, fmt.Errorf("cannot open directory %s: %w", path, reason(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%s is %s, not a directory", path, kind(info.Mode()))
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open directory %s: %w", path, reason(err))
	}
	return &Dir{disk: disk{path: path, root: root, writers: maxWriters}}, nil
}

// Close unlocks the directory where it is locked, and closes it.
func (d *Dir) Close() error {
	err := d.Unlock()
	if closeErr := d.root.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Read returns the files of these names, by name, with the mode of the file that a link leads to. Files that do not
// exist are not in the map. A link to nowhere, a file that is not regular, one of more than MaxFileSize bytes and one
// that may not be read are errors.
func (d *Dir) Read(names []string) (map[string]certset.File, error) {
	files := make(map[string]certset.File, len(names))
	for _, name := range names {
		if err := checkName(name); err != nil {
			return nil, err
		}
		// By its path, not through the root: a link may lead out of the directory.
		data, mode, err := readFile(filepath.Join(d.path, name), MaxFileSize)
		if errors.Is(err, fs.ErrNotExist) {
			if err := d.wantNoLink(name); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = certset.File{Name: name, Mode: mode, Data: data}
	}
	return files, nil
}

// wantNoLink tells a link to a file that is not there from no file at all.
func (d *Dir) wantNoLink(name string) error {
	info, found, err := d.lookAt(name)
	if err != nil || !found || info.Mode()&fs.ModeSymlink == 0 {
		return err
	}
	return fmt.Errorf("%s is a symbolic link to a file that is not there", filepath.Join(d.path, name))
}

// List returns the names of what lies in the directory, sorted, but for directories and for names with a leading dot,
// which this package keeps for itself. Links are among them, whatever they lead to: of one that leads to a directory or
// to nowhere, of a file that is not regular and of a name that it does not take, Read says so. A directory with more
// than 1,048,576 entries, of whatever kind, is an error.
func (d *Dir) List() ([]string, error) { return d.listUpTo(maxListed) }

func (d *Dir) listUpTo(limit int) ([]string, error) {
	entries, err := d.list(".", limit)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && e.Name()[0] != '.' {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Existing returns those of the names that exist in the directory, in the order given. A link to nowhere exists.
func (d *Dir) Existing(names []string) ([]string, error) {
	var existing []string
	for _, name := range names {
		if err := checkName(name); err != nil {
			return nil, err
		}
		_, found, err := d.lookAt(name)
		if err != nil {
			return nil, err
		}
		if found {
			existing = append(existing, name)
		}
	}
	return existing, nil
}

// FreeName returns name where nothing of that name exists in the directory, else the first of name-2, name-3 and so on
// that is free.
func (d *Dir) FreeName(name string) (string, error) {
	for n, free := 2, name; ; n, free = n+1, fmt.Sprintf("%s-%d", name, n) {
		existing, err := d.Existing([]string{free})
		if err != nil {
			return "", err
		}
		if len(existing) == 0 {
			return free, nil
		}
	}
}

// Interrupted says whether there is a commit in the directory that was begun and not finished, without touching it.
// While another process commits, that is so too.
func (d *Dir) Interrupted() (bool, error) {
	_, found, err := d.lookAt(stagingDir)
	return found, err
}
