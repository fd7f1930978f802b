package profile

import (
	"fmt"
	"strconv"
	"strings"
)

// Algorithm is a kind of key.
type Algorithm string

// The kinds of keys that can be made.
const (
	RSA     Algorithm = "rsa"
	EC      Algorithm = "ec"
	Ed25519 Algorithm = "ed25519"
)

// KeyType is a kind of key and its size: bits of the modulus for RSA, of the curve's order for EC (256 or 384).
type KeyType struct {
	Algorithm Algorithm
	Bits      int
}

func (k KeyType) String() string {
	switch k.Algorithm {
	case EC:
		return fmt.Sprintf("ec-p%d", k.Bits)
	case Ed25519:
		return "ed25519"
	}
	return fmt.Sprintf("rsa-%d", k.Bits)
}

var keyTypes = []KeyType{{RSA, 2048}, {RSA, 3072}, {RSA, 4096}, {EC, 256}, {EC, 384}, {Ed25519, 256}}

// KeyTypes returns the names of the key types that can be asked for.
func KeyTypes() []string {
	var names []string
	for _, k := range keyTypes {
		names = append(names, k.String())
	}
	return names
}

func parseKeyType(s Setting) (KeyType, error) {
	for _, k := range keyTypes {
		if k.String() == s.Value {
			return k, nil
		}
	}
	return KeyType{}, fmt.Errorf("%s: wanted %s, found %s", s.From, strings.Join(KeyTypes(), ", "), quote(s.Value))
}

// keyType is what was asked for, or else RSA of the conf's default_bits, or of 2048 bits. gen.sh does not heed
// default_bits, so exact does not either.
func (a *Asked) keyType(r *req) (KeyType, error) {
	if a.KeyType.IsSet() {
		return parseKeyType(a.KeyType)
	}
	if r.defaultBits == nil || a.Exact {
		return KeyType{RSA, 2048}, nil
	}
	bits, err := strconv.Atoi(r.defaultBits.Text)
	switch {
	case err != nil:
		return KeyType{}, r.defaultBits.Errorf("wanted a number of bits such as 2048, found %q", r.defaultBits.Text)
	case bits < minRSABits:
		return KeyType{}, r.defaultBits.Errorf("RSA keys under %d bits are refused by clients, found %d; raise it, or give --key-type", minRSABits, bits)
	case bits > maxRSABits:
		return KeyType{}, r.defaultBits.Errorf("wanted %d bits at most, found %d", maxRSABits, bits)
	}
	return KeyType{RSA, bits}, nil
}

// The bounds for RSA keys. Clients of this day refuse shorter ones; crypto/tls refuses longer ones than 8192 bits.
const (
	minRSABits = 2048
	maxRSABits = 8192
)
