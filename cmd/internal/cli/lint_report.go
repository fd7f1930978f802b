package cli

import (
	"fmt"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// lintSchema names the form of the report. A change that could break a reader changes the number.
const lintSchema = "milvus-certs/lint/v1"

// lintReport is what lint says, in JSON as it stands.
type lintReport struct {
	Schema       string            `json:"schema"`
	Conf         string            `json:"conf"`
	OK           bool              `json:"ok"`
	Error        *lintMessage      `json:"error,omitempty"`
	Certificates []lintCertificate `json:"certificates"`
	Completed    []string          `json:"completed"`
	Warnings     []lintMessage     `json:"warnings"`
}

// lintMessage is an error or a warning with its place. What a client refuses has the certificate for its file.
type lintMessage struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Section string `json:"section,omitempty"`
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`

	text string
}

type lintCertificate struct {
	File       string          `json:"file"`
	Subject    string          `json:"subject"`
	KeyType    string          `json:"key_type"`
	Digest     string          `json:"digest"`
	Section    string          `json:"section,omitempty"`
	Line       int             `json:"line,omitempty"`
	Why        string          `json:"why,omitempty"`
	Extensions []lintExtension `json:"extensions"`
}

type lintExtension struct {
	Name     string `json:"name"`
	OID      string `json:"oid"`
	Critical bool   `json:"critical"`
	Value    string `json:"value"`
	Text     string `json:"text,omitempty"` // as the conf states it
	File     string `json:"file,omitempty"` // without a file it was added
	Line     int    `json:"line,omitempty"`
}

func (r *lintReport) addCertificate(file string, c profile.Certificate) {
	out := lintCertificate{
		File: file, Subject: oneLine(c.Subject.String()), KeyType: c.Key.String(), Digest: string(c.Digest),
		Section: c.Section.Name, Line: c.Section.Pos.Line, Why: c.Section.Why, Extensions: []lintExtension{},
	}
	for _, e := range c.Extensions {
		out.Extensions = append(out.Extensions, lintExtension{
			Name: e.Name(), OID: e.ID.String(), Critical: e.Critical, Value: oneLine(e.Describe()),
			Text: oneLine(e.From.Text), File: e.From.Pos.File, Line: e.From.Pos.Line,
		})
	}
	r.Certificates = append(r.Certificates, out)
}

func (a *app) printLint(o *lintOptions, r *lintReport) error {
	if o.format == formatJSON {
		return writeJSON(a.stdout, r)
	}
	for _, w := range r.Warnings {
		a.say(o.output, "warning: %s", w.text)
	}
	if o.quiet {
		return nil
	}
	_, err := fmt.Fprint(a.stdout, printable(r.text()))
	return err
}

func (r *lintReport) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", r.Conf, r.verdict())
	for _, c := range r.Certificates {
		c.write(&out, r.Conf)
	}
	if len(r.Completed) > 0 {
		out.WriteString("\ncompleted:\n")
	}
	for _, note := range r.Completed {
		fmt.Fprintf(&out, "  %s\n", oneLine(note))
	}
	return out.String()
}

func (r *lintReport) verdict() string {
	switch len(r.Warnings) {
	case 0:
		return "right"
	case 1:
		return "right, with a warning"
	}
	return fmt.Sprintf("right, with %d warnings", len(r.Warnings))
}

func (c lintCertificate) write(out *strings.Builder, conf string) {
	fmt.Fprintf(out, "\n%s  %s\n", c.File, c.Subject)
	if c.Section == "" {
		out.WriteString("  no section states its extensions\n")
	} else {
		fmt.Fprintf(out, "  [%s], line %d: %s\n", c.Section, c.Line, c.Why)
	}
	for _, e := range c.Extensions {
		place := "added"
		switch {
		case e.File == conf:
			place = fmt.Sprintf("%5d", e.Line)
		case e.File != "":
			place = fmt.Sprintf("%s:%d", e.File, e.Line)
		}
		value := e.Value
		if e.Critical {
			value = "critical, " + value
		}
		fmt.Fprintf(out, "  %s  %s = %s\n", place, e.Name, value)
	}
}
