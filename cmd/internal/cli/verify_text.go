package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/milvus-certs/milvus-certs/pkg/clients"
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
	for _, part := range []string{v.tree(), v.hosts(), v.findings(), v.table()} {
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

// findings are what was found, each with who minds it and what to do.
func (v verifyText) findings() string {
	const indent = 4
	var out strings.Builder
	paragraph := func(text string) {
		fmt.Fprintf(&out, "%*s%s\n", indent, "", fill(strings.Fields(oneLine(text)), indent))
	}
	var absent []string
	for _, f := range v.Findings {
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

// column is one way in the table.
type column struct {
	way   clients.Way
	title [2]string
}

var columns = []column{
	{clients.RootServer, [2]string{"one-way, root", "server.pem"}},
	{clients.RootCA, [2]string{"", "ca.pem"}},
	{clients.TwoWay, [2]string{"two-way", ""}},
	{clients.Internal, [2]string{"internal", "TLS"}},
}

// table shows every client in every way, and the reasons of those who refuse under it.
func (v verifyText) table() string {
	if len(v.Clients) == 0 {
		return ""
	}
	const nameWidth, cellWidth = 21, 13
	used := slices.DeleteFunc(slices.Clone(columns), func(c column) bool {
		return !slices.ContainsFunc(v.Clients, func(d verify.Verdict) bool { return d.Way == c.way })
	})
	var out strings.Builder
	row := func(name string, cells []string) {
		line := pad(name, nameWidth)
		for _, c := range cells {
			line += pad(c, cellWidth)
		}
		fmt.Fprintln(&out, strings.TrimRight(line, " "))
	}
	if used[0].way == clients.RootCA {
		used[0].title[0] = columns[0].title[0]
	}
	for i := range used[0].title {
		var cells []string
		for _, c := range used {
			cells = append(cells, c.title[i])
		}
		if strings.Join(cells, "") != "" {
			row("", cells)
		}
	}
	var reasons []string
	for _, name := range v.clientNames() {
		var cells []string
		for _, c := range used {
			cells = append(cells, v.cell(name, c.way, &reasons))
		}
		row(name, cells)
	}
	for i, reason := range reasons {
		fmt.Fprintf(&out, "%3d  %s\n", i+1, fill(strings.Fields(oneLine(reason)), 5)) //nolint:mnd // columns
	}
	return out.String()
}

// pad counts characters, not bytes.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

func (v verifyText) clientNames() (names []string) {
	for _, d := range v.Clients {
		if !slices.Contains(names, d.Name) {
			names = append(names, d.Name)
		}
	}
	return names
}

// cell is the mark of a client in a way, with the numbers of its reasons, one for each cause. Reasons are collected.
func (v verifyText) cell(name string, way clients.Way, reasons *[]string) string {
	refused := map[string][]verify.Verdict{} // by cause
	var causes []string
	asked := false
	for _, d := range v.Clients {
		if d.Name != name || d.Way != way {
			continue
		}
		asked = true
		if d.OK {
			continue
		}
		cause := string(d.Cause) + d.File
		if refused[cause] == nil {
			causes = append(causes, cause)
		}
		refused[cause] = append(refused[cause], d)
	}
	switch {
	case !asked:
		return ""
	case len(causes) == 0:
		return markOK
	}
	text := markRefused
	for _, cause := range causes {
		reason := v.reason(refused[cause])
		i := slices.Index(*reasons, reason)
		if i < 0 {
			i = len(*reasons)
			*reasons = append(*reasons, reason)
		}
		text += fmt.Sprintf(" %d", i+1)
	}
	return text
}

// reason is what stands under the table: what is wrong, and what the user of the client sees, of the first of several hosts.
func (v verifyText) reason(verdicts []verify.Verdict) string {
	d := verdicts[0]
	out := d.Problem
	if d.File != "" {
		out = d.File + ": " + out
	}
	if d.Host != "" && len(verdicts) < len(v.Hosts) && !strings.Contains(out, d.Host) && strings.Contains(d.Shown+d.Behind, d.Host) {
		out += " (" + d.Host + ")"
	}
	if more := len(verdicts) - 1; more > 0 && strings.Contains(out+d.Shown+d.Behind, d.Host) {
		out += fmt.Sprintf(" (and so for %s)", countOf(more, "more host", "more hosts"))
	}
	if told := strings.Trim(d.Shown, "[…"); told != "" && !strings.Contains(out, d.Shown) {
		out += " — " + d.Shown
	}
	if d.Behind != "" && d.Behind != d.Shown {
		out += " [" + d.Behind + "]"
	}
	return out
}
