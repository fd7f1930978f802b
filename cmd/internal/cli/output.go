package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// output is what every command that reports something can be told.
type output struct {
	format string
	quiet  bool
}

const (
	formatText = "text"
	formatJSON = "json"
)

func (o *output) flags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.format, "output", "o", formatText, "how to report: text or json")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing but errors, and the report where it is json")
}

func (o *output) validate() error {
	if o.format != formatText && o.format != formatJSON {
		return usagef("--output: wanted text or json, found %q", o.format)
	}
	return nil
}

// say writes a remark for people, on standard error.
func (a *app) say(o output, format string, args ...any) {
	if !o.quiet {
		_, _ = fmt.Fprintln(a.stderr, oneLine(fmt.Sprintf(format, args...)))
	}
}

func writeJSON(w io.Writer, report any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

// printable keeps what comes from files and arguments from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// oneLine is for what must not break the line that it is printed in.
func oneLine(text string) string {
	return strings.ReplaceAll(printable(text), "\n", string(unicode.ReplacementChar))
}

func oneLineEach(texts []string) []string {
	out := []string{}
	for _, t := range texts {
		out = append(out, oneLine(t))
	}
	return out
}

// isTerminal tells whether progress may be drawn on w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""
}

// shellQuote writes an argument as a POSIX shell wants it.
func shellQuote(arg string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@%,", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !plain(r) }) < 0 {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
