package x509v3

import (
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// Raw is the content of an extension as a conf gives it: hexadecimal digits behind "DER:", or a description behind "ASN1:".
type Raw []byte

func (raw Raw) encode(*Context) ([]byte, error) { return raw, nil }

// generic reads a value that brings its own encoding; ok tells whether text is one. Its extension goes by any name or OID.
func (p *parser) generic(at opensslconf.Value, text string) (raw Raw, ok bool, err error) {
	digits, isDER := strings.CutPrefix(text, "DER:")
	description, isASN1 := strings.CutPrefix(text, "ASN1:")
	switch {
	case isDER:
		der, err := parseHex(strings.TrimLeft(digits, spaces))
		if err != nil {
			return nil, true, at.Errorf("DER: wanted pairs of hexadecimal digits, found %q", excerpt(digits))
		}
		return der, true, nil
	case isASN1:
		der, err := p.generateASN1(at, strings.TrimLeft(description, spaces), 0)
		return der, true, err
	}
	return nil, false, nil
}
