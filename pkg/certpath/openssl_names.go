package certpath

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

func dotted(oid cryptobyte.String) string {
	var id asn1.ObjectIdentifier
	if !oid.ReadASN1ObjectIdentifier(&id) {
		return ""
	}
	return id.String()
}

// canonical is a Name as X509_NAME_cmp compares it: one string for each relative distinguished name that has attributes,
// without regard to the kind of string, to upper and lower case, and to further blanks.
func canonical(name []byte) []string {
	rdns, ok := readName(name)
	if !ok {
		return []string{string(name)}
	}
	var out []string
	for _, attributes := range rdns {
		var one []string
		for _, a := range attributes {
			one = append(one, a.canonical())
		}
		slices.Sort(one)
		out = append(out, strings.Join(one, ""))
	}
	return out
}

// sameName compares names as X509_NAME_cmp does.
func sameName(a, b []byte) bool {
	return bytes.Equal(a, b) || slices.Equal(canonical(a), canonical(b))
}

// emptyName tells whether a name has no attributes.
func emptyName(der []byte) bool {
	rdns, ok := readName(der)
	return ok && len(rdns) == 0
}

// attribute is an AttributeTypeAndValue, RFC 5280, 4.1.2.4.
type attribute struct {
	oid   string
	tag   cbasn1.Tag
	value []byte
}

// readName reads a Name. A relative distinguished name without attributes is none.
func readName(name []byte) (rdns [][]attribute, ok bool) {
	in := cryptobyte.String(name)
	var body, set cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) {
		return nil, false
	}
	for !body.Empty() {
		if !body.ReadASN1(&set, cbasn1.SET) {
			return nil, false
		}
		var attributes []attribute
		for !set.Empty() {
			var one, oid, value cryptobyte.String
			var a attribute
			if !set.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1Element(&oid, cbasn1.OBJECT_IDENTIFIER) || !one.ReadAnyASN1(&value, &a.tag) {
				return nil, false
			}
			a.oid, a.value = dotted(oid), value
			attributes = append(attributes, a)
		}
		if len(attributes) > 0 {
			rdns = append(rdns, attributes)
		}
	}
	return rdns, true
}

// canonical quotes the value, so that no two attributes that differ have one form.
func (a attribute) canonical() string {
	text, ok := decodeString(a.tag, a.value)
	if ok {
		return fmt.Sprintf("%s %q", a.oid, foldString(text))
	}
	return fmt.Sprintf("%s %d %q", a.oid, a.tag, a.value)
}

// foldString is asn1_string_canon: ASCII in lower case, no blanks at the ends, one between words.
func foldString(text string) string {
	isSpace := func(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r", r) }
	return strings.Map(lower, strings.Join(strings.FieldsFunc(text, isSpace), " "))
}

// lower knows ASCII alone.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// text is ASN1_STRING_to_UTF8, which reads what has no canonical form too.
func (a attribute) text() (string, bool) {
	const numericString = 18
	if a.tag == numericString {
		return string(a.value), true
	}
	return decodeString(a.tag, a.value)
}

// decodeString reads the strings that OpenSSL makes canonical.
func decodeString(tag cbasn1.Tag, value []byte) (string, bool) {
	const universalString, bmpString, visibleString = 28, 30, 26
	switch tag {
	case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String, visibleString:
		return string(value), true
	case cbasn1.T61String:
		return latin1(value, 1), true
	case bmpString:
		var units []uint16
		for pair := range slices.Chunk(value, 2) { //nolint:mnd // octets
			units = append(units, uint16(pair[0])<<8|uint16(pair[len(pair)-1]))
		}
		return string(utf16.Decode(units)), true
	case universalString:
		return latin1(value, 4), true //nolint:mnd // octets
	}
	return "", false
}

// latin1 reads characters of so many octets each.
func latin1(value []byte, width int) string {
	var out strings.Builder
	for octets := range slices.Chunk(value, width) {
		character := rune(0)
		for _, o := range octets {
			character = character<<8 | rune(o)
		}
		out.WriteRune(character)
	}
	return out.String()
}

// attributesOf returns the attributes of one kind in a name.
func attributesOf(name []byte, oid string) []attribute {
	var out []attribute
	rdns, _ := readName(name)
	for _, attributes := range rdns {
		for _, a := range attributes {
			if a.oid == oid {
				out = append(out, a)
			}
		}
	}
	return out
}

// commonNames returns the CommonNames in a name, as far as they are strings.
func commonNames(name []byte) []string {
	var out []string
	for _, a := range attributesOf(name, oidCommonName) {
		if text, ok := a.text(); ok {
			out = append(out, text)
		}
	}
	return out
}
