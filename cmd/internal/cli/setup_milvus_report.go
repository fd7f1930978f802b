package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/milvus-certs/milvus-certs/pkg/milvus"
)

// The names of the reports. A change that could break a reader changes the number.
const (
	setupMilvusSchema      = "milvus-certs/setup-milvus/v1"
	setupMilvusCheckSchema = "milvus-certs/setup-milvus-check/v1"
)

// setupMilvusReport is what setup milvus says, in JSON as it stands.
type setupMilvusReport struct {
	Schema    string          `json:"schema"`
	File      string          `json:"file,omitempty"`
	Mode      int             `json:"mode"`
	DryRun    bool            `json:"dry_run"`
	Changes   []settingReport `json:"changes"`
	Unchanged []settingReport `json:"unchanged"`
	Diff      string          `json:"diff,omitempty"`
	Fragment  string          `json:"fragment,omitempty"`
	remarks
}

// settingReport is a setting, and in which line it is now.
type settingReport struct {
	Key  string `json:"key"`
	Line int    `json:"line"`
	From string `json:"from"` // empty: it was not there, or had no value
	To   string `json:"to"`
}

func (r *setupMilvusReport) add(c milvus.Configured) {
	r.Mode = c.TLS.Mode
	r.note(c.Notes...)
	for _, change := range c.Changes {
		s := settingReport{change.Key(), change.Line, oneLine(change.From), oneLine(change.To)}
		if change.Same {
			r.Unchanged = append(r.Unchanged, s)
		} else {
			r.Changes = append(r.Changes, s)
		}
	}
}

func (r *setupMilvusReport) text() string {
	var out strings.Builder
	if len(r.Changes) == 0 {
		fmt.Fprintf(&out, "%s has all of it already\n", oneLine(r.File))
	} else {
		fmt.Fprintf(&out, "set TLS in %s\n", oneLine(r.File))
	}
	if len(r.Changes) > 0 {
		out.WriteString("\n" + settingLines(r.Changes))
	}
	if len(r.Unchanged) > 0 {
		out.WriteString("\nalready so:\n" + settingLines(r.Unchanged))
	}
	return out.String()
}

func settingLines(settings []settingReport) string {
	var out strings.Builder
	for _, s := range settings {
		text := fmt.Sprintf("%s: %s", s.Key, s.To)
		if s.From != "" && s.From != s.To {
			text += ", was " + quoted(s.From)
		}
		fmt.Fprintf(&out, "  %5d  %s\n", s.Line, text)
	}
	return out.String()
}

// quoted puts a text in quotes that blanks around it would not show in.
func quoted(text string) string {
	if strings.TrimSpace(text) != text {
		return strconv.Quote(text)
	}
	return text
}

// next are the steps that are left, from the working directory. Without a set there is nothing to check FILE against.
func (o *setupMilvusOptions) next(t milvus.TLS) []string {
	folder := filepath.Dir(o.file)
	first := o.command() + " --check"
	if _, err := os.Stat(o.serverPath()); err != nil {
		first = commandIn("init --san-for compose", o.dir) + "   # makes a set; where there is one, --dir names it"
	}
	return []string{
		first,
		o.composeCommand(t) + "   # mounts the files and " + filepath.Base(o.file),
		inDirectory(folder, "docker compose up -d --force-recreate "+milvus.ComposeService) + "   # Milvus reads them when it starts, and not again",
	}
}

// composeCommand is the one that gives a container FILE and the files to which it leads.
func (o *setupMilvusOptions) composeCommand(t milvus.TLS) string {
	words := "setup compose"
	if folder := filepath.Dir(o.file); folder != "." {
		words += " " + pathIn(folder, "")
	}
	words = commandIn(words, o.dir)
	if t.ContainerDir != milvus.ContainerDir {
		words += " --container-dir " + shellQuote(t.ContainerDir)
	}
	if name := filepath.Base(o.file); name != "milvus.yaml" {
		words += " --milvus-yaml " + pathIn(".", name)
	}
	return words
}

// printDiff shows what a run without --dry-run would change. That is the result, with --quiet too.
func (a *app) printDiff(o *setupMilvusOptions, before, after []byte, report *setupMilvusReport) error {
	name := diffName(o.file)
	report.Diff = string(diff.Diff(name, before, name, after))
	if _, hunks, ok := strings.Cut(report.Diff, "\n"); ok {
		report.Diff = hunks // the line before them is for those who do not say so with a flag
	}
	if err := a.printReport(o.output, report, report.remarks, ""); err != nil || o.format == formatJSON {
		return err
	}
	// As it is, so that patch can use it: YAML has no character in it that would steer a terminal.
	_, err := fmt.Fprint(a.stdout, report.Diff)
	return err
}

// diffName is how GNU diff writes the name of a file, and patch reads it: in quotes where it has odd bytes, and with a tab behind
// it where it has blanks.
func diffName(name string) string {
	switch {
	case strings.ContainsAny(name, `"\`) || printable(name) != name || strings.Contains(name, "\n"):
		var out strings.Builder
		for _, b := range []byte(name) {
			if b < ' ' || b >= utf8.RuneSelf-1 || b == '"' || b == '\\' {
				fmt.Fprintf(&out, `\%03o`, b)
			} else {
				out.WriteByte(b)
			}
		}
		return `"` + out.String() + `"`
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}

// printFragment prints the settings for one who writes them in by hand. They are the result, with --quiet too.
func (a *app) printFragment(o *setupMilvusOptions, t milvus.TLS, report *setupMilvusReport) error {
	fragment, err := milvus.Fragment(t)
	switch {
	case errors.Is(err, milvus.ErrNoSNI):
		return o.noSNI(t)
	case err != nil:
		return usage(err)
	}
	report.add(fragment)
	report.Fragment = string(fragment.Data)
	return a.printResult(o.output, report, report.remarks, report.Fragment)
}
