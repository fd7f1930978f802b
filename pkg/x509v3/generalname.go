package x509v3

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// Kind tells the forms of a GeneralName apart. Its value is the tag of RFC 5280, 4.2.1.6.
type Kind uint8

// The forms that can be written here.
const (
	OtherName Kind = 0
	Email     Kind = 1
	DNS       Kind = 2
	DirName   Kind = 4
	URI       Kind = 6
	IP        Kind = 7
	RID       Kind = 8
)

// kindNames are the keys of x509v3_config(5).
var kindNames = map[string]Kind{
	"otherName": OtherName, "email": Email, "DNS": DNS, "dirName": DirName, "URI": URI, "IP": IP, "RID": RID,
}

// GeneralName is one name: Content holds the octets under the tag, which for DNS, Email and URI are the text, for DirName
// the DER of a name.
type GeneralName struct {
	Kind    Kind
	Content string
}

// DNSName returns a dNSName. The text is not judged.
func DNSName(name string) GeneralName { return GeneralName{DNS, name} }

// IPAddress returns an iPAddress of 4 or 16 octets.
func IPAddress(addr netip.Addr) GeneralName { return GeneralName{IP, string(addr.AsSlice())} }

// String writes the name as a conf would state it.
func (n GeneralName) String() string {
	switch n.Kind {
	case IP:
		return "IP:" + net.IP(n.Content).String()
	case RID:
		var oid x509.OID
		if err := oid.UnmarshalBinary([]byte(n.Content)); err == nil {
			return "RID:" + oid.String()
		}
	case DirName, OtherName:
		return n.Kind.String() + ":" + hex.EncodeToString([]byte(n.Content))
	}
	return n.Kind.String() + ":" + n.Content
}

func (k Kind) String() string {
	for name, kind := range kindNames {
		if kind == k {
			return name
		}
	}
	return strconv.Itoa(int(k))
}

func (n GeneralName) add(b *cryptobyte.Builder) {
	tag := asn1.Tag(n.Kind).ContextSpecific()
	if n.Kind == DirName || n.Kind == OtherName {
		tag = tag.Constructed()
	}
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(n.Content)) })
}

// SubjectAltName is the extension of RFC 5280, 4.2.1.6. The names that "email:copy" and "email:move" stand for are filled
// in from the subject when it is encoded.
type SubjectAltName []GeneralName

// subjectEmail stands for the addresses of the subject. Content tells copy from move.
const subjectEmail Kind = 0xff

// MovesEmail reports whether email:move asks for the addresses to be taken out of the subject.
func (san SubjectAltName) MovesEmail() bool {
	for _, n := range san {
		if n == (GeneralName{subjectEmail, "move"}) {
			return true
		}
	}
	return false
}

func parseSubjectAltName(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	san := make(SubjectAltName, 0, len(items))
	for _, i := range items {
		name, err := p.subjectName(i)
		if err != nil {
			return nil, err
		}
		san = append(san, name)
	}
	return san, nil
}

func (p *parser) subjectName(i item) (GeneralName, error) {
	if isKind(i.name, "email") && (i.value == "copy" || i.value == "move") {
		return GeneralName{subjectEmail, i.value}, nil
	}
	return p.generalName(i)
}

// isKind matches a key: the name itself, or the name, a dot and anything, which keeps the keys of a section apart.
func isKind(key, name string) bool {
	rest, ok := strings.CutPrefix(key, name)
	return ok && (rest == "" || rest[0] == '.')
}

// generalName reads "DNS:name" and the like. OpenSSL validates neither host names nor addresses of mail.
func (p *parser) generalName(i item) (GeneralName, error) {
	name, _, _ := strings.Cut(i.name, ".")
	kind, ok := kindNames[name]
	switch {
	case !ok:
		return GeneralName{}, i.at.Errorf("%q is no kind of name; wanted DNS, IP, email, URI, RID, dirName or otherName, in these very letters, and a value", excerpt(i.String()))
	case !i.hasValue:
		return GeneralName{}, i.at.Errorf("%s: wanted %s:VALUE", excerpt(i.name), name)
	}
	content, err := p.nameContent(i, kind)
	return GeneralName{kind, content}, err
}

func (p *parser) nameContent(i item, kind Kind) (string, error) {
	switch kind {
	case IP:
		addr, err := parseIP(i.value)
		if err != nil {
			return "", i.at.Errorf("%s: %v, found %q", excerpt(i.name), err, excerpt(i.value))
		}
		return string(addr), nil
	case RID:
		oid, err := p.object(i.value)
		if err != nil {
			return "", i.located(err)
		}
		der, err := oid.MarshalBinary()
		return string(der), i.located(err)
	case DirName:
		name, err := p.nameSection(i.at, i.value)
		if err != nil {
			return "", err
		}
		der, err := name.DER(p.Mask)
		return string(der), i.located(err)
	case OtherName:
		return p.otherName(i)
	}
	return i.value, nil
}

