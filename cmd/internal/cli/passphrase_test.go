package cli

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// askWith parses flags and asks for the pass phrase of a key that is there.
func askWith(t *testing.T, stderr *bytes.Buffer, o output, args ...string) ([]byte, error) {
	t.Helper()
	var p passphrase
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	p.flags(f)
	require.NoError(t, f.Parse(args))
	if err := p.validate(f); err != nil {
		return nil, err
	}
	return (&app{stderr: stderr}).askPassphrase(o, &p, "certs/ca.key")()
}

func TestPassphraseFlags(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"both":              {[]string{"--passphrase-file", "a", "--passphrase-env", "B"}, "--passphrase-file and --passphrase-env exclude each other: there is one pass phrase"},
		"no file":           {[]string{"--passphrase-file="}, "--passphrase-file: wanted a name, found nothing"},
		"no variable":       {[]string{"--passphrase-env="}, "--passphrase-env: wanted a name, found nothing"},
		"the pass phrase":   {[]string{"--passphrase-env", "hunter2 hunter2"}, "--passphrase-env: wanted the name of an environment variable, such as CA_PASSPHRASE, found something else"},
		"an assignment":     {[]string{"--passphrase-env", "A=b"}, "--passphrase-env: wanted the name of an environment variable, such as CA_PASSPHRASE, found something else"},
		"two lines":         {[]string{"--passphrase-env", "A\nb"}, "--passphrase-env: wanted the name of an environment variable, such as CA_PASSPHRASE, found something else"},
		"begins in a digit": {[]string{"--passphrase-env", "1A"}, "--passphrase-env: wanted the name of an environment variable, such as CA_PASSPHRASE, found something else"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := askWith(t, nil, output{}, test.args...)
			assert.EqualError(t, err, test.want)
			assert.ErrorAs(t, err, new(usageError))
		})
	}
}

func TestPassphraseFile(t *testing.T) {
	long := strings.Repeat("x", 1024)
	for name, test := range map[string]struct{ text, want, err string }{
		"a line":                {"secret\n", "secret", ""},
		"no newline":            {"secret", "secret", ""},
		"CRLF":                  {"secret\r\n", "secret", ""},
		"CR alone":              {"secret\r", "secret", ""},
		"blanks are kept":       {" a b\t\n", " a b\t", ""},
		"any bytes are kept":    {"\x01\xff\xfe\n", "\x01\xff\xfe", ""},
		"but for NUL":           {"a\x00b\n", "", "FILE: wanted a pass phrase without NUL bytes, which OpenSSL cannot take"},
		"blank lines behind":    {"secret\n\r\n \n", "secret", ""},
		"the longest":           {long + "\n", long, ""},
		"a longer one":          {long + "y\n", "", "FILE: wanted a pass phrase of at most 1024 bytes, found a longer one"},
		"a long file":           {"secret\n" + strings.Repeat("\n", 4096), "", "FILE is too long: wanted a pass phrase in its first line, at most 4096 bytes are read"},
		"empty":                 {"", "", "FILE: wanted a pass phrase, found nothing"},
		"an empty line":         {"\n", "", "FILE: wanted a pass phrase, found nothing"},
		"an empty line, CRLF":   {"\r\n", "", "FILE: wanted a pass phrase, found nothing"},
		"a second line":         {"secret\nother\n", "", "FILE: wanted the pass phrase in the first line and nothing else, found another line"},
		"in the second line":    {"\nsecret\n", "", "FILE: wanted the pass phrase in the first line and nothing else, found another line"},
		"the key instead of it": {"-----BEGIN PRIVATE KEY-----\nAAAA\n", "", "FILE: wanted the pass phrase in the first line and nothing else, found another line"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "phrase")
			require.NoError(t, os.WriteFile(path, []byte(test.text), 0o600))
			var stderr bytes.Buffer
			text, err := askWith(t, &stderr, output{}, "--passphrase-file", path)
			if test.err != "" {
				assert.EqualError(t, err, strings.ReplaceAll(test.err, "FILE", path))
				assert.NotErrorAs(t, err, new(usageError))
			} else {
				require.NoError(t, err)
			}
			assert.Equal(t, test.want, string(text))
			assert.Empty(t, stderr.String())
		})
	}
}

