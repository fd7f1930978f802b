package certset

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// Request is a certification request, RFC 2986, in DER with what is needed of it.
type Request struct {
	Raw           []byte
	RawSubject    []byte
	PublicKeyInfo []byte

	X509    *x509.CertificateRequest // nil where X509Err is not
	X509Err error

	signed
}

type (
	requestBody struct {
		Raw        asn1.RawContent
		Version    int
		Subject    asn1.RawValue
		PublicKey  publicKeyInfo
		Attributes []asn1.RawValue `asn1:"tag:0"`
	}
	requestInfo struct {
		Body      requestBody
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
)

// ParseRequest reads a certification request from DER.
func ParseRequest(der []byte) (*Request, error) {
	var info requestInfo
	if err := unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("no certification request: %w", err)
	}
	r := &Request{
		Raw:           der,
		RawSubject:    info.Body.Subject.FullBytes,
		PublicKeyInfo: info.Body.PublicKey.Raw,
		signed:        signed{info.Body.Raw, info.Algorithm.Algorithm, info.Signature.RightAlign()},
	}
	r.X509, r.X509Err = x509.ParseCertificateRequest(der)
	return r, nil
}

// CheckSignature checks that the request was signed with the key that it is for.
func (r *Request) CheckSignature() error { return r.verify(r.PublicKeyInfo) }