// otherName reads "OID;value", the value as after ASN1:.
func (p *parser) otherName(i item) (string, error) {
	id, value, ok := strings.Cut(i.value, ";")
	if !ok {
		return "", i.at.Errorf("otherName: wanted OID;TYPE:VALUE, found %q", excerpt(i.value))
	}
	der, err := p.generateASN1(i.at, value, 0)
	if err != nil {
		return "", err
	}
	oid, err := p.object(id)
	if err != nil {
		return "", i.located(err)
	}
	var b cryptobyte.Builder
	addOID(&b, oid)
	b.AddASN1(asn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(der) })
	content, err := b.Bytes()
	return string(content), i.located(err)
}

// generalNames reads a list of names, or the section behind "@".
func (p *parser) generalNames(v opensslconf.Value) ([]GeneralName, error) {
	read, text := parseList, v.Text
	if section, ok := strings.CutPrefix(v.Text, "@"); ok {
		read, text = p.sectionItems, section
	}
	items, err := read(v, text)
	if err != nil {
		return nil, err
	}
	names := []GeneralName{}
	for _, i := range items {
		n, err := p.generalName(i)
		if err != nil {
			return nil, err
		}
		names = append(names, n)
	}
	return names, nil
}

func addNames(b *cryptobyte.Builder, tag asn1.Tag, names []GeneralName) {
	b.AddASN1(tag, func(b *cryptobyte.Builder) {
		for _, n := range names {
			n.add(b)
		}
	})
}

var errNoIP = errors.New("wanted an IP address, without a prefix length")

// parseIP reads an address as a2i_IPADDRESS of OpenSSL does: what has a colon is IPv6, and the colon alone is "::".
func parseIP(text string) ([]byte, error) {
	switch {
	case !strings.Contains(text, ":"):
		return parseIPv4(text)
	case text == ":":
		text = "::"
	}
	if tail := strings.LastIndex(text, ":") + 1; strings.Contains(text[tail:], ".") {
		v4, err := parseIPv4(text[tail:])
		if err != nil {
			return nil, err
		}
		text = text[:tail] + netip.AddrFrom4([4]byte(v4)).String()
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return nil, errNoIP
	}
	return addr.AsSlice(), nil
}

// ipv4 is what sscanf("%d.%d.%d.%d") takes. Behind it the text has to end, or go on after white space.
var ipv4 = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t\n\v\f\r]*([+-]?\d+)\.[ \t\n\v\f\r]*([+-]?\d+)\.[ \t\n\v\f\r]*([+-]?\d+)\.[ \t\n\v\f\r]*([+-]?\d+)(?:[ \t\n\v\f\r]|$)`)
})

func parseIPv4(text string) ([]byte, error) {
	match := ipv4().FindStringSubmatch(text)
	if match == nil {
		return nil, errNoIP
	}
	addr := make([]byte, 4)
	for i := range addr {
		n, err := strconv.ParseInt(match[i+1], 10, 32)
		if err != nil || n < 0 || n > 255 {
			return nil, errNoIP
		}
		addr[i] = byte(n)
	}
	return addr, nil
}

// IssuerAltName is the extension of RFC 5280, 4.2.1.7. Names of kind issuerNames stand for those of the issuer.
type IssuerAltName []GeneralName

// issuerNames stands for "issuer:copy".
const issuerNames Kind = 0xfe

func parseIssuerAltName(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var ian IssuerAltName
	for _, i := range items {
		if isKind(i.name, "issuer") && i.value == "copy" {
			ian = append(ian, GeneralName{Kind: issuerNames})
			continue
		}
		name, err := p.generalName(i)
		if err != nil {
			return nil, err
		}
		ian = append(ian, name)
	}
	return ian, nil
}

// encode leaves the extension out of a request where it asks for the issuer's names: a request has no issuer.
func (ian IssuerAltName) encode(ctx *Context) ([]byte, error) {
	if ctx.Request && slices.Contains(ian, GeneralName{Kind: issuerNames}) {
		return nil, nil
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, n := range ian {
			if n.Kind == issuerNames {
				b.AddBytes(ctx.Issuer.AltNames)
			} else {
				n.add(b)
			}
		}
	})
	return b.Bytes()
}

// encode takes the addresses from the subject in the order of the names: email:move leaves none for a later copy.
func (san SubjectAltName) encode(ctx *Context) ([]byte, error) {
	emails := ctx.Subject.Emails()
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, n := range san {
			if n.Kind != subjectEmail {
				n.add(b)
				continue
			}
			for _, address := range emails {
				GeneralName{Email, address}.add(b)
			}
			if n.Content == "move" {
				emails = nil
			}
		}
	})
	return b.Bytes()
}
