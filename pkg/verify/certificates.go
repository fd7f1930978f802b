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
		out[i].IssuedBy = slices.IndexFunc(out, func(issuer Certificate) bool {
			return issuer.cert != out[i].cert && string(issuer.cert.Raw) != string(out[i].cert.Raw) && out[i].cert.SignedBy(issuer.cert) == nil
		})
	}
	return out
}
