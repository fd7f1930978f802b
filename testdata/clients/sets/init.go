package sets

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Program is milvus-certs, as it is built from the module that this one lies in.
type Program string

// Build builds the program into a folder; module is the root of its module.
func Build(module, folder string) (Program, error) {
	path := filepath.Join(folder, "milvus-certs")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/milvus-certs") //nolint:gosec // the programs and the files are those of a test
	cmd.Dir, cmd.Env = module, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	return Program(path), nil
}

// Init makes a set with milvus-certs init and the given flags.
func (p Program) Init(dir string, flags ...string) error {
	return run(dir, string(p), append([]string{"init", "-q"}, flags...)...)
}
