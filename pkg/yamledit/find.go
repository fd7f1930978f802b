package yamledit

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// step is one level of the way to a place: an entry of a mapping.
type step struct {
	mapping    *yaml.Node
	key, value *yaml.Node
	index      int  // of the key in the mapping's content
	merged     bool // << brings the entry in, and it is written elsewhere
	folded     string
}

// place is where a path leads to.
type place []step

func (p place) last() step { return p[len(p)-1] }

// resolved is what an alias stands for.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isMerge tells whether a key is <<, which takes the entries of other mappings in.
func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" }

// mostLooks bounds the entries that are looked at in one text, again where they are brought in by <<: a short text can make them
// many times as many as it has.
const mostLooks = 1 << 18

// entries are those of a mapping, and those that << brings in and no key of the same spelling replaces. They are kept, for every
// path is looked for from the top; but not those that << brings in, which could be many times as many as the text has.
func (d *Document) entries(m *yaml.Node) []step {
	if known, ok := d.known[m]; ok {
		return known
	}
	if d.looked > mostLooks {
		return nil
	}
	out := entriesOf(m)
	d.looked += len(out)
	for i := range out {
		out[i].folded = d.fold(out[i].key.Value)
	}
	if !slices.ContainsFunc(out, func(s step) bool { return s.merged }) {
		d.known[m] = out
	}
	return out
}

func entriesOf(m *yaml.Node) (out []step) {
	spelled, seen := map[string]bool{}, map[*yaml.Node]bool{}
	var add func(n *yaml.Node, merged bool)
	add = func(n *yaml.Node, merged bool) {
		if n.Kind != yaml.MappingNode || seen[n] {
			return
		}
		seen[n] = true
		begin := len(out)
		var more []*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			switch {
			case isMerge(key):
				more = append(more, sources(value)...)
			case key.Kind == yaml.ScalarNode && (!merged || !spelled[key.Value]):
				out = append(out, step{mapping: m, key: key, value: value, index: i, merged: merged})
			}
		}
		if len(more) == 0 {
			return
		}
		for _, s := range out[begin:] {
			spelled[s.key.Value] = true
		}
		for _, source := range more {
			add(source, true)
		}
	}
	add(m, false)
	return out
}

// sources are the mappings that << takes: one, or a list of which the first comes first.
func sources(value *yaml.Node) (out []*yaml.Node) {
	value = resolved(value)
	if value.Kind != yaml.SequenceNode {
		return []*yaml.Node{value}
	}
	for _, n := range value.Content {
		out = append(out, resolved(n))
	}
	return out
}

// folded is a path with all its keys put together.
func (d *Document) folded(path []string) string {
	var out strings.Builder
	for _, key := range path {
		out.WriteString(d.fold(key))
	}
	return out.String()
}

// places are where a path leads to: two where keys are doubled, however often.
func (d *Document) places(path []string) []place {
	if d.root == nil {
		return nil
	}
	s := search{d, map[visit]bool{}, nil}
	s.walk(d.root, d.folded(path), nil)
	return s.found
}

// search looks for the places of a path. It comes to a mapping once for each rest of the path, however many aliases lead there.
type search struct {
	*Document
	inVain map[visit]bool
	found  []place
}

type visit struct {
	mapping *yaml.Node
	rest    string
}

func (s *search) walk(m *yaml.Node, rest string, way place) {
	m = resolved(m)
	at, before := visit{m, rest}, len(s.found)
	if s.inVain[at] {
		return
	}
	for _, e := range s.entries(m) {
		below, on := strings.CutPrefix(rest, e.folded)
		switch {
		case len(s.found) > 1:
			return
		case !on || e.folded == "":
		case below == "":
			s.found = append(s.found, append(slices.Clone(way), e))
		default:
			s.walk(e.value, below, append(slices.Clone(way), e))
		}
	}
	s.inVain[at] = len(s.found) == before
}

// find is the one place that a path leads to, or nil. Neither the path nor a part of it may be there twice.
func (d *Document) find(path []string) (place, error) {
	var found []place
	for i := range path {
		found = d.places(path[:i+1])
		if d.looked > mostLooks {
			return nil, &Error{Problem: "it has more merge keys (<<) than can be followed", WayOut: "write out what they bring in"}
		}
		if len(found) > 1 {
			first, second := found[0].last().key, found[1].last().key
			return nil, &Error{Line: second.Line, WayOut: "remove one of the two",
				Problem: fmt.Sprintf("%s is there twice, as %q here and as %q in line %d, and it is not certain which one counts",
					strings.Join(path[:i+1], "."), second.Value, first.Value, first.Line)}
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// Value is what stands at a path.
type Value struct {
	Line   int    // of the key, from 1; 0: there is no such key
	Text   string // of a scalar, without quotes
	Quoted bool   // it is a string, whatever it looks like
	Kind   Kind
}

// Kind says what a value is.
type Kind string

// The kinds of values.
const (
	Absent   Kind = "nothing"
	Null     Kind = "an empty value"
	Scalar   Kind = "a scalar"
	Mapping  Kind = "a mapping"
	Sequence Kind = "a list"
)

// Get reads what stands at a path, through aliases and merge keys. A key on the way that is there twice is an *Error.
func (d *Document) Get(path ...string) (Value, error) {
	p, err := d.find(path)
	if err != nil || p == nil {
		return Value{Kind: Absent}, err
	}
	n := resolved(p.last().value)
	v := Value{Line: p.last().key.Line, Kind: kindOf(n)}
	if v.Kind == Scalar {
		v.Text, v.Quoted = n.Value, style(n) != 0 || isTagged(n) && n.ShortTag() == "!!str"
	}
	return v, nil
}

// Kind is what the text is as a whole.
func (d *Document) Kind() Kind {
	if d.root == nil {
		return Absent
	}
	return kindOf(d.root)
}

func kindOf(n *yaml.Node) Kind {
	switch {
	case n.Kind == yaml.MappingNode:
		return Mapping
	case n.Kind == yaml.SequenceNode:
		return Sequence
	case n.ShortTag() == "!!null":
		return Null
	}
	return Scalar
}
