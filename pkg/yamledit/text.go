package yamledit

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// lineStarts is where each line begins. A text that ends with a line break has an empty line behind it.
func lineStarts(data []byte) []int {
	start := 0
	if bytes.HasPrefix(data, []byte(utf8BOM)) {
		start = len(utf8BOM)
	}
	starts := []int{start}
	for i := start; i < len(data); {
		width := breakAt(data, i)
		if width == 0 {
			i++
			continue
		}
		i += width
		starts = append(starts, i)
	}
	return starts
}

// breakAt is the width of the line break at an offset; 0: there is none. Those of YAML 1.1 are CR, LF, CR LF, NEL, LS and PS.
func breakAt(data []byte, i int) int {
	if i < len(data) && data[i] > '\r' && data[i] < utf8.RuneSelf {
		return 0 // as most are
	}
	for _, b := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.HasPrefix(data[i:], []byte(b)) {
			return len(b)
		}
	}
	return 0
}

// lineEnd is where the text of a line ends, before its line break.
func (d *Document) lineEnd(line int) int {
	i := d.lines[line-1]
	for i < len(d.data) && breakAt(d.data, i) == 0 {
		i++
	}
	return i
}

// line is the text of a line, from 1, without its line break.
func (d *Document) line(line int) []byte { return d.data[d.lines[line-1]:d.lineEnd(line)] }

// lineBreak is the line break of a line; that of the last may be empty.
func (d *Document) lineBreak(line int) string {
	end := d.lineEnd(line)
	return string(d.data[end : end+breakAt(d.data, end)])
}

// isRemark tells whether a line is blank or a comment.
func (d *Document) isRemark(line int) bool {
	text := bytes.TrimLeft(d.line(line), " \t")
	return len(text) == 0 || text[0] == '#'
}

// offset turns the place of a node, which counts characters, into bytes.
func (d *Document) offset(n *yaml.Node) (int, bool) {
	if n.Line < 1 || n.Line > len(d.lines) {
		return 0, false
	}
	i := d.lines[n.Line-1]
	for range n.Column - 1 {
		_, width := utf8.DecodeRune(d.data[i:])
		i += width
	}
	return i, i < len(d.data)
}

func style(n *yaml.Node) yaml.Style { return n.Style &^ yaml.TaggedStyle }

func isTagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle != 0 }

// isEmpty tells whether a value is null because nothing is written there.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && style(n) == 0 && !isTagged(n) && n.Anchor == ""
}

// token is where a scalar is written that begins and ends on one line: from its first character, or quote, to behind its last.
func (d *Document) token(n *yaml.Node) (begin, end int, ok bool) {
	begin, ok = d.offset(n)
	if !ok || n.Kind != yaml.ScalarNode || isTagged(n) {
		return 0, 0, false
	}
	if n.Anchor != "" {
		rest, found := bytes.CutPrefix(d.data[begin:], []byte("&"+n.Anchor))
		if !found {
			return 0, 0, false
		}
		rest = bytes.TrimLeft(rest, " \t")
		begin = len(d.data) - len(rest)
	}
	switch style(n) {
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		end = closingQuote(d.data, begin)
	case 0:
		if n.Value != "" && bytes.HasPrefix(d.data[begin:], []byte(n.Value)) {
			end = begin + len(n.Value)
		}
	}
	if end == 0 || bytes.ContainsAny(d.data[begin:end], "\n\r\u0085\u2028\u2029") {
		return 0, 0, false
	}
	return begin, end, true
}

// closingQuote is where the quoted scalar that begins at an offset ends; 0: it does not.
func closingQuote(data []byte, begin int) int {
	quote := data[begin]
	if quote != '"' && quote != '\'' {
		return 0
	}
	for i := begin + 1; i < len(data); i++ {
		switch {
		case data[i] == '\\' && quote == '"':
			i++
		case data[i] == '\'' && quote == '\'' && i+1 < len(data) && data[i+1] == '\'':
			i++
		case data[i] == quote:
			return i + 1
		}
	}
	return 0
}

// afterColon is where the value of a key may begin: right behind the colon, which has to be on the key's line.
func (d *Document) afterColon(key *yaml.Node) (int, bool) {
	_, end, ok := d.token(key)
	if !ok {
		return 0, false
	}
	for end < len(d.data) && (d.data[end] == ' ' || d.data[end] == '\t') {
		end++
	}
	return end + 1, end < len(d.data) && d.data[end] == ':'
}

// scalar writes a value as it stands in YAML, a string in the quotes that the old one had.
func scalar(value any, old yaml.Style) (string, bool) {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v), true
	case bool:
		return strconv.FormatBool(v), true
	case string:
		switch {
		case !utf8.ValidString(v):
			return "", false
		case old == yaml.SingleQuotedStyle && isPrintable(v):
			return "'" + strings.ReplaceAll(v, "'", "''") + "'", true
		case old == yaml.DoubleQuotedStyle || !isPlain(v):
			return strconv.Quote(v), true // whose escapes are YAML's
		}
		return v, true
	}
	return "", false
}

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) })
}

// isPlain tells whether a text may stand without quotes anywhere, and is a string to readers of YAML 1.1 too.
func isPlain(text string) bool {
	switch strings.ToLower(text) {
	case "", "y", "yes", "on", "true", "n", "no", "off", "false", "null":
		return false
	}
	letter := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '/' || r == '_' }
	return letter(rune(text[0])) && !strings.ContainsFunc(text, func(r rune) bool {
		return !letter(r) && (r < '0' || r > '9') && r != '.' && r != '-'
	})
}

// Quote writes a text as it may stand in YAML, in quotes where it needs them.
func Quote(text string) string {
	out, _ := scalar(text, 0)
	return out
}
