package store

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/stretchr/testify/require"
)

// The test binary plays other processes too: those that crash, and those that compete for the lock.
const (
	roleVariable = "STORE_TEST_ROLE"
	crashed      = 42
)

func TestMain(m *testing.M) {
	role := strings.Fields(os.Getenv(roleVariable))
	if len(role) == 0 {
		os.Exit(m.Run())
	}
	roles := map[string]func(dir string, args []string) error{
		"commit": playCommit, "recover": playRecover, "count": playCount, "hold": playHold,
	}
	if err := roles[role[0]](role[1], role[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// process returns the command that plays a role in a directory.
func process(role, dir string, args ...any) *exec.Cmd {
	words := strings.TrimSpace(fmt.Sprintln(append([]any{role, dir}, args...)...))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+words)
	return cmd
}

// runToCrash plays a role and says whether it crashed, as it must unless it ended well.
func runToCrash(t *testing.T, role, dir string, args ...any) bool {
	t.Helper()
	out, err := process(role, dir, args...).CombinedOutput()
	if err == nil {
		return false
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", out)
	require.Equal(t, crashed, exit.ExitCode(), "%s", out)
	return true
}

// oneByOne lets no two steps that run side by side be in a hook at the same time.
func oneByOne(hook func(step string) error) func(step string) error {
	var mu sync.Mutex
	return func(step string) error {
		mu.Lock()
		defer mu.Unlock()
		return hook(step)
	}
}

// crashAfter makes the process end after its nth step that writes, with no chance for anything deferred. To die after a
// step that reads leaves nothing else than to die before it.
func crashAfter(d *Dir, n int) {
	var mu sync.Mutex
	d.after = func(step string) {
		mu.Lock()
		defer mu.Unlock()
		if reads(step) {
			return
		}
		if n--; n == 0 {
			os.Exit(crashed)
		}
	}
}

func reads(step string) bool {
	return slices.ContainsFunc([]string{verbLookAt, verbList, verbRead}, func(verb string) bool {
		return strings.HasPrefix(step, verb+" ")
	})
}

func playCommit(dir string, args []string) error {
	d, err := Open(dir)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	crashAfter(d, n)
	return scenarios()[args[0]].run(d)
}

func playRecover(dir string, args []string) error {
	d, err := Open(dir)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	crashAfter(d, n)
	if _, err := d.Lock(0, nil); err != nil {
		return err
	}
	return d.Close()
}

// playCount counts up in a file, each time under the lock.
func playCount(dir string, args []string) error {
	times, err := strconv.Atoi(args[0])
	for ; err == nil && times > 0; times-- {
		err = countUp(dir)
	}
	return err
}

func countUp(dir string) error {
	d, err := Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Lock(time.Minute, nil); err != nil {
		return err
	}
	files, err := d.Read([]string{"count"})
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(files["count"].Data))
	if err != nil {
		return err
	}
	return d.Commit([]certset.File{{Name: "count", Mode: 0o600, Data: []byte(strconv.Itoa(n + 1))}}, "")
}

// playHold takes the lock, says so, and keeps it until it is killed.
func playHold(dir string, _ []string) error {
	d, err := Open(dir)
	if err != nil {
		return err
	}
	if _, err := d.Lock(0, nil); err != nil {
		return err
	}
	fmt.Println("held")
	time.Sleep(time.Minute)
	return d.Close()
}

// tree is a directory written down: kind, mode and content by path.
type tree map[string]string

func readTree(t *testing.T, dir string) tree {
	t.Helper()
	found := tree{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if e.IsDir() {
			found[name] = fmt.Sprintf("folder %04o", info.Mode().Perm())
			return nil
		}
		data, err := os.ReadFile(path)
		found[name] = fmt.Sprintf("%04o %s", info.Mode().Perm(), data)
		return err
	}))
	return found
}

// restore makes a directory what was written down.
func (tr tree) restore(t *testing.T, dir string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(tr)) {
		mode, data, _ := strings.Cut(tr[name], " ")
		if mode == "folder" {
			require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
			continue
		}
		bits, err := strconv.ParseUint(mode, 8, 32)
		require.NoError(t, err)
		write(t, dir, certset.File{Name: name, Mode: fs.FileMode(bits), Data: []byte(data)})
	}
	require.Equal(t, tr, readTree(t, dir))
}

// put adds files to the tree, in a folder or, with "", at its top.
func (tr tree) put(folder string, files ...certset.File) tree {
	for _, f := range files {
		tr[filepath.Join(folder, f.Name)] = fmt.Sprintf("%04o %s", f.Mode, f.Data)
	}
	return tr
}

// write makes files as any other program would.
func write(t *testing.T, dir string, files ...certset.File) {
	t.Helper()
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		require.NoError(t, os.WriteFile(path, f.Data, 0o600))
		require.NoError(t, os.Chmod(path, f.Mode))
	}
}

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func openLocked(t *testing.T, path string) *Dir {
	t.Helper()
	d := open(t, path)
	_, err := d.Lock(0, nil)
	require.NoError(t, err)
	return d
}
