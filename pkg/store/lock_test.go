package store

import (
	"bufio"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLockLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	for range 3 {
		recovery, err := d.Lock(0, nil)
		require.NoError(t, err)
		assert.Equal(t, NothingToRecover, recovery)
		assert.Equal(t, tree{lockName: "0600 "}, readTree(t, dir))
		require.NoError(t, d.Unlock())
		assert.Empty(t, readTree(t, dir))
	}
	assert.NoError(t, d.Unlock(), "without the lock")
}

func TestLockIsNotTakenTwice(t *testing.T) {
	d := openLocked(t, t.TempDir())
	_, err := d.Lock(0, nil)
	assert.EqualError(t, err, "store: Lock of a locked Dir")
}

func TestLockGivesUp(t *testing.T) {
	dir := t.TempDir()
	openLocked(t, dir)
	for _, wait := range []time.Duration{0, time.Millisecond, 70 * time.Millisecond} {
		waits, start := 0, time.Now()
		_, err := open(t, dir).Lock(wait, func() { waits++ })
		assert.EqualError(t, err, "another milvus-certs is at work in "+dir)
		assert.ErrorIs(t, err, ErrBusy)
		assert.GreaterOrEqual(t, time.Since(start), wait)
		assert.Equal(t, wait > 0, waits == 1, "%v: waited %d times", wait, waits)
	}
}

func TestLockWaits(t *testing.T) {
	dir := t.TempDir()
	first := openLocked(t, dir)
	waits := 0
	second := open(t, dir)
	var unlocking sync.WaitGroup
	_, err := second.Lock(time.Minute, func() {
		waits++
		unlocking.Go(func() {
			time.Sleep(3 * lockPoll)
			assert.NoError(t, first.Unlock())
		})
	})
	unlocking.Wait()
	require.NoError(t, err)
	assert.Equal(t, 1, waits)
	require.NoError(t, second.Close())
	assert.Empty(t, readTree(t, dir))
}

// The lock file is removed each time, under the eyes of those who wait for it: still only one at a time gets through.
func TestLockOfManyGoroutines(t *testing.T) {
	dir := t.TempDir()
	var inside, passes atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 20 {
				d, err := Open(dir)
				if !assert.NoError(t, err) {
					return
				}
				if _, err = d.Lock(time.Minute, nil); !assert.NoError(t, err) {
					return
				}
				assert.EqualValues(t, 1, inside.Add(1))
				passes.Add(1)
				inside.Add(-1)
				assert.NoError(t, d.Close())
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 16*20, passes.Load())
	assert.Empty(t, readTree(t, dir))
}

// Many who take the lock again and again, as fast as they can: each gets it each time, long before the others are
// through. The times are a tenth of those that the commands have.
func TestLockKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	const rounds, held, wait = 50, 2 * time.Millisecond, 12 * time.Second
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 16 {
		d := open(t, dir)
		all.Go(func() {
			for range rounds {
				if _, err := d.Lock(wait, nil); !assert.NoError(t, err) {
					return
				}
				time.Sleep(held)
				assert.NoError(t, d.Unlock())
			}
		})
	}
	all.Wait()
	assert.Empty(t, readTree(t, dir))
}

// One who takes the lock again and again, and never stops, lets another have it.
func TestLockBesideOneThatNeverStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	busy, other := openLocked(t, dir), open(t, dir)
	var stop atomic.Bool
	var all sync.WaitGroup
	all.Go(func() {
		for !stop.Load() {
			time.Sleep(2 * time.Millisecond)
			assert.NoError(t, busy.Unlock())
			if _, err := busy.Lock(time.Minute, nil); !assert.NoError(t, err) {
				return
			}
		}
	})
	for range 5 {
		_, err := other.Lock(12*time.Second, nil)
		assert.NoError(t, err)
		assert.NoError(t, other.Unlock())
	}
	stop.Store(true)
	all.Wait()
}

func TestLockOfManyProcesses(t *testing.T) {
	dir := t.TempDir()
	count := certset.File{Name: "count", Mode: 0o600, Data: []byte("0")}
	write(t, dir, count)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			out, err := process("count", dir, 10).CombinedOutput()
			assert.NoError(t, err, "%s", out)
		})
	}
	all.Wait()
	count.Data = []byte("80")
	assert.Equal(t, tree{}.put("", count), readTree(t, dir))
}

