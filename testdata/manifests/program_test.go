package manifests

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is the milvus-certs that TestMain builds.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "manifests")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "milvus-certs")
		build := exec.Command("go", "build", "-o", program, "./cmd/milvus-certs")
		build.Dir = filepath.Join("..", "..")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Printf("%s\n%v\n", out, err)
			return 1
		}
		return m.Run()
	}())
}

// run runs milvus-certs in a directory and returns what it prints.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.Command(program, args...)
	c.Dir, c.Stdout, c.Stderr = dir, &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("milvus-certs %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return stdout.String()
}

// newSet makes a set in the folder certs of a new directory, and returns the latter.
func newSet(t *testing.T, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "certs"), 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, dir, append([]string{"init", "-q", "-d", "certs", "--san-for", "kubernetes=my-release-milvus", "--san-for", "compose"}, flags...)...)
	return dir
}

// ec is for tests in which the kind of key does not matter: such keys are made quickly.
const ec = "--key-type=ec-p256"

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, text string, path ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path...), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
