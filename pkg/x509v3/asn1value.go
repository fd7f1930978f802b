package x509v3

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// asn1Kind is a type of ASN1_generate_nconf(3): its tag, and how its text becomes content octets in a format.
type asn1Kind struct {
	tag     cbasn1.Tag
	content func(text, format string) ([]byte, error) // nil for what needs the conf
}

// asn1Kinds by all of their names, in upper case, for case does not count.
var asn1Kinds = sync.OnceValue(func() map[string]asn1Kind {
	kinds := map[string]asn1Kind{}
	for names, kind := range map[string]asn1Kind{
		"BOOL BOOLEAN":                {cbasn1.BOOLEAN, booleanContent},
		"NULL":                        {cbasn1.NULL, nullContent},
		"INT INTEGER":                 {cbasn1.INTEGER, integerContent},
		"ENUM ENUMERATED":             {cbasn1.ENUM, integerContent},
		"OID OBJECT":                  {cbasn1.OBJECT_IDENTIFIER, nil},
		"UTC UTCTIME":                 {cbasn1.UTCTime, timeContent(utcTime, "0601021504")},
		"GENTIME GENERALIZEDTIME":     {cbasn1.GeneralizedTime, timeContent(generalizedTime, "200601021504")},
		"OCT OCTETSTRING":             {cbasn1.OCTET_STRING, octetContent},
		"BITSTR BITSTRING":            {cbasn1.BIT_STRING, bitContent},
		"UNIV UNIVERSALSTRING":        {cbasn1.Tag(28), stringContent(nil, asUCS4)},
		"IA5 IA5STRING":               {cbasn1.IA5String, stringContent(isASCII, asUTF8)},
		"UTF8 UTF8STRING":             {cbasn1.UTF8String, stringContent(nil, asUTF8)},
		"BMP BMPSTRING":               {cbasn1.Tag(30), stringContent(isBMP, asUCS2)},
		"VISIBLE VISIBLESTRING":       {cbasn1.Tag(26), stringContent(nil, asUTF8)},
		"PRINTABLE PRINTABLESTRING":   {cbasn1.PrintableString, stringContent(isPrintable, asUTF8)},
		"T61 T61STRING TELETEXSTRING": {cbasn1.T61String, stringContent(isLatin1, asLatin1)},
		"GENSTR GENERALSTRING":        {cbasn1.GeneralString, stringContent(nil, asUTF8)},
		"NUMERIC NUMERICSTRING":       {cbasn1.Tag(18), stringContent(isNumeric, asUTF8)},
		"SEQ SEQUENCE":                {cbasn1.SEQUENCE, nil},
		"SET":                         {cbasn1.SET, nil},
	} {
		for name := range strings.FieldsSeq(names) {
			kinds[name] = kind
		}
	}
	return kinds
})

// value returns the DER of the description's value, without its tags.
func (p *parser) asn1Value(at opensslconf.Value, d *description) ([]byte, error) {
	read := d.kind.content
	if d.kind.tag == cbasn1.OBJECT_IDENTIFIER {
		read = p.objectContent
	}
	content, err := read(d.text, d.format)
	if err != nil {
		return nil, at.Errorf("ASN1: %v", err)
	}
	var b cryptobyte.Builder
	b.AddASN1(d.kind.tag, func(b *cryptobyte.Builder) { b.AddBytes(content) })
	return b.Bytes()
}

func wantASCII(format string) error {
	if format != "ASCII" {
		return fmt.Errorf("a value of this type cannot be given as FORMAT:%s", format)
	}
	return nil
}

func booleanContent(text, format string) ([]byte, error) {
	value, ok := booleans[text]
	switch {
	case wantASCII(format) != nil:
		return nil, wantASCII(format)
	case !ok:
		return nil, fmt.Errorf("wanted TRUE or FALSE, found %q", excerpt(text))
	case value:
		return []byte{0xff}, nil
	}
	return []byte{0}, nil
}

func nullContent(text, _ string) ([]byte, error) {
	if text != "" {
		return nil, fmt.Errorf("NULL has no value, found %q", excerpt(text))
	}
	return nil, nil
}

func integerContent(text, format string) ([]byte, error) {
	if err := wantASCII(format); err != nil {
		return nil, err
	}
	n, err := parseInteger(text)
	if err != nil {
		return nil, err
	}
	return contentOfDER(func(b *cryptobyte.Builder) { b.AddASN1BigInt(n) })
}

