package x509v3

import (
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// Kind tells the forms of a GeneralName apart. Its value is the tag of RFC 5280, 4.2.1.6.
type Kind uint8

// The forms that can be written here.
const (
	Email Kind = 1
	DNS   Kind = 2
	URI   Kind = 6
	IP    Kind = 7
	RID   Kind = 8
)

// kindNames are the keys of x509v3_config(5).
var kindNames = map[string]Kind{"email": Email, "DNS": DNS, "URI": URI, "IP": IP, "RID": RID}

// GeneralName is one name: Content holds the octets under the tag, which for DNS, Email and URI are the text.
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
	}
	for name, kind := range kindNames {
		if kind == n.Kind {
			return name + ":" + n.Content
		}
	}
	return strconv.Itoa(int(n.Kind)) + ":" + n.Content
}

func (n GeneralName) add(b *cryptobyte.Builder) {
	b.AddASN1(asn1.Tag(n.Kind).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes([]byte(n.Content)) })
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
	var san SubjectAltName
	for _, i := range items {
		name, err := i.subjectName()
		if err != nil {
			return nil, err
		}
		san = append(san, name)
	}
	return san, nil
}

func (i item) subjectName() (GeneralName, error) {
	if isKind(i.name, "email") && (i.value == "copy" || i.value == "move") {
		return GeneralName{subjectEmail, i.value}, nil
	}
	return i.generalName()
}

// isKind matches a key: the name itself, or the name, a dot and anything, which keeps the keys of a section apart.
func isKind(key, name string) bool {
	rest, ok := strings.CutPrefix(key, name)
	return ok && (rest == "" || rest[0] == '.')
}

// generalName reads "DNS:name" and the like. OpenSSL validates neither host names nor addresses of mail.
func (i item) generalName() (GeneralName, error) {
	for name, kind := range kindNames {
		if !isKind(i.name, name) {
			continue
		}
		if !i.hasValue {
			return GeneralName{}, i.at.Errorf("%s: wanted %s:VALUE", i.name, name)
		}
		content, err := contentOf(kind, i.value)
		if err != nil {
			return GeneralName{}, i.at.Errorf("%s: %v", excerpt(i.name), err)
		}
		return GeneralName{kind, content}, nil
	}
	if isKind(i.name, "dirName") || isKind(i.name, "otherName") {
		return GeneralName{}, i.at.Errorf("%s: names of this kind are not supported", excerpt(i.name))
	}
	return GeneralName{}, i.at.Errorf("%q is no kind of name; wanted DNS, IP, email, URI or RID, in these very letters, and a value", excerpt(i.String()))
}

func contentOf(kind Kind, value string) (string, error) {
	switch kind {
	case IP:
		addr, err := parseIP(value)
		return string(addr), err
	case RID:
		oid, err := parseObject(value)
		if err != nil {
			return "", err
		}
		der, err := oid.MarshalBinary()
		return string(der), err
	}
	return value, nil
}

var errNoIP = errors.New("wanted an IP address, without a prefix length")

// parseIP reads an address as a2i_IPADDRESS of OpenSSL does: what has a colon is IPv6.
func parseIP(text string) ([]byte, error) {
	if !strings.Contains(text, ":") {
		return parseIPv4(text)
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
var ipv4 = regexp.MustCompile(`^[ \t\n\v\f\r]*([+-]?\d+)\.[ \t\n\v\f\r]*([+-]?\d+)\.[ \t\n\v\f\r]*([+-]?\d+)\.[ \t\n\v\f\r]*([+-]?\d+)(?:[ \t\n\v\f\r]|$)`)

func parseIPv4(text string) ([]byte, error) {
	match := ipv4.FindStringSubmatch(text)
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

func (san SubjectAltName) encode(ctx *Context) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, n := range san {
			if n.Kind != subjectEmail {
				n.add(b)
				continue
			}
			for _, address := range ctx.Subject.Emails() {
				GeneralName{Email, address}.add(b)
			}
		}
	})
	return b.Bytes()
}
