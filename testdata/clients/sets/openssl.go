package sets

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Subjects, as gen.sh makes them of its variables.
const (
	caSubject = "/C=CN/ST=Shanghai/L=Shanghai/O=milvus/OU=milvus/CN=localhost"
	subject   = "/C=CN/O=milvus/OU=milvus/CN=localhost"
)

// days is how long gen.sh's certificates last.
const days = "3650"

// GenSH makes a set by the commands of gen.sh, with a conf whose v3_req is the given one. The CA's extensions come from
// the system's openssl.cnf, for gen.sh names no other to that command.
func GenSH(dir, v3req string) error {
	conf := "[req]\ndistinguished_name = dn\n[dn]\n[v3_req]\n" + v3req
	if err := os.WriteFile(filepath.Join(dir, "openssl.cnf"), []byte(conf), 0o600); err != nil {
		return err
	}
	commands := [][]string{
		{"genrsa", "-out", "ca.key", "2048"},
		{"req", "-new", "-x509", "-key", "ca.key", "-out", "ca.pem", "-days", days, "-subj", caSubject},
	}
	for _, role := range []string{"server", "client"} {
		key, csr, cert := role+".key", role+".csr", role+".pem"
		commands = append(commands,
			[]string{"genpkey", "-algorithm", "RSA", "-out", key},
			[]string{"req", "-new", "-nodes", "-key", key, "-out", csr, "-subj", subject, "-config", "openssl.cnf", "-reqexts", "v3_req"},
			[]string{"x509", "-req", "-days", days, "-in", csr, "-out", cert, "-CA", "ca.pem", "-CAkey", "ca.key",
				"-CAcreateserial", "-extfile", "openssl.cnf", "-extensions", "v3_req"})
	}
	for _, args := range commands {
		if err := run(dir, "openssl", args...); err != nil {
			return err
		}
	}
	return nil
}

// run runs a command in a directory and in a clean environment.
func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...) //nolint:gosec // the programs and the files are those of a test
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	return nil
}
