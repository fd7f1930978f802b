package certpath

import (
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// untrustedCause says why there is no way on from a certificate: often its issuer is there, and not taken for it.
func (p Path) untrustedCause(last *certificate) Cause {
	issuer := p.signerOf(last)
	switch {
	case last.invalid:
		return Malformed // for which nothing counts as its issuer
	case p.trusts(p.Sent[0]):
		return LeafAsRoot
	case issuer == nil:
		return UnknownIssuer
	case last.selfSigned():
		return OneSubject
	case !issuer.answersTo(last.authority):
		return KeyIDMismatch
	}
	return UnknownIssuer
}

// signatureCause says why the signature of a certificate is not by the key of the CA that was taken for its issuer.
func (p Path) signatureCause(c, taken *certificate) Cause {
	if signer := p.signerOf(c); signer != nil && string(signer.Raw) != string(taken.Raw) {
		return SameNamedCAs
	}
	return BadSignature
}

// signerOf returns another certificate of the path that has the issuer's name, and whose key did sign.
func (p Path) signerOf(c *certificate) *certificate {
	for _, other := range slices.Concat(p.Trusted, p.Sent) {
		if signer := newCertificate(other); slices.Equal(signer.subject, c.issuer) && string(other.Raw) != string(c.Raw) && c.CheckSignature(other) == nil {
			return signer
		}
	}
	return nil
}

// IsCA tells whether a certificate says that it is a CA.
func IsCA(c *certset.Certificate) bool { return newCertificate(c).ca }

// extensionNames are those of extensions that are known and may be critical for one library and not for another.
var extensionNames = map[string]string{
	oidSubjectKeyID: "subjectKeyIdentifier", oidAuthorityKeyID: "authorityKeyIdentifier", oidNameConstraints: "nameConstraints",
	oidSubjectAltName: "subjectAltName", oidNetscape: "nsCertType", "2.5.29.18": "issuerAltName", "2.5.29.31": "cRLDistributionPoints",
	"2.5.29.32": "certificatePolicies", "2.5.29.36": "policyConstraints", "2.5.29.54": "inhibitAnyPolicy", "2.5.29.46": "freshestCRL",
	"1.3.6.1.5.5.7.1.24": "tlsfeature", "2.16.840.1.113730.1.13": "nsComment",
}

// extensionName is the name of an extension, or its OID.
func extensionName(oid string) string {
	if name, ok := extensionNames[oid]; ok {
		return name
	}
	return oid
}
