package certset

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
)

// leastCertifiedBits is the length of RSA keys under which clients refuse certificates.
const leastCertifiedBits = 2048

// CheckKey wants the key of the request to be one that clients take in a certificate: RSA of 2048 bits or more, EC on P-256, P-384
// or P-521, or Ed25519. The error names what it is instead.
func (r *Request) CheckKey() error {
	key, err := parsePublicKey(r.PublicKeyInfo)
	switch {
	case errors.Is(err, errLongKey):
		return err
	case err != nil:
		return r.refusedKey()
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < leastCertifiedBits {
			return fmt.Errorf("wanted an RSA key of %d bits or more, found one of %d, which clients refuse", leastCertifiedBits, bits)
		}
		return nil
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P224() {
			return errors.New("wanted an EC key on P-256, P-384 or P-521, found the curve P-224, which TLS has no more")
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return r.refusedKey()
}

// refusedKey names the kind of a key that is not read.
func (r *Request) refusedKey() error {
	none := errors.New("the key in the request cannot be read")
	var info publicKeyInfo
	if err := unmarshal(r.PublicKeyInfo, &info); err != nil {
		return none
	}
	return refusedAlgorithm(info.Algorithm.Algorithm, info.Algorithm.Parameters.FullBytes, none)
}

// ReadRequest reads a file of one certification request, PEM or DER. Remarks and errors are those of ParseCertificates.
func ReadRequest(data []byte) (*Request, []string, error) {
	if form := formOf(data); form != nil && form.kind == pemRequest {
		r, err := ParseRequest(data)
		return r, nil, err
	}
	return parseRequestPEM(data)
}

// OtherAttributes are the kinds of attributes (RFC 2986, 4.1) of the request besides the extensions that it asks for, such as a
// challengePassword.
func (r *Request) OtherAttributes() []asn1.ObjectIdentifier {
	var info requestInfo
	if unmarshal(r.Raw, &info) != nil {
		return nil
	}
	var kinds []asn1.ObjectIdentifier
	for _, raw := range info.Body.Attributes {
		var attribute struct {
			ID     asn1.ObjectIdentifier
			Values asn1.RawValue
		}
		if unmarshal(raw.FullBytes, &attribute) == nil && !attribute.ID.Equal(oidExtensionRequest) {
			kinds = append(kinds, attribute.ID)
		}
	}
	return kinds
}
