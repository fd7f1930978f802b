package manifests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// stub stands for kubectl: create wants its files to be there and writes down what it is asked for, apply takes what it is given.
const stub = `#!/bin/sh
test "$1" = create || exec cat > /dev/null
for arg; do
  case $arg in --from-file=*|--cert=*|--key=*) test -f "${arg#*=}" || exit 1;; esac
done
printf '%s ' "$@" > "$ASKED"
`

// TestCommands: what stands in the comments is a command that a shell runs as it was meant, whatever the directory is called.
func TestCommands(t *testing.T) {
	for _, name := range []string{"certs", "it's $HOME", `a "b" \c`, "-d", "a=b,c", "a#b", "x; false", "(y)"} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, stub, dir, "kubectl")
		if err := os.Chmod(filepath.Join(dir, "kubectl"), 0o700); err != nil {
			t.Fatal(err)
		}
		run(t, dir, "init", "-q", "--dir="+name, ec)
		for command, want := range map[string]string{
			"kubernetes":   "create secret generic certs -n default --from-file=server.pem --from-file=server.key --from-file=ca.pem --dry-run=client -o yaml",
			"cert-manager": "create secret tls milvus-ca -n default --cert=ca.pem --key=ca.key --dry-run=client -o yaml",
		} {
			text := run(t, dir, "setup", command, "-q", "--dir="+name)
			asked := filepath.Join(dir, "asked")
			os.Remove(asked)
			c := exec.Command("sh", "-c", commandIn(t, text))
			c.Dir, c.Env = dir, []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "ASKED=" + asked}
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", commandIn(t, text), err, out)
			}
			if got := strings.TrimSpace(string(read(t, asked))); got != want {
				t.Errorf("%s: kubectl %s, wanted %s", name, got, want)
			}
		}
	}
}

// commandIn is the first kubectl create in the comments.
func commandIn(t *testing.T, text string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#   ") && strings.Contains(line, "kubectl create") {
			return strings.TrimPrefix(line, "#   ")
		}
	}
	t.Fatal("no command:\n" + text)
	return ""
}
