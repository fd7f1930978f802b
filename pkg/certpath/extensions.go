package certpath

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// certificate is what OpenSSL keeps of a certificate besides its bytes, as ossl_x509v3_cache_extensions reads it: more
// lenient than crypto/x509, which refuses some certificates as a whole.
type certificate struct {
	*certset.Certificate
	fields
	subject, issuer []string // canonical

	invalid   bool            // an extension cannot be read, or contradicts itself; or a unique identifier cannot, which OpenSSL does not even load
	read      map[string]bool // the extensions that could be read, by OID
	critical  map[string]bool // those that are critical
	noted     map[string]bool // of the critical ones those before the first that OpenSSL does not know
	unhandled string          // that one

	constraints bool // basicConstraints is there
	ca          bool
	pathLen     int

	keyUsage usageBits
	netscape usageBits // nsCertType
	extUsage []string  // OIDs of extendedKeyUsage

	subjectKeyID []byte
	authority    *authorityKeyID
	names        []generalName // of subjectAltName
	permitted    []subtree     // of nameConstraints
	excluded     []subtree
}

// usageBits are the first 16 bits of a BIT STRING of usages, bit 0 being the most significant one.
type usageBits struct {
	stated bool
	bits   uint16
}

// rejects tells whether usages are stated and none of these is among them.
func (u usageBits) rejects(bits ...int) bool {
	return u.stated && !u.has(bits...)
}

func (u usageBits) has(bits ...int) bool {
	for _, b := range bits {
		if u.bits&(1<<15>>b) != 0 {
			return true
		}
	}
	return false
}

// The bits of keyUsage, RFC 5280, 4.2.1.3.
const (
	digitalSignature = 0
	keyEncipherment  = 2
	keyAgreement     = 4
	keyCertSign      = 5
	cRLSign          = 6
)

// The bits of nsCertType.
const (
	nsClient = 0
	nsServer = 1
	nsSSLCA  = 5
	nsMailCA = 6
	nsSignCA = 7
)

type authorityKeyID struct {
	hasKeyID, hasIssuer bool
	keyID               []byte
	issuer              []string // the first directoryName among its names, canonical
	serial              []byte   // content of the INTEGER; empty: it is not there
}

// The extensions, by OID.
const (
	oidSubjectKeyID    = "2.5.29.14"
	oidKeyUsage        = "2.5.29.15"
	oidSubjectAltName  = "2.5.29.17"
	oidBasic           = "2.5.29.19"
	oidNameConstraints = "2.5.29.30"
	oidAuthorityKeyID  = "2.5.29.35"
	oidExtKeyUsage     = "2.5.29.37"
	oidNetscape        = "2.16.840.1.113730.1.1"
)

// readers read the extensions that a path depends on. They say whether the value could be read.
var readers = map[string]func(*certificate, cryptobyte.String) bool{
	oidSubjectKeyID:    (*certificate).readSubjectKeyID,
	oidKeyUsage:        (*certificate).readKeyUsage,
	oidSubjectAltName:  (*certificate).readNames,
	oidBasic:           (*certificate).readBasicConstraints,
	oidNameConstraints: (*certificate).readNameConstraints,
	oidAuthorityKeyID:  (*certificate).readAuthorityKeyID,
	oidExtKeyUsage:     (*certificate).readExtKeyUsage,
	oidNetscape:        (*certificate).readNetscape,
}

func newCertificate(c *certset.Certificate) *certificate {
	out := &certificate{
		Certificate: c,
		fields:      readFields(c.Raw),
		subject:     canonical(c.RawSubject),
		issuer:      canonical(c.RawIssuer),
		read:        map[string]bool{},
		critical:    map[string]bool{},
		noted:       map[string]bool{},
		pathLen:     unlimited,
	}
	count := map[string]int{}
	for _, e := range c.Extensions {
		count[e.Id.String()]++
	}
	for _, e := range c.Extensions {
		out.readExtension(e, count[e.Id.String()])
	}
	out.readCritical()
	if _, openssl := out.uniqueIDFailure(); openssl {
		out.invalid = true
	}
	return out
}

// unlimited is the pathLen of a certificate that states none.
const unlimited = -1

// readExtension reads one extension. Of what is there twice, or malformed, OpenSSL keeps nothing but that the certificate is invalid.
func (c *certificate) readExtension(e pkix.Extension, count int) {
	id := e.Id.String()
	read, known := readers[id]
	if !known {
		return
	}
	before := *c
	if count > 1 || !read(c, cryptobyte.String(e.Value)) {
		*c = before
		c.invalid = true
		return
	}
	c.read[id] = true
}

