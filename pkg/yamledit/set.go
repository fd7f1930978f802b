package yamledit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Setting is a scalar that a text shall have at a path.
type Setting struct {
	Path  []string
	Value any // a string, an int or a bool
}

// Key is the path with dots.
func (s Setting) Key() string { return strings.Join(s.Path, ".") }

// Text is the value as it reads.
func (s Setting) Text() string { return fmt.Sprint(s.Value) }

// Change is what a setting came to.
type Change struct {
	Path     []string
	Line     int    // of its key in the text that came out
	From, To string // From is empty where there was nothing, or an empty value
	Same     bool   // the value was there already, and nothing was changed
}

// Key is the path with dots.
func (c Change) Key() string { return strings.Join(c.Path, ".") }

// Set sets scalars in a text, as Parse reads it, one after the other, and returns the new text and what became of each setting.
// A scalar that reads the same already, in quotes or not, is left. Missing keys are added, with the sections that they
// are in. The error is an *Error, and then nothing is changed: where the text cannot be read, where a key is there twice, where
// a change would show in other places (anchors), or where the text is written in a way that is not edited.
func Set(data []byte, fold func(string) string, settings []Setting) ([]byte, []Change, error) {
	before, err := Parse(data, fold)
	if err != nil {
		return nil, nil, err
	}
	after, changes := before, make([]Change, 0, len(settings))
	for _, s := range settings {
		edited, c, err := after.set(s)
		if err != nil {
			return nil, nil, err
		}
		if !c.Same {
			if after, err = Parse(edited, fold); err != nil {
				return nil, nil, internalError(err.Error())
			}
		}
		changes = append(changes, c)
	}
	if err := unharmed(before, after, settings); err != nil {
		return nil, nil, err
	}
	for i, c := range changes {
		v, err := after.Get(c.Path...)
		if err != nil {
			return nil, nil, err
		}
		changes[i].Line = v.Line
	}
	return after.data, changes, nil
}

// set makes one setting.
func (d *Document) set(s Setting) ([]byte, Change, error) {
	c := Change{Path: s.Path, To: s.Text()}
	if _, ok := scalar(s.Value, 0); !ok || len(s.Path) == 0 || slices.Contains(s.Path, "") {
		return nil, c, &Error{Problem: fmt.Sprintf("%s cannot be set to %q", s.Key(), s.Text())}
	}
	p, err := d.find(s.Path)
	if err != nil {
		return nil, c, err
	}
	if p == nil {
		data, err := d.add(s)
		return data, c, err
	}
	value := resolved(p.last().value)
	switch kind := kindOf(value); {
	case kind == Scalar && value.Value == s.Text():
		c.From, c.Same = value.Value, true
		return d.data, c, nil
	case kind == Scalar:
		c.From = value.Value
	}
	data, err := d.replace(p, s)
	return data, c, err
}

// wantOwn refuses to change what is written elsewhere, or what shows elsewhere too. Key is what is to be set.
func (d *Document) wantOwn(p place, key string) error {
	wayOut := "write " + key + " out where it belongs, without the alias or merge key"
	nodes := []*yaml.Node{d.root}
	for _, s := range p {
		switch {
		case s.merged:
			return &Error{Line: s.key.Line, Problem: fmt.Sprintf("%s comes in by a merge key (<<), from here", key), WayOut: wayOut}
		case s.value.Kind == yaml.AliasNode:
			return &Error{Line: s.key.Line, Problem: fmt.Sprintf("%s is the alias *%s, and a change would show wherever that stands", s.key.Value, s.value.Value), WayOut: wayOut}
		}
		nodes = append(nodes, s.value)
	}
	for _, n := range nodes {
		if line, ok := d.aliases[n]; ok {
			return &Error{Line: n.Line, Problem: fmt.Sprintf("&%s is used in line %d as well, and a change to %s would show there", n.Anchor, line, key), WayOut: "write the value out in line " + fmt.Sprint(line)}
		}
	}
	return nil
}

// replace changes the value of a key that is there.
func (d *Document) replace(p place, s Setting) ([]byte, error) {
	if err := d.wantOwn(p, s.Key()); err != nil {
		return nil, err
	}
	at := p.last()
	byHand := func(found string) error {
		return &Error{Line: at.key.Line, Problem: fmt.Sprintf("%s: wanted a value on one line, found %s", s.Key(), found), WayOut: fmt.Sprintf("write it as %s: %s", at.key.Value, s.Text())}
	}
	switch {
	case at.value.Kind != yaml.ScalarNode:
		return nil, byHand(string(kindOf(at.value)))
	case isTagged(at.value):
		return nil, byHand("the tag " + at.value.Tag)
	case isEmpty(at.value):
		return d.fill(at, s, byHand)
	}
	begin, end, ok := d.token(at.value)
	if !ok {
		return nil, byHand("a text of several lines")
	}
	text, _ := scalar(s.Value, style(at.value))
	return d.splice(begin, end, text), nil
}

// fill writes a value behind a key that has none.
func (d *Document) fill(at step, s Setting, byHand func(string) error) ([]byte, error) {
	i, ok := d.afterColon(at.key)
	if !ok || at.mapping.Style&yaml.FlowStyle != 0 {
		return nil, byHand("nothing")
	}
	text, _ := scalar(s.Value, 0)
	return d.splice(i, i, " "+text), nil
}

