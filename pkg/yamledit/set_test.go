package yamledit

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loose is how a reader sees keys that does not care about case, and takes a.b for b in a.
func loose(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '_' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, key)
}

func setting(path string, value any) Setting { return Setting{strings.Split(path, "."), value} }

// TestSet sets one scalar, and looks at every byte.
func TestSet(t *testing.T) {
	for _, test := range []struct {
		name, in string
		setting  Setting
		out      string
	}{
		{"a plain value", "a: 0\nb: 2\n", setting("a", 1), "a: 1\nb: 2\n"},
		{"a comment and blanks stay", "a:   0 \t # zero\n", setting("a", 1), "a:   1 \t # zero\n"},
		{"double quotes stay", "a: \"x\" # \"y\"\n", setting("a", "/z"), "a: \"/z\" # \"y\"\n"},
		{"single quotes stay", "a: 'it''s' # x\n", setting("a", "it's not"), "a: 'it''s not' # x\n"},
		{"a number in place of a text", "a: \"0\"\n", setting("a", 1), "a: 1\n"},
		{"a text that would be a number", "a: x\n", setting("a", "1"), "a: \"1\"\n"},
		{"a text that would be a bool in YAML 1.1", "a: x\n", setting("a", "off"), "a: \"off\"\n"},
		{"a text with a colon", "a: x\n", setting("a", "b: c"), "a: \"b: c\"\n"},
		{"a bool", "a: true\n", setting("a", false), "a: false\n"},
		{"null by name", "a: ~\nb: null\n", setting("b", 1), "a: ~\nb: 1\n"},
		{"nested", "a:\n  b:\n    c: 0\n  d: 1\n", setting("a.b.c", 1), "a:\n  b:\n    c: 1\n  d: 1\n"},
		{"a value below its key", "a:\n  0 # x\nb: 1\n", setting("a", 1), "a:\n  1 # x\nb: 1\n"},
		{"a value in a flow mapping", "a: {b: 0, c: \"x\"} # y\n", setting("a.b", 1), "a: {b: 1, c: \"x\"} # y\n"},
		{"a text in a flow mapping", "a: {b: 0, c: [1]}\n", setting("a.b", "x,y"), "a: {b: \"x,y\", c: [1]}\n"},
		{"behind letters of several bytes", "{\"ключ\": \"знач\", a: 0}\n", setting("a", 1), "{\"ключ\": \"знач\", a: 1}\n"},
		{"quoted keys", "\"a\" :\n  'b': 0\n", setting("a.b", 1), "\"a\" :\n  'b': 1\n"},
		{"an anchor that nothing uses", "a: &x 0\nb: 1\n", setting("a", 1), "a: &x 1\nb: 1\n"},
		{"anchors elsewhere", "a: &x {y: 1}\nb: *x\nc: 0\n", setting("c", 1), "a: &x {y: 1}\nb: *x\nc: 1\n"},
		{"a merge key that is overridden", "a: &x {c: 9}\nb:\n  <<: *x\n  c: 0\n", setting("b.c", 1), "a: &x {c: 9}\nb:\n  <<: *x\n  c: 1\n"},

		{"an empty value", "a:\nb: 1\n", setting("a", 1), "a: 1\nb: 1\n"},
		{"an empty value and a comment", "a:  # x\nb: 1\n", setting("a", 1), "a: 1  # x\nb: 1\n"},
		{"an empty value at the end", "a:", setting("a", 1), "a: 1"},
		{"an empty value and a tab", "a:\t# x\n", setting("a", 1), "a: 1\t# x\n"},

		{"a key is added behind its siblings", "a:\n  b: 0\n\n# about c\nc: 1\n", setting("a.x", 1), "a:\n  b: 0\n  x: 1\n\n# about c\nc: 1\n"},
		{"with their indentation", "a:\n     b: 0\nc: 1\n", setting("a.x", 1), "a:\n     b: 0\n     x: 1\nc: 1\n"},
		{"behind what is in the last sibling", "a:\n  b:\n    - 1\n    - 2 # two\n  # end\nc: 1\n", setting("a.x", 1), "a:\n  b:\n    - 1\n    - 2 # two\n  x: 1\n  # end\nc: 1\n"},
		{"behind a list that is not indented", "a:\n  b:\n  - 1\nc: 1\n", setting("a.x", 1), "a:\n  b:\n  - 1\n  x: 1\nc: 1\n"},
		{"behind an empty sibling", "a:\n  b:\n\nc: 1\n", setting("a.x", 1), "a:\n  b:\n  x: 1\n\nc: 1\n"},
		{"behind a literal with comments in it", "a:\n  b: |\n    x\n\n    # no comment\n\n# one\nc: 1\n", setting("a.x", 1), "a:\n  b: |\n    x\n\n    # no comment\n  x: 1\n\n# one\nc: 1\n"},
		{"behind a literal that keeps its blank lines", "a:\n  b: |+\n    x\n\n# one\nc: 1\n", setting("a.x", 1), "a:\n  b: |+\n    x\n\n  x: 1\n# one\nc: 1\n"},
		{"behind a folded text", "a:\n  b: >-\n    x\n    # no comment\n  # one\nc: 1\n", setting("a.x", 1), "a:\n  b: >-\n    x\n    # no comment\n  x: 1\n  # one\nc: 1\n"},
		{"behind a flow mapping of several lines", "a:\n  b: {c: 1,\n    # x\n    d: 2\n    # y\n    }\n  # z\nc: 1\n", setting("a.x", 1), "a:\n  b: {c: 1,\n    # x\n    d: 2\n    # y\n    }\n  x: 1\n  # z\nc: 1\n"},
		{"behind a quoted text whose lines look like comments", "a:\n  b: \"x\n    # y\"\n  # z\nc: 1\n", setting("a.x", 1), "a:\n  b: \"x\n    # y\"\n  x: 1\n  # z\nc: 1\n"},
		{"behind a plain text of several lines", "a:\n  b: x\n    y\n  # z\nc: 1\n", setting("a.x", 1), "a:\n  b: x\n    y\n  x: 1\n  # z\nc: 1\n"},
		{"at the end of the text", "a:\n  b: 0\n# end\n", setting("a.x", 1), "a:\n  b: 0\n  x: 1\n# end\n"},
		{"where the text has no last line break", "a:\n  b: 0", setting("a.x", 1), "a:\n  b: 0\n  x: 1"},
		{"before the end of the document", "a:\n  b: 0\n...\n# x\n", setting("a.x", 1), "a:\n  b: 0\n  x: 1\n...\n# x\n"},
		{"an empty section", "a:\n  # b: 0\nc: 1\n", setting("a.x", 1), "a:\n  x: 1\n  # b: 0\nc: 1\n"},
		{"an empty section at the end", "c: 1\na: # x", setting("a.x", 1), "c: 1\na: # x\n  x: 1"},
		{"with the sections that it is in", "a:\n    b: 0\nc: 1\n", setting("a.x.k", "/z"), "a:\n    b: 0\n    x:\n        k: /z\nc: 1\n"},
		{"a section at the end", "a: 0\n", setting("x.k", 1), "a: 0\n\nx:\n  k: 1\n"},
		{"names that are not strings in YAML 1.1", "a: 0\n", setting("no.y", 1), "a: 0\n\n\"no\":\n  \"y\": 1\n"},
		{"behind a blank line", "a: 0\n# end\n\n", setting("x.k", 1), "a: 0\n# end\n\nx:\n  k: 1\n"},
		{"without last line break", "a: 0", setting("x.k", 1), "a: 0\n\nx:\n  k: 1"},
		{"behind a literal", "a: |+\n  0\n", setting("x.k", 1), "a: |+\n  0\nx:\n  k: 1\n"},
		{"all is indented", "  a: 0\n", setting("x", 1), "  a: 0\n\n  x: 1\n"},
		{"an empty text", "", setting("x.k", 1), "x:\n  k: 1\n"},
		{"comments only", "# a\n# b\n", setting("x.k", 1), "# a\n# b\n\nx:\n  k: 1\n"},
		{"comments only, without last line break", "# a", setting("x.k", 1), "# a\n\nx:\n  k: 1"},
		{"a document that is empty", "---\n", setting("x", 1), "---\n\nx: 1\n"},
		{"a document that ends", "---\na: 0\n...\n", setting("x", 1), "---\na: 0\n\nx: 1\n...\n"},

		{"CR LF", "a: 0\r\nb:\r\n  c: 1\r\n", setting("b.x", 1), "a: 0\r\nb:\r\n  c: 1\r\n  x: 1\r\n"},
		{"CR LF at the end", "a: 0\r\nb: 1", setting("x.k", 1), "a: 0\r\nb: 1\r\n\r\nx:\r\n  k: 1"},
		{"CR LF and an empty value", "a:\r\nb: 1\r\n", setting("a", 1), "a: 1\r\nb: 1\r\n"},
		{"the line break of the neighbours", "a: 0\nb:\r\n  c: 1\r\nd: 0\n", setting("b.x", 1), "a: 0\nb:\r\n  c: 1\r\n  x: 1\r\nd: 0\n"},
		{"byte order mark", "\ufeffa: 0\nb: 1\n", setting("a", 1), "\ufeffa: 1\nb: 1\n"},
		{"byte order mark alone", "\ufeff", setting("a", 1), "\ufeffa: 1\n"},
		{"tabs in comments", "a: 0\t#\tx\n#\ty\n", setting("a", 1), "a: 1\t#\tx\n#\ty\n"},

		{"keys in other letters", "TLS:\n  SERVERPEMPATH: /x\n", setting("tls.serverPemPath", "/y"), "TLS:\n  SERVERPEMPATH: /y\n"},
		{"keys with dots", "tls.server_pem_path: /x\n", setting("tls.serverPemPath", "/y"), "tls.server_pem_path: /y\n"},
		{"a section in other letters", "TLS:\n  a: 1\n", setting("tls.x", "/y"), "TLS:\n  a: 1\n  x: /y\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, changes, err := Set([]byte(test.in), loose, []Setting{test.setting})
			require.NoError(t, err)
			assert.Equal(t, test.out, string(out))
			require.Len(t, changes, 1)
			assert.False(t, changes[0].Same)
			assert.Equal(t, test.setting.Text(), changes[0].To)
			assert.Equal(t, test.setting.Key(), changes[0].Key())

			again, changes, err := Set(out, loose, []Setting{test.setting})
			require.NoError(t, err)
			assert.Equal(t, string(out), string(again), "a second time changes nothing")
			assert.True(t, changes[0].Same)
		})
	}
}

