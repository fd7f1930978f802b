package cli

import (
	"fmt"
	"strings"

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
			text += ", was " + s.From
		}
		fmt.Fprintf(&out, "  %5d  %s\n", s.Line, text)
	}
	return out.String()
}

// next are the steps that are left.
func (o *setupMilvusOptions) next() []string {
	return []string{
		o.command() + " --check",
		commandIn("setup compose", o.dir) + "   # mounts the files and milvus.yaml",
		"docker compose up -d --force-recreate " + milvus.ComposeService + "   # Milvus reads them when it starts, and not again",
	}
}

// printDiff shows what a run without --dry-run would change.
func (a *app) printDiff(o *setupMilvusOptions, before, after []byte, report *setupMilvusReport) error {
	name := oneLine(o.file)
	report.Diff = string(diff.Diff(name, before, name, after))
	if _, hunks, ok := strings.Cut(report.Diff, "\n"); ok {
		report.Diff = hunks // the line before them is for those who do not say so with a flag
	}
	if o.format == formatJSON || o.quiet {
		return a.printReport(o.output, report, report.remarks, "")
	}
	if err := a.printReport(o.output, report, report.remarks, ""); err != nil {
		return err
	}
	// As it is, so that patch can use it: YAML has no character in it that would steer a terminal.
	_, err := fmt.Fprint(a.stdout, report.Diff)
	return err
}

// printFragment prints the settings for one who writes them in by hand.
func (a *app) printFragment(o *setupMilvusOptions, t milvus.TLS, report *setupMilvusReport) error {
	fragment, err := milvus.Fragment(t)
	if err != nil {
		return usage(err)
	}
	report.Fragment = string(fragment)
	return a.printReport(o.output, report, report.remarks, report.Fragment)
}
