package issuance

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"sync"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// generateKeys makes a key of each type, side by side, and calls made after each.
func generateKeys(types []profile.KeyType, made func()) ([]crypto.Signer, error) {
	keys := make([]crypto.Signer, len(types))
	errs := make([]error, len(types))
	var group sync.WaitGroup
	for i, t := range types {
		group.Go(func() {
			keys[i], errs[i] = NewKey(t)
			made()
		})
	}
	group.Wait()
	return keys, cmp.Or(errs...) // they are all of one kind
}

// NewKey makes a key.
func NewKey(t profile.KeyType) (crypto.Signer, error) {
	switch t.Algorithm {
	case profile.RSA:
		return rsa.GenerateKey(rand.Reader, t.Bits)
	case profile.EC:
		// No profile asks for P-521, but a key that is renewed may be one.
		for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
			if curve.Params().BitSize == t.Bits {
				return ecdsa.GenerateKey(curve, rand.Reader)
			}
		}
	case profile.Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("no keys of type %s can be made", t)
}

// KeyTypeOf returns the type of an existing key, for another of its kind.
func KeyTypeOf(public crypto.PublicKey) profile.KeyType {
	switch public := public.(type) {
	case *rsa.PublicKey:
		return profile.KeyType{Algorithm: profile.RSA, Bits: public.N.BitLen()}
	case *ecdsa.PublicKey:
		return profile.KeyType{Algorithm: profile.EC, Bits: public.Curve.Params().BitSize}
	case ed25519.PublicKey:
		return profile.KeyType{Algorithm: profile.Ed25519, Bits: 256}
	}
	return profile.KeyType{}
}

// signatureAlgorithms by digest, for RSA and for EC keys.
var signatureAlgorithms = map[profile.Digest]struct{ rsa, ec x509.SignatureAlgorithm }{
	profile.SHA1:   {x509.SHA1WithRSA, x509.ECDSAWithSHA1},
	profile.SHA256: {x509.SHA256WithRSA, x509.ECDSAWithSHA256},
	profile.SHA384: {x509.SHA384WithRSA, x509.ECDSAWithSHA384},
	profile.SHA512: {x509.SHA512WithRSA, x509.ECDSAWithSHA512},
}

// signatureAlgorithm joins a key and a digest. Ed25519 brings its own digest.
func signatureAlgorithm(key crypto.Signer, digest profile.Digest) x509.SignatureAlgorithm {
	switch key.(type) {
	case ed25519.PrivateKey:
		return x509.PureEd25519
	case *ecdsa.PrivateKey:
		return signatureAlgorithms[digest].ec
	}
	return signatureAlgorithms[digest].rsa
}
