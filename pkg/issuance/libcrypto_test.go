package issuance

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// libcrypto is a process that asks OpenSSL's library: thousands of confs a second, where the command takes ten
// milliseconds for each.
type libcrypto struct {
	dir     string
	in      io.Writer
	answers *bufio.Reader
}

type question struct {
	File, Section string
	Mask          uint32
}

type answer struct {
	OK         bool
	Line       int
	Sections   []sectionRead
	Extensions [][3]any
}

// sectionRead is a section's name and its settings in order, as JSON arrays.
type sectionRead [2]any

// needLibcrypto starts the process in a directory, in which request.pem is the request that extensions are for.
func needLibcrypto(t *testing.T, dir string) *libcrypto {
	t.Helper()
	script, err := filepath.Abs("testdata/libcrypto.py")
	require.NoError(t, err)
	peer := exec.Command("python3", "-I", script, "request.pem")
	peer.Dir, peer.Env, peer.Stderr = dir, cleanEnvironment(), os.Stderr
	in, err := peer.StdinPipe()
	require.NoError(t, err)
	out, err := peer.StdoutPipe()
	require.NoError(t, err)
	if err := peer.Start(); err != nil {
		unmet(t, "python3 cannot be run: %v", err)
	}
	t.Cleanup(func() { in.Close(); _ = peer.Wait() })
	l := &libcrypto{dir, in, bufio.NewReader(out)}
	var version string
	if line, err := l.answers.ReadBytes('\n'); err != nil || json.Unmarshal(line, &version) != nil {
		unmet(t, "python3 cannot load OpenSSL's library")
	}
	if !strings.HasPrefix(version, wantedVersion) {
		unmet(t, "wanted the library of %s, found %s", wantedVersion, version)
	}
	return l
}

// ask has the library read a text.
func (l *libcrypto) ask(t *testing.T, text string, q question) answer {
	q.File = "generated.cnf"
	require.NoError(t, os.WriteFile(filepath.Join(l.dir, q.File), []byte(text), 0o600))
	line, err := json.Marshal(q)
	require.NoError(t, err)
	_, err = l.in.Write(append(line, '\n'))
	require.NoError(t, err)
	reply, err := l.answers.ReadBytes('\n')
	require.NoError(t, err, "the library has died of\n%q", text)
	var a answer
	require.NoError(t, json.Unmarshal(reply, &a))
	return a
}
