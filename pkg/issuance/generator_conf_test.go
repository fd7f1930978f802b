package issuance

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// TestGeneratedConfs compares the reading of the CONF language with the library's NCONF_load(3).
func TestGeneratedConfs(t *testing.T) {
	compareGenerated(t, 3000, (*generator).confText, func(t *testing.T) judge {
		dir := generatedDir(t)
		writeRequest(t, dir)
		peer := needLibcrypto(t, dir)
		return func(text string) string { return compareReading(t, peer, text) }
	})
}

func compareReading(t *testing.T, peer *libcrypto, text string) string {
	theirs := peer.ask(t, text, question{})
	conf, err := opensslconf.Parse("generated.cnf", strings.NewReader(text), system(peer.dir))
	var place *opensslconf.Error
	switch {
	case err == nil != theirs.OK:
		return fmt.Sprintf("OpenSSL accepts: %v (line %d), we say: %v", theirs.OK, theirs.Line, err)
	case errors.As(err, &place) && !strings.Contains(text, ".include") && !strings.Contains(text, "\x00") && place.Pos.Line > theirs.Line:
		return fmt.Sprintf("OpenSSL refuses line %d, we refuse %v", theirs.Line, err)
	case err != nil:
		return ""
	}
	if ours := reading(conf); !reflect.DeepEqual(ours, theirs.Sections) {
		return fmt.Sprintf("OpenSSL reads %q, we read %q", theirs.Sections, ours)
	}
	return ""
}

// reading writes a conf as the library's answers have it.
func reading(conf *opensslconf.Conf) []sectionRead {
	out := []sectionRead{}
	for _, name := range conf.Sections() {
		pairs := []any{}
		values, _ := conf.Section(name)
		for _, v := range values {
			pairs = append(pairs, []any{x509v3.Latin1(v.Key), x509v3.Latin1(v.Text)})
		}
		out = append(out, sectionRead{x509v3.Latin1(name), pairs})
	}
	slices.SortFunc(out, func(a, b sectionRead) int { return cmp.Compare(a[0].(string), b[0].(string)) })
	return out
}

// confText writes lines of every kind. Most of them are right, or hardly a conf would be read to its end.
func (g *generator) confText() string {
	text := g.pick("", "up = 1\n", "up = 2\nother::up = 3\n") + g.times(1, 12, "", func() string { return g.confLine() + g.lineEnd() })
	if g.chance(20) {
		text = "\ufeff" + text
	}
	return g.mutated(text, 6)
}

func (g *generator) lineEnd() string {
	switch g.IntN(40) {
	case 0:
		return "\r\n"
	case 1:
		return "\\\n"
	case 2:
		return " \\\r\n"
	case 3:
		return "\\\\\n"
	case 4:
		return "\r\r\n"
	case 5:
		return "\n\x00\n"
	}
	return "\n"
}

func (g *generator) confLine() string {
	switch n := g.IntN(24); {
	case n < 5:
		return g.blank() + "[" + g.blank() + g.sectionName() + g.blank() + "]" + g.pick("", "", " junk", "# c", "]")
	case n < 7:
		return g.blank() + g.pick("#", "# comment", "#\\", "# 'x") + g.blank()
	case n < 8:
		return g.blank()
	case n < 10:
		return g.pick(".include", ".include =", ".includes ", ".include\t=") + " " + g.mostly([]string{"part.cnf", "'part.cnf'", "tail.cnf", "dir", "empty", "missing.cnf", "$ENV::HOME/part.cnf", "dir/one.cnf"}, []string{"bad.cnf", "", "a b"})
	case n < 11:
		return g.pick(".pragma", ".pragma =", ".pragma  ") + " " + g.mostly([]string{"dollarid:on", "dollarid: off", "abspath:false", "includedir:dir", "unknown:1"}, []string{"abspath : true", "dollarid:1", "dollarid", ":on"})
	case n < 12:
		return g.blank() + g.sectionName() + "::" + g.keyName() + g.blank() + "=" + g.confValue()
	}
	return g.blank() + g.keyName() + g.blank() + "=" + g.blank() + g.confValue()
}

func (g *generator) blank() string { return g.pick("", "", "", " ", "\t", "  ") }

func (g *generator) sectionName() string {
	return g.mostly([]string{"s", "s", "t", "default", "DEFAULT", "ENV", "other", "v3.ca", "a-b", ""}, []string{"two words", "a  b", "$up", "s\\ t", "'q'"})
}

func (g *generator) keyName() string {
	return g.mostly([]string{"a", "a", "b", "b", "c", "d.1", "up", "HOME", "x;y", "1.2.3", "A_b", "", "!%&*+,-./;?@^|~"}, []string{"a\\ b", "$up", "a b", "é"})
}

// confValue joins pieces of every kind.
func (g *generator) confValue() string {
	return g.times(0, 5, "", func() string {
		switch g.IntN(16) {
		case 0, 1, 2, 3:
			return g.pick("word", "x", "a b", " ", "\t", "1,2", "é", "\xff", "k:v", "=", "%(a)s", "]", "[", ";")
		case 4, 5:
			return g.quotedPiece()
		case 6, 7:
			return g.pick(`\n`, `\r`, `\t`, `\b`, `\\`, `\#`, `\$`, `\"`, `\x`, `\ `, `\`)
		case 8, 9, 10, 11:
			return g.variable()
		case 12:
			return g.pick("#", " # c", "\r", "\v", "\f", "\x01")
		case 13:
			return g.pick("", "", "", "\x00", strings.Repeat("l", 495+g.IntN(30)))
		}
		return "v"
	})
}

func (g *generator) quotedPiece() string {
	mark := g.pick(`"`, `'`, "`")
	return mark + g.times(0, 3, "", func() string {
		return g.pick("in", " ", "#", "$a", `\`+mark, `\n`, `\\`, `"`, `'`, "\t")
	}) + g.pick(mark, mark, mark, mark, mark, "")
}

// variable refers mostly to what is always there.
func (g *generator) variable() string {
	name := g.mostly([]string{"ENV::WORD", "ENV::HOME", "ENV::EMPTY", "ENV::up", "up", "default::up", "other::up"},
		[]string{"a", "b", "p", "s::a", "default::b", "inner::q", "ENV::none", "", "::up", "s::"})
	return g.mostly([]string{"$" + name, "${" + name + "}", "$(" + name + ")"}, []string{"${" + name + ")", "$(" + name, "$ " + name})
}