// contentOfDER returns the content octets of the one element that add writes.
func contentOfDER(add func(*cryptobyte.Builder)) ([]byte, error) {
	var b cryptobyte.Builder
	add(&b)
	der, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	var element asn1.RawValue
	_, err = asn1.Unmarshal(der, &element)
	return element.Bytes, err
}

func (p *parser) objectContent(text, format string) ([]byte, error) {
	if err := wantASCII(format); err != nil {
		return nil, err
	}
	oid, err := p.object(text)
	if err != nil {
		return nil, err
	}
	return oid.MarshalBinary()
}

// The forms of times that ASN1_TIME_check(3) takes: seconds, and a zone other than Z, may be there or not.
var (
	utcTime         = `^(\d{10})(\d\d)?(Z|[+-]\d{4})$`
	generalizedTime = `^(\d{12})(?:(\d\d)(?:\.\d+)?)?(Z|[+-]\d{4})$`
)

func timeContent(pattern, layout string) func(text, format string) ([]byte, error) {
	form := regexp.MustCompile(pattern)
	return func(text, format string) ([]byte, error) {
		if err := wantASCII(format); err != nil {
			return nil, err
		}
		match := form.FindStringSubmatch(text)
		if match == nil || !isDate(layout, match[1]) || match[2] > "59" || !isZone(match[3]) {
			return nil, fmt.Errorf("wanted a time such as %s, found %q", time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC).Format(layout+"05Z"), excerpt(text))
		}
		return []byte(text), nil
	}
}

// isDate judges year to minute. Two digits of a year below 50 are this century's (RFC 5280, 4.1.2.5.1); Go turns at 69,
// which differs in no leap year.
func isDate(layout, digits string) bool {
	_, err := time.Parse(layout, digits)
	return err == nil
}

func isZone(text string) bool {
	return text == "Z" || text[1:3] <= "12" && text[3:] <= "59"
}

func octetContent(text, format string) ([]byte, error) {
	switch format {
	case "HEX":
		return parseHexText(text)
	case "ASCII":
		return []byte(text), nil
	}
	return nil, fmt.Errorf("an OCTET STRING cannot be given as FORMAT:%s", format)
}

func bitContent(text, format string) ([]byte, error) {
	if format == "BITLIST" {
		return bitList(text)
	}
	octets, err := octetContent(text, format)
	if err != nil {
		return nil, err
	}
	return append([]byte{0}, octets...), nil
}

func parseHexText(text string) ([]byte, error) {
	octets, err := parseHex(text)
	if err != nil {
		return nil, fmt.Errorf("wanted pairs of hexadecimal digits, found %q", excerpt(text))
	}
	return octets, nil
}

// maxBit bounds the longest BIT STRING that a list of bits can make. OpenSSL knows no bound.
const maxBit = 1 << 16

// bitList sets the bits of a list, counted from the first. The zero bits at the end are left out.
func bitList(text string) ([]byte, error) {
	var octets []byte
	last := -1
	for element := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseUint(strings.Trim(element, spaces), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("wanted numbers of bits with commas between them, found %q", excerpt(text))
		}
		if n > maxBit {
			return nil, fmt.Errorf("the number of a bit may be %d at most", maxBit)
		}
		bit := int(n)
		for len(octets) <= bit/8 {
			octets = append(octets, 0)
		}
		octets[bit/8] |= 0x80 >> (bit % 8)
		last = max(last, bit)
	}
	return append([]byte{byte(7 - last%8)}, octets...), nil
}

var errCharacter = errors.New("the type cannot hold one of the characters")

// stringContent writes text in the way of one string type. Without FORMAT:UTF8 each byte is a character.
func stringContent(holds func(rune) bool, write func(string) []byte) func(text, format string) ([]byte, error) {
	return func(text, format string) ([]byte, error) {
		switch format {
		case "ASCII":
			text = Latin1(text)
		case "UTF8":
			if !utf8.ValidString(text) {
				return nil, errors.New("the value is not UTF-8")
			}
		default:
			return nil, fmt.Errorf("a string cannot be given as FORMAT:%s", format)
		}
		for _, r := range text {
			if holds != nil && !holds(r) {
				return nil, errCharacter
			}
		}
		return write(text), nil
	}
}
