package x509v3

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// The bounds of ASN1_generate_nconf(3).
const (
	maxWraps   = 20
	maxNesting = 50
	// maxGenerated bounds what a conf can describe: sections that name each other twice would grow without it.
	maxGenerated = 1 << 20
)

// wrap is a header that goes around a value: a tag, and for a BIT STRING an octet for the unused bits.
type wrap struct {
	tag
	constructed, padded bool
}

// tag is a number in a class: 0 universal, 1 application, 2 context-specific, 3 private.
type tag struct {
	number uint64
	class  byte
}

// description is what stands before the value of ASN1_generate_nconf(3): modifiers, then a type.
type description struct {
	implicit *tag
	wraps    []wrap // outermost first
	format   string
	kind     asn1Kind
	text     string
	hasText  bool
}

// generateASN1 reads "modifier,…,TYPE:value" as ASN1_generate_nconf(3) and returns its DER.
func (p *parser) generateASN1(at opensslconf.Value, text string, depth int) ([]byte, error) {
	d, err := describeASN1(at, text)
	if err != nil {
		return nil, err
	}
	var der []byte
	switch d.kind.tag {
	case asn1.SEQUENCE, asn1.SET:
		der, err = p.generateSection(at, d, depth)
	default:
		der, err = p.asn1Value(at, d)
	}
	if err != nil {
		return nil, err
	}
	if err := p.generate(len(der)); err != nil {
		return nil, at.Errorf("ASN1: %v", err)
	}
	if der, err = d.tagged(der); err != nil {
		return nil, at.Errorf("ASN1: %v", err)
	}
	return der, nil
}

// generate counts bytes that a few of the conf have brought.
func (p *parser) generate(n int) error {
	if p.generated += n; p.generated > maxGenerated {
		return fmt.Errorf("what is described grows over %d bytes", maxGenerated)
	}
	return nil
}

// describeASN1 splits a description at commas until it meets the type, whose value is all that follows.
func describeASN1(at opensslconf.Value, text string) (*description, error) {
	d := &description{format: "ASCII"}
	for rest := text; ; {
		element, after, more := strings.Cut(rest, ",")
		element = strings.Trim(element, spaces)
		name, argument, hasArgument := strings.Cut(element, ":")
		if kind, ok := asn1Kinds()[strings.ToUpper(name)]; ok {
			d.kind = kind
			// The value is the rest of the text, commas and all.
			if hasArgument {
				_, d.text, _ = strings.Cut(rest, ":")
				d.hasText = true
			} else if strings.TrimLeft(rest, spaces) != element {
				return nil, at.Errorf("ASN1: %s: wanted a colon and a value behind it, or nothing at all", name)
			}
			return d, nil
		}
		if err := d.modify(at, strings.ToUpper(name), argument, hasArgument); err != nil {
			return nil, err
		}
		if !more {
			return nil, at.Errorf("ASN1: wanted a type such as UTF8 or SEQUENCE behind the modifiers in %q", excerpt(text))
		}
		rest = after
	}
}

// wrappings are the modifiers that put a header of their own around the value.
var wrappings = map[string]wrap{
	"SEQWRAP": {tag: tag{number: 16}, constructed: true},
	"SETWRAP": {tag: tag{number: 17}, constructed: true},
	"OCTWRAP": {tag: tag{number: 4}},
	"BITWRAP": {tag: tag{number: 3}, padded: true},
}

var formats = []string{"ASCII", "UTF8", "HEX", "BITLIST"}

func (d *description) modify(at opensslconf.Value, name, argument string, hasArgument bool) error {
	w, wraps := wrappings[name]
	switch {
	case wraps:
		// An implicit tag before it takes the place of the wrapper's own.
		if d.implicit != nil {
			w.tag, d.implicit = *d.implicit, nil
		}
	case name == "EXP" || name == "EXPLICIT":
		t, err := parseTag(at, argument, hasArgument)
		if err != nil {
			return err
		}
		if d.implicit != nil {
			return at.Errorf("ASN1: an explicit tag cannot take an implicit one")
		}
		w = wrap{tag: t, constructed: true}
	case name == "IMP" || name == "IMPLICIT":
		t, err := parseTag(at, argument, hasArgument)
		if err == nil && d.implicit != nil {
			err = at.Errorf("ASN1: two implicit tags, one behind the other")
		}
		d.implicit = &t
		return err
	case name == "FORM" || name == "FORMAT":
		i := slices.IndexFunc(formats, func(f string) bool { return strings.HasPrefix(argument, f) })
		if i < 0 {
			return at.Errorf("ASN1: wanted FORMAT:ASCII, UTF8, HEX or BITLIST, found %q", excerpt(argument))
		}
		d.format = formats[i]
		return nil
	default:
		return at.Errorf("ASN1: %q is neither a type nor a modifier", excerpt(name))
	}
	if len(d.wraps) == maxWraps {
		return at.Errorf("ASN1: more than %d tags around one value", maxWraps)
	}
	d.wraps = append(d.wraps, w)
	return nil
}

