package certset

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
)

// keyForm is a form of private keys: its name, its PEM type, its reader.
type keyForm struct {
	name  string
	parse func([]byte) (any, error)
}

var keyForms = map[string]keyForm{
	pemPrivateKey: {"PKCS#8", x509.ParsePKCS8PrivateKey},
	pemRSAKey:     {"PKCS#1", func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) }},
	pemECKey:      {"SEC 1", func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) }},
}

// keyKindErrors are kinds of private keys that are not read, and why.
var keyKindErrors = map[string]error{
	pemEncryptedKey:       errEncrypted(),
	"OPENSSH PRIVATE KEY": errors.New("wanted a private key in PKCS#8, PKCS#1 or SEC 1, found OpenSSH's form; ssh-keygen -p -m PKCS8 -f FILE converts one for RSA or EC"),
	"DSA PRIVATE KEY":     errors.New("wanted an RSA, EC or Ed25519 key, found a DSA key"),
}

// mostKey is the length of a private key in bytes up to which it is read: the libraries check a key, which takes minutes for
// one that nobody has.
const mostKey = 16 << 10

// leastRSABits is the length under which crypto/rsa neither signs nor checks.
const leastRSABits = 1024

// ParseKey reads a PEM file of one private key: PKCS#8, or what older OpenSSL writes (PKCS#1 for RSA, SEC 1 for EC).
// Remarks are as those of ParseCertificates. No error quotes anything of a block. A key that needs a pass phrase is
// ErrEncrypted.
func ParseKey(data []byte) (crypto.Signer, []string, error) {
	b, remarks, err := singleBlock(data, wantKey)
	if err != nil {
		return nil, nil, err
	}
	key, err := b.key()
	return key, remarks, err
}

// key reads the private key in a block.
func (b block) key() (crypto.Signer, error) {
	form, ok := keyForms[b.kind]
	if !ok {
		if err := keyKindErrors[b.kind]; err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("wanted a private key in PKCS#8, PKCS#1 or SEC 1, found another kind (-----BEGIN %s-----)", label(b.kind))
	}
	if len(b.der) > mostKey {
		return nil, fmt.Errorf("%w: a private key of %d bytes, where RSA of 16384 bits has fewer than %d", ErrTooMuch, len(b.der), mostKey)
	}
	var raw asn1.RawValue
	if rest, err := asn1.Unmarshal(b.der, &raw); err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("the private key has %d bytes too many behind it", len(rest))
	}
	key, err := form.parse(b.der)
	if err != nil {
		return nil, b.refused() // the libraries' messages could quote the key
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < leastRSABits {
			return nil, fmt.Errorf("wanted an RSA key of %d bits or more, found one of %d, with which Go does not sign", leastRSABits, bits)
		}
		return key, nil
	case *ecdsa.PrivateKey:
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, b.refused()
}

// refused says why a key cannot be read, as far as that shows.
func (b block) refused() error {
	none := fmt.Errorf("the PEM block %q holds no private key that can be read", b.kind)
	form := formOf(b.der)
	switch {
	case form == nil:
		return none
	case kindName(form.kind) != wantKey.name:
		return fmt.Errorf("the block says %s and holds %s", b.kind, kindName(form.kind))
	case form.kind == pemEncryptedKey:
		return errEncrypted()
	case form.kind != b.kind:
		return fmt.Errorf("the block says %s and holds a key in %s, which belongs into %s", b.kind, keyForms[form.kind].name, form.kind)
	case form.kind == pemPrivateKey:
		return refusedPKCS8(b.der, none)
	case form.kind == pemECKey:
		var key sec1Key
		_ = unmarshal(b.der, &key) // it is of that form
		return refusedCurve(key.Parameters.Bytes, none)
	}
	return none
}

// keyAlgorithms are kinds of keys and curves that TLS servers in Go cannot use, by OID.
var keyAlgorithms = map[string]string{
	"1.2.840.10040.4.1":    "DSA",
	"1.2.840.113549.1.3.1": "Diffie-Hellman",
	"1.3.101.110":          "X25519",
	"1.3.101.111":          "X448",
	"1.3.101.113":          "Ed448",
	"1.3.132.0.10":         "secp256k1",
}

// refusedPKCS8 names the kind of a key that is not read.
func refusedPKCS8(der []byte, other error) error {
	var key pkcs8
	if err := unmarshal(der, &key); err != nil {
		return other
	}
	return refusedAlgorithm(key.Algorithm.ID, key.Algorithm.Parameters.FullBytes, other)
}

// refusedAlgorithm names the kind of a key by its AlgorithmIdentifier.
func refusedAlgorithm(kind asn1.ObjectIdentifier, parameters []byte, other error) error {
	const rsaEncryption, ecPublicKey, ed25519 = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1", "1.3.101.112"
	switch id := kind.String(); id {
	case rsaEncryption, ed25519:
		return other
	case oidRSASSAPSS:
		return errors.New("wanted an RSA, EC or Ed25519 key, found one for RSASSA-PSS alone, which Go does not read")
	case ecPublicKey:
		return refusedCurve(parameters, other)
	default:
		return fmt.Errorf("wanted an RSA, EC or Ed25519 key, found another kind, %s", algorithmName(id))
	}
}

// refusedCurve tells of a curve that Go does not know, by the DER that says which.
func refusedCurve(der []byte, other error) error {
	const wanted = "wanted an EC key on P-256, P-384 or P-521, found "
	var curve asn1.ObjectIdentifier
	switch {
	case len(der) == 0:
		return other
	case unmarshal(der, &curve) != nil:
		return errors.New(wanted + "explicit parameters of a curve")
	case knownCurves[curve.String()]:
		return other
	}
	return fmt.Errorf("%sthe curve %s", wanted, algorithmName(curve.String()))
}

// knownCurves are those that crypto/x509 reads: P-224, P-256, P-384, P-521.
var knownCurves = map[string]bool{"1.3.132.0.33": true, "1.2.840.10045.3.1.7": true, "1.3.132.0.34": true, "1.3.132.0.35": true}

func algorithmName(oid string) string {
	if name, ok := keyAlgorithms[oid]; ok {
		return name
	}
	return "OID " + shortOID(oid)
}
