package x509v3

import (
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// Bits is a BIT STRING of named bits: keyUsage (RFC 5280, 4.2.1.3) and nsCertType. Bit n of RFC 5280 is 1<<n.
type Bits uint16

// The bits of keyUsage that a CA needs.
const (
	KeyCertSign Bits = 1 << 5
	CRLSign     Bits = 1 << 6
)

// bitNames lists the short and the long name of each bit, from bit 0 on.
type bitNames [][2]string

var keyUsageBits = bitNames{
	{"digitalSignature", "Digital Signature"},
	{"nonRepudiation", "Non Repudiation"},
	{"keyEncipherment", "Key Encipherment"},
	{"dataEncipherment", "Data Encipherment"},
	{"keyAgreement", "Key Agreement"},
	{"keyCertSign", "Certificate Sign"},
	{"cRLSign", "CRL Sign"},
	{"encipherOnly", "Encipher Only"},
	{"decipherOnly", "Decipher Only"},
}

var nsCertTypeBits = bitNames{
	{"client", "SSL Client"},
	{"server", "SSL Server"},
	{"email", "S/MIME"},
	{"objsign", "Object Signing"},
	{"reserved", "Unused"},
	{"sslCA", "SSL CA"},
	{"emailCA", "S/MIME CA"},
	{"objCA", "Object Signing CA"},
}

func (names bitNames) parse(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var bits Bits
	for _, i := range items {
		n := slices.IndexFunc(names, func(name [2]string) bool { return name[0] == i.name || name[1] == i.name })
		if n < 0 {
			return nil, i.at.Errorf("unknown value %q%s; wanted %s", excerpt(i.name), suggestion(i.name, names.short()), names)
		}
		bits |= 1 << n
	}
	return bits, nil
}

// String lists the short names, for messages.
func (names bitNames) String() string { return strings.Join(names.short(), ", ") }

func (names bitNames) short() []string {
	var short []string
	for _, n := range names {
		short = append(short, n[0])
	}
	return short
}

func (bits Bits) encode(*Context) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.BIT_STRING, func(b *cryptobyte.Builder) { b.AddBytes(bits.content()) })
	return b.Bytes()
}

// content returns the octets of the BIT STRING. The zero bits at the end are left out, as X.690, 11.2.2 demands of named
// bits.
func (bits Bits) content() []byte {
	var octets [2]byte
	length, last := 0, 7
	for n := range 16 {
		if bits&(1<<n) != 0 {
			octets[n/8] |= 0x80 >> (n % 8)
			length, last = n/8+1, n%8
		}
	}
	return append([]byte{byte(7 - last)}, octets[:length]...)
}
