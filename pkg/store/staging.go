package store

import (
	"fmt"
	"io/fs"
	"path"
)

// leftovers is what lies in the staging folder.
type leftovers struct {
	state   string   // the name of the journal: applying, undoing, done, or empty where there is none
	journal journal  // its content
	rubbish []string // everything else in the folder, in an order in which it can be removed
}

func (l leftovers) isEmpty() bool { return l.state == "" && len(l.rubbish) == 0 }

// inspect returns what lies in the staging folder, where there is one. It trusts none of it: anything that a commit
// does not put there is an error, so that nothing else is ever moved or removed.
func (d *Dir) inspect() (left leftovers, found bool, err error) {
	if found, err = d.wantOwn(stagingDir, kind(fs.ModeDir)); err != nil || !found {
		return leftovers{}, found, err
	}
	entries, err := d.list(stagingDir, maxStaged)
	if err != nil {
		return leftovers{}, true, err
	}
	for _, e := range entries {
		if err := d.sort(e, &left); err != nil {
			return leftovers{}, true, err
		}
	}
	if left.state != "" {
		if left.journal, err = d.readJournal(left.state); err != nil {
			return leftovers{}, true, err
		}
	}
	return left, true, d.inspectFolders(entries, &left)
}

// sort puts an entry of the staging folder where it belongs in the leftovers; folders come later.
func (d *Dir) sort(e fs.DirEntry, left *leftovers) error {
	name, found := path.Join(stagingDir, e.Name()), kind(e.Type())
	wanted := kind(0)
	switch name {
	case applying, undoing, done:
		if left.state != "" {
			return d.foreign(stagingDir, "holds more than one journal")
		}
		left.state = name
	case draft:
		left.rubbish = append(left.rubbish, name)
	case newDir, oldDir:
		wanted = kind(fs.ModeDir)
	default:
		return d.foreign(stagingDir, fmt.Sprintf("holds %q", e.Name()))
	}
	if found != wanted {
		return d.foreign(name, "is "+found)
	}
	return nil
}

func (d *Dir) readJournal(name string) (journal, error) {
	data, _, err := d.read(name)
	if err != nil {
		return journal{}, err
	}
	j, err := parseJournal(data)
	if err != nil {
		return journal{}, d.foreign(name, fmt.Sprintf("cannot be read (%v)", err))
	}
	return j, nil
}

// inspectFolders looks into new and old, where there may be regular files that the journal names; without a journal,
// any.
func (d *Dir) inspectFolders(entries []fs.DirEntry, left *leftovers) error {
	names := left.journal.names()
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		folder := path.Join(stagingDir, e.Name())
		files, err := d.list(folder, maxStaged)
		if err != nil {
			return err
		}
		for _, f := range files {
			if !f.Type().IsRegular() || left.state != "" && !names[f.Name()] {
				return d.foreign(folder, fmt.Sprintf("holds %q", f.Name()))
			}
			left.rubbish = append(left.rubbish, path.Join(folder, f.Name()))
		}
		left.rubbish = append(left.rubbish, folder)
	}
	return nil
}
