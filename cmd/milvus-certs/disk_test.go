//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// mountable says how a file system of one's own can be had: as root of a new user namespace, or as root.
var mountable = sync.OnceValues(func() ([]string, error) {
	var failed error
	for _, unshare := range [][]string{{"unshare", "-rm"}, {"unshare", "-m"}} {
		probe := append(unshare, "mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", os.TempDir())
		out, err := exec.Command(probe[0], probe[1:]...).CombinedOutput()
		if err == nil {
			return unshare, nil
		}
		failed = fmt.Errorf("%s: %w: %s", strings.Join(probe, " "), err, out)
	}
	return nil, failed
})

// fill lets init run on a disk that is too small, and then on a larger one, and so on until it is large enough. It
// prints a line each time: the limit, the exit status, whether the directory is as before, and what init said.
const fill = `set -eu
mount -t tmpfs tmpfs "$DIR"
cd "$DIR"
if [ -n "$OVER" ]; then "$PROGRAM" init -q --key-type ec-p256; fi
state() { find . -mindepth 1 -printf '%M %p\n' | sort; find . -type f -exec sha256sum {} + | sort; }
before=$(state)
for n in $(seq 500); do
  limit=$(printf "$LIMIT" $((n * STEP)))
  mount -o "remount,$limit" "$DIR" 2>/dev/null || continue
  status=0; kept=changed
  said=$("$PROGRAM" init -q --key-type ec-p256 $OVER 2>&1) || status=$?
  if [ "$(state)" = "$before" ]; then kept=kept; fi
  echo "$limit|$status|$kept|$said"
  if [ $status = 0 ]; then break; fi
done`

// TestFullDisk wants nothing to be left, wherever the disk is full in the course of a commit.
func TestFullDisk(t *testing.T) {
	unshare, err := mountable()
	if err != nil {
		unmet(t, "no file system can be mounted here: %v", err)
	}
	for over, name := range map[string]string{"": "new set", "--force": "over a set"} {
		for limit, step := range map[string]string{"size=%dk": "4", "nr_inodes=%d": "1"} {
			t.Run(name+"/"+limit, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				c := command(dir, unshare[0], append(unshare[1:], "sh", "-c", fill)...)
				c.Env = append(c.Env, "DIR="+dir, "PROGRAM="+program(t), "OVER="+over, "LIMIT="+limit, "STEP="+step)
				got := finish(t, c)
				require.Zero(t, got.status, got.stderr)
				assertFilled(t, strings.Split(strings.TrimSpace(got.stdout), "\n"))
			})
		}
	}
}

// assertFilled wants refusals that leave everything as it was, and success at the end.
func assertFilled(t *testing.T, lines []string) {
	t.Helper()
	last := len(lines) - 1
	for _, line := range lines[:last] {
		assert.Regexp(t, `^\S+\|1\|kept\|milvus-certs: cannot [^|]+: no space left on device$`, line)
	}
	assert.Regexp(t, `^\S+\|0\|changed\|$`, lines[last])
	assert.GreaterOrEqual(t, last, len(certset.Names()), "each file was once the one too many")
	t.Logf("%d times too full; the last one: %s", last, lines[max(0, last-1)])
}

// nobody is a user who owns nothing.
const nobody = 65534

// asNobody returns the program to be run by nobody, where we are root, whom no mode stops. Folders above the test's own
// are closed to nobody, so the program's root is the test's folder; dir is to be given from there.
func asNobody(t *testing.T, root string, args ...string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		return command(root, program(t), args...)
	}
	require.NoError(t, os.Chmod(root, 0o755))
	data, err := os.ReadFile(program(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(root, "program"), data, 0o755))
	return &exec.Cmd{
		Path: "/program", Args: append([]string{"milvus-certs"}, args...), Dir: "/", Env: []string{},
		SysProcAttr: &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}},
	}
}

// TestReadOnlyDirectory has nothing around it either: no HOME, no /tmp, no /proc.
func TestReadOnlyDirectory(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "certs")
	require.NoError(t, os.Mkdir(dir, 0o755))
	readOnly := func(status int, flags ...string) {
		t.Helper()
		before := readFiles(t, dir)
		require.NoError(t, os.Chmod(dir, 0o555))
		got := finish(t, asNobody(t, root, append([]string{"init", "-q", "-d", "certs", "--key-type", "ec-p256"}, flags...)...))
		require.NoError(t, os.Chmod(dir, 0o755))
		assert.Equal(t, before, readFiles(t, dir))
		if status != 0 {
			assertOneLine(t, status, got)
			assert.Contains(t, got.stderr, "cannot write in certs: permission denied")
			return
		}
		assert.Zero(t, got.status, got.stderr)
	}
	readOnly(1)
	readOnly(1, "--force")
	readOnly(1, "--if-needed")

	initialise(t, dir, "--key-type", "ec-p256", "--days", "10")
	for _, name := range certset.Names() { // nobody is to own the keys, as the program's user does in a container
		if os.Geteuid() == 0 {
			require.NoError(t, os.Chown(filepath.Join(dir, name), nobody, nobody))
		}
	}
	readOnly(1, "--force")
	readOnly(0, "--if-needed", "--renew-before", "1d") // which has nothing to write
	readOnly(1, "--if-needed", "--renew-before", "30d")
}