func (d *Document) splice(begin, end int, text string) []byte {
	return slices.Concat(d.data[:begin], []byte(text), d.data[end:])
}

// add writes a key that is not there, with the sections that it is in, into the innermost section that is.
func (d *Document) add(s Setting) ([]byte, error) {
	for i := len(s.Path) - 1; i > 0; i-- {
		p, err := d.find(s.Path[:i])
		if err != nil {
			return nil, err
		}
		if p == nil {
			continue
		}
		if err := d.wantOwn(p, s.Key()); err != nil {
			return nil, err
		}
		return d.addIn(p, s, s.Path[i:])
	}
	return d.addAtEnd(s)
}

// addIn writes a key into a section, behind the last line of what is in it.
func (d *Document) addIn(p place, s Setting, names []string) ([]byte, error) {
	section := p.last()
	if !isEmpty(section.value) {
		indent, err := d.indentOf(section.value, section.key, s, names)
		if err != nil {
			return nil, err
		}
		return d.insertBelow(d.lastLine(section.value, d.lineAfter(p)), "", indent, names, s), nil
	}
	if _, ok := d.afterColon(section.key); !ok || section.mapping.Style&yaml.FlowStyle != 0 {
		return nil, notEdited(section.key, s, names)
	}
	indent, err := d.indentOf(section.mapping, section.key, s, names)
	if err != nil {
		return nil, err
	}
	return d.insertBelow(section.key.Line, "", indent+d.indentation(), names, s), nil
}

func notEdited(at *yaml.Node, s Setting, names []string) error {
	return &Error{Line: at.Line, Problem: s.Key() + " has to be added here, and the section is not written with a line for each key",
		WayOut: fmt.Sprintf("write it so, or add %s: %s by hand", strings.Join(names, "."), s.Text())}
}

// indentOf is what stands before the keys of a mapping, which has to have a line for each.
func (d *Document) indentOf(m, at *yaml.Node, s Setting, names []string) (string, error) {
	if m.Kind != yaml.MappingNode {
		return "", &Error{Line: at.Line, Problem: fmt.Sprintf("%s has to be added here, wanted a section, found %s", s.Key(), kindOf(m)),
			WayOut: fmt.Sprintf("make it a section with %s: %s in it", strings.Join(names, "."), s.Text())}
	}
	if m.Style&yaml.FlowStyle != 0 || len(m.Content) == 0 {
		return "", notEdited(at, s, names)
	}
	first := m.Content[0]
	begin, _, isToken := d.token(first)
	if _, ok := d.afterColon(first); !ok || !isToken {
		return "", notEdited(at, s, names)
	}
	before := d.data[d.lines[first.Line-1]:begin]
	if len(bytes.Trim(before, " ")) > 0 {
		return "", notEdited(at, s, names)
	}
	return string(before), nil
}

// addAtEnd writes a section behind everything else, and a blank line before it.
func (d *Document) addAtEnd(s Setting) ([]byte, error) {
	indent, floor, gap := "", 0, true
	if d.root != nil {
		err := d.wantOwn(nil, s.Key())
		if err != nil {
			return nil, err
		}
		if indent, err = d.indentOf(d.root, d.root, s, s.Path); err != nil {
			return nil, err
		}
		// A blank line can be part of a block scalar.
		floor, gap = d.floor(d.root), !isBlock(lastLeaf(d.root))
	}
	last := d.lineAfterAll(floor) - 1
	if last == len(d.lines) && last > 1 && len(d.line(last)) == 0 {
		last-- // what is behind the last line break is no line
	}
	if gap = gap && last > 0 && !d.isBlank(last); gap {
		return d.insertBelow(last, d.newline(last), indent, s.Path, s), nil
	}
	return d.insertBelow(last, "", indent, s.Path, s), nil
}

func (d *Document) isBlank(line int) bool { return len(bytes.TrimLeft(d.line(line), " \t")) == 0 }

// insertBelow writes a key, with a gap before it and the sections that it is in, below a line; 0: at the top.
func (d *Document) insertBelow(line int, gap, indent string, names []string, s Setting) []byte {
	newline := d.newline(line)
	block := gap
	for i, name := range names {
		key, _ := scalar(name, 0)
		block += indent + strings.Repeat(d.indentation(), i) + key + ":"
		if i < len(names)-1 {
			block += newline
		}
	}
	text, _ := scalar(s.Value, 0)
	block += " " + text
	switch end := len(d.data); {
	case line < len(d.lines):
		at := d.lines[line]
		return d.splice(at, at, block+newline)
	case len(d.line(line)) == 0: // the text is empty
		return d.splice(end, end, block+newline)
	default: // its last line has no line break, and shall not have one
		return d.splice(end, end, newline+block)
	}
}

// newline is the line break of a line, else of the first line, else a line feed.
func (d *Document) newline(line int) string {
	for _, l := range []int{line, 1} {
		if l > 0 && d.lineBreak(l) != "" {
			return d.lineBreak(l)
		}
	}
	return "\n"
}
