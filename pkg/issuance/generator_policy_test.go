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
	return g.section(g.lines(1, 4, func() (string, string) {
		switch g.IntN(4) {
		case 0, 1:
			return "policyIdentifier", g.oid()
		case 2:
			return "CPS", g.pick("http://example.com/cps", "", "ü")
		}
		return "userNotice", g.pick("@", "@", "@", "@", "") + g.notice()
	})...)
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
		switch g.IntN(5) {
		case 0, 1:
			return "language:" + g.pick("id-ppl-anyLanguage", "id-ppl-inheritAll", "id-ppl-independent", g.oid())
		case 2:
			return "pathlen:" + g.integer()
		case 3:
			return "policy:" + g.pick("text:abc", "text:", "hex:"+g.hex(), "hex:", "file:part.cnf", "file:missing", "other:x")
		}
		return g.pick("other:x", "language", "@"+g.section(g.lines(1, 3, func() (string, string) {
			return g.pick("language", "language", "pathlen", "policy"), g.pick("id-ppl-anyLanguage", "1", "text:a", "1.2.3")
		})...))
	})
}

// generic makes values that bring their own encoding.
func (g *generator) generic() string {
	return g.pick("DER:", "DER: ", "ASN1:", "ASN1:", "ASN1: ", "der:", "") + g.pick(g.hex(), g.asn1(0), g.asn1(0), g.word())
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
	tag := g.pick("0", "1", "2", "3", "4", "5", "6", "10", "12", "24", "16", "17", "30", "31", "127", "128", "20000", "", "x", "-1", "2147483647", "2147483648") + g.pick("", "", "U", "U", "A", "C", "P", "X", "CC", "c")
	return g.pick("EXP:"+tag, "EXPLICIT:"+tag, "IMP:"+tag, "IMPLICIT:"+tag, "IMP", "OCTWRAP", "BITWRAP", "SEQWRAP", "SETWRAP", "octwrap", "SEQWRAP:x",
		"FORMAT:"+g.pick("ASCII", "UTF8", "HEX", "BITLIST", "HEXA", "hex", ""), "FORM:"+g.pick("UTF8", "HEX", "BITLIST"), "FORMAT")
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
		return g.pick("OCT", "OCTETSTRING", "BITSTR", "BITSTRING") + ":" + g.pick(g.word(), g.hex(), "1,5,9", "0", "", "1,", "a", "256", "65536", "7 , 8")
	case 5:
		return g.pick("NULL", "NULL:", "NULL:x", "null", "UTF8", "UTF8:", "SEQUENCE", "NOSUCH:x", "INTEGER")
	case 6:
		return "FORMAT:" + g.pick("BITLIST,BITSTR:", "HEX,OCT:", "HEX,BITSTR:", "UTF8,BMP:", "UTF8,T61:", "UTF8,UNIV:", "UTF8,UTF8:") + g.pick(g.hex(), g.word(), "1,2", "日本", "😀")
	}
	kind := g.pick("UNIV", "IA5", "UTF8", "BMP", "VISIBLE", "PRINTABLE", "T61", "TELETEXSTRING", "GENSTR", "NUMERIC", "UTF8String", "IA5STRING", "PRINTABLESTRING", "NUMERICSTRING")
	return kind + ":" + g.pick(g.word(), "plain", "12 34", "a@b", "a_b", "ü")
}

// time makes the forms of ASN.1's times, in and out of range.
func (g *generator) time() string {
	digits := g.pick("", "19", "20", "20") + fmt.Sprintf("%02d%02d%02d%02d%02d", g.IntN(100), g.IntN(14), g.IntN(33), g.IntN(26), g.IntN(62))
	if g.chance(2) {
		digits = g.pick("", "20") + g.pick("300102030405", "2402290000", "230229000000", "491231235959", "500101000000", "300102030460")
	}
	if g.chance(3) {
		digits += fmt.Sprintf("%02d", g.IntN(62))
	}
	return digits + g.pick("", ".5", ".") + g.pick("Z", "Z", "Z", "+0100", "-1259", "+1300", "+0060", "", "z", "Z ")
}