var classes = map[byte]byte{'U': 0, 'A': 1, 'C': 2, 'P': 3}

// parseTag reads a number and the letter of a class, which is the context-specific one where no letter is given.
func parseTag(at opensslconf.Value, text string, given bool) (tag, error) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	t := tag{class: classes['C']}
	var err error
	if digits > 0 {
		t.number, err = strconv.ParseUint(text[:digits], 10, 31)
	}
	letter := text[digits:]
	if letter != "" {
		class, ok := classes[letter[0]]
		given = given && ok
		t.class = class
	}
	if err != nil {
		return tag{}, at.Errorf("ASN1: the tag's number %s is too large", excerpt(text[:digits]))
	}
	if !given {
		return tag{}, at.Errorf("ASN1: wanted a tag's number, and perhaps U, A, C or P for its class, found %q", excerpt(text))
	}
	return t, nil
}

// generateSection reads the members of a SEQUENCE or SET, one a key of the section that is named.
func (p *parser) generateSection(at opensslconf.Value, d *description, depth int) ([]byte, error) {
	if depth >= maxNesting {
		return nil, at.Errorf("ASN1: sections are nested more than %d deep", maxNesting)
	}
	var values []opensslconf.Value
	if d.hasText {
		var err error
		if values, err = p.section(at, d.text); err != nil {
			return nil, err
		}
	}
	var members [][]byte
	for _, v := range values {
		der, err := p.generateASN1(v, v.Text, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, der)
	}
	if d.kind.tag == asn1.SET {
		slices.SortFunc(members, bytes.Compare)
	}
	var b cryptobyte.Builder
	b.AddASN1(d.kind.tag, func(b *cryptobyte.Builder) { b.AddBytes(slices.Concat(members...)) })
	return b.Bytes()
}

// tagged puts the tags around the DER of a value.
func (d *description) tagged(der []byte) ([]byte, error) {
	wraps := d.wraps
	if d.implicit != nil {
		content, constructed, _ := cutElement(der)
		constructed = constructed || d.implicit.class == 0 && (d.implicit.number == 16 || d.implicit.number == 17)
		wraps, der = append(slices.Clone(wraps), wrap{tag: *d.implicit, constructed: constructed}), content
	}
	for i, w := range slices.Backward(wraps) {
		if w.padded {
			der = append([]byte{0}, der...)
		}
		if i == 0 && w.class == 0 {
			return universal(w.tag, w.constructed, der)
		}
		der = header(w.tag, w.constructed, der)
	}
	return der, nil
}

// header puts identifier and length octets before content. cryptobyte has no tags over 30.
func header(t tag, constructed bool, content []byte) []byte {
	const longForm = 31
	first := t.class << 6
	if constructed {
		first |= 0x20
	}
	var out []byte
	if t.number < longForm {
		out = append(out, first|byte(t.number))
	} else {
		out = append(out, first|longForm)
		var groups []byte
		for n := t.number; n > 0 || len(groups) == 0; n >>= 7 {
			groups = append(groups, byte(n&0x7f)|0x80)
		}
		groups[0] &^= 0x80
		slices.Reverse(groups)
		out = append(out, groups...)
	}
	return append(append(out, lengthOctets(len(content))...), content...)
}

func lengthOctets(n int) []byte {
	const short = 0x80
	if n < short {
		return []byte{byte(n)} //nolint:gosec // it is below 0x80
	}
	var octets []byte
	for ; n > 0; n >>= 8 {
		octets = append(octets, byte(n))
	}
	slices.Reverse(octets)
	return append([]byte{short | byte(len(octets))}, octets...) //nolint:gosec // eight at most
}
