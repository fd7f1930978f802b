package certpath

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// mostKeyBits is the length of a key in octets up to which it is looked at, as package certset does.
const mostKeyBits = 3 << 10

// publicKey reads a key, also one that is for RSASSA-PSS alone or on a curve that is spelled out, which Go passes over. It is
// nil where Go reads none.
func (c *certificate) publicKey() any {
	switch {
	case c.X509 == nil && len(c.PublicKeyBits) > mostKeyBits:
		return nil
	case c.keyKind() == rsaPSSKey:
		if key, err := x509.ParsePKCS1PublicKey(c.PublicKeyBits); err == nil {
			return key
		}
	case c.explicitCurve():
		if curve := c.curve(); curve != nil {
			if key, err := ecdsa.ParseUncompressedPublicKey(curve, c.PublicKeyBits); err == nil {
				return key
			}
		}
	default:
		if key, err := c.PublicKey(); err == nil {
			return key
		}
	}
	return nil
}

// keyIsReadable tells whether OpenSSL can read a key. Of the kinds that Go cannot read, and of curves, it takes any to be fine.
func (c *certificate) keyIsReadable() bool {
	switch kind := c.keyKind(); kind {
	case rsaKey, rsaPSSKey, ed25519Key:
		return c.publicKey() != nil
	case ecKey:
		return c.publicKey() != nil || c.namedCurve() == nil
	default:
		return otherKeys[kind] > 0
	}
}

// otherKeys are the kinds of keys that OpenSSL reads and Go does not, each with its bits of security. Those of DSA and
// Diffie-Hellman are taken to have 2048 bits.
var otherKeys = map[string]int{
	ed448Key:               224,
	"1.3.101.110":          128, // X25519
	"1.3.101.111":          224, // X448
	"1.2.840.10040.4.1":    112, // DSA
	"1.2.840.113549.1.3.1": 112, // Diffie-Hellman
	"1.2.840.10046.2.1":    112, // the same, of X9.42
}

// namedCurve returns the curve of a key where Go knows it, however it is written.
func (c *certificate) namedCurve() elliptic.Curve {
	if c.explicitCurve() {
		return c.curve()
	}
	info := cryptobyte.String(c.PublicKeyInfo)
	var body, identifier cryptobyte.String
	_ = info.ReadASN1(&body, cbasn1.SEQUENCE) && body.ReadASN1(&identifier, cbasn1.SEQUENCE) && identifier.SkipASN1(cbasn1.OBJECT_IDENTIFIER)
	return namedCurves()[dotted(identifier)]
}

// namedCurves are the curves of Go by OID. They take time to set up, which no start of the program needs.
func namedCurves() map[string]elliptic.Curve {
	return map[string]elliptic.Curve{
		"1.3.132.0.33":        elliptic.P224(),
		"1.2.840.10045.3.1.7": elliptic.P256(),
		"1.3.132.0.34":        elliptic.P384(),
		"1.3.132.0.35":        elliptic.P521(),
	}
}

// curve finds the named curve that an ECParameters spells out, by its order: SEC 1, C.2.
func (c *certificate) curve() elliptic.Curve {
	info := cryptobyte.String(c.PublicKeyInfo)
	var body, identifier, parameters cryptobyte.String
	var order big.Int
	ok := info.ReadASN1(&body, cbasn1.SEQUENCE) && body.ReadASN1(&identifier, cbasn1.SEQUENCE) &&
		identifier.SkipASN1(cbasn1.OBJECT_IDENTIFIER) && identifier.ReadASN1(&parameters, cbasn1.SEQUENCE) &&
		parameters.SkipASN1(cbasn1.INTEGER) && // the version
		parameters.SkipASN1(cbasn1.SEQUENCE) && // the field
		parameters.SkipASN1(cbasn1.SEQUENCE) && // the coefficients
		parameters.SkipASN1(cbasn1.OCTET_STRING) && // the base point
		parameters.ReadASN1Integer(&order)
	for _, curve := range namedCurves() {
		if ok && curve.Params().N.Cmp(&order) == 0 {
			return curve
		}
	}
	return nil
}

// badSignature tells whether the issuer's key did not sign. OpenSSL checks what crypto/x509 refuses to: SHA-224, MD5. What
// cannot be checked here either, such as a signature on a curve that Go lacks, passes.
func (c *certificate) badSignature(issuer *certificate) bool {
	if !c.algorithmsAgree() {
		return true // X509_verify
	}
	a, ok := algorithmOf(c.outer)
	if !ok || a.hash != 0 && !a.hash.Available() {
		return false
	}
	digest := []byte(c.tbs)
	if a.hash != 0 {
		h := a.hash.New()
		h.Write(c.tbs)
		digest = h.Sum(nil)
	}
	switch key := issuer.publicKey().(type) {
	case *rsa.PublicKey:
		return errors.Is(verifyRSA(key, a, digest, c.signature), rsa.ErrVerification)
	case *ecdsa.PublicKey:
		return !ecdsa.VerifyASN1(key, digest, c.signature)
	case ed25519.PublicKey:
		return !ed25519.Verify(key, digest, c.signature)
	}
	return false
}

func verifyRSA(key *rsa.PublicKey, a algorithm, digest, signature []byte) error {
	if a.key == rsaPSSKey {
		return rsa.VerifyPSS(key, a.hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto})
	}
	return rsa.VerifyPKCS1v15(key, a.hash, digest, signature)
}
