package x509v3

import (
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// BasicConstraints is the extension of RFC 5280, 4.2.1.9.
type BasicConstraints struct {
	CA      bool
	PathLen *big.Int // nil: not limited
}

func parseBasicConstraints(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var bc BasicConstraints
	for _, i := range items {
		switch i.name {
		case "CA":
			bc.CA, err = i.boolean()
		case "pathlen":
			bc.PathLen, err = i.integer()
		default:
			err = i.at.Errorf("wanted CA:TRUE, CA:FALSE or pathlen:NUMBER, found %q", excerpt(i.String()))
		}
		if err != nil {
			return nil, err
		}
	}
	return bc, nil
}

func (bc BasicConstraints) encode(*Context) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if bc.CA {
			b.AddASN1Boolean(true)
		}
		if bc.PathLen != nil {
			b.AddASN1BigInt(bc.PathLen)
		}
	})
	return b.Bytes()
}

// booleans are all spellings that OpenSSL accepts.
var booleans = map[string]bool{
	"TRUE": true, "true": true, "YES": true, "yes": true, "Y": true, "y": true,
	"FALSE": false, "false": false, "NO": false, "no": false, "N": false, "n": false,
}

func (i item) boolean() (bool, error) {
	value, ok := booleans[i.value]
	if !ok {
		return false, i.at.Errorf("%s: wanted TRUE or FALSE (or true, false, YES, NO, yes, no, Y, N, y, n), found %q", excerpt(i.name), excerpt(i.value))
	}
	return value, nil
}

func (i item) integer() (*big.Int, error) {
	n, err := parseInteger(i.value)
	if err != nil {
		return nil, i.at.Errorf("%s: %v", excerpt(i.name), err)
	}
	return n, nil
}

// parseInteger reads a decimal number, or a hexadecimal one behind 0x, as s2i_ASN1_INTEGER of OpenSSL does: a second sign
// changes nothing.
func parseInteger(text string) (*big.Int, error) {
	digits, negative := strings.CutPrefix(text, "-")
	base := 10
	for _, prefix := range []string{"0x", "0X"} {
		if rest, ok := strings.CutPrefix(digits, prefix); ok {
			digits, base = rest, 16
			break
		}
	}
	digits, again := strings.CutPrefix(digits, "-")
	if len(digits) > maxDigits {
		return nil, fmt.Errorf("a number may have %d digits at most", maxDigits)
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok || strings.ContainsAny(digits, "+-_") {
		return nil, fmt.Errorf("wanted a number, found %q", excerpt(text))
	}
	if negative || again {
		n.Neg(n)
	}
	return n, nil
}
