// Package cli is the command line: a file for each command, which turns flags into one call and prints what comes back.
// Exit statuses are decided here and nowhere else, and only here the clock is asked for the time.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

const program = "milvus-certs"

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // a check failed, or the work could not be done
	exitUsage  = 2 // the command line or the conf is wrong
)

// app is what commands share: where to write, and what time it is.
type app struct {
	version        string
	stdout, stderr io.Writer
	now            func() time.Time
	working        bool // the command line was understood
	waited         bool // it was said that another command is waited for
}

// Main runs the command that args name and returns its exit status.
func Main(version string, args []string, stdout, stderr io.Writer) int {
	a := &app{version: version, stdout: stdout, stderr: stderr, now: time.Now}
	root := a.rootCommand(args)
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	a.printError(err)
	return a.exitStatus(err)
}

// printError writes an error in one line, whatever stands in its parts.
func (a *app) printError(err error) {
	_, _ = fmt.Fprintf(a.stderr, "%s: %s\n", program, strings.ReplaceAll(printable(err.Error()), "\n", "; "))
}

// usageError marks an error as the command line's or the conf's.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func (a *app) exitStatus(err error) int {
	var (
		commandLine usageError
		conf        *opensslconf.Error
	)
	if !a.working || errors.As(err, &commandLine) || errors.As(err, &conf) {
		return exitUsage
	}
	return exitFailed
}

// RootCommand returns the command tree, for its documentation.
func RootCommand() *cobra.Command {
	return (&app{now: time.Now, stdout: io.Discard, stderr: io.Discard}).rootCommand(nil)
}

// commands by name, in the order in which help has them.
var commands = []struct {
	name  string
	build func(*app) *cobra.Command
}{
	{"init", (*app).initCommand},
	{"verify", (*app).verifyCommand},
	{"show", (*app).showCommand},
	{"lint", (*app).lintCommand},
	{"status", (*app).statusCommand},
	{"issue", (*app).issueCommand},
	{"renew", (*app).renewCommand},
	{"key", (*app).keyCommand},
	{"ca", (*app).caCommand},
	{"csr", (*app).csrCommand},
	{"sign", (*app).signCommand},
	{"setup", (*app).setupCommand},
	{"connect", (*app).connectCommand},
	{"probe", (*app).probeCommand},
	{"version", (*app).versionCommand},
}

// addCommands adds the command that is asked for. Where that is none of them, as for help, it adds all: their flags are half of
// what there is to do before a command runs.
func (a *app) addCommands(root *cobra.Command, args []string) {
	asked := func(name string) bool { return len(args) > 0 && args[0] == name }
	for _, c := range commands {
		if asked(c.name) {
			root.AddCommand(c.build(a))
			root.CompletionOptions.DisableDefaultCmd = true
			return
		}
	}
	if asked("--version") {
		return
	}
	for _, c := range commands {
		root.AddCommand(c.build(a))
	}
}

func (a *app) rootCommand(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   program,
		Short: "Make, check and keep the TLS certificates of a Milvus deployment",
		Long: `milvus-certs makes the TLS certificates of a Milvus deployment: a CA, a server
certificate and a client certificate, as gen.sh of the Milvus documentation does,
from an openssl.cnf or without one. It needs no OpenSSL.`,
		Version:           a.version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              knownCommand,
		PersistentPreRun:  func(*cobra.Command, []string) { a.working = true },
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.SuggestionsMinimumDistance = 2
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	a.addCommands(root, args)
	return root
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments(""),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.stdout, "%s %s\n", program, a.version)
			return err
		},
	}
}

// knownCommand refuses what stands in place of a command and is none.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see " + c.CommandPath() + " --help"
	if similar := c.SuggestionsFor(args[0]); len(similar) > 0 {
		hint = "did you mean " + strings.Join(similar, " or ") + "?"
	}
	return fmt.Errorf("unknown command %q; %s", args[0], hint)
}

// noArguments refuses arguments; the hint says what to write instead.
func noArguments(hint string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return fmt.Errorf("%s takes no arguments, found %q%s", c.Name(), args[0], hint)
	}
}

// flagError says in this program's words what is wrong with a flag: the library's speak of Go's functions.
func flagError(c *cobra.Command, err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	}
	wanted := invalid.Unwrap().Error()
	switch flag := invalid.GetFlag(); {
	case errors.Is(err, strconv.ErrRange):
		wanted = "wanted a smaller number"
	case flag.Value.Type() == "int":
		wanted = "wanted a whole number"
	case flag.Value.Type() == "bool":
		wanted = "wanted true or false"
	}
	return fmt.Errorf("--%s: %s, found %q", invalid.GetFlag().Name, wanted, invalid.GetValue())
}
