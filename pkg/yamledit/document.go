// Package yamledit reads scalars of a YAML text and sets them, and leaves every other byte of the text as it was: comments,
// order, quotes, anchors, line endings. What it cannot set so it refuses, and says what to change by hand.
package yamledit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The bounds of what is read.
const (
	MaxSize  = 1 << 19 // bytes of a text
	maxDepth = 100     // mappings and sequences within each other
)

// Error is why a text is not read or not changed.
type Error struct {
	Line    int // from 1; 0: it is about the whole text
	Problem string
	WayOut  string // empty: there is none but to repair the text
}

func (e *Error) Error() string {
	text := e.Problem
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, e.Problem)
	}
	if e.WayOut != "" {
		text += "; " + e.WayOut
	}
	return text
}

// Document is a YAML text of one document, or of none.
type Document struct {
	data    []byte
	fold    func(string) string
	root    *yaml.Node         // nil: there is none, or it is null
	lines   []int              // where each line begins
	aliases map[*yaml.Node]int // nodes that an alias stands for, with the line of the first alias
	known   map[*yaml.Node][]step
	looked  int // entries that were looked at
}

// Parse reads a text in UTF-8, with or without a byte order mark. Keys whose paths are the same when each key is folded and all
// are put together name the same thing, as a reader sees it that does not care about case or dots; where fold is nil, keys are
// the same when they are equal. The error is an *Error; with that of several documents comes the first of them, to look at.
func Parse(data []byte, fold func(string) string) (*Document, error) {
	if fold == nil {
		// No key has this byte in it, for they are UTF-8.
		fold = func(key string) string { return key + "\xff" }
	}
	d := &Document{data: data, fold: fold, aliases: map[*yaml.Node]int{}, known: map[*yaml.Node][]step{}}
	if err := d.wantText(); err != nil {
		return nil, err
	}
	d.lines = lineStarts(data)
	return d, d.parse()
}

// utf8BOM may stand before a text, and is no part of it.
const utf8BOM = "\xef\xbb\xbf"

func (d *Document) wantText() error {
	const wayOut = "save it as UTF-8"
	switch {
	case len(d.data) > MaxSize:
		return &Error{Problem: fmt.Sprintf("wanted at most %d bytes, found %d", MaxSize, len(d.data))}
	case bytes.HasPrefix(d.data, []byte("\xff\xfe")), bytes.HasPrefix(d.data, []byte("\xfe\xff")):
		return &Error{Problem: "wanted UTF-8, found UTF-16", WayOut: wayOut}
	case !utf8.Valid(d.data):
		return &Error{Line: d.firstInvalid(), Problem: "wanted UTF-8, found other bytes", WayOut: wayOut}
	}
	return nil
}

func (d *Document) firstInvalid() int {
	for line, text := range bytes.Split(d.data, []byte("\n")) {
		if !utf8.Valid(text) {
			return line + 1
		}
	}
	return 0
}

func (d *Document) parse() error {
	decoder := yaml.NewDecoder(bytes.NewReader(d.data))
	var doc, second yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return d.syntaxError(err)
	}
	if err := d.note(&doc, 0); err != nil {
		return err
	}
	if len(doc.Content) == 1 && !isEmpty(doc.Content[0]) {
		d.root = doc.Content[0]
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return &Error{Line: second.Line, Problem: "wanted one document, found a second one that begins here", WayOut: "put it into a file of its own, for readers of settings take the first document and no other"}
	case !errors.Is(err, io.EOF):
		return d.syntaxError(err)
	}
	return nil
}

// note bounds the depth of the tree, and finds what aliases stand for.
func (d *Document) note(n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return &Error{Line: n.Line, Problem: fmt.Sprintf("wanted at most %d levels, found more", maxDepth)}
	}
	if n.Kind == yaml.AliasNode && d.aliases[n.Alias] == 0 {
		d.aliases[n.Alias] = n.Line
	}
	for _, child := range n.Content {
		if err := d.note(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// libraryError is how yaml begins its errors.
var libraryError = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxError is an error of the library. It counts lines from 0 in what its parser says, and says nothing of the first.
func (d *Document) syntaxError(err error) error {
	text := err.Error()
	found := libraryError.FindStringSubmatch(text)
	if found == nil {
		return &Error{Problem: "not YAML: " + text}
	}
	problem := strings.TrimPrefix(text, found[0])
	line, _ := strconv.Atoi(found[1])
	switch {
	case strings.HasPrefix(problem, "control characters"): // which the library has no line for
	case strings.HasPrefix(problem, "did not find expected"):
		line++
	default:
		line = max(1, line)
	}
	for at := max(1, line); at <= min(line+1, len(d.lines)); at++ {
		indentation := d.line(at)[:len(d.line(at))-len(bytes.TrimLeft(d.line(at), " \t"))]
		if bytes.ContainsRune(indentation, '\t') {
			return &Error{Line: at, Problem: "a tab indents this line", WayOut: "indent it with blanks, as YAML wants"}
		}
	}
	return &Error{Line: line, Problem: "not YAML: " + problem}
}
