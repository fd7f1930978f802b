package snippet

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
)

// Snippet is what was printed for a client, and the environment that it is run in.
type Snippet struct {
	Text string
	Env  []string
}

// Outcome is what became of running one.
type Outcome struct {
	OK   bool
	Said string // all that the program printed, or the error of its stand-in
}

// Runner runs the snippets of one client.
type Runner struct {
	Client string    // as --client has it
	Speaks peer.Port // that the client dials
	Needs  []string  // a command that fails where the client is not installed
	Run    func(ctx context.Context, s Snippet, dir string) (Outcome, error)
}

// Runners are those of all clients; module is the folder of this module, shared one for what all runs of a client have in common.
func Runners(module, shared string) []Runner {
	nodeSDK := []string{"sh", "-c", `node --version && test -d "$0"`, filepath.Join(module, "node", "node_modules", "@zilliz")}
	return []Runner{
		{"pymilvus", peer.GRPC, []string{systemPython, "-c", "import grpc"}, pymilvus(module)},
		{"go", peer.GRPC, []string{"go", "version"}, goSDK(module)},
		{"node", peer.GRPC, nodeSDK, node(module)},
		{"java", peer.REST, []string{"javac", "-version"}, java(module, shared)}, // its stand-in speaks REST, whatever the port is called
		{"curl", peer.REST, []string{"curl", "--version"}, curl},
		{"attu", peer.GRPC, nodeSDK, attu(module)},
		{"milvus-backup", peer.GRPC, nil, backup(module)},
		{"milvus-cdc", peer.GRPC, []string{"sh", "-c", "exit"}, cdc(module)},
	}
}

// Installed skips the test where the client is missing, or fails it where REQUIRE_PEERS is set.
func (r Runner) Installed(t *testing.T) {
	t.Helper()
	if len(r.Needs) == 0 {
		return
	}
	out, err := exec.Command(r.Needs[0], r.Needs[1:]...).CombinedOutput() //nolint:gosec // the programs are those of a test
	switch {
	case err == nil:
	case os.Getenv("REQUIRE_PEERS") != "":
		t.Fatalf("%s is missing: %v: %s", r.Client, err, out)
	default:
		t.Skipf("%v: %s", err, out)
	}
}

// systemPython is Debian's, which has Debian's python3-grpcio.
const systemPython = "/usr/bin/python3"

func pymilvus(module string) func(context.Context, Snippet, string) (Outcome, error) {
	return func(ctx context.Context, s Snippet, dir string) (Outcome, error) {
		s.Env = append(s.Env, "PYTHONPATH="+filepath.Join(module, "drivers", "shim"), "PYTHONDONTWRITEBYTECODE=1", "GRPC_VERBOSITY=info")
		return s.file(ctx, dir, "connect.py", systemPython)
	}
}

// goSDK builds the program as one of this module, which an overlay makes it, so that no file has to lie there.
func goSDK(module string) func(context.Context, Snippet, string) (Outcome, error) {
	return func(ctx context.Context, s Snippet, dir string) (Outcome, error) {
		main := filepath.Join(dir, "main.go")
		if err := os.WriteFile(main, []byte(s.Text), 0o600); err != nil {
			return Outcome{}, err
		}
		overlay := filepath.Join(dir, "overlay.json")
		replace := fmt.Sprintf(`{"Replace": {%q: %q}}`, filepath.Join(module, "printed", "main.go"), main)
		if err := os.WriteFile(overlay, []byte(replace), 0o600); err != nil {
			return Outcome{}, err
		}
		program := filepath.Join(dir, "printed")
		build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-overlay", overlay, "-o", program, "./printed") //nolint:gosec // the programs and the files are those of a test
		build.Dir, build.Env = module, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		if out, err := build.CombinedOutput(); err != nil {
			return Outcome{}, fmt.Errorf("%s: %w: %s", build, err, out)
		}
		return s.command(exec.CommandContext(ctx, program)) //nolint:gosec // it was just built
	}
}

// node has the module of the SDK beside the program.
func node(module string) func(context.Context, Snippet, string) (Outcome, error) {
	return func(ctx context.Context, s Snippet, dir string) (Outcome, error) {
		if err := os.Symlink(filepath.Join(module, "node", "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
			return Outcome{}, err
		}
		return s.file(ctx, dir, "connect.mjs", "node")
	}
}

// java compiles the stand-ins once, and runs the program from its source.
func java(module, shared string) func(context.Context, Snippet, string) (Outcome, error) {
	compiled := sync.OnceValue(func() error {
		stubs := filepath.Join(module, "drivers", "shim", "java")
		client := filepath.Join(stubs, "io", "milvus", "v2", "client")
		compile := exec.Command("javac", "-sourcepath", stubs, "-d", shared, filepath.Join(client, "ConnectConfig.java"), filepath.Join(client, "MilvusClientV2.java")) //nolint:gosec // the programs and the files are those of a test
		if out, err := compile.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", compile, err, out)
		}
		return nil
	})
	return func(ctx context.Context, s Snippet, dir string) (Outcome, error) {
		if err := compiled(); err != nil {
			return Outcome{}, err
		}
		file := filepath.Join(dir, "Connect.java")
		if err := os.WriteFile(file, []byte(s.Text), 0o600); err != nil {
			return Outcome{}, err
		}
		// Whatever encoding javac takes for the usual one, it has to understand the file.
		return s.command(exec.CommandContext(ctx, "java", "-Dfile.encoding=US-ASCII", "-XX:TieredStopAtLevel=1", "-cp", shared, file)) //nolint:gosec // the programs and the files are those of a test
	}
}

func curl(ctx context.Context, s Snippet, dir string) (Outcome, error) {
	s.Env = append(s.Env, "no_proxy=*")
	return s.file(ctx, dir, "connect.sh", "sh")
}

// file runs a program from a file of that name.
func (s Snippet) file(ctx context.Context, dir, name, interpreter string) (Outcome, error) {
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(s.Text), 0o600); err != nil {
		return Outcome{}, err
	}
	return s.command(exec.CommandContext(ctx, interpreter, path)) //nolint:gosec // the programs and the files are those of a test
}

// command runs a program to its end. The error is that it could not be run.
func (s Snippet) command(cmd *exec.Cmd) (Outcome, error) {
	cmd.Env, cmd.SysProcAttr = append(os.Environ(), s.Env...), &syscall.SysProcAttr{Setsid: true} // nobody is asked for a pass phrase
	out, err := cmd.CombinedOutput()
	said := strings.TrimSpace(string(out))
	if cmd.ProcessState == nil || !cmd.ProcessState.Exited() {
		return Outcome{}, fmt.Errorf("%s: %w: %s", cmd, err, said)
	}
	return Outcome{err == nil, said}, nil
}