// has tells whether an extension is there and could be read.
func (c *certificate) has(oid string) bool { return c.read[oid] }

func (c *certificate) readCritical() {
	for _, e := range c.Extensions {
		id := e.Id.String()
		if !e.Critical {
			continue
		}
		c.critical[id] = true
		switch {
		case c.unhandled != "":
		case slices.Contains(handled, id):
			c.noted[id] = true
		default:
			c.unhandled = id
		}
	}
}

func (c *certificate) readSubjectKeyID(s cryptobyte.String) bool {
	return s.ReadASN1((*cryptobyte.String)(&c.subjectKeyID), cbasn1.OCTET_STRING)
}

// readKeyUsage marks a keyUsage without any usage as invalid, and keeps it.
func (c *certificate) readKeyUsage(s cryptobyte.String) bool {
	if !readBits(&s, &c.keyUsage) {
		return false
	}
	if c.keyUsage.bits == 0 {
		c.invalid = true
	}
	return true
}

func (c *certificate) readNetscape(s cryptobyte.String) bool { return readBits(&s, &c.netscape) }

// readBits reads the first two octets of a BIT STRING. Bits that are declared unused count as zero, whatever they are.
func readBits(s *cryptobyte.String, into *usageBits) bool {
	const mostUnused = 7
	var content cryptobyte.String
	if !s.ReadASN1(&content, cbasn1.BIT_STRING) || len(content) == 0 || content[0] > mostUnused {
		return false
	}
	octets := slices.Clone(content[1:])
	if n := len(octets); n > 0 {
		octets[n-1] &= 0xff << content[0]
	}
	octets = append(octets, 0, 0)
	*into = usageBits{true, uint16(octets[0])<<8 | uint16(octets[1])}
	return true
}

// readBasicConstraints marks a negative pathLen as invalid, and keeps the rest. One of more than 63 bits is none.
func (c *certificate) readBasicConstraints(s cryptobyte.String) bool {
	var body, flag cryptobyte.String
	var there bool
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadOptionalASN1(&flag, &there, cbasn1.BOOLEAN) || there && len(flag) != 1 {
		return false
	}
	c.constraints, c.ca = true, there && flag[0] != 0
	if body.PeekASN1Tag(cbasn1.INTEGER) {
		var length big.Int
		if !body.ReadASN1Integer(&length) {
			return false
		}
		switch {
		case length.Sign() < 0:
			c.invalid = true
		case length.IsInt64():
			c.pathLen = int(length.Int64())
		}
	}
	return body.Empty()
}

func (c *certificate) readExtKeyUsage(s cryptobyte.String) bool {
	var body cryptobyte.String
	c.extUsage = []string{}
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) {
		return false
	}
	for !body.Empty() {
		var oid asn1.ObjectIdentifier
		if !body.ReadASN1ObjectIdentifier(&oid) {
			return false
		}
		c.extUsage = append(c.extUsage, oid.String())
	}
	return true
}

func (c *certificate) readAuthorityKeyID(s cryptobyte.String) bool {
	var body, names, serial cryptobyte.String
	var hasNames, hasSerial bool
	a := &authorityKeyID{}
	c.authority = a
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) ||
		!body.ReadOptionalASN1((*cryptobyte.String)(&a.keyID), &a.hasKeyID, cbasn1.Tag(0).ContextSpecific()) ||
		!body.ReadOptionalASN1(&names, &hasNames, cbasn1.Tag(1).ContextSpecific().Constructed()) ||
		!body.ReadOptionalASN1(&serial, &hasSerial, cbasn1.Tag(2).ContextSpecific()) ||
		!body.Empty() || hasSerial && !minimal(serial) {
		return false
	}
	a.serial = serial
	read, ok := readGeneralNames(names)
	for _, n := range read {
		if n.tag == directoryTag {
			a.issuer = canonical(n.bytes)
			a.hasIssuer = true
			break
		}
	}
	return ok
}

// minimal tells whether octets are the content of an INTEGER in DER.
func minimal(content []byte) bool {
	const sign = 0x80
	return len(content) == 1 || len(content) > 1 && (content[0] != 0 || content[1]&sign != 0) && (content[0] != 0xff || content[1]&sign == 0)
}