// The holder before us removed the file between our opening and our locking it.
func TestLockOfARemovedFile(t *testing.T) {
	dir := t.TempDir()
	d, locks := open(t, dir), 0
	d.after = func(step string) {
		if step != "lock "+lockName {
			return
		}
		if locks++; locks < 3 {
			require.NoError(t, os.Remove(filepath.Join(dir, lockName)))
		}
		if locks == 2 { // and the one after it made another
			write(t, dir, certset.File{Name: lockName, Mode: 0o600})
		}
	}
	_, err := d.Lock(0, nil)
	require.NoError(t, err)
	assert.Equal(t, 3, locks)
	_, err = open(t, dir).Lock(0, nil)
	assert.ErrorIs(t, err, ErrBusy)
	require.NoError(t, d.Unlock())
	assert.Empty(t, readTree(t, dir))
}

// Nobody can take the lock before its file is removed, who would then lose it.
func TestUnlockRemovesWhatItHolds(t *testing.T) {
	if !removeHeld {
		t.Skip("this system cannot remove open files")
	}
	dir := t.TempDir()
	d, removed := openLocked(t, dir), false
	d.before = func(step string) error {
		if step == "remove "+lockName {
			removed = true
			_, err := open(t, dir).Lock(0, nil)
			assert.ErrorIs(t, err, ErrBusy)
		}
		return nil
	}
	require.NoError(t, d.Unlock())
	assert.True(t, removed)
}

func TestLockOutlivesAKilledHolder(t *testing.T) {
	dir := t.TempDir()
	holder := process("hold", dir)
	out, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "held\n", line)
	_, err = open(t, dir).Lock(0, nil)
	assert.ErrorIs(t, err, ErrBusy)

	require.NoError(t, holder.Process.Kill())
	_ = holder.Wait()
	assert.Contains(t, readTree(t, dir), lockName)
	assert.Equal(t, NothingToRecover, settle(t, dir))
	assert.Empty(t, readTree(t, dir))
}

func TestLockIsNotWhatItShouldBe(t *testing.T) {
	for kind, plant := range map[string]func(path string) error{
		"a symbolic link": func(path string) error { return os.Symlink(filepath.Join(filepath.Dir(path), "notes"), path) },
		"a directory":     func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		dir := t.TempDir()
		write(t, dir, other)
		path := filepath.Join(dir, lockName)
		require.NoError(t, plant(path))
		_, err := open(t, dir).Lock(0, nil)
		assert.EqualError(t, err,
			path+" is "+kind+", not a regular file of milvus-certs: look at it, then remove it")
		assert.Equal(t, "0640 not ours", readTree(t, dir)["notes"])
	}
}

// Even where the link appears after the look at it.
func TestLockDoesNotFollowALink(t *testing.T) {
	if !removeHeld {
		t.Skip("this system cannot open without following links")
	}
	dir := t.TempDir()
	d := open(t, dir)
	d.before = func(step string) error {
		if step == "lock "+lockName {
			return os.Symlink("elsewhere", filepath.Join(dir, lockName))
		}
		return nil
	}
	_, err := d.Lock(0, nil)
	assert.ErrorIs(t, err, syscall.ELOOP)
	assert.NoFileExists(t, filepath.Join(dir, "elsewhere"))
}

func TestLockOfADirectoryThatIsNotWritable(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EACCES, syscall.EPERM, syscall.EROFS} {
		d := open(t, t.TempDir())
		d.before = func(step string) error {
			if step == "lock "+lockName {
				return errno
			}
			return nil
		}
		_, err := d.Lock(time.Minute, nil)
		assert.EqualError(t, err, "cannot write in "+d.path+": "+errno.Error())
		assert.ErrorIs(t, err, ErrNotWritable)
		assert.ErrorIs(t, err, errno)
	}
}

// The lock file of another user, who was killed: the directory itself may be writable.
func TestLockOfAnotherUser(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, certset.File{Name: lockName, Mode: 0o600})
	d := open(t, dir)
	d.before = func(step string) error {
		if step == "lock "+lockName {
			return syscall.EACCES
		}
		return nil
	}
	_, err := d.Lock(0, nil)
	assert.EqualError(t, err, "cannot lock "+filepath.Join(dir, lockName)+": permission denied")
	assert.ErrorIs(t, err, ErrNotWritable)
}

func TestLockOfAReadOnlyDirectory(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500)) // #nosec G302 -- a directory
	if os.WriteFile(filepath.Join(dir, "probe"), nil, 0o600) == nil {
		t.Skip("this user may write everywhere")
	}
	_, err := open(t, dir).Lock(0, nil)
	assert.EqualError(t, err, "cannot write in "+dir+": permission denied")
}
