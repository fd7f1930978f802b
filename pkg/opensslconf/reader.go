package opensslconf

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	defaultSection = "default"
	// maxKeys bounds one section, for ini.v1 searches a section's keys one by one; maxAllKeys bounds all of them together.
	maxKeys     = 10_000
	maxAllKeys  = 20_000
	maxSections = 20_000
	// maxWarnings bounds what anyone would read.
	maxWarnings = 100
	// maxExpanded bounds what all values of a conf hold together.
	maxExpanded = 16 << 20
)

// System is what a conf may ask of its surroundings. The zero System has no files and no environment.
type System struct {
	Open      OpenFunc                         // opens includes; nil: none can be opened
	LookupEnv func(name string) (string, bool) // as os.LookupEnv; nil: nothing is set
}

// section gathers the settings of one section. A key that is set again leaves its old place empty: the last one wins,
// and takes its place at the end.
type section struct {
	name   string
	pos    Position
	values []Value
	live   []bool
	index  map[string]int
}

func (s *section) get(key string) (string, bool) {
	if s == nil {
		return "", false
	}
	i, ok := s.index[key]
	if !ok {
		return "", false
	}
	return s.values[i].Text, true
}

// set reports the value that v replaces, if any.
func (s *section) set(v Value) (old Value, replaced bool) {
	if s.index == nil {
		s.index = map[string]int{}
	}
	if i, ok := s.index[v.Key]; ok {
		old, replaced = s.values[i], true
		s.live[i] = false
	}
	s.index[v.Key] = len(s.values)
	s.values, s.live = append(s.values, v), append(s.live, true)
	return old, replaced
}

// reader turns lines into sections.
type reader struct {
	lines     *lineReader
	lookupEnv func(string) (string, bool)
	sections  map[string]*section
	order     []*section
	current   *section
	warnings  []Warning
	expanded  int // bytes of all values so far
	keys      int // of all sections so far

	// What .pragma sets.
	dollarID, absPath bool
	includeDir        string
}

// Parse reads a conf from in. Name is used in messages and to tell an include of the conf by itself. Errors are *Error
// with the place, or come from in.
func Parse(name string, in io.Reader, sys System) (*Conf, error) {
	r := &reader{
		lines:     newLineReader(name, in, sys.Open),
		lookupEnv: sys.LookupEnv,
		sections:  map[string]*section{},
	}
	if r.lookupEnv == nil {
		r.lookupEnv = func(string) (string, bool) { return "", false }
	}
	defer r.lines.closeAll()
	r.current, _ = r.enter(defaultSection, Position{}) // the first section is not one too many
	for {
		l, err := r.lines.next()
		if errors.Is(err, io.EOF) {
			c, err := newConf(name, r.order, r.warnings)
			if err != nil {
				return nil, err
			}
			c.open = sys.Open
			return c, nil
		}
		if err != nil {
			return nil, err
		}
		if err := r.line(l); err != nil {
			return nil, err
		}
	}
}

// enter returns the section of that name, made where it is not there yet.
func (r *reader) enter(name string, pos Position) (*section, error) {
	if s, ok := r.sections[name]; ok {
		return s, nil
	}
	if len(r.order) == maxSections {
		return nil, &Error{Pos: pos, Msg: fmt.Sprintf("a conf may have %d sections at most", maxSections)}
	}
	s := &section{name: name, pos: pos}
	r.sections[name] = s
	r.order = append(r.order, s)
	return s, nil
}

func (r *reader) warn(w Warning) {
	if len(r.warnings) < maxWarnings {
		r.warnings = append(r.warnings, w)
	}
}

func (r *reader) line(l line) error {
	text := trimLeft(cutComment(l.text))
	switch {
	case text == "":
		return nil
	case text[0] == '[':
		return r.heading(text, l.pos)
	}
	return r.statement(text, l.pos)
}

// heading reads "[ name ]". The name may hold blanks, and what follows the bracket does not count.
func (r *reader) heading(text string, pos Position) error {
	rest := trimLeft(text[1:])
	var end, at int
	for {
		end = at + scanName(rest[at:], r.dollarID)
		next := len(rest) - len(trimLeft(rest[end:]))
		if next < len(rest) && rest[next] == ']' {
			break
		}
		if next == len(rest) || next == at {
			return &Error{Pos: pos, Msg: fmt.Sprintf(`wanted a section's heading such as [ v3_req ], found %q`, excerpt(trimRight(text)))}
		}
		at = next
	}
	name, err := r.expand(defaultSection, rest[:end])
	if err != nil {
		return &Error{Pos: pos, Msg: fmt.Sprintf("section heading: %v", err)}
	}
	r.current, err = r.enter(name, pos)
	return err
}

// statement reads "key = value", "section::key = value", ".include file" or ".pragma name:value".
func (r *reader) statement(text string, pos Position) error {
	home := r.current.name
	name, rest := r.cutName(text)
	if after, qualified := strings.CutPrefix(rest, "::"); qualified {
		home = name
		name, rest = r.cutName(after)
	}
	tail := trimLeft(rest)
	value, assigned := strings.CutPrefix(tail, "=")
	if !assigned {
		value = tail
	}
	value = trimRight(trimLeft(value))
	switch directive(name, rest) {
	case ".pragma":
		return r.pragma(value, pos)
	case ".include":
		return r.include(home, value, pos)
	}
	if !assigned {
		return &Error{Pos: pos, Msg: missingEquals(text, tail)}
	}
	return r.assign(home, name, value, pos)
}

func (r *reader) cutName(text string) (name, rest string) {
	n := scanName(text, r.dollarID)
	return text[:n], text[n:]
}

func missingEquals(text, tail string) string {
	switch {
	case text[0] == ';':
		return `";" starts no comment in a conf, "#" does`
	case tail == "":
		return fmt.Sprintf(`wanted name = value, found %q without "="`, excerpt(trimRight(text)))
	}
	return fmt.Sprintf(`wanted name = value, found %q where "=" should be`, excerpt(trimRight(tail)))
}

func (r *reader) assign(home, key, text string, pos Position) error {
	value, err := r.expand(home, text)
	if err != nil {
		return &Error{Pos: pos, Section: home, Key: key, Msg: err.Error()}
	}
	v := Value{Section: home, Key: key, Text: value, Pos: pos}
	s, err := r.enter(home, pos)
	if err != nil {
		return err
	}
	if old, replaced := s.set(v); replaced {
		r.warn(v.Warnf("set before in line %d; this last one counts, and takes its place here", old.Pos.Line))
		return nil
	}
	switch r.keys++; {
	case len(s.index) > maxKeys:
		return &Error{Pos: pos, Section: home, Msg: fmt.Sprintf("a section may hold %d keys at most", maxKeys)}
	case r.keys > maxAllKeys:
		return &Error{Pos: pos, Section: home, Msg: fmt.Sprintf("a conf may hold %d keys at most", maxAllKeys)}
	}
	return nil
}
