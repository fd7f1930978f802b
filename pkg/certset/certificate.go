package certset

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Certificate is a certificate in DER with what any reader finds in it. A conf can ask for certificates that crypto/x509
// refuses (a dNSName with raw bytes, a critical key identifier); these are certificates all the same, and X509Err says
// what Go holds against them.
type Certificate struct {
	Raw                 []byte
	RawSubject          []byte
	RawIssuer           []byte
	SerialNumber        *big.Int
	NotBefore, NotAfter time.Time
	// PublicKeyInfo is the DER of SubjectPublicKeyInfo, PublicKeyBits the content of its BIT STRING.
	PublicKeyInfo, PublicKeyBits []byte
	Extensions                   []pkix.Extension

	X509    *x509.Certificate // nil where X509Err is not
	X509Err error

	signed
}

// signed is what a signature covers, and the signature.
type signed struct {
	tbs       []byte
	algorithm asn1.ObjectIdentifier
	signature []byte
}

// The structures of RFC 5280, 4.1, as far as they are needed.
type (
	publicKeyInfo struct {
		Raw       asn1.RawContent
		Algorithm pkix.AlgorithmIdentifier
		Bits      asn1.BitString
	}
	validity struct{ NotBefore, NotAfter time.Time }

	tbsCertificate struct {
		Raw             asn1.RawContent
		Version         int `asn1:"optional,explicit,default:0,tag:0"`
		SerialNumber    *big.Int
		Algorithm       pkix.AlgorithmIdentifier
		Issuer          asn1.RawValue
		Validity        validity
		Subject         asn1.RawValue
		PublicKey       publicKeyInfo
		IssuerUniqueID  asn1.BitString   `asn1:"optional,tag:1"`
		SubjectUniqueID asn1.BitString   `asn1:"optional,tag:2"`
		Extensions      []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
	}
	certificateInfo struct {
		TBS       tbsCertificate
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
)

// ParseCertificate reads a certificate from DER.
func ParseCertificate(der []byte) (*Certificate, error) {
	var info certificateInfo
	if err := unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("no certificate: %w", err)
	}
	c := &Certificate{
		Raw:           der,
		RawSubject:    info.TBS.Subject.FullBytes,
		RawIssuer:     info.TBS.Issuer.FullBytes,
		SerialNumber:  info.TBS.SerialNumber,
		NotBefore:     info.TBS.Validity.NotBefore.UTC(),
		NotAfter:      info.TBS.Validity.NotAfter.UTC(),
		PublicKeyInfo: info.TBS.PublicKey.Raw,
		PublicKeyBits: info.TBS.PublicKey.Bits.RightAlign(),
		Extensions:    info.TBS.Extensions,
		signed:        signed{info.TBS.Raw, info.Algorithm.Algorithm, info.Signature.RightAlign()},
	}
	c.X509, c.X509Err = x509.ParseCertificate(der)
	return c, nil
}

func unmarshal(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes too many", len(rest))
	}
	return err
}

// Fingerprint returns the SHA-256 of the DER.
func (c *Certificate) Fingerprint() [sha256.Size]byte { return sha256.Sum256(c.Raw) }

// Extension returns the extension of that kind, or nil.
func (c *Certificate) Extension(id asn1.ObjectIdentifier) *pkix.Extension {
	for i := range c.Extensions {
		if c.Extensions[i].Id.Equal(id) {
			return &c.Extensions[i]
		}
	}
	return nil
}

// PublicKey returns the key that the certificate is for.
func (c *Certificate) PublicKey() (any, error) { return x509.ParsePKIXPublicKey(c.PublicKeyInfo) }

// SignedBy checks that the CA's name and key stand behind the certificate. It asks neither whether the CA is one nor
// whether anything is in its time.
func (c *Certificate) SignedBy(ca *Certificate) error {
	if !bytes.Equal(c.RawIssuer, ca.RawSubject) {
		return errors.New("its issuer is not the subject of the CA certificate")
	}
	return c.verify(ca.PublicKeyInfo)
}

// verify checks the signature with a public key.
func (s *signed) verify(publicKeyInfo []byte) error {
	key, err := x509.ParsePKIXPublicKey(publicKeyInfo)
	if err != nil {
		return fmt.Errorf("the signer's key cannot be read: %w", err)
	}
	algorithm, ok := signatureAlgorithms[s.algorithm.String()]
	if !ok {
		return fmt.Errorf("signature algorithm %s cannot be checked", s.algorithm)
	}
	signer := x509.Certificate{PublicKey: key}
	if err := signer.CheckSignature(algorithm, s.tbs, s.signature); err != nil {
		return errors.New("the signature is not that key's")
	}
	return nil
}

// signatureAlgorithms by OID: RFC 8017, RFC 5758, RFC 8410.
var signatureAlgorithms = map[string]x509.SignatureAlgorithm{
	"1.2.840.113549.1.1.5":  x509.SHA1WithRSA,
	"1.2.840.113549.1.1.11": x509.SHA256WithRSA,
	"1.2.840.113549.1.1.12": x509.SHA384WithRSA,
	"1.2.840.113549.1.1.13": x509.SHA512WithRSA,
	"1.2.840.10045.4.1":     x509.ECDSAWithSHA1,
	"1.2.840.10045.4.3.2":   x509.ECDSAWithSHA256,
	"1.2.840.10045.4.3.3":   x509.ECDSAWithSHA384,
	"1.2.840.10045.4.3.4":   x509.ECDSAWithSHA512,
	"1.3.101.112":           x509.PureEd25519,
}
