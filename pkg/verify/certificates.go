package verify

import (
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// certificates lists what the files hold, the CAs first, and who issued whom.
func (c *check) certificates() []Certificate {
	out := []Certificate{}
	for _, p := range parts(c.Set) {
		if p.Certificate == nil {
			continue
		}
		for i, cert := range append([]*certset.Certificate{p.Certificate}, p.Chain...) {
			out = append(out, Certificate{File: c.label(p.certificate), Place: i + 1, IssuedBy: -1, Subject: cert.Subject(), Names: append([]string{}, cert.Names()...),
				KeyType: cert.KeyType(), NotBefore: cert.NotBefore, NotAfter: cert.NotAfter, cert: cert})
		}
	}
	for i := range out {
		out[i].IssuedBy = issuerOf(out, out[i].cert)
	}
	return out
}

// issuerOf is the index of the certificate that issued another one, rather one that is signed by itself. One that is itself
// signed by itself has none.
func issuerOf(all []Certificate, c *certset.Certificate) int {
	if c.SignedBy(c) == nil {
		return -1
	}
	issued := func(issuer Certificate) bool { return c.SignedBy(issuer.cert) == nil }
	root := slices.IndexFunc(all, func(issuer Certificate) bool { return issued(issuer) && issuer.cert.SignedBy(issuer.cert) == nil })
	if root >= 0 {
		return root
	}
	return slices.IndexFunc(all, issued)
}
