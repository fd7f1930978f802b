package x509v3

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// IA5String is the content of nsComment and of Netscape's other strings. OpenSSL writes the bytes as they are.
type IA5String string

func parseIA5String(_ *parser, _ opensslconf.Value, text string) (Value, error) {
	return IA5String(text), nil
}

func (s IA5String) encode(*Context) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.IA5String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
	return b.Bytes()
}
