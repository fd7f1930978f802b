package issuance

import (
	"fmt"
	"strings"
)

func (g *generator) policies() string {
	return g.times(1, 3, ",", func() string {
		return g.pick(g.oid(), g.oid(), "@"+g.policy(), "@"+g.policy(), "ia5org", "anyPolicy")
	})
}

func (g *generator) policy() string {
	lines := g.lines(0, 3, func() (string, string) {
		switch g.IntN(5) {
		case 0:
			return "policyIdentifier", g.oid()
		case 1, 2:
			return "CPS", g.pick("http://example.com/cps", "", "ü")
		}
		return "userNotice", "@" + g.notice()
	})
	if !g.chance(12) {
		lines = append(lines, "policyIdentifier = 1.2.3")
	}
	return g.section(lines...)
}

func (g *generator) notice() string {
	return g.section(g.lines(1, 3, func() (string, string) {
		switch g.IntN(3) {
		case 0:
			prefix := g.pick("", "UTF8:", "UTF8String:", "BMP:", "BMPSTRING:", "VISIBLE:", "VISIBLESTRING:", "IA5:", "utf8:", ":")
			return "explicitText", prefix + g.pick("notice", "a:b", "ü", "", strings.Repeat("t", 201))
		case 1:
			return "organization", g.pick("Org", "Orgü", "")
		}
		return "noticeNumbers", g.times(1, 3, ",", g.integer)
	})...)
}

func (g *generator) proxyCertInfo() string {
	return g.times(1, 4, ",", func() string {
		switch g.IntN(6) {
		case 0, 1, 2:
			return "language:" + g.pick("id-ppl-anyLanguage", "id-ppl-anyLanguage", "id-ppl-inheritAll", "id-ppl-independent", g.oid())
		case 3:
			return "pathlen:" + g.integer()
		case 4:
			return "policy:" + g.mostly([]string{"text:abc", "text:", "hex:" + g.hex(), "file:part.cnf"}, []string{"hex:", "file:missing", "other:x"})
		}
		return g.pick("other:x", "language", "@"+g.section(g.lines(1, 3, func() (string, string) {
			return g.pick("language", "language", "pathlen", "policy"), g.pick("id-ppl-anyLanguage", "1", "text:a", "1.2.3")
		})...))
	})
}

// generic makes values that bring their own encoding.
func (g *generator) generic() string {
	return g.mostly([]string{"DER:" + g.hex(), "DER: " + g.hex(), "ASN1:" + g.asn1(0), "ASN1:" + g.asn1(0), "ASN1: " + g.asn1(0)}, []string{"DER:" + g.word(), "der:00", g.word()})
}

// asn1 makes a description for ASN1_generate_nconf(3), with sections of their own for what it nests.
func (g *generator) asn1(depth int) string {
	modifiers := ""
	for g.chance(3) {
		modifiers += g.modifier() + g.pick(",", ",", ",", ", ", " ,")
	}
	types := []string{g.scalar(), g.scalar(), g.scalar()}
	if depth < 3 && g.chance(3) {
		kind := g.pick("SEQ", "SEQUENCE", "SET", "seq")
		types = []string{kind + ":" + g.section(g.lines(0, 3, func() (string, string) { return "f", g.asn1(depth + 1) })...), kind, kind + ":"}
	}
	return modifiers + g.pick(types...)
}

func (g *generator) modifier() string {
	tag := g.pick("0", "1", "2", "3", "4", "5", "6", "10", "12", "16", "17", "24", "30", "31", "127", "128", "20000", "2147483647") + g.pick("", "", "", "", "U", "A", "C", "P", "PP")
	return g.mostly([]string{"EXP:" + tag, "EXPLICIT:" + tag, "IMP:" + tag, "IMPLICIT:" + tag, "OCTWRAP", "BITWRAP", "SEQWRAP", "SETWRAP", "octwrap", "FORMAT:UTF8", "FORM:ASCII"},
		[]string{"IMP:" + g.pick("", "x", "-1", "c") + tag, "EXP:U", "IMP", "SEQWRAP:x", "FORMAT:" + g.pick("HEX", "BITLIST", "HEXA", "hex", ""), "FORMAT"})
}

// scalar makes a type with a value that fits it, more or less.
func (g *generator) scalar() string {
	switch g.IntN(9) {
	case 0:
		return g.pick("BOOL", "BOOLEAN") + ":" + g.boolean()
	case 1:
		return g.pick("INT", "INTEGER", "ENUM", "ENUMERATED", "int") + ":" + g.integer()
	case 2:
		return g.pick("OID", "OBJECT") + ":" + g.oid()
	case 3:
		return g.pick("UTC", "UTCTIME", "GENTIME", "GENERALIZEDTIME") + ":" + g.time()
	case 4:
		return g.pick("OCT", "OCTETSTRING", "BITSTR", "BITSTRING") + ":" + g.pick(g.word(), g.hex(), "1,5,9", "0", "", "a b")
	case 5:
		return g.mostly([]string{"NULL", "NULL:", "null", "UTF8", "UTF8:", "SEQUENCE"}, []string{"NULL:x", "NOSUCH:x", "INTEGER", "BOOL"})
	case 6:
		return "FORMAT:" + g.pick("BITLIST,BITSTR:"+g.mostly([]string{"1,2", "0", "7 , 8", "15"}, []string{"1,", "256", "a", "65537", ""}), "HEX,OCT:"+g.hex(), "HEX,BITSTR:"+g.hex(), "UTF8,BMP:日本", "UTF8,T61:ü", "UTF8,UNIV:😀", "UTF8,UTF8:"+g.word(), "UTF8,BMP:😀")
	}
	kind := g.pick("UNIV", "IA5", "UTF8", "BMP", "VISIBLE", "PRINTABLE", "T61", "TELETEXSTRING", "GENSTR", "NUMERIC", "UTF8String", "IA5STRING", "PRINTABLESTRING", "NUMERICSTRING")
	return kind + ":" + g.pick(g.word(), "plain", "12 34", "a@b", "a_b", "ü")
}

// time makes the forms of ASN.1's times, in and out of range.
func (g *generator) time() string {
	digits := g.pick("", "19", "20", "20") + fmt.Sprintf("%02d%02d%02d%02d%02d", g.IntN(100), 1+g.IntN(12), 1+g.IntN(30), g.IntN(25), g.IntN(61))
	if g.chance(2) {
		digits = g.pick("", "20") + g.pick("300102030405", "2402290000", "230229000000", "491231235959", "500101000000", "300102030460")
	}
	if g.chance(3) {
		digits += fmt.Sprintf("%02d", g.IntN(62))
	}
	return digits + g.mostly([]string{""}, []string{".5", "."}) + g.mostly([]string{"Z", "Z", "Z", "+0100", "-1259"}, []string{"+1300", "+0060", "", "z", "Z ", "+01"})
}
