package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	// The lock is a file, for neither NFS nor Windows locks directories.
	lockName = ".milvus-certs.lock"

	// lockPoll is how often, on an average, one who waits tries again.
	lockPoll = 5 * time.Millisecond

	// lockYield is how long a Dir that had the lock before leaves it to those who wait. One that took it again at once
	// would mostly win against them, who find it free only if they try in that instant.
	lockYield = time.Millisecond

	// lockRaces is how often in a row the lock file may turn out to be a removed one before that counts as busy.
	lockRaces = 100
)

// Lock takes the lock of the directory, which one process can hold at a time, and finishes what an interrupted commit
// left; the Recovery says what that was. Where another process holds the lock, it calls onWait, if that is not nil, and
// waits; after the given time it returns ErrBusy. Where the directory may not be written it returns ErrNotWritable.
// After an error the lock is not held.
//
// Those who wait have no turns, but nobody is kept waiting by another who takes the lock again and again: a Dir leaves it
// to the others for a millisecond before it takes it once more.
func (d *Dir) Lock(wait time.Duration, onWait func()) (Recovery, error) {
	if d.lock != nil {
		return NothingToRecover, errors.New("store: Lock of a locked Dir")
	}
	if d.unlocked {
		time.Sleep(lockYield)
	}
	lock, err := d.acquire(wait, onWait)
	if err != nil {
		return NothingToRecover, d.explain(err)
	}
	recovery, err := d.recover()
	if err != nil {
		_ = d.release(lock)
		return NothingToRecover, err
	}
	d.lock = lock
	return recovery, nil
}

// explain says of the lock file that could not be made what it means for the directory. One that is there already, and
// is another user's, is named instead.
func (d *Dir) explain(err error) error {
	if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, ErrNotWritable) {
		return err
	}
	if there, lookErr := d.exists(lockName); there || lookErr != nil {
		return err
	}
	return &stepError{verb: "write in", path: d.path, err: errors.Unwrap(err)}
}

// Unlock releases the lock and removes its file. First it clears away what Commit could not; a failure of that, too, is
// returned with the lock released. Without the lock it does nothing.
func (d *Dir) Unlock() error {
	if d.lock == nil {
		return nil
	}
	_, err := d.recover()
	if releaseErr := d.release(d.lock); err == nil {
		err = releaseErr
	}
	d.lock, d.unlocked = nil, true
	return err
}

// acquire waits for the lock. It counts the time it slept rather than asking a clock. The polls are irregular, so as not
// to keep in step with one who takes the lock regularly.
func (d *Dir) acquire(wait time.Duration, onWait func()) (*flock.Flock, error) {
	for waited := time.Duration(0); ; {
		lock, err := d.tryLock()
		if lock != nil || err != nil {
			return lock, err
		}
		if waited >= wait {
			return nil, fmt.Errorf("%w in %s", ErrBusy, d.path)
		}
		if onWait != nil {
			onWait()
			onWait = nil
		}
		pause := lockPoll/2 + rand.N(lockPoll) //nolint:gosec // nobody gains by guessing it
		pause = min(pause, wait-waited)
		time.Sleep(pause)
		waited += pause
	}
}

// tryLock returns the lock, or nil where another holds it. The one that held it before may have removed the file
// between our opening and our locking it: then what we locked is no longer the lock, and we try the file that is.
func (d *Dir) tryLock() (*flock.Flock, error) {
	for range lockRaces {
		if _, err := d.wantOwn(lockName, kind(0)); err != nil {
			return nil, err
		}
		lock, held := flock.New(filepath.Join(d.path, lockName), flock.SetFlag(openLock)), false
		err := d.step("lock", lockName, func() (err error) {
			held, err = lock.TryLock()
			return err
		})
		if err != nil || !held {
			return nil, err
		}
		current, err := d.isCurrent(lock)
		if err != nil {
			_ = d.release(lock)
			return nil, err
		}
		if current {
			return lock, nil
		}
		_ = lock.Unlock()
	}
	return nil, nil
}

// isCurrent says whether the locked file is the one that lies in the directory. Only its holder removes it, so that
// what is current stays so until then.
func (d *Dir) isCurrent(lock *flock.Flock) (bool, error) {
	lying, found, err := d.lookAt(lockName)
	if err != nil || !found {
		return false, err
	}
	locked, err := lock.Stat()
	if err != nil {
		return false, fmt.Errorf("cannot look at %s: %w", lock.Path(), reason(err))
	}
	return os.SameFile(lying, locked), nil
}

// release removes the lock file and lets go of it, in this order: the other way round it could remove the file that
// another has locked by then. Where open files cannot be removed, neither can that one be, and the order is of
// necessity the other.
func (d *Dir) release(lock *flock.Flock) error {
	current, err := d.isCurrent(lock)
	if current && removeHeld {
		err = d.remove(lockName)
	}
	if unlockErr := lock.Unlock(); err == nil && unlockErr != nil {
		err = fmt.Errorf("cannot unlock %s: %w", lock.Path(), reason(unlockErr))
	}
	if current && !removeHeld {
		_ = d.remove(lockName) // fails where the next has opened it, who will remove it
	}
	return err
}

// wantOwn says whether a name of this package exists; what exists under it must be of the kind that this package puts
// there.
func (d *Dir) wantOwn(name, wanted string) (bool, error) {
	info, found, err := d.lookAt(name)
	if err != nil || !found {
		return false, err
	}
	if found := kind(info.Mode()); found != wanted {
		return true, fmt.Errorf("%s is %s, not %s of milvus-certs: look at it, then remove it",
			filepath.Join(d.path, name), found, wanted)
	}
	return true, nil
}
