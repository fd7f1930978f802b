package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// Files of this project and beside it.
const (
	confs     = "../../testdata/conf"
	docsConf  = "../../../shared/reference/milvus-docs-openssl.cnf"
	docsGenSh = "../../../shared/reference/milvus-docs-gen.sh"
)

// unmet skips a test for want of something outside this project; where REQUIRE_PEERS=1 it fails instead.
func unmet(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("REQUIRE_PEERS") == "1" {
		t.Fatalf(format+" (REQUIRE_PEERS=1)", args...)
	}
	t.Skipf(format, args...)
}

// needFile returns the absolute path of a file beside the project.
func needFile(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		unmet(t, "%s is not here", path)
	}
	absolute, err := filepath.Abs(path)
	require.NoError(t, err)
	return absolute
}

// opensslVersion is what the openssl on the PATH says of itself.
var opensslVersion = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("openssl", "version").Output()
	return strings.TrimSpace(string(out)), err
})

// needOpenSSL makes sure of the one version that this program is compared with.
func needOpenSSL(t testing.TB) {
	t.Helper()
	version, err := opensslVersion()
	if err != nil {
		unmet(t, "openssl cannot be run: %v", err)
	}
	if !strings.HasPrefix(version, "OpenSSL 3.0.") {
		unmet(t, "wanted OpenSSL 3.0, found %s", version)
	}
}

// built is the program, beside the test's own binary, in a folder that go test removes.
var built = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	name := "milvus-certs-as-built"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(filepath.Dir(self), name)
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// program returns the path of the program, which is run as its users run it.
func program(t testing.TB) string {
	t.Helper()
	path, err := built()
	require.NoError(t, err)
	return path
}

// ran is what became of a command.
type ran struct {
	status         int
	stdout, stderr string
}

// runIn runs a command in a directory and in a clean environment, as shared/conf/README.md has it.
func runIn(t testing.TB, dir, name string, args ...string) ran {
	t.Helper()
	return finish(t, command(dir, name, args...))
}

func command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8"}
	return c
}

func finish(t testing.TB, c *exec.Cmd) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return ran{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// initialise runs init in a directory, and demands that it succeeds.
func initialise(t testing.TB, dir string, args ...string) {
	t.Helper()
	got := runIn(t, dir, program(t), append([]string{"init", "-q"}, args...)...)
	require.Zero(t, got.status, got.stderr)
}

// openssl runs openssl in a directory, demands that it succeeds, and returns what it printed.
func openssl(t testing.TB, dir string, args ...string) string {
	t.Helper()
	got := runIn(t, dir, "openssl", args...)
	require.Zero(t, got.status, "openssl %s: %s", strings.Join(args, " "), got.stderr)
	return got.stdout + got.stderr
}

// assertRefusal runs the program in its directory, and wants an exit status, one line of error, and nothing written.
func assertRefusal(t testing.TB, status int, c *exec.Cmd) {
	t.Helper()
	before := readFiles(t, c.Dir)
	assertOneLine(t, status, finish(t, c))
	assert.Equal(t, before, readFiles(t, c.Dir), "nothing is written")
}

// assertOneLine wants an exit status and one line of error.
func assertOneLine(t testing.TB, status int, got ran) {
	t.Helper()
	assert.Equal(t, status, got.status, got.stderr)
	assert.Regexp(t, `\Amilvus-certs: [^\n]+\n\z`, got.stderr)
	assert.Empty(t, got.stdout)
}

// withoutHome takes HOME from a command's environment.
func withoutHome(c *exec.Cmd) *exec.Cmd {
	c.Env = slices.DeleteFunc(c.Env, func(v string) bool { return strings.HasPrefix(v, "HOME=") })
	return c
}

// files is what is in a directory: modes and hashes, by path, so that no key is ever shown.
type files map[string]string

// readFiles reads a directory and the folders in it.
func readFiles(t testing.TB, dir string) files {
	t.Helper()
	found := files{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(name)] = fmt.Sprintf("%v %x", info.Mode(), sha256.Sum256(data))
		return err
	}))
	return found
}

// in returns the files of a folder.
func (f files) in(folder string) files {
	found := files{}
	for path, content := range f {
		if name, ok := strings.CutPrefix(path, folder+"/"); ok {
			found[name] = content
		}
	}
	return found
}

// requireWhole wants a directory or a backup folder to hold the nine files of one set, and returns the set.
func requireWhole(t testing.TB, dir string) *certset.Set {
	t.Helper()
	nine := map[string]certset.File{}
	for _, name := range certset.Names() {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		nine[name] = certset.File{Name: name, Data: data}
	}
	set, err := certset.Parse(nine)
	require.NoError(t, err)
	require.Empty(t, verify.Matching(set))
	require.Equal(t, set.Serial, set.Client.Certificate.SerialNumber)
	return set
}
