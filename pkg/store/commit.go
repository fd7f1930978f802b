package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// The staging folder and what is in it. Names in a root have slashes on all systems.
const (
	stagingDir = ".milvus-certs.tx"

	newDir   = stagingDir + "/new"
	oldDir   = stagingDir + "/old"
	draft    = stagingDir + "/journal" // while it is written
	applying = stagingDir + "/apply"
	undoing  = stagingDir + "/undo"
	done     = stagingDir + "/done"
)

func staged(name string) string   { return path.Join(newDir, name) }
func replaced(name string) string { return path.Join(oldDir, name) }

// Commit puts files into the directory, which must be locked: after nil all of them are there, with their modes; after
// an error the directory is as it was before. Only where undoing fails as well is it neither; the error then says so,
// and Unlock or the next Lock settles it.
//
// Files that exist are replaced. With a backup name they are kept in a folder of that name, which must be free and is
// made where there is something to keep. What exists under the name of a file and is not a regular file is an error.
func (d *Dir) Commit(files []certset.File, backup string) error {
	return d.CommitParts(Parts(files), backup)
}

// Part is some files of a commit, which are made while others are written. Make is called once, from any goroutine, and returns
// files of these names.
type Part struct {
	Names []string
	Make  func() ([]certset.File, error)
}

// Parts are files that are made already, each a part of its own.
func Parts(files []certset.File) []Part {
	parts := make([]Part, len(files))
	for i, f := range files {
		parts[i] = Part{Names: []string{f.Name}, Make: func() ([]certset.File, error) { return []certset.File{f}, nil }}
	}
	return parts
}

// CommitParts is Commit for files that are yet to be made. An error of making one is as an error of writing it.
func (d *Dir) CommitParts(parts []Part, backup string) error {
	if d.lock == nil {
		return errors.New("store: Commit without Lock")
	}
	if len(parts) == 0 {
		return nil
	}
	j, replaces, err := d.plan(parts, backup)
	if err != nil {
		return err
	}
	if err := d.mkdir(stagingDir); err != nil {
		return err
	}
	defer d.leave()
	if err := d.stage(j, parts, replaces); err != nil {
		d.leave()
		_ = d.tidy() // Unlock tries again
		return err
	}
	err = d.apply(j)
	d.leave()
	if err != nil {
		return d.takeBack(j, err)
	}
	_ = d.tidy() // Unlock tries again
	return nil
}

// plan decides what will be done, and refuses it where it cannot be, before anything is written.
func (d *Dir) plan(parts []Part, backup string) (journal, map[string]fs.FileInfo, error) {
	j := journal{Version: journalVersion, Backup: backup}
	for _, p := range parts {
		for _, name := range p.Names {
			j.Files = append(j.Files, entry{Name: name})
		}
	}
	if err := j.check(); err != nil {
		return journal{}, nil, err
	}
	replaces := map[string]fs.FileInfo{}
	for i, f := range j.Files {
		info, found, err := d.lookAt(f.Name)
		if err != nil {
			return journal{}, nil, err
		}
		if !found {
			continue
		}
		if err := wantRegular(filepath.Join(d.path, f.Name), info.Mode()); err != nil {
			return journal{}, nil, fmt.Errorf("%w: it is not replaced", err)
		}
		j.Files[i].Replaces, replaces[f.Name] = true, info
	}
	if len(replaces) == 0 {
		j.Backup = ""
	}
	return j, replaces, d.wantFree(j.Backup)
}

// wantFree makes sure that nothing lies where the backup and the staging folder will.
func (d *Dir) wantFree(backup string) error {
	if backup != "" {
		if taken, err := d.exists(backup); err != nil {
			return err
		} else if taken {
			return fmt.Errorf("backup folder %s exists: choose another name", filepath.Join(d.path, backup))
		}
	}
	if taken, err := d.exists(stagingDir); err != nil {
		return err
	} else if taken {
		return fmt.Errorf("a commit in %s was not finished: unlock the directory first", d.path)
	}
	return nil
}

// stage prepares everything that applying and undoing need, makes it last, and then lets the journal appear.
func (d *Dir) stage(j journal, parts []Part, replaces map[string]fs.FileInfo) error {
	for _, dir := range []string{newDir, oldDir} {
		if err := d.mkdir(dir); err != nil {
			return err
		}
	}
	record, err := j.encode()
	if err != nil {
		return err
	}
	d.enter(newDir)
	err = sideBySide(d.writers, len(parts), func(i int) error { return d.stagePart(parts[i], replaces) })
	if err != nil {
		return err
	}
	if err := d.create(draft, 0o600, record, nil); err != nil {
		return err
	}
	for _, dir := range []string{newDir, oldDir, stagingDir, "."} {
		if err := d.sync(dir); err != nil {
			return err
		}
	}
	return d.move(draft, applying)
}

// stagePart makes files and writes them.
func (d *Dir) stagePart(p Part, replaces map[string]fs.FileInfo) error {
	files, err := p.Make()
	if err != nil {
		return err
	}
	if len(files) != len(p.Names) {
		return fmt.Errorf("store: %d files were made for %d names", len(files), len(p.Names))
	}
	for i, f := range files {
		if f.Name != p.Names[i] {
			return fmt.Errorf("store: %s was made for %s", f.Name, p.Names[i])
		}
		if err := d.stageFile(f, replaces[f.Name]); err != nil {
			return err
		}
	}
	return nil
}

// stageFile writes a new file, and keeps the one that it replaces, if so. The new one is for the same owner; and where a file was for its
// group to read, as a server's key for a server that does not run as its owner, the new one is too.
func (d *Dir) stageFile(f certset.File, replaces fs.FileInfo) error {
	if f.Mode&^fs.ModePerm != 0 {
		return fmt.Errorf("file %s: mode %v is more than permissions", f.Name, f.Mode)
	}
	mode := f.Mode
	const private, group = 0o600, 0o640
	if replaces != nil && mode == private && replaces.Mode().Perm() == group {
		mode = group
	}
	if err := d.create(staged(f.Name), mode, f.Data, replaces); err != nil || replaces == nil {
		return err
	}
	return d.keep(f.Name)
}

// keep gives a file that is about to be replaced a second name, or makes a copy of it where files cannot have two.
func (d *Dir) keep(name string) error {
	if d.link(name, replaced(name)) == nil {
		return d.wantKept(name)
	}
	data, mode, err := d.read(name)
	if err != nil {
		return err
	}
	return d.create(replaced(name), mode, data, nil)
}

// wantKept refuses what was put in the place of a file after plan looked at it.
func (d *Dir) wantKept(name string) error {
	info, found, err := d.lookAt(replaced(name))
	if err == nil && (!found || !info.Mode().IsRegular()) {
		_ = d.remove(replaced(name)) // it is nothing that may lie there
		err = fmt.Errorf("cannot keep %s: it was replaced in the meantime", filepath.Join(d.path, name))
	}
	return err
}

// sideBySide does n things, so many at once, for a disk makes many files last in little more time than one. Once one of
// them failed it begins no other; of those that failed it returns the error of the first.
func sideBySide(atOnce, n int, do func(i int) error) error {
	var all sync.WaitGroup
	var begun atomic.Int64
	var failed atomic.Bool
	errs := make([]error, n)
	for range min(atOnce, n) {
		all.Go(func() {
			for !failed.Load() {
				i := int(begun.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = do(i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
