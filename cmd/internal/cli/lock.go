package cli

import (
	"fmt"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/store"
)

// lockWait is how long a command waits for another one in the same directory.
const lockWait = 2 * time.Minute

// lock takes the lock of a directory. It says once that it waits, and what became of an interrupted command.
func (a *app) lock(o output, dir *store.Dir, path string) error {
	recovery, err := dir.Lock(lockWait, func() {
		if !a.waited {
			a.say(o, "waiting for another %s at work in %s", program, path)
		}
		a.waited = true
	})
	if err == nil && recovery != store.NothingToRecover {
		a.say(o, "an interrupted command was %s first", recovery)
	}
	return err
}

// settled refuses to judge a directory that can only be read, LockErr tells why, while an interrupted command is to be finished there.
func settled(dir *store.Dir, path string, lockErr error) error {
	if lockErr == nil {
		return nil
	}
	interrupted, err := dir.Interrupted()
	if err == nil && interrupted {
		return fmt.Errorf("an interrupted command has to be finished in %s first: %w", path, lockErr)
	}
	return err
}
