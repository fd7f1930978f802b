package x509v3

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// StringMask is a set of ASN.1 string types. The bits are those of OpenSSL, which string_mask = MASK:number states.
type StringMask uint32

// The string types that values of attributes can have.
const (
	numericString   StringMask = 0x0001
	printableString StringMask = 0x0002
	t61String       StringMask = 0x0004
	ia5String       StringMask = 0x0010
	universalString StringMask = 0x0100
	bmpString       StringMask = 0x0800
	utf8String      StringMask = 0x2000

	directoryString = printableString | t61String | bmpString | utf8String
)

// UTF8Only is OpenSSL's string mask where a conf states none.
const UTF8Only = utf8String

// ParseStringMask reads a value of string_mask, req(1).
func ParseStringMask(text string) (StringMask, error) {
	switch text {
	case "utf8only":
		return UTF8Only, nil
	case "default":
		return ^StringMask(0), nil
	case "pkix":
		return ^t61String, nil
	case "nombstr":
		return ^(bmpString | utf8String), nil
	}
	if number, ok := strings.CutPrefix(text, "MASK:"); ok {
		if mask, err := strconv.ParseUint(number, 0, 64); err == nil && !strings.Contains(number, "_") {
			return StringMask(mask), nil //nolint:gosec // the types that there are lie within 32 bits
		}
	}
	return 0, fmt.Errorf("wanted utf8only, pkix, nombstr, default or MASK:number, found %q", excerpt(text))
}

// attributeRule limits an attribute as OpenSSL does: RFC 5280, appendix A.1, has the bounds. Max 0 is no bound.
type attributeRule struct {
	min, max int
	types    StringMask
	fixed    bool // whatever string_mask says
}

// attributeRules by OID; what is not listed is any DirectoryString.
var attributeRules = map[string]attributeRule{
	"2.5.4.3":                    {1, 64, directoryString, false},            // commonName
	"2.5.4.6":                    {2, 2, printableString, true},              // countryName
	"2.5.4.7":                    {1, 128, directoryString, false},           // localityName
	"2.5.4.8":                    {1, 128, directoryString, false},           // stateOrProvinceName
	"2.5.4.10":                   {1, 64, directoryString, false},            // organizationName
	"2.5.4.11":                   {1, 64, directoryString, false},            // organizationalUnitName
	"1.2.840.113549.1.9.1":       {1, 128, ia5String, true},                  // emailAddress
	"1.2.840.113549.1.9.2":       {1, 0, directoryString | ia5String, false}, // unstructuredName
	"1.2.840.113549.1.9.7":       {1, 0, directoryString | ia5String, false}, // challengePassword
	"1.2.840.113549.1.9.8":       {1, 0, directoryString, false},             // unstructuredAddress
	"2.5.4.42":                   {1, 32768, directoryString, false},         // givenName
	"2.5.4.4":                    {1, 32768, directoryString, false},         // surname
	"2.5.4.43":                   {1, 32768, directoryString, false},         // initials
	"2.5.4.5":                    {1, 64, printableString, true},             // serialNumber
	"1.2.840.113549.1.9.20":      {0, 0, bmpString, true},                    // friendlyName
	"2.5.4.41":                   {1, 32768, directoryString, false},         // name
	"2.5.4.46":                   {0, 0, printableString, true},              // dnQualifier
	"0.9.2342.19200300.100.1.25": {1, 0, ia5String, true},                    // domainComponent
	"0.9.2342.19200300.100.1.3":  {1, 0, ia5String, true},                    // rfc822Mailbox
	"1.3.6.1.4.1.311.17.1":       {0, 0, bmpString, true},                    // Microsoft CSP name
	"1.3.6.1.4.1.311.60.2.1.3":   {2, 2, printableString, true},              // jurisdictionCountryName
	"1.2.643.3.131.1.1":          {1, 12, numericString, true},               // INN
	"1.2.643.100.1":              {1, 13, numericString, true},               // OGRN
	"1.2.643.100.3":              {1, 11, numericString, true},               // SNILS
	"2.5.4.98":                   {3, 3, printableString, true},              // countryCode3c
	"2.5.4.99":                   {3, 3, numericString, true},                // countryCode3n
}

func (a Attribute) rule() attributeRule {
	if r, ok := attributeRules[a.Type.String()]; ok {
		return r
	}
	return attributeRule{types: directoryString}
}

// check judges the length, in characters.
func (a Attribute) check() error {
	if !utf8.ValidString(a.Value) {
		return errors.New("the value is not UTF-8")
	}
	r, n := a.rule(), utf8.RuneCountInString(a.Value)
	switch {
	case n < r.min:
		return fmt.Errorf("wanted %d characters at least, found %d", r.min, n)
	case r.max > 0 && n > r.max:
		return fmt.Errorf("wanted %d characters at most, found %d", r.max, n)
	}
	return nil
}

// stringTypes in the order in which OpenSSL prefers them, with what each can hold and how it is written.
var stringTypes = []struct {
	bit   StringMask
	tag   asn1.Tag
	holds func(rune) bool
	write func(string) []byte
}{
	{numericString, asn1.Tag(18), isNumeric, asUTF8},
	{printableString, asn1.PrintableString, isPrintable, asUTF8},
	{ia5String, asn1.IA5String, isASCII, asUTF8},
	{t61String, asn1.T61String, isLatin1, asLatin1},
	{bmpString, asn1.Tag(30), isBMP, asUCS2},
	{universalString, asn1.Tag(28), func(rune) bool { return true }, asUCS4},
	{utf8String, asn1.UTF8String, func(rune) bool { return true }, asUTF8},
}

// addString writes the value in the first type that may be used and holds it, as ASN1_STRING_set_by_NID of OpenSSL does.
func addString(b *cryptobyte.Builder, a Attribute, mask StringMask) error {
	if err := a.check(); err != nil {
		return err
	}
	r := a.rule()
	if r.fixed {
		mask = ^StringMask(0)
	}
	allowed := r.types & mask
	if allowed == 0 {
		allowed = directoryString // a mask that leaves nothing is no mask
	}
	for _, t := range stringTypes {
		if allowed&t.bit != 0 && strings.IndexFunc(a.Value, func(c rune) bool { return !t.holds(c) }) < 0 {
			b.AddASN1(t.tag, func(b *cryptobyte.Builder) { b.AddBytes(t.write(a.Value)) })
			return nil
		}
	}
	return fmt.Errorf("no string type that is allowed here can hold %q", excerpt(a.Value))
}

func isPrintable(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" '()+,-./:=?", r)
}

func isNumeric(r rune) bool { return r == ' ' || r >= '0' && r <= '9' }

func isASCII(r rune) bool { return r < 0x80 }

func isLatin1(r rune) bool { return r < 0x100 }

func isBMP(r rune) bool { return r < 0x10000 }

func asUTF8(s string) []byte { return []byte(s) }

func asLatin1(s string) []byte {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r)) //nolint:gosec // T61String is only chosen for runes below 0x100
	}
	return out
}

func asUCS2(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return out
}

func asUCS4(s string) []byte {
	var out []byte
	for _, r := range s {
		out = binary.BigEndian.AppendUint32(out, uint32(r)) //nolint:gosec // runes are not negative
	}
	return out
}

// Latin1 reads each byte of text as a character of ISO 8859-1, which is what OpenSSL does without utf8 = yes.
func Latin1(text string) string {
	var out strings.Builder
	for i := range len(text) {
		out.WriteRune(rune(text[i]))
	}
	return out.String()
}
