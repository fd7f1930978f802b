package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/store"
)

// Exit status 2 is the command line's and the conf's, 1 everything else's.
func TestExitStatus(t *testing.T) {
	for _, test := range []struct {
		title   string
		working bool // cobra had understood the command line
		err     error
		want    int
	}{
		{"cobra does not understand the command line", false, errors.New("unknown flag: --nope"), exitUsage},
		{"a flag is refused by the command", true, usagef("--output: wanted text or json, found %q", "xml"), exitUsage},
		{"the conf is wrong", true, &opensslconf.Error{Msg: "wanted name = value"}, exitUsage},
		{"the conf is wrong, deep inside", true, fmt.Errorf("server.pem: %w", &opensslconf.Error{}), exitUsage},
		{"the conf cannot be read", true, usage(readError("x.cnf", fs.ErrNotExist)), exitUsage},
		{"a file cannot be written", true, fs.ErrPermission, exitFailed},
		{"another one is at work", true, fmt.Errorf("certs: %w", store.ErrBusy), exitFailed},
		{"standard output is gone", true, io.ErrClosedPipe, exitFailed},
	} {
		t.Run(test.title, func(t *testing.T) {
			a := &app{working: test.working}
			assert.Equal(t, test.want, a.exitStatus(test.err))
		})
	}
	assert.NoError(t, usage(nil))
}

func TestMainReturnsTheStatus(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, test := range []struct {
		args []string
		want int
		err  string
	}{
		{[]string{"version"}, exitOK, ""},
		{[]string{"init", "--print-config"}, exitOK, ""},
		{[]string{"init", "--nope"}, exitUsage, "milvus-certs: unknown flag: --nope; see milvus-certs init --help\n"},
		{[]string{"nope"}, exitUsage, "milvus-certs: unknown command \"nope\"; see milvus-certs --help\n"},
		{[]string{"init", "--days", "x\ny"}, exitUsage, "milvus-certs: --days: wanted a whole number, found \"x\\ny\"\n"},
		{[]string{"init", "-d", file}, exitFailed, "milvus-certs: " + file + " is a regular file, not a directory\n"},
	} {
		t.Run(fmt.Sprint(test.args), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			assert.Equal(t, test.want, Main("1.2.3", test.args, &stdout, &stderr))
			assert.Equal(t, test.err, stderr.String())
		})
	}
}

// An error is one line, whatever it quotes.
func TestErrorIsOneLine(t *testing.T) {
	var stdout, stderr bytes.Buffer
	status := Main("dev", []string{"init", "--config", "no\nsuch\x1b[2Jfile"}, &stdout, &stderr)
	assert.Equal(t, exitUsage, status)
	assert.Equal(t, "milvus-certs: no; such�[2Jfile: no such file or directory\n", stderr.String())
	assert.Empty(t, stdout.String())
}

// Every flag and command says what it is for.
func TestEverythingIsDescribed(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		assert.NotEmpty(t, c.Short, c.CommandPath())
		c.Flags().VisitAll(func(f *pflag.Flag) { assert.NotEmpty(t, f.Usage, "%s --%s", c.CommandPath(), f.Name) })
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(RootCommand())
}
