package certset

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net/netip"
	"strings"
)

// attributeNames are the usual short names, by OID.
var attributeNames = map[string]string{
	"2.5.4.6": "C", "2.5.4.8": "ST", "2.5.4.7": "L", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.3": "CN",
	"2.5.4.5": "serialNumber", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "emailAddress",
}

// Subject describes the subject, such as "C=CN, O=milvus, CN=localhost".
func (c *Certificate) Subject() string { return DescribeSubject(c.RawSubject) }

// Issuer describes the issuer, as Subject does the subject.
func (c *Certificate) Issuer() string { return DescribeSubject(c.RawIssuer) }

// Subject describes the subject that the request is for, as that of a certificate.
func (r *Request) Subject() string { return DescribeSubject(r.RawSubject) }

// DescribeSubject describes a name in the DER of a Name (RFC 5280, 4.1.2.4), as Subject does that of a certificate.
func DescribeSubject(der []byte) string {
	var rdns pkix.RDNSequence
	if err := unmarshal(der, &rdns); err != nil {
		return "a subject that cannot be read"
	}
	var out []string
	for _, rdn := range rdns {
		var parts []string
		for _, a := range rdn {
			name, ok := attributeNames[a.Type.String()]
			if !ok {
				name = a.Type.String()
			}
			parts = append(parts, fmt.Sprintf("%s=%v", name, a.Value))
		}
		out = append(out, strings.Join(parts, " + "))
	}
	return strings.Join(out, ", ")
}

// Attribute returns the first value of that type in the subject.
func (c *Certificate) Attribute(oid x509.OID) (string, bool) {
	var rdns pkix.RDNSequence
	if err := unmarshal(c.RawSubject, &rdns); err != nil {
		return "", false
	}
	for _, rdn := range rdns {
		for _, a := range rdn {
			if oid.EqualASN1OID(a.Type) {
				return fmt.Sprint(a.Value), true
			}
		}
	}
	return "", false
}

var oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// The forms of a GeneralName that have a text, by tag (RFC 5280, 4.2.1.6).
var generalNames = map[int]string{1: "email", 2: "DNS", 6: "URI"}

// Names describes the names in subjectAltName, such as "DNS:localhost" and "IP:127.0.0.1".
func (c *Certificate) Names() []string { return namesIn(c.Extensions) }

// Names describes the names in the subjectAltName that the request asks for.
func (r *Request) Names() []string { return namesIn(r.Extensions) }

func namesIn(extensions []pkix.Extension) []string {
	e := extension(extensions, oidSubjectAltName)
	if e == nil {
		return nil
	}
	return DescribeNames(e.Value)
}

// DescribeNames describes the names in the DER of a GeneralNames, RFC 5280, 4.2.1.6.
func DescribeNames(der []byte) []string {
	var raw []asn1.RawValue
	if err := unmarshal(der, &raw); err != nil {
		return []string{"names that cannot be read"}
	}
	var names []string
	for _, n := range raw {
		names = append(names, describeName(n))
	}
	return names
}

func describeName(n asn1.RawValue) string {
	const ip = 7
	if kind, ok := generalNames[n.Tag]; ok {
		return kind + ":" + string(n.Bytes)
	}
	if addr, ok := netip.AddrFromSlice(n.Bytes); ok && n.Tag == ip {
		return "IP:" + addr.String()
	}
	return fmt.Sprintf("a name of kind %d", n.Tag)
}

// KeyType describes the key of a certificate, such as "rsa-2048", "ec-p256" or "ed25519".
func (c *Certificate) KeyType() string { return KeyTypeOf(c.PublicKeyInfo) }

// KeyTypeOf describes the key in the DER of a SubjectPublicKeyInfo, such as "rsa-2048", "ec-p256" or "ed25519".
func KeyTypeOf(publicKeyInfo []byte) string {
	key, err := x509.ParsePKIXPublicKey(publicKeyInfo)
	if err != nil {
		return "unknown key"
	}
	return describeKey(key)
}
