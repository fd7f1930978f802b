package clients_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// happening is a refusal that the page has to explain.
type happening struct {
	client string
	at     place    // in the matrix; otherwise only its set says something
	of     string   // the check of milvus-certs verify, the scenario, or the file that Milvus does not start with
	texts  []string // to be explained
	also   []string // that need not be, but can
}

// row is one of the page's: texts that clients show, and what they come of.
type row struct {
	section string
	line    int
	texts   []shown
	of      []string // as in a happening
	many    bool     // the texts do not tell what they come of
	read    bool     // nobody here can make them happen
	seldom  bool     // whether they happen depends on who is faster
	todo    []string // what to do, as far as it is in code
}

// shown is a text of a client; where the section is not about one, its name stands before the text.
type shown struct{ client, text string }

// owners are the sections about one client each, and what the matrix calls it.
var owners = map[string][]string{
	"Milvus does not start": {"Milvus"},
	"What Milvus logs":      {milvusLog},
	"pymilvus":              {"pymilvus"},
	"Go SDK":                {"Go SDK"},
	"Node SDK":              {"Node SDK"},
	"Java SDK":              {"JSSE"},
	"curl":                  {"curl"},
	"Python and requests":   {"Python 3.13", "requests"},
	"openssl s_client":      {"openssl s_client"},
}

// Marks of a row, in its second column.
const (
	markMany   = "many"
	markRead   = "(read, not run)"
	markSeldom = "(now and then)"
)

var (
	marks    = strings.NewReplacer(markMany, "", markRead, "", markSeldom, "", "`", "")
	said     = regexp.MustCompile("(?:(" + strings.Join(slices.Sorted(maps.Keys(owners)), "|") + "): )?`([^`]+)`")
	boundary = regexp.MustCompile(`\|[-| ]+\|`)
)

// readRows reads all tables of the page.
func readRows(page string) (rows []row, err error) {
	section, inTable := "", false
	for i, line := range strings.Split(page, "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = title
		}
		switch {
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case boundary.FindString(line) == line:
			inTable = true
		case inTable:
			r, failed := readRow(section, line)
			if failed != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, failed)
			}
			r.line = i + 1
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func readRow(section, line string) (row, error) {
	cells := strings.Split(strings.Trim(line, "| "), " | ")
	const columns = 4 // text, what it comes of, cause, what to do
	if len(cells) != columns {
		return row{}, fmt.Errorf("%d columns instead of %d", len(cells), columns)
	}
	r := row{section: section, many: strings.Contains(cells[1], markMany)}
	r.read, r.seldom = strings.Contains(cells[1], markRead), strings.Contains(cells[1], markSeldom)
	for of := range strings.SplitSeq(marks.Replace(cells[1]), ",") {
		if of = strings.TrimSpace(of); of != "" {
			r.of = append(r.of, of)
		}
	}
	for _, match := range said.FindAllStringSubmatch(cells[0], -1) {
		text := shown{cmp.Or(match[1], section), match[2]}
		if _, ok := owners[text.client]; !ok || vague(text.text) {
			return row{}, fmt.Errorf("%+v: no client, or hardly a text", text)
		}
		r.texts = append(r.texts, text)
	}
	for _, match := range said.FindAllStringSubmatch(cells[3], -1) {
		r.todo = append(r.todo, match[2])
	}
	if len(r.texts) == 0 || r.many == (len(r.of) > 0) {
		return row{}, fmt.Errorf("wants a text, and what it comes of: %q", cells[:2])
	}
	return r, nil
}

// explains tells how well a row explains a text that a client showed: by how many bytes of it are on the page, 0 being not
// at all. Rows of a section that is about no client are only for what came of their own scenario, and best for that.
func (r row) explains(h happening, text string) (best shown, bytes int) {
	_, ofClient := owners[r.section]
	if !ofClient && !slices.Contains(r.of, h.of) {
		return best, 0
	}
	for _, s := range r.texts {
		if n := len(strings.ReplaceAll(s.text, "…", "")); n > bytes && slices.Contains(owners[s.client], h.client) && alike(s.text, text) {
			best, bytes = s, n
		}
	}
	if bytes > 0 && !ofClient {
		bytes += math.MaxInt16
	}
	return best, bytes
}

// audit is what came up of each row.
type audit struct {
	rows  []row
	texts []map[shown]bool
	of    []map[string]bool
	found map[string]string // the first place of each
}

// faults are what is wrong with the page: a text that did not happen, or came of something else, and a text that happened
// and is not on it. What explains a text is the row that has most of it.
func faults(rows []row, happened []happening) []string {
	a := audit{rows, make([]map[shown]bool, len(rows)), make([]map[string]bool, len(rows)), map[string]string{}}
	for i := range rows {
		a.texts[i], a.of[i] = map[shown]bool{}, map[string]bool{}
	}
	for _, h := range happened {
		for i, text := range slices.Concat(h.texts, h.also) {
			a.look(h, text, i < len(h.texts))
		}
	}
	for i := range rows {
		a.unheard(i)
	}
	var found []string
	for fault, where := range a.found {
		found = append(found, fault+where)
	}
	slices.Sort(found)
	return found
}

func (a audit) look(h happening, text string, wanted bool) {
	best, of := explaining(a.rows, h, text)
	if best < 0 {
		if wanted {
			a.find(h, "not on the page: %s: %q, which came of %s", h.client, text, h.of)
		}
		return
	}
	r := a.rows[best]
	a.texts[best][of], a.of[best][h.of] = true, true
	if !r.many && !slices.Contains(r.of, h.of) {
		a.find(h, "line %d: %s: %q came of %s", r.line, h.client, text, h.of)
	}
}

// explaining returns the row that explains a text, and what of it is on the page; -1 where none does.
func explaining(rows []row, h happening, text string) (best int, of shown) {
	best, most := -1, 0
	for i, r := range rows {
		if s, n := r.explains(h, text); n > most {
			best, of, most = i, s, n
		}
	}
	return best, of
}

// unheard finds the texts and causes of a row that never came up.
func (a audit) unheard(i int) {
	r := a.rows[i]
	if r.read || r.seldom {
		return
	}
	for _, s := range r.texts {
		if !a.texts[i][s] {
			a.find(happening{}, "line %d: %s: %q did not happen", r.line, s.client, s.text)
		}
	}
	for _, of := range r.of {
		if !a.of[i][of] {
			a.find(happening{}, "line %d: did not come of %s", r.line, of)
		}
	}
	if r.many && len(a.of[i]) < 2 {
		a.find(happening{}, "line %d: came of %v alone", r.line, slices.Collect(maps.Keys(a.of[i])))
	}
}

func (a audit) find(h happening, format string, args ...any) {
	fault := fmt.Sprintf(format, args...)
	if _, ok := a.found[fault]; !ok && h.at != (place{}) {
		a.found[fault] = fmt.Sprintf(" %v", h.at)
	} else if !ok {
		a.found[fault] = ""
	}
}
