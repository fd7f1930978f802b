package yamledit

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// indentation is by how much sections of the text are indented: as the first one is, or two blanks.
func (d *Document) indentation() string {
	const usual = 2
	if d.root != nil && d.root.Kind == yaml.MappingNode && d.root.Style&yaml.FlowStyle == 0 {
		for i := 0; i+1 < len(d.root.Content); i += 2 {
			section := d.root.Content[i+1]
			if section.Kind != yaml.MappingNode || section.Style&yaml.FlowStyle != 0 || len(section.Content) == 0 {
				continue
			}
			if by := section.Content[0].Column - d.root.Content[i].Column; by > 0 {
				return strings.Repeat(" ", by)
			}
		}
	}
	return strings.Repeat(" ", usual)
}

// lineAfter is the line of the first key behind a section.
func (d *Document) lineAfter(p place) int {
	for i := len(p) - 1; i >= 0; i-- {
		if next := p[i].index + 2; next < len(p[i].mapping.Content) {
			return p[i].mapping.Content[next].Line
		}
	}
	return d.lineAfterAll(d.floor(p.last().value))
}

// lineAfterAll is the line behind the document, whose content goes at least as far as a line: that of "..." or one that is not there.
func (d *Document) lineAfterAll(floor int) int {
	for line := floor + 1; line <= len(d.lines); line++ {
		text, isEnd := bytes.CutPrefix(d.line(line), []byte("..."))
		if isEnd && (len(text) == 0 || text[0] == ' ' || text[0] == '\t') {
			return line
		}
	}
	return len(d.lines) + 1
}

// lastLine is the last line of what is in a section, before comments that stand before the line after it.
func (d *Document) lastLine(section *yaml.Node, after int) int {
	floor := d.floor(section)
	for line := after - 1; line > floor; line-- {
		if !d.isRemark(line) {
			return line
		}
	}
	return floor
}

// floor is a line up to which a node goes for certain. Behind it there is nothing of the node that looks like a comment.
func (d *Document) floor(n *yaml.Node) int {
	switch {
	case len(n.Content) > 0:
		last := n.Content[len(n.Content)-1]
		if isEmpty(last) { // it has no place of its own
			last = n.Content[max(0, len(n.Content)-2)]
		}
		if isEmpty(last) {
			return n.Line
		}
		return max(n.Line, d.floor(last))
	case isBlock(n) && n.Value == "":
		return n.Line
	case style(n) == yaml.LiteralStyle:
		return n.Line + strings.Count(strings.TrimSuffix(n.Value, "\n")+"\n", "\n")
	case style(n) == yaml.FoldedStyle:
		return d.foldedEnd(n.Line)
	case n.Kind == yaml.ScalarNode && style(n) != 0:
		return d.quotedEnd(n)
	}
	return n.Line
}

// foldedEnd is the last line of a folded scalar whose head is in a line.
func (d *Document) foldedEnd(head int) int {
	end, indent := head, 0
	for line := head + 1; line <= len(d.lines); line++ {
		if d.isBlank(line) {
			continue
		}
		text := d.line(line)
		by := len(text) - len(bytes.TrimLeft(text, " "))
		if indent == 0 {
			indent = by
		}
		if by < indent || by == 0 {
			break
		}
		end = line
	}
	return end
}

// quotedEnd is the line of the closing quote.
func (d *Document) quotedEnd(n *yaml.Node) int {
	begin, ok := d.offset(n)
	if !ok {
		return n.Line
	}
	for begin < len(d.data) && d.data[begin] != '"' && d.data[begin] != '\'' { // an anchor, a tag
		begin++
	}
	if begin == len(d.data) {
		return n.Line
	}
	end := closingQuote(d.data, begin)
	line := n.Line
	for line < len(d.lines) && d.lines[line] < end {
		line++
	}
	return line
}

// lastLeaf is what comes last in a node.
func lastLeaf(n *yaml.Node) *yaml.Node {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	return n
}

func isBlock(n *yaml.Node) bool {
	return style(n) == yaml.LiteralStyle || style(n) == yaml.FoldedStyle
}
