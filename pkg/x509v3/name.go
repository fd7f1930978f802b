package x509v3

import (
	"crypto/x509"
	"crypto/x509/pkix"
	stdasn1 "encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// The attributes that gen.sh puts into its subjects, and the one that subjectAltName can copy.
var (
	OIDCountry            = mustOID("2.5.4.6")
	OIDState              = mustOID("2.5.4.8")
	OIDLocality           = mustOID("2.5.4.7")
	OIDOrganization       = mustOID("2.5.4.10")
	OIDOrganizationalUnit = mustOID("2.5.4.11")
	OIDCommonName         = mustOID("2.5.4.3")
	OIDEmailAddress       = mustOID("1.2.840.113549.1.9.1")
)

// Attribute is one attribute of a distinguished name, its value as text.
type Attribute struct {
	Type  x509.OID
	Value string
}

// Name is a distinguished name: relative distinguished names in order, each with one attribute or more.
type Name [][]Attribute

// NewName returns the name with one attribute to an RDN. Attributes without a value are left out.
func NewName(attributes ...Attribute) Name {
	var n Name
	for _, a := range attributes {
		if a.Value != "" {
			n = append(n, []Attribute{a})
		}
	}
	return n
}

// ParseName reads a distinguished_name section of a conf with prompt = no, or the section behind dirName: attribute = value
// in order. What stands before the first dot, comma or colon of a key only keeps keys apart; "+" puts the attribute into
// the RDN of the one before.
func ParseName(values []opensslconf.Value, o Options) (Name, error) {
	p := &parser{Options: o}
	var n Name
	for _, v := range values {
		key := v.Key
		if i := strings.IndexAny(key, ".,:"); i >= 0 && i+1 < len(key) {
			key = key[i+1:]
		}
		key, joined := strings.CutPrefix(key, "+")
		oid, err := p.object(key)
		if err != nil {
			return nil, v.Errorf("%q is no attribute of a name; wanted one such as commonName, CN, or an OID", excerpt(key))
		}
		a := Attribute{oid, v.Text}
		if o.Latin1 {
			a.Value = Latin1(v.Text)
		}
		if err := a.check(); err != nil {
			return nil, v.Errorf("%v", err)
		}
		if joined && len(n) > 0 {
			n[len(n)-1] = append(n[len(n)-1], a)
			continue
		}
		n = append(n, []Attribute{a})
	}
	return n, nil
}

// nameSection reads a name that an extension contains. OpenSSL takes its text for Latin-1 whatever [req] says.
func (p *parser) nameSection(at opensslconf.Value, section string) (Name, error) {
	values, err := p.section(at, section)
	if err != nil {
		return nil, err
	}
	o := p.Options
	o.Latin1 = true
	return ParseName(values, o)
}

// Get returns the value of the first attribute of that type.
func (n Name) Get(oid x509.OID) (string, bool) {
	for a := range n.attributes() {
		if a.Type.Equal(oid) {
			return a.Value, true
		}
	}
	return "", false
}

// With returns the name with the first attribute of that type set to value, or taken out where value is empty. An
// attribute that is not there comes to the end.
func (n Name) With(oid x509.OID, value string) Name {
	out := Name{}
	set := false
	for _, rdn := range n {
		var kept []Attribute
		for _, a := range rdn {
			if !set && a.Type.Equal(oid) {
				set = true
				a.Value = value
			}
			if a.Value != "" {
				kept = append(kept, a)
			}
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	if !set && value != "" {
		out = append(out, []Attribute{{oid, value}})
	}
	return out
}

// Without returns the name without any attribute of that type.
func (n Name) Without(oid x509.OID) Name {
	out := Name{}
	for _, rdn := range n {
		kept := slices.DeleteFunc(slices.Clone(rdn), func(a Attribute) bool { return a.Type.Equal(oid) })
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	return out
}

// Emails returns the emailAddress attributes.
func (n Name) Emails() []string {
	var out []string
	for a := range n.attributes() {
		if a.Type.Equal(OIDEmailAddress) {
			out = append(out, a.Value)
		}
	}
	return out
}

func (n Name) attributes() func(yield func(Attribute) bool) {
	return func(yield func(Attribute) bool) {
		for _, rdn := range n {
			for _, a := range rdn {
				if !yield(a) {
					return
				}
			}
		}
	}
}

// shortNames are for messages.
var shortNames = map[string]string{
	"2.5.4.6": "C", "2.5.4.8": "ST", "2.5.4.7": "L", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.3": "CN",
	"1.2.840.113549.1.9.1": "emailAddress",
}

func (a Attribute) String() string {
	name, ok := shortNames[a.Type.String()]
	if !ok {
		name = a.Type.String()
	}
	return name + "=" + a.Value
}

// String writes the name as openssl's -nameopt oneline does, such as "C = CN, O = milvus", without the blanks at "=".
func (n Name) String() string {
	var rdns []string
	for _, rdn := range n {
		var parts []string
		for _, a := range rdn {
			parts = append(parts, a.String())
		}
		rdns = append(rdns, strings.Join(parts, " + "))
	}
	return strings.Join(rdns, ", ")
}

// DER writes the name with the string types that mask allows. Errors name the attribute.
func (n Name) DER(mask StringMask) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, rdn := range n {
			b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { addRDN(b, rdn, mask) })
		}
	})
	return b.Bytes()
}

// addRDN adds the attributes in the order that DER demands of a SET OF.
func addRDN(b *cryptobyte.Builder, rdn []Attribute, mask StringMask) {
	var encoded []string
	for _, a := range rdn {
		var one cryptobyte.Builder
		one.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, a.Type)
			if err := addString(b, a, mask); err != nil {
				b.SetError(fmt.Errorf("%s: %w", a, err))
			}
		})
		der, err := one.Bytes()
		if err != nil {
			b.SetError(err)
			return
		}
		encoded = append(encoded, string(der))
	}
	slices.Sort(encoded)
	for _, der := range encoded {
		b.AddBytes([]byte(der))
	}
}

// ReadName reads a distinguished name from DER, its values as text. A value that is no text, or of a type that is not read, is an
// error.
func ReadName(der []byte) (Name, error) {
	var rdns pkix.RDNSequence
	if rest, err := stdasn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return nil, errors.New("the name cannot be read")
	}
	var n Name
	for _, rdn := range rdns {
		var attributes []Attribute
		for _, a := range rdn {
			oid, err := x509.ParseOID(a.Type.String())
			if err != nil {
				return nil, fmt.Errorf("the name has an attribute of a kind that cannot be read: %w", err)
			}
			value, ok := a.Value.(string)
			if !ok {
				return nil, fmt.Errorf("%s is of a type that is no text, or none that is read", objectName(a.Type.String()))
			}
			attributes = append(attributes, Attribute{oid, value})
		}
		n = append(n, attributes)
	}
	return n, nil
}
