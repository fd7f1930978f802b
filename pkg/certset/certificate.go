package certset

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // for FingerprintSHA1
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
	Version             int // 1, 2 or 3 where it is in order
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
		IssuerUniqueID  asn1.RawValue    `asn1:"optional,tag:1"` // which crypto/x509 does not look into either
		SubjectUniqueID asn1.RawValue    `asn1:"optional,tag:2"`
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
		Version:       info.TBS.Version + 1,
		RawSubject:    info.TBS.Subject.FullBytes,
		RawIssuer:     info.TBS.Issuer.FullBytes,
		SerialNumber:  info.TBS.SerialNumber,
		NotBefore:     info.TBS.Validity.NotBefore.UTC(),
		NotAfter:      info.TBS.Validity.NotAfter.UTC(),
		PublicKeyInfo: info.TBS.PublicKey.Raw,
		PublicKeyBits: info.TBS.PublicKey.Bits.RightAlign(),
		Extensions:    info.TBS.Extensions,
		signed:        signed{tbs: info.TBS.Raw, algorithm: info.Algorithm.Algorithm, signature: info.Signature.RightAlign()},
	}
	if len(c.PublicKeyInfo) > mostKeyInfo {
		c.X509Err = errLongKey
	} else if c.X509, c.X509Err = x509.ParseCertificate(der); c.X509Err == nil {
		c.read = c.X509.SignatureAlgorithm
	}
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

// FingerprintSHA1 returns the SHA-1 of the DER, which older tools show. Nothing rests on it.
func (c *Certificate) FingerprintSHA1() [sha1.Size]byte { return sha1.Sum(c.Raw) } //nolint:gosec // a name, no signature

// Extension returns the extension of that kind, or nil.
func (c *Certificate) Extension(id asn1.ObjectIdentifier) *pkix.Extension {
	return extension(c.Extensions, id)
}

func extension(extensions []pkix.Extension, id asn1.ObjectIdentifier) *pkix.Extension {
	for i := range extensions {
		if extensions[i].Id.Equal(id) {
			return &extensions[i]
		}
	}
	return nil
}

// PublicKey returns the key that the certificate is for.
func (c *Certificate) PublicKey() (any, error) { return parsePublicKey(c.PublicKeyInfo) }

// SignedBy checks that the CA's name and key stand behind the certificate. It asks neither whether the CA is one nor
// whether anything is in its time.
func (c *Certificate) SignedBy(ca *Certificate) error {
	if !bytes.Equal(c.RawIssuer, ca.RawSubject) {
		return errors.New("its issuer is not the subject of the CA certificate")
	}
	return c.verify(ca.PublicKeyInfo)
}

// CheckSignature checks the signature with the key of another certificate, whatever the names are. The error is
// ErrBadSignature where the key is another one; any other error says that the signature cannot be checked.
func (c *Certificate) CheckSignature(signer *Certificate) error {
	return c.verify(signer.PublicKeyInfo)
}

// ErrBadSignature says that a signature is not that of the key.
var ErrBadSignature = errors.New("the signature is not that key's")
