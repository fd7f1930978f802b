package x509v3

import (
	"crypto/x509"
	stdasn1 "encoding/asn1"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// maxSubject bounds a subject that someone else wrote, in bytes. That of a person or a host has some hundred.
const maxSubject = 4 << 10

// ParseSubject reads a name in the form of -subj, openssl-req(1): "/type=value/type=value", in UTF-8. In a value a backslash
// takes the next character as it stands, and "+" begins another attribute of the same RDN. An attribute without a value is left
// out, as OpenSSL does. One that is of no known type is an error, where OpenSSL passes over it.
func ParseSubject(text string) (Name, error) {
	rest, ok := strings.CutPrefix(text, "/")
	switch {
	case !ok:
		return nil, fmt.Errorf("wanted a subject such as /C=CN/O=milvus/CN=localhost, found %q", excerpt(text))
	case len(text) > maxSubject:
		return nil, fmt.Errorf("wanted a subject of %d bytes at most, found %d", maxSubject, len(text))
	}
	var n Name
	for joined := false; rest != ""; {
		kind, after, found := strings.Cut(rest, "=")
		if !found {
			return nil, fmt.Errorf("wanted an attribute such as CN=localhost, found %q", excerpt(rest))
		}
		value, more, err := cutValue(after)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", excerpt(kind), err)
		}
		a, err := subjectAttribute(kind, value)
		if err != nil {
			return nil, err
		}
		switch last := len(n) - 1; {
		case value == "":
		case joined && last >= 0:
			n[last] = append(n[last], a)
		default:
			n = append(n, []Attribute{a})
		}
		joined = strings.HasPrefix(more, "+")
		rest = more[min(1, len(more)):]
	}
	return n, nil
}

// cutValue takes a value from the head of a text. What is left begins with the "/" or "+" that ended it, or is nothing.
func cutValue(text string) (value, rest string, err error) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '/', '+':
			return out.String(), text[i:], nil
		case '\\':
			if i++; i == len(text) {
				return "", "", errors.New(`a backslash at the end takes nothing as it stands; a backslash itself is written as two`)
			}
		}
		out.WriteByte(text[i])
	}
	return out.String(), "", nil
}

func subjectAttribute(kind, value string) (Attribute, error) {
	oid, err := parseObject(kind)
	if err != nil {
		const escapes = `a "/" or "+" in a value is written "\/", "\+"`
		return Attribute{}, fmt.Errorf("%q is no attribute of a name; wanted one such as CN, commonName or an OID; %s", excerpt(kind), escapes)
	}
	a := Attribute{oid, value}
	if value == "" {
		return a, nil
	}
	if err := a.check(); err != nil {
		return a, fmt.Errorf("%s: %w", excerpt(kind), err)
	}
	return a, nil
}

// ReadSubject reads from DER the name that someone else wants to have certified, and refuses what could deceive whoever looks
// at it: values that are no text, characters that are not to be seen, and more than RFC 5280, appendix A.1, admits. The name may
// be empty.
func ReadSubject(der []byte) (Name, error) {
	if len(der) > maxSubject {
		return nil, fmt.Errorf("wanted a name of %d bytes at most, found %d", maxSubject, len(der))
	}
	n, err := ReadName(der)
	if err != nil {
		return nil, err
	}
	for a := range n.attributes() {
		name := objectName(a.Type.String())
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if i := strings.IndexFunc(a.Value, isHidden); i >= 0 {
			r := []rune(a.Value[i:])[0]
			return nil, fmt.Errorf("%s holds a character that is not to be seen, %U", name, r)
		}
	}
	return n, nil
}

// isHidden tells characters that steer a terminal, or turn the direction of a text around.
func isHidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// attributeSET is an RDN whose attributes are kept as they were written. Its name makes it a SET to encoding/asn1.
type attributeSET []stdasn1.RawValue

// WithoutDER is Without for a name in DER. What stays is as it was written, string types too.
func WithoutDER(der []byte, oid x509.OID) ([]byte, error) {
	var rdns, kept []attributeSET
	if rest, err := stdasn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return nil, errors.New("the name cannot be read")
	}
	for _, rdn := range rdns {
		var left attributeSET
		for _, raw := range rdn {
			var a struct {
				Type  stdasn1.ObjectIdentifier
				Value stdasn1.RawValue
			}
			if _, err := stdasn1.Unmarshal(raw.FullBytes, &a); err != nil {
				return nil, errors.New("the name cannot be read")
			}
			if !oid.EqualASN1OID(a.Type) {
				left = append(left, raw)
			}
		}
		if len(left) > 0 {
			kept = append(kept, left)
		}
	}
	return stdasn1.Marshal(kept)
}
