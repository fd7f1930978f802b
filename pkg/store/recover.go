package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
)

// Recovery is what became of an interrupted commit.
type Recovery int

// What Lock can find and do.
const (
	NothingToRecover Recovery = iota // there was none, or it had not begun to do anything
	Completed                        // its new files are all in place
	Undone                           // the files from before it are all in place
)

// String returns "nothing", "completed" or "undone".
func (r Recovery) String() string {
	return [...]string{"nothing", "completed", "undone"}[r]
}

// recover settles what an interrupted commit left. It can itself be interrupted, and run again.
func (d *Dir) recover() (Recovery, error) {
	left, found, err := d.inspect()
	if err != nil || !found {
		return NothingToRecover, err
	}
	outcome := Undone
	switch left.state {
	case applying:
		outcome, err = Completed, d.apply(left.journal)
	case undoing:
		err = d.undo(left.journal)
	case done:
		outcome = Completed
	default:
		if left.isEmpty() {
			outcome = NothingToRecover
		}
	}
	if err != nil {
		return NothingToRecover, fmt.Errorf("cannot finish an interrupted commit: %w", err)
	}
	return outcome, d.tidy()
}

// apply moves the new files into place and the replaced ones to the backup folder. From here on the journal stands.
func (d *Dir) apply(j journal) error {
	if err := d.sync(stagingDir); err != nil {
		return err
	}
	for _, f := range j.Files {
		if err := d.moveIn(f); err != nil {
			return err
		}
	}
	if j.Backup != "" {
		if waiting, err := d.exists(oldDir); err != nil {
			return err
		} else if waiting {
			if err := d.move(oldDir, j.Backup); err != nil {
				return err
			}
		}
	}
	if err := d.sync("."); err != nil {
		return err
	}
	return d.move(applying, done)
}

// moveIn moves a new file into place, unless that was done before.
func (d *Dir) moveIn(f entry) error {
	if err := d.move(staged(f.Name), f.Name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if moved, err := d.exists(f.Name); err != nil || moved {
		return err
	}
	return d.foreign(applying, fmt.Sprintf("names %s, which is neither here nor there", f.Name))
}

// takeBack undoes a commit that failed under way, and returns what it failed of. The change of direction must last
// before anything is put back, or a crash would leave half of each with no telling which way to go.
func (d *Dir) takeBack(j journal, cause error) error {
	err := d.move(applying, undoing)
	if err == nil {
		err = d.sync(stagingDir)
	}
	if err == nil {
		err = d.undo(j)
	}
	if err != nil {
		return fmt.Errorf("%w; undoing it failed too: %w; the next milvus-certs that writes in %s finishes it",
			cause, err, d.path)
	}
	_ = d.tidy() // Unlock tries again
	return cause
}

// undo puts the replaced files back and takes the new ones out, in the reverse of the order in which they came.
func (d *Dir) undo(j journal) error {
	if j.Backup != "" {
		if there, err := d.exists(oldDir); err != nil {
			return err
		} else if !there {
			if err := d.move(j.Backup, oldDir); err != nil {
				return err
			}
		}
	}
	for _, f := range slices.Backward(j.Files) {
		if err := d.putBack(f); err != nil {
			return err
		}
	}
	return d.sync(".")
}

// putBack undoes moveIn. A new file that is still waiting was never moved, so what lies in its place needs nothing.
func (d *Dir) putBack(f entry) error {
	if waiting, err := d.exists(staged(f.Name)); err != nil || waiting {
		return err
	}
	from, to := f.Name, staged(f.Name)
	if f.Replaces {
		from, to = replaced(f.Name), f.Name
	}
	if there, err := d.exists(from); err != nil || !there {
		return err
	}
	return d.move(from, to)
}

// tidy removes the staging folder. A journal that is being acted upon goes first, and for good: without it the rest is
// rubbish. One that says done goes last, to tell the next command how it ended.
func (d *Dir) tidy() error {
	left, found, err := d.inspect()
	if err != nil || !found {
		return err
	}
	if left.state == applying || left.state == undoing {
		if err := d.remove(left.state); err != nil {
			return err
		}
		if err := d.sync(stagingDir); err != nil {
			return err
		}
	}
	for _, name := range left.rubbish {
		if err := d.remove(name); err != nil {
			return err
		}
	}
	if left.state == done {
		if err := d.remove(done); err != nil {
			return err
		}
	}
	return d.remove(stagingDir)
}

// foreign is the error for a staging folder that is not as this package leaves it.
func (d *Dir) foreign(name, what string) error {
	return fmt.Errorf("%s %s, which is not how milvus-certs leaves it: look at it, then remove %s",
		filepath.Join(d.path, name), what, filepath.Join(d.path, stagingDir))
}