func TestPassphraseFileIsNone(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	_, err := askWith(t, nil, output{}, "--passphrase-file", dir)
	assert.EqualError(t, err, dir+" is a directory, not a file")
	_, err = askWith(t, nil, output{}, "--passphrase-file", missing)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// TestPassphraseOfOthers: a file that others can read is mentioned, unless nothing is to be said.
func TestPassphraseOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("has no such modes")
	}
	path := filepath.Join(t.TempDir(), "phrase")
	require.NoError(t, os.WriteFile(path, []byte("secret\n"), 0o600))
	for mode, warns := range map[fs.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o644: true, 0o604: true} {
		require.NoError(t, os.Chmod(path, mode))
		for _, quiet := range []bool{false, true} {
			var stderr bytes.Buffer
			text, err := askWith(t, &stderr, output{quiet: quiet}, "--passphrase-file", path)
			require.NoError(t, err)
			assert.Equal(t, "secret", string(text))
			assert.Equal(t, warns && !quiet, strings.HasPrefix(stderr.String(), "warning: "+path+": others than its owner can use this pass phrase (mode 06"), stderr.String())
		}
	}
}

// TestPassphrasePipe: a pipe from the shell, as <(pass show ca) makes one, is as good as a file.
func TestPassphrasePipe(t *testing.T) {
	if _, err := os.Stat("/dev/fd"); err != nil {
		t.Skip("no names for open files")
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	_, err = w.WriteString("secret\n")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	var stderr bytes.Buffer
	path := filepath.Join("/dev/fd", strconv.Itoa(int(r.Fd())))
	text, err := askWith(t, &stderr, output{}, "--passphrase-file", path)
	require.NoError(t, err)
	assert.Equal(t, "secret", string(text))
	assert.Empty(t, stderr.String())
}

func TestPassphraseEnv(t *testing.T) {
	for _, test := range []struct{ value, err string }{
		{"secret", ""},
		{" se cret\n", ""},
		{"", "the environment variable CA_PASSPHRASE: wanted a pass phrase, found nothing"},
		{strings.Repeat("x", 1025), "the environment variable CA_PASSPHRASE: wanted a pass phrase of at most 1024 bytes, found a longer one"},
	} {
		t.Setenv("CA_PASSPHRASE", test.value)
		text, err := askWith(t, nil, output{}, "--passphrase-env", "CA_PASSPHRASE")
		if test.err != "" {
			assert.EqualError(t, err, test.err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, test.value, string(text))
	}
	_, err := askWith(t, nil, output{}, "--passphrase-env", "CA_PASSPHRASE_THAT_IS_NOT")
	assert.EqualError(t, err, "the environment variable CA_PASSPHRASE_THAT_IS_NOT, which --passphrase-env names, is not set")
}

// TestPassphraseOfNowhere: without a terminal nobody is asked.
func TestPassphraseOfNowhere(t *testing.T) {
	useStdin(t, openNull(t))
	_, err := askWith(t, nil, output{})
	assert.EqualError(t, err, "certs/ca.key is encrypted; give its pass phrase with --passphrase-file or --passphrase-env")
	_, err = (&app{}).newPassphrase(output{}, &passphrase{}, "certs/ca.key")
	assert.EqualError(t, err, "certs/ca.key is to be encrypted; give its pass phrase with --passphrase-file or --passphrase-env")
}

// TestPassphraseOnce: a pipe can be read once, and a person is asked once.
func TestPassphraseOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phrase")
	require.NoError(t, os.WriteFile(path, []byte("secret\n"), 0o600))
	a := &app{}
	ask := a.askPassphrase(output{}, &passphrase{file: path}, "ca.key")
	for range 2 {
		text, err := ask()
		require.NoError(t, err)
		assert.Equal(t, "secret", string(text))
		_ = os.Remove(path)
	}
	t.Setenv("CA_PASSPHRASE", "secret")
	text, err := a.newPassphrase(output{}, &passphrase{env: "CA_PASSPHRASE"}, "ca.key")
	require.NoError(t, err)
	assert.Equal(t, "secret", string(text))
}

func openNull(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Open(os.DevNull)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func useStdin(t *testing.T, f *os.File) {
	t.Helper()
	before := os.Stdin
	os.Stdin = f
	t.Cleanup(func() { os.Stdin = before })
}
