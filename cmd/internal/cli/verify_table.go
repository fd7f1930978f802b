package cli

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

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
