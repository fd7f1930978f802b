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
	Extensions    []pkix.Extension // those it asks for, as far as they can be read

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
		Extensions:    requestedExtensions(info.Body.Attributes),
		signed:        signed{tbs: info.Body.Raw, algorithm: info.Algorithm.Algorithm, signature: info.Signature.RightAlign()},
	}
	if r.X509, r.X509Err = x509.ParseCertificateRequest(der); r.X509Err == nil {
		r.read = r.X509.SignatureAlgorithm
	}
	return r, nil
}

// CheckSignature checks that the request was signed with the key that it is for.
func (r *Request) CheckSignature() error { return r.verify(r.PublicKeyInfo) }

// oidExtensionRequest is RFC 2985's extensionRequest, 5.4.2.
var oidExtensionRequest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 14}

func requestedExtensions(attributes []asn1.RawValue) []pkix.Extension {
	var all []pkix.Extension
	for _, raw := range attributes {
		var attribute struct {
			ID     asn1.ObjectIdentifier
			Values [][]pkix.Extension `asn1:"set"`
		}
		if unmarshal(raw.FullBytes, &attribute) != nil || !attribute.ID.Equal(oidExtensionRequest) {
			continue
		}
		for _, extensions := range attribute.Values {
			all = append(all, extensions...)
		}
	}
	return all
}
