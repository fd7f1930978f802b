package certpath

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// signer is a key of a certificate in a test, with its SubjectPublicKeyInfo.
type signer struct {
	crypto.Signer
	kind string
	info []byte
	id   []byte // RFC 5280, 4.2.1.2 (1)
}

// keyPool are the keys of the tests, made once, by kind. Each kind has some, for no two of a chain share one.
var keyPool = sync.OnceValue(func() map[string][]signer {
	made := map[string][]signer{}
	for kind, generate := range map[string]func() (crypto.Signer, error){
		"RSA 1024": func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 1024) },
		"RSA 2048": func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
		"RSA 3072": func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 3072) },
		"P-224":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P224(), rand.Reader) },
		"P-256":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		"P-384":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) },
		"P-521":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) },
		"Ed25519": func() (crypto.Signer, error) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			return key, err
		},
	} {
		for range keysOfAKind {
			key, err := generate()
			if err != nil {
				panic(err)
			}
			made[kind] = append(made[kind], newSigner(key))
		}
	}
	return made
})

// keysOfAKind is the length of the longest chain, and one more for keys that are somebody else's.
const keysOfAKind = 6

func newSigner(key crypto.Signer) signer {
	info, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	s := signer{Signer: key, info: info}
	var outer, bits cryptobyte.String
	in := cryptobyte.String(info)
	in.ReadASN1(&outer, cbasn1.SEQUENCE)
	outer.SkipASN1(cbasn1.SEQUENCE)
	outer.ReadASN1(&bits, cbasn1.BIT_STRING)
	id := sha1.Sum(bits[1:])
	s.id = id[:]
	switch key.Public().(type) {
	case *rsa.PublicKey:
		s.kind = rsaKey
	case *ecdsa.PublicKey:
		s.kind = ecKey
	default:
		s.kind = ed25519Key
	}
	return s
}

// explicit returns the SubjectPublicKeyInfo of a key on P-256 with the curve spelled out: RFC 3279, 2.3.5.
func (s signer) explicit() []byte {
	key := s.Public().(*ecdsa.PublicKey)
	curve := key.Params()
	point, err := key.Bytes()
	if err != nil {
		panic(err)
	}
	base := append([]byte{4}, append(curve.Gx.FillBytes(make([]byte, 32)), curve.Gy.FillBytes(make([]byte, 32))...)...)
	a := append(append([]byte{}, curve.P.Bytes()...), 0)[:32]
	a[31] -= 3 // a = p - 3, and p ends with 0xff
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(mustOID(ecKey))
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1Int64(1)
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 1, 1}) // prime-field
						b.AddASN1BigInt(curve.P)
					})
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1OctetString(a)
						b.AddASN1OctetString(curve.B.FillBytes(make([]byte, 32)))
					})
					b.AddASN1OctetString(base)
					b.AddASN1BigInt(curve.N)
					b.AddASN1Int64(1)
				})
			})
			b.AddASN1BitString(point)
		})
	})
}

func der(build func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	build(&b)
	return b.BytesOrPanic()
}
