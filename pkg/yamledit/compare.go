package yamledit

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// internalError is a fault of this package, or a text that it takes for another than it is.
func internalError(what string) error {
	return &Error{Problem: "the change would damage more than it should, so nothing was changed: " + what, WayOut: "make it by hand"}
}

// leaf is a node of a tree, and where it is.
type leaf struct {
	folded string // the keys that lead to it
	way    string // the same as they are written, and places in lists
	*yaml.Node
}

// reads tells whether two nodes are at the same place and read alike.
func (l leaf) reads(other leaf) bool {
	return l.way == other.way && l.Kind == other.Kind && l.Style == other.Style && l.Anchor == other.Anchor && l.Value == other.Value && l.ShortTag() == other.ShortTag()
}

// inList is for what no path of keys leads to.
const inList = "\xfe"

// leaves are the nodes of a document in their order, but for keys, which are in the ways to their values.
func (d *Document) leaves() (out []leaf) {
	var walk func(n *yaml.Node, folded, way string)
	walk = func(n *yaml.Node, folded, way string) {
		out = append(out, leaf{folded, way, n})
		for i, child := range n.Content {
			switch {
			case n.Kind != yaml.MappingNode:
				walk(child, inList, way+"\xff"+strconv.Itoa(i))
			case i%2 == 0 && child.Kind != yaml.ScalarNode:
				walk(child, inList, way+"\xff?")
			case i%2 == 1 && n.Content[i-1].Kind != yaml.ScalarNode:
				walk(child, inList, way+"\xff:")
			case i%2 == 1:
				key := n.Content[i-1].Value
				walk(child, folded+d.fold(key), way+"\xff"+key)
			}
		}
	}
	if d.root != nil {
		walk(d.root, "", "")
	}
	return out
}

// unharmed wants a text to be as it was but for settings, which have to be there.
func unharmed(before, after *Document, settings []Setting) error {
	changed := map[string]bool{"": true} // the whole, which may not have been there
	for _, s := range settings {
		for i := range s.Path {
			changed[before.folded(s.Path[:i+1])] = true
		}
		v, err := after.Get(s.Path...)
		if err != nil {
			return internalError(err.Error())
		}
		if v.Kind != Scalar || v.Text != s.Text() {
			return internalError(fmt.Sprintf("%s would be %q", s.Key(), v.Text))
		}
	}
	others := func(d *Document) []leaf {
		return slices.DeleteFunc(d.leaves(), func(l leaf) bool { return changed[l.folded] })
	}
	a, b := others(before), others(after)
	for i := range min(len(a), len(b)) {
		if !a[i].reads(b[i]) {
			return internalError(fmt.Sprintf("line %d would read otherwise", a[i].Line))
		}
	}
	if len(a) != len(b) {
		return internalError("keys would be added or lost")
	}
	return nil
}