// TestRefused: what is not edited, in which line, and the way out.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name, in string
		setting  Setting
		want     string
	}{
		{"no YAML", "a: 0\nb: [\n", setting("a", 1), "line 3: not YAML: did not find expected node content"},
		{"a tab", "a:\n\tb: 1\n", setting("a.b", 1), "line 2: a tab indents this line; indent it with blanks, as YAML wants"},
		{"UTF-16", "\xff\xfea\x00", setting("a", 1), "wanted UTF-8, found UTF-16; save it as UTF-8"},
		{"Latin-1", "a: 0\nb: \xe4\n", setting("a", 1), "line 2: wanted UTF-8, found other bytes; save it as UTF-8"},
		{"a control character", "a: \x01\n", setting("a", 1), "not YAML: control characters are not allowed"},
		{"too long", "a: " + strings.Repeat("x", MaxSize) + "\n", setting("a", 1), "wanted at most 524288 bytes, found 524292"},
		{"too deep", "a: " + strings.Repeat("[", 101) + strings.Repeat("]", 101) + "\n", setting("a", 1), "line 1: wanted at most 100 levels, found more"},
		{"two documents", "a: 0\n---\nb: 0\n", setting("a", 1), "line 2: wanted one document, found a second one that begins here; put it into a file of its own, for readers of settings take the first document and no other"},
		{"a key twice", "a: 0\nb: 1\na: 2\n", setting("a", 1), `line 3: a is there twice, as "a" here and as "a" in line 1, and it is not certain which one counts; remove one of the two`},
		{"a key in two spellings", "a:\n  tlsMode: 0\n  tls_mode: 1\n", setting("a.tlsMode", 1), `line 3: a.tlsMode is there twice, as "tls_mode" here and as "tlsMode" in line 2, and it is not certain which one counts; remove one of the two`},
		{"a section twice", "a:\n  b: 0\nc: 1\nA:\n  d: 1\n", setting("a.b", 1), `line 4: a is there twice, as "A" here and as "a" in line 1, and it is not certain which one counts; remove one of the two`},
		{"a merge key in another spelling", "x: &x {B: 0}\na:\n  <<: *x\n  b: 1\n", setting("a.b", 1), `line 1: a.b is there twice, as "B" here and as "b" in line 4, and it is not certain which one counts; remove one of the two`},
		{"an alias", "x: &x 0\na: *x\n", setting("a", 1), "line 2: a is the alias *x, and a change would show wherever that stands; write a out where it belongs, without the alias or merge key"},
		{"an alias on the way", "x: &x {b: 0}\na: *x\n", setting("a.b", 1), "line 2: a is the alias *x, and a change would show wherever that stands; write a.b out where it belongs, without the alias or merge key"},
		{"an alias on the way to what is not there", "x: &x {b: 0}\na: *x\n", setting("a.c", 1), "line 2: a is the alias *x, and a change would show wherever that stands; write a.c out where it belongs, without the alias or merge key"},
		{"an anchor that is used", "a: &x 0\nb: *x\n", setting("a", 1), "line 1: &x is used in line 2 as well, and a change to a would show there; write the value out in line 2"},
		{"an anchor on the way that is used", "a: &x\n  b: 0\nc: *x\n", setting("a.b", 1), "line 1: &x is used in line 3 as well, and a change to a.b would show there; write the value out in line 3"},
		{"an anchored section that is used, and gets a key", "a: &x\n  b: 0\nc: *x\n", setting("a.y", 1), "line 1: &x is used in line 3 as well, and a change to a.y would show there; write the value out in line 3"},
		{"a merge key", "x: &x {b: 0}\na:\n  <<: *x\n  c: 1\n", setting("a.b", 1), "line 1: a.b comes in by a merge key (<<), from here; write a.b out where it belongs, without the alias or merge key"},
		{"a section by a merge key", "x: &x\n  b:\n    c: 0\na:\n  <<: *x\n", setting("a.b.d", 1), "line 2: a.b.d comes in by a merge key (<<), from here; write a.b.d out where it belongs, without the alias or merge key"},
		{"a flow mapping that lacks the key", "a: {b: 0}\n", setting("a.c", 1), "line 1: a.c has to be added here, and the section is not written with a line for each key; write it so, or add c: 1 by hand"},
		{"an empty flow mapping", "x: 1\na: {}\n", setting("a.c", 1), "line 2: a.c has to be added here, and the section is not written with a line for each key; write it so, or add c: 1 by hand"},
		{"a flow mapping is all", "{a: 0}\n", setting("c.d", 1), "line 1: c.d has to be added here, and the section is not written with a line for each key; write it so, or add c.d: 1 by hand"},
		{"a key on a line before its colon", "? a\n: 1\n", setting("c", 1), "line 1: c has to be added here, and the section is not written with a line for each key; write it so, or add c: 1 by hand"},
		{"a key behind the mark of a document", "--- a: 0\n", setting("a", 1), "line 1: not YAML: mapping values are not allowed in this context"},
		{"nothing in a flow mapping", "a: {b: , c: 1}\n", setting("a.b", 1), "line 1: a.b: wanted a value on one line, found nothing; write it as b: 1"},
		{"a mapping", "a:\n  b: 1\n", setting("a", 1), "line 1: a: wanted a value on one line, found a mapping; write it as a: 1"},
		{"a list", "a: [1]\n", setting("a", 1), "line 1: a: wanted a value on one line, found a list; write it as a: 1"},
		{"a block scalar", "a: |\n  x\n", setting("a", 1), "line 1: a: wanted a value on one line, found a text of several lines; write it as a: 1"},
		{"a text of several lines", "a: x\n  y\n", setting("a", 1), "line 1: a: wanted a value on one line, found a text of several lines; write it as a: 1"},
		{"a quoted text of several lines", "a: \"x\n  y\"\n", setting("a", 1), "line 1: a: wanted a value on one line, found a text of several lines; write it as a: 1"},
		{"a tag", "a: !!str 0\n", setting("a", 1), "line 1: a: wanted a value on one line, found the tag !!str; write it as a: 1"},
		{"a scalar for a section", "a: 0\n", setting("a.b", 1), "line 1: a.b has to be added here, wanted a section, found a scalar; make it a section with b: 1 in it"},
		{"null for a section", "a: ~\n", setting("a.b", 1), "line 1: a.b has to be added here, wanted a section, found an empty value; make it a section with b: 1 in it"},
		{"a list for a section", "a:\n- 0\n", setting("a.b", 1), "line 1: a.b has to be added here, wanted a section, found a list; make it a section with b: 1 in it"},
		{"a list is all", "- a\n", setting("a.b", 1), "line 1: a.b has to be added here, wanted a section, found a list; make it a section with a.b: 1 in it"},
		{"all is used again", "&x\na: *x\n", setting("b", 1), "line 1: &x is used in line 2 as well, and a change to b would show there; write the value out in line 2"},
		{"a scalar is all", "x\n", setting("a", 1), "line 1: a has to be added here, wanted a section, found a scalar; make it a section with a: 1 in it"},
		{"a text that is not UTF-8", "a: 0\n", setting("a", "\xff"), "a cannot be set to \"\\xff\""},
		{"another kind", "a: 0\n", setting("a", 1.5), "a cannot be set to \"1.5\""},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, changes, err := Set([]byte(test.in), loose, []Setting{test.setting})
			require.EqualError(t, err, test.want)
			assert.IsType(t, &Error{}, err)
			assert.Nil(t, out)
			assert.Nil(t, changes)
		})
	}
}
