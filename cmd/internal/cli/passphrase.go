package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"sync"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// passphrase says where the pass phrase of a CA key comes from: a file, the environment, or else a terminal. There is no flag
// for the pass phrase itself, which every user of the system would see in the list of processes.
type passphrase struct{ file, env string }

const (
	longestPassphrase     = 1024 // bytes, as in OpenSSL (PEM_BUFSIZE)
	longestPassphraseFile = 4 << 10
)

func (p *passphrase) flags(f *pflag.FlagSet) {
	f.StringVar(&p.file, "passphrase-file", "", "file whose first line is the pass phrase of the CA's key")
	f.StringVar(&p.env, "passphrase-env", "", "environment variable with the pass phrase of the CA's key")
}

var variableName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

func (p *passphrase) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "passphrase-file", "passphrase-env"); err != nil {
		return err
	}
	switch {
	case p.file != "" && p.env != "":
		return usagef("--passphrase-file and --passphrase-env exclude each other: there is one pass phrase")
	case p.env != "" && !variableName().MatchString(p.env):
		// It is not repeated: in all likelihood it is the pass phrase.
		return usagef("--passphrase-env: wanted the name of an environment variable, such as CA_PASSPHRASE, found something else")
	}
	return nil
}

// askPassphrase returns a function that finds out the pass phrase of a key that is there, which what names. It asks once,
// however often it is called.
func (a *app) askPassphrase(o output, p *passphrase, what string) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) {
		if p.given() {
			return a.givenPassphrase(o, p)
		}
		if !term.IsTerminal(stdin()) {
			return nil, fmt.Errorf("%s is encrypted; give its pass phrase with --passphrase-file or --passphrase-env", what)
		}
		return a.typedPassphrase("pass phrase of " + what + ": ")
	})
}

// newPassphrase finds out the pass phrase of a key that is to be written. What is typed without being seen is typed twice.
func (a *app) newPassphrase(o output, p *passphrase, what string) ([]byte, error) {
	if p.given() {
		return a.givenPassphrase(o, p)
	}
	if !term.IsTerminal(stdin()) {
		return nil, fmt.Errorf("%s is to be encrypted; give its pass phrase with --passphrase-file or --passphrase-env", what)
	}
	once, err := a.typedPassphrase("new pass phrase of " + what + ": ")
	if err != nil {
		return nil, err
	}
	twice, err := a.typedPassphrase("the same once more: ")
	if err == nil && !bytes.Equal(once, twice) {
		err = errors.New("the two pass phrases differ")
	}
	if err != nil {
		return nil, err
	}
	return once, nil
}

func (p *passphrase) given() bool { return p.file != "" || p.env != "" }

func (a *app) givenPassphrase(o output, p *passphrase) ([]byte, error) {
	if p.env != "" {
		return passphraseFromEnv(p.env)
	}
	text, warning, err := passphraseFromFile(p.file)
	if warning != "" && err == nil {
		a.say(o, "warning: %s", warning)
	}
	return text, err
}

func passphraseFromEnv(name string) ([]byte, error) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return nil, fmt.Errorf("the environment variable %s, which --passphrase-env names, is not set", name)
	}
	return checkPassphrase("the environment variable "+name, []byte(text))
}

// passphraseFromFile reads the first line of a file, or of a pipe from the shell. The warning is of others who can read it.
func passphraseFromFile(path string) (text []byte, warning string, err error) {
	f, err := openFile(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(f, longestPassphraseFile+1))
	switch {
	case err != nil:
		return nil, "", readError(path, err)
	case len(data) > longestPassphraseFile:
		return nil, "", fmt.Errorf("%s is too long: wanted a pass phrase in its first line, at most %d bytes are read", path, longestPassphraseFile)
	}
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	// Of a key file, say, the first line would make a pass phrase that nobody meant.
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, "", fmt.Errorf("%s: wanted the pass phrase in the first line and nothing else, found another line", path)
	}
	text, err = checkPassphrase(path, bytes.TrimSuffix(line, []byte("\r")))
	return text, looseFile(f, path), err
}

// looseFile warns of a file that others than its owner can read.
func looseFile(f *os.File, path string) string {
	const others fs.FileMode = 0o077
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Mode()&others == 0 || runtime.GOOS == "windows" {
		return "" // Windows has no such modes, and a pipe is nobody else's
	}
	return fmt.Sprintf("%s: others than its owner can use this pass phrase (mode %04o); chmod 600 %s", path, info.Mode().Perm(), shellQuote(path))
}

// checkPassphrase wants a pass phrase that OpenSSL takes too. Its errors do not show it.
func checkPassphrase(where string, text []byte) ([]byte, error) {
	switch {
	case len(text) == 0:
		return nil, fmt.Errorf("%s: wanted a pass phrase, found nothing", where)
	case bytes.IndexByte(text, 0) >= 0:
		return nil, fmt.Errorf("%s: wanted a pass phrase without NUL bytes, which OpenSSL cannot take", where)
	case len(text) > longestPassphrase:
		return nil, fmt.Errorf("%s: wanted a pass phrase of at most %d bytes, found a longer one", where, longestPassphrase)
	}
	return text, nil
}

func stdin() int { return int(os.Stdin.Fd()) }

// typedPassphrase reads a line from the terminal, which does not show it.
func (a *app) typedPassphrase(prompt string) ([]byte, error) {
	_, _ = fmt.Fprint(a.stderr, oneLine(prompt))
	defer restoreOnInterrupt(stdin())()
	text, err := term.ReadPassword(stdin())
	_, _ = fmt.Fprintln(a.stderr)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("cannot read a pass phrase from the terminal: %w", err)
	}
	return checkPassphrase("the terminal", text)
}

// restoreOnInterrupt sees to it that Ctrl-C, and being terminated, leaves a terminal behind that shows what is typed. Reading from the
// terminal cannot be ended otherwise than with the process. The function that is returned ends that.
func restoreOnInterrupt(terminal int) func() {
	state, err := term.GetState(terminal)
	if err != nil {
		return func() {}
	}
	interrupted, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		select {
		case <-interrupted:
			_ = term.Restore(terminal, state)
			os.Exit(exitFailed)
		case <-done:
		}
	}()
	return func() {
		signal.Stop(interrupted)
		close(done)
	}
}
