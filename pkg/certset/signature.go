package certset

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
)

// signed is what a signature covers, and the signature.
type signed struct {
	tbs       []byte
	algorithm asn1.ObjectIdentifier
	signature []byte
	// read is the algorithm as crypto/x509 understood it, where it did. The OID alone does not tell it for RSASSA-PSS.
	read x509.SignatureAlgorithm
}

// signatureAlgorithm is an algorithm by OpenSSL's name.
type signatureAlgorithm struct {
	name string
	x509 x509.SignatureAlgorithm // 0 where Go checks none, or where the parameters decide
}

// oidRSASSAPSS is RFC 8017's id-RSASSA-PSS.
const oidRSASSAPSS = "1.2.840.113549.1.1.10"

// signatureAlgorithms by OID: RFC 8017, RFC 5758, RFC 8410.
var signatureAlgorithms = map[string]signatureAlgorithm{
	"1.2.840.113549.1.1.4":  {"md5WithRSAEncryption", 0},
	"1.2.840.113549.1.1.5":  {"sha1WithRSAEncryption", x509.SHA1WithRSA},
	"1.2.840.113549.1.1.14": {"sha224WithRSAEncryption", 0},
	"1.2.840.113549.1.1.11": {"sha256WithRSAEncryption", x509.SHA256WithRSA},
	"1.2.840.113549.1.1.12": {"sha384WithRSAEncryption", x509.SHA384WithRSA},
	"1.2.840.113549.1.1.13": {"sha512WithRSAEncryption", x509.SHA512WithRSA},
	oidRSASSAPSS:            {"rsassaPss", 0},
	"1.2.840.10045.4.1":     {"ecdsa-with-SHA1", x509.ECDSAWithSHA1},
	"1.2.840.10045.4.3.1":   {"ecdsa-with-SHA224", 0},
	"1.2.840.10045.4.3.2":   {"ecdsa-with-SHA256", x509.ECDSAWithSHA256},
	"1.2.840.10045.4.3.3":   {"ecdsa-with-SHA384", x509.ECDSAWithSHA384},
	"1.2.840.10045.4.3.4":   {"ecdsa-with-SHA512", x509.ECDSAWithSHA512},
	"1.3.101.112":           {"ED25519", x509.PureEd25519},
	"1.3.101.113":           {"ED448", 0},
}

// SignatureAlgorithm names the algorithm of the signature as OpenSSL does, such as "sha256WithRSAEncryption",
// "ecdsa-with-SHA256" or "ED25519". One that has no name here is its OID, cut where it is very long.
func (s *signed) SignatureAlgorithm() string {
	if a, ok := signatureAlgorithms[s.algorithm.String()]; ok {
		return a.name
	}
	return shortOID(s.algorithm.String())
}

// shortOID keeps an OID of a thousand arcs out of messages.
func shortOID(oid string) string {
	const longest = 48
	if len(oid) > longest {
		return oid[:longest] + "…"
	}
	return oid
}

// mostKeyInfo is the length of a SubjectPublicKeyInfo up to which keys are looked at. RSA of 16384 bits, which is the most
// that OpenSSL takes (OPENSSL_RSA_MAX_MODULUS_BITS), has less; longer keys only serve to keep those busy who verify.
const mostKeyInfo = 3 << 10

var errLongKey = errors.New("the public key is longer than RSA of 16384 bits")

func parsePublicKey(publicKeyInfo []byte) (any, error) {
	if len(publicKeyInfo) > mostKeyInfo {
		return nil, errLongKey
	}
	return x509.ParsePKIXPublicKey(publicKeyInfo)
}

// verify checks the signature with a public key.
func (s *signed) verify(publicKeyInfo []byte) error {
	key, err := parsePublicKey(publicKeyInfo)
	if err != nil {
		return fmt.Errorf("the signer's key cannot be read: %w", err)
	}
	algorithm := signatureAlgorithms[s.algorithm.String()].x509
	if s.algorithm.String() == oidRSASSAPSS {
		algorithm = s.read
	}
	if algorithm == x509.UnknownSignatureAlgorithm {
		return fmt.Errorf("signature algorithm %s cannot be checked", s.SignatureAlgorithm())
	}
	if k, ok := key.(*rsa.PublicKey); ok && k.N.BitLen() < leastRSABits {
		return fmt.Errorf("the signer's RSA key has %d bits; Go checks none under %d", k.N.BitLen(), leastRSABits)
	}
	signer := x509.Certificate{PublicKey: key}
	if err := signer.CheckSignature(algorithm, s.tbs, s.signature); err != nil {
		return ErrBadSignature
	}
	return nil
}
