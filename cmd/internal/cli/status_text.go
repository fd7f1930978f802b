package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// printStatusText prints the report for people, a part for each directory.
func (a *app) printStatusText(r statusReport, later bool) error {
	parts := make([]string, len(r.Directories))
	for i, d := range r.Directories {
		parts[i] = d.text(r.At, later)
	}
	_, err := io.WriteString(a.stdout, paint(printable(strings.Join(parts, "\n")), isTerminal(a.stdout)))
	return err
}

func (d statusDirectory) text(at time.Time, later bool) string {
	var out strings.Builder
	out.WriteString(d.headline(at, later) + "\n\n")
	shown, left := d.shownRows()
	writeTable(&out, shown, at)
	if left > 0 {
		fmt.Fprintf(&out, "  and %d more, none of which is due\n", left)
	}
	for _, p := range d.Problems {
		fmt.Fprintf(&out, "%s %s\n", markRefused, fill(strings.Fields(p.File+": "+p.Error), 2)) //nolint:mnd // columns
	}
	if d.Interrupted {
		out.WriteString("\n" + markWarning + " a command was interrupted while it changed this directory, or is at work;\n" +
			"  the next command that writes finishes or undoes it\n")
	}
	if d.ChangeOver != nil {
		writeSteps(&out, d.ChangeOver.Text, d.ChangeOver.Next)
	}
	if len(d.Next) > 0 {
		writeSteps(&out, "to renew what is due:", d.Next)
	}
	return out.String()
}

// headline is the verdict on a directory.
func (d statusDirectory) headline(at time.Time, later bool) string {
	mark, parts := markOK, []string{countOf(len(d.Certificates), "certificate", "certificates"), "none is due"}
	if d.Due > 0 {
		mark, parts = markRefused, []string{dueCount(d.Report)}
	}
	if n := len(d.Problems); n > 0 {
		mark, parts = markRefused, append(parts, countOf(n, "file cannot be read", "files cannot be read"))
	}
	if later {
		parts = append(parts, "on "+inUTC(at))
	}
	return mark + " " + d.Directory + ": " + strings.Join(parts, ", ")
}

// writeSteps writes what to do under what it is about. A command stands in one line, so that it can be copied.
func writeSteps(out *strings.Builder, about string, steps []string) {
	const indent = 2
	fmt.Fprintf(out, "\n%s\n", fill(strings.Fields(about), 0))
	for _, step := range steps {
		if !strings.Contains(step, program+" ") {
			step = fill(strings.Fields(step), indent)
		}
		fmt.Fprintf(out, "%*s%s\n", indent, "", step)
	}
}

// writeTable writes the certificates in columns as wide as they have to be.
func writeTable(out *strings.Builder, rows []expiry.Row, at time.Time) {
	if len(rows) == 0 {
		return
	}
	lines := [][]string{{"file", "role", "subject", "issued by", "until", "left"}}
	for _, r := range rows {
		lines = append(lines, cells(r, at))
	}
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, c := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for i, cells := range lines {
		mark := " "
		if i > 0 {
			mark = rowMark(rows[i-1])
		}
		line := mark + " "
		for j, c := range cells {
			line += pad(c, widths[j]+2) //nolint:mnd // a gap
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
}

func rowMark(r expiry.Row) string {
	switch {
	case r.Expired:
		return markRefused
	case r.Due:
		return markWarning
	}
	return " "
}

// cells are the columns of a certificate.
func cells(r expiry.Row, at time.Time) []string {
	const longest = 40
	subject, by := r.CommonName, r.IssuedBy
	if subject == "" {
		subject = orNone(r.Subject)
	}
	if r.SelfSigned {
		by = "itself"
	}
	return []string{r.Place(), string(r.Role), cut(subject, longest), by, r.NotAfter.Format(time.DateOnly), left(r, at)}
}

// left says how much time is left, and whether that is little.
func left(r expiry.Row, at time.Time) string {
	switch {
	case r.Expired:
		return "expired " + days(at.Sub(r.NotAfter)) + " ago"
	case at.Before(r.NotBefore):
		return "begins in " + days(r.NotBefore.Sub(at))
	case r.Due:
		return remaining(r, at) + ", due"
	}
	return remaining(r, at)
}

// remaining counts days as the report does, for a time.Duration ends after 292 years.
func remaining(r expiry.Row, at time.Time) string {
	if r.DaysLeft > 0 {
		return countOf(r.DaysLeft, "day", "days")
	}
	return days(r.NotAfter.Sub(at))
}
