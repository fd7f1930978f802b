package sets

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is milvus-certs, as it is built from the module that this one lies in.
type Program struct {
	path string
	conf string // a conf like that of the documentation
}

// Build builds the program into a folder; module is the root of its module.
func Build(module, folder string) (Program, error) {
	p := Program{filepath.Join(folder, "milvus-certs"), filepath.Join(module, "testdata", "conf", "docs-like.cnf")}
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", p.path, "./cmd/milvus-certs") //nolint:gosec // the programs and the files are those of a test
	cmd.Dir, cmd.Env = module, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return p, fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	return p, nil
}

// Init makes a set with milvus-certs init and the given flags.
func (p Program) Init(dir string, flags ...string) error {
	return run(dir, p.path, append([]string{"init", "-q"}, flags...)...)
}

// Run runs a command of milvus-certs in a directory.
func (p Program) Run(dir string, args ...string) error { return run(dir, p.path, args...) }

// Verify returns the report of milvus-certs verify in JSON, for all hosts. That something fails is no error.
func (p Program) Verify(dir string, hosts []string) ([]byte, error) {
	args := []string{"verify", "-d", dir, "-o", "json"}
	for _, h := range hosts {
		args = append(args, "--host", h)
	}
	out, err := exec.Command(p.path, args...).Output() //nolint:gosec // the programs and the files are those of a test
	const failed = 1
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == failed && len(out) > 0 {
		return out, nil
	}
	return out, err
}

// Connect returns the snippet that milvus-certs connect prints for a set.
func (p Program) Connect(dir string, flags ...string) (string, error) {
	out, err := exec.Command(p.path, append([]string{"connect", "-q", "-d", dir}, flags...)...).Output() //nolint:gosec // the programs and the files are those of a test
	return string(out), err
}

// Answer runs the program, and returns what it printed and its exit status.
func (p Program) Answer(args ...string) (stdout, stderr string, status int, err error) {
	var out, complaint strings.Builder
	cmd := exec.Command(p.path, args...) //nolint:gosec // the programs and the files are those of a test
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	return out.String(), complaint.String(), cmd.ProcessState.ExitCode(), err
}

// InitDocs makes a set with the conf of the documentation, to which v3req is added for leaves.
func (p Program) InitDocs(dir, v3req string, flags ...string) error {
	conf, err := os.ReadFile(p.conf)
	if err != nil {
		return err
	}
	// A section that is opened again goes on.
	conf = append(conf, "\n[ v3_req ]\n"+v3req...)
	if err := os.WriteFile(filepath.Join(dir, "openssl.cnf"), conf, 0o600); err != nil {
		return err
	}
	return p.Init(dir, flags...)
}
