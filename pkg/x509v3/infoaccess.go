package x509v3

import (
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// parseInfoAccess reads authorityInfoAccess and subjectInfoAccess (RFC 5280, 4.2.2): "method;kind:value".
func parseInfoAccess(p *parser, at opensslconf.Value, text string) (Value, error) {
	return p.sequence(at, text, p.addAccess)
}

func (p *parser) addAccess(b *cryptobyte.Builder, i item) error {
	method, kind, ok := strings.Cut(i.name, ";")
	if !ok {
		return i.at.Errorf("wanted METHOD;KIND:VALUE, such as OCSP;URI:http://ocsp.example.com/, found %q", excerpt(i.String()))
	}
	location := i
	location.name = kind
	name, err := p.generalName(location)
	if err != nil {
		return err
	}
	oid, err := p.object(method)
	if err != nil {
		return i.at.Errorf("%v", err)
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oid)
		name.add(b)
	})
	return nil
}
