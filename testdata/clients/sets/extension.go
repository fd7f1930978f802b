package sets

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"slices"
	"strings"
)

// Identifiers of RFC 5280, 4.2.1, and of others.
var (
	oidSubjectKeyID     = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidAuthorityKeyID   = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidExtKeyUsage      = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTLSFeature       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}
	oidNSCertType       = asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 1}
	oidUnknown          = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}

	serverAuth  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	clientAuth  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
	anyPurpose  = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
	timeStamper = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

// Bits of keyUsage.
const (
	digitalSignature = iota
	nonRepudiation
	keyEncipherment
	_
	keyAgreement
	keyCertSign
	crlSign
)

// der encodes what encoding/asn1 cannot refuse: all values are those of this package.
func der(value any) []byte {
	out, err := asn1.Marshal(value)
	if err != nil {
		panic(err)
	}
	return out
}

func critical(e pkix.Extension) pkix.Extension {
	e.Critical = true
	return e
}

func basicConstraints(ca bool) pkix.Extension {
	return pkix.Extension{Id: oidBasicConstraints, Critical: true, Value: der(struct {
		CA bool `asn1:"optional"`
	}{ca})}
}

func pathLen(n int) pkix.Extension {
	return pkix.Extension{Id: oidBasicConstraints, Critical: true, Value: der(struct {
		CA      bool
		PathLen int
	}{true, n})}
}

func keyUsage(bits ...int) pkix.Extension {
	flags := asn1.BitString{Bytes: []byte{0}, BitLength: slices.Max(bits) + 1}
	for _, bit := range bits {
		flags.Bytes[0] |= 0x80 >> bit
	}
	return pkix.Extension{Id: oidKeyUsage, Critical: true, Value: der(flags)}
}

func extKeyUsage(purposes ...asn1.ObjectIdentifier) pkix.Extension {
	return pkix.Extension{Id: oidExtKeyUsage, Value: der(purposes)}
}

// nsCertType takes the octet of its flags.
func nsCertType(flags byte) pkix.Extension {
	return pkix.Extension{Id: oidNSCertType, Value: der(asn1.BitString{Bytes: []byte{flags}, BitLength: 8})}
}

// mustStaple is RFC 7633: status_request is number 5.
func mustStaple() pkix.Extension { return pkix.Extension{Id: oidTLSFeature, Value: der([]int{5})} }

func unknown() pkix.Extension { return pkix.Extension{Id: oidUnknown, Value: der("milvus")} }

func san(names ...string) pkix.Extension {
	var all []asn1.RawValue
	for _, name := range names {
		all = append(all, generalName(name))
	}
	return pkix.Extension{Id: oidSubjectAltName, Value: der(all)}
}

// subtree is a GeneralSubtree.
type subtree struct{ Base asn1.RawValue }

func permitted(name asn1.RawValue) pkix.Extension {
	return pkix.Extension{Id: oidNameConstraints, Critical: true, Value: der(struct {
		Subtrees []subtree `asn1:"tag:0"`
	}{[]subtree{{name}}})}
}

func excluded(name asn1.RawValue) pkix.Extension {
	return pkix.Extension{Id: oidNameConstraints, Critical: true, Value: der(struct {
		Subtrees []subtree `asn1:"tag:1"`
	}{[]subtree{{name}}})}
}

// generalName reads names as OpenSSL writes them, and IP ranges.
func generalName(text string) asn1.RawValue {
	kind, value, _ := strings.Cut(text, ":")
	content := []byte(value)
	if address, network, err := net.ParseCIDR(value); err == nil {
		content = append(address.To4(), network.Mask...)
	} else if address := net.ParseIP(value); kind == "IP" {
		if content = address.To4(); content == nil {
			content = address
		}
	}
	tags := map[string]int{"email": 1, "DNS": 2, "URI": 6, "IP": 7}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tags[kind], Bytes: content}
}

func directoryName(name []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}
}
