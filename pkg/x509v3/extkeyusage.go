package x509v3

import (
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// ExtKeyUsage is the extension of RFC 5280, 4.2.1.12: purposes in the order stated, repetitions kept.
type ExtKeyUsage []x509.OID

// The purposes of the two roles of a leaf.
var (
	ServerAuth = mustOID("1.3.6.1.5.5.7.3.1")
	ClientAuth = mustOID("1.3.6.1.5.5.7.3.2")
)

func parseExtKeyUsage(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var usages ExtKeyUsage
	for _, i := range items {
		oid, err := p.object(i.valueOrName())
		if err != nil {
			return nil, i.located(err)
		}
		usages = append(usages, oid)
	}
	return usages, nil
}

func (usages ExtKeyUsage) encode(*Context) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, oid := range usages {
			addOID(b, oid)
		}
	})
	return b.Bytes()
}

func addOID(b *cryptobyte.Builder, oid x509.OID) {
	content, err := oid.MarshalBinary()
	if err != nil {
		b.SetError(err)
		return
	}
	b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(content) })
}
