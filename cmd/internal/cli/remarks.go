package cli

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// remarks are what a command that writes says besides its result. They end its report.
type remarks struct {
	Notes    []string `json:"notes"`
	Warnings []string `json:"warnings"`
	Next     []string `json:"next"`
}

func newRemarks() remarks { return remarks{[]string{}, []string{}, []string{}} }

// note adds notes, each once.
func (r *remarks) note(notes ...string) { r.Notes = addNew(r.Notes, notes) }

// warn adds warnings, each once, or with --strict fails with the first.
func (r *remarks) warn(strict bool, warnings ...string) error {
	if strict && len(warnings) > 0 {
		return fmt.Errorf("%s (--strict)", warnings[0])
	}
	r.Warnings = addNew(r.Warnings, warnings)
	return nil
}

func (r *remarks) warnConf(strict bool, warnings []opensslconf.Warning) error {
	for _, w := range warnings {
		if err := r.warn(strict, w.String()); err != nil {
			return err
		}
	}
	return nil
}

func addNew(texts, more []string) []string {
	for _, t := range oneLineEach(more) {
		if !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	return texts
}

// printReport prints what was done, where the work is another one than printing.
func (a *app) printReport(o output, report any, r remarks, text string) error {
	if err := a.writeReport(o, report, r, text); err != nil {
		return fmt.Errorf("the work is done, but that could not be said: %w", err)
	}
	return nil
}

// writeReport writes as JSON the report, which holds the remarks, else the text. What was completed is a remark, what clients will
// refuse is a warning.
func (a *app) writeReport(o output, report any, r remarks, text string) error {
	if o.format == formatJSON {
		return writeJSON(a.stdout, report)
	}
	for _, n := range r.Notes {
		a.say(o, "note: %s", n)
	}
	for _, w := range r.Warnings {
		a.say(o, "warning: %s", w)
	}
	if o.quiet {
		return nil
	}
	for i, command := range r.Next {
		if i == 0 {
			text += "\nnext:\n"
		}
		text += "  " + command + "\n"
	}
	_, err := fmt.Fprint(a.stdout, printable(text))
	return err
}

// printResult is printReport where what is printed is all there is of the work: --quiet leaves out the remarks alone.
func (a *app) printResult(o output, report any, r remarks, text string) error {
	if o.quiet {
		r = newRemarks()
	}
	o.quiet = false
	if err := a.writeReport(o, report, r, text); err != nil {
		return fmt.Errorf("the result could not be printed: %w", err)
	}
	return nil
}

// commandIn is a command of this program for a directory.
func commandIn(words, dir string) string {
	if flag := dirFlag(dir); flag != "" {
		words += " " + flag
	}
	return program + " " + words
}

// dirFlag is what commands say of a directory.
func dirFlag(dir string) string {
	if filepath.Clean(dir) == "." {
		return ""
	}
	return "-d " + pathIn(dir, "")
}
