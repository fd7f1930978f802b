package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// verifySchema names the form of the report. A change that could break a reader changes the number.
const verifySchema = "milvus-certs/verify/v1"

func (a *app) printVerify(o *verifyOptions, r *verify.Report) error {
	if o.format == formatJSON {
		return writeJSON(a.stdout, struct {
			Schema string `json:"schema"`
			What   string `json:"what"`
			Strict bool   `json:"strict"`
			*verify.Report
		}{verifySchema, o.what(), o.strict, r})
	}
	if o.quiet {
		return nil
	}
	text := verifyText{o.what(), o.at != "", r}.String()
	_, err := io.WriteString(a.stdout, paint(printable(text), isTerminal(a.stdout)))
	return err
}

// The marks of the report, and their colours on a terminal.
const (
	markOK      = "✓"
	markRefused = "✗"
	markWarning = "!"
)

var colours = map[string]string{markOK: "\x1b[32m", markRefused: "\x1b[31m", markWarning: "\x1b[33m"}

// paint colours the marks. The text holds no escapes of its own: those of certificates were made harmless.
func paint(text string, colour bool) string {
	if !colour {
		return text
	}
	for mark, begin := range colours {
		if mark != markWarning {
			text = strings.ReplaceAll(text, mark, begin+mark+"\x1b[0m")
		}
	}
	return strings.ReplaceAll(text, "\n"+markWarning+" ", "\n"+colours[markWarning]+markWarning+"\x1b[0m ")
}

// verifyText is the report for people: the verdict, the chain, what was found, and what each client will say.
type verifyText struct {
	what  string
	later bool // it is for another time than now
	*verify.Report
}

func (v verifyText) String() string {
	parts := []string{v.verdict()}
	for _, part := range []string{v.tree(), v.hosts(), findingsText(v.Findings), v.table()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n")
}

func (v verifyText) verdict() string {
	verdict := markOK + " " + v.what + ": all holds"
	failures, warnings := v.Count(verify.Failure), v.Count(verify.Warning)
	switch {
	case failures > 0:
		verdict = markRefused + " " + v.what + ": " + countOf(failures, "check fails", "checks fail")
	case !v.OK:
		verdict = markRefused + " " + v.what + ": no check fails"
	}
	if warnings > 0 {
		verdict += ", " + countOf(warnings, "warning", "warnings")
	}
	if v.later {
		verdict += ", on " + inUTC(v.At)
	}
	return verdict + "\n"
}

// tree draws who issued whom.
func (v verifyText) tree() string {
	var out strings.Builder
	for i, c := range v.Certificates {
		if c.IssuedBy < 0 || v.inRing(i) {
			v.branch(&out, i, "", "")
		}
	}
	return out.String()
}

// inRing tells whether a certificate is the first of several that issued each other, as CAs that sign one another do.
func (v verifyText) inRing(first int) bool {
	for i, steps := v.Certificates[first].IssuedBy, 0; i >= 0 && steps < len(v.Certificates); i, steps = v.Certificates[i].IssuedBy, steps+1 {
		if i == first {
			return true
		}
		if i < first {
			return false
		}
	}
	return false
}

// branch writes a certificate and those that it issued. Each line of it begins with the lines that lead to it.
func (v verifyText) branch(out *strings.Builder, i int, first, rest string) {
	c := v.Certificates[i]
	name := c.File
	if c.Place > 1 {
		name += fmt.Sprintf(" (%d)", c.Place)
	}
	const indent = 2
	head := first + name + "  "
	fmt.Fprintf(out, "%s%s\n", head, fill(strings.Split(oneLine(orNone(c.Subject)), " "), utf8.RuneCountInString(head)))
	facts := append([]string{fmt.Sprintf("%s, until %s", c.KeyType, c.NotAfter.Format(time.DateOnly))}, oneLineEach(c.Names)...)
	var issued []int
	for j := range v.Certificates {
		if v.Certificates[j].IssuedBy == i && !v.inRing(j) {
			issued = append(issued, j)
		}
	}
	stem := rest + "  "
	if len(issued) > 0 {
		stem = rest + "│ "
	}
	for line := range strings.Lines(shortList(facts, utf8.RuneCountInString(stem)+indent)) {
		fmt.Fprintf(out, "%s%s%s\n", stem, strings.Repeat(" ", indent), strings.TrimSpace(line))
	}
	for n, j := range issued {
		if n < len(issued)-1 {
			v.branch(out, j, rest+"├ ", rest+"│ ")
		} else {
			v.branch(out, j, rest+"└ ", rest+"  ")
		}
	}
}

// shortList is a list with commas, cut where it is long: JSON has it whole.
func shortList(list []string, indent int) string {
	const most = 12
	if len(list) > most {
		list = append(list[:most:most], fmt.Sprintf("and %d more", len(list)-most))
	}
	return fill(withCommas(list), indent)
}

// hosts says of each host whether the CommonName and subjectAltName are for it.
func (v verifyText) hosts() string {
	const head = "host "
	yes := map[bool]string{true: markOK, false: markRefused}
	var out strings.Builder
	for _, h := range v.Hosts {
		from := ""
		if h.From != "--host" {
			from = " (" + h.From + ")"
		}
		words := append(strings.Fields(oneLine(h.Host)+from+":"), "subjectAltName "+yes[h.AltName]+",", "CommonName "+yes[h.CommonName])
		fmt.Fprintln(&out, head+fill(words, len(head)))
	}
	return out.String()
}

var severityMarks = map[verify.Severity]string{verify.Failure: markRefused, verify.Warning: markWarning, verify.Advice: "·", verify.NotChecked: "?"}

// findingsText is what was found, each with who minds it and what to do.
func findingsText(findings []verify.Finding) string {
	const indent = 4
	var out strings.Builder
	paragraph := func(text string) {
		fmt.Fprintf(&out, "%*s%s\n", indent, "", fill(strings.Fields(oneLine(text)), indent))
	}
	var absent []string
	for _, f := range findings {
		const head = 2
		if f.Check == "missing" && f.Severity == verify.NotChecked {
			absent = append(absent, f.File)
			continue
		}
		text := f.String()
		if f.Wanted != "" && f.Found != "" {
			text += fmt.Sprintf(": wanted %s, found %s", f.Wanted, f.Found)
		} else if f.Found != "" {
			text += ": " + f.Found
		}
		fmt.Fprintf(&out, "%s %s\n", severityMarks[f.Severity], fill(strings.Fields(oneLine(text)), head))
		if len(f.RefusedBy) > 0 {
			paragraph("refused by " + f.Refusers())
		}
		if f.WayOut != "" {
			paragraph("→ " + f.WayOut)
		}
	}
	if len(absent) > 0 {
		fmt.Fprintf(&out, "%s %s\n", severityMarks[verify.NotChecked], fill(strings.Fields("not there, and so not checked: "+strings.Join(absent, ", ")), 2)) //nolint:mnd // columns
	}
	return out.String()
}
