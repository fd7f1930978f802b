package verify

import (
	"bytes"

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
	signed := signatures{left: mostSignatures}
	for i := range out {
		out[i].root = signed.by(out[i].cert, out[i].cert)
	}
	for i := range out {
		out[i].IssuedBy = issuerOf(out, i, &signed)
	}
	return out
}

// mostSignatures bounds the signatures that are checked to draw the tree. Few sets need ten; hostile ones could need a million.
const mostSignatures = 2000

// signatures checks as many as are left.
type signatures struct{ left int }

func (s *signatures) by(c, issuer *certset.Certificate) bool {
	if !bytes.Equal(c.RawIssuer, issuer.RawSubject) || s.left == 0 {
		return false
	}
	s.left--
	return c.SignedBy(issuer) == nil
}

// issuerOf is the index of the certificate that issued another one, rather one that is signed by itself. One that is itself
// signed by itself has none.
func issuerOf(all []Certificate, i int, signed *signatures) int {
	if all[i].root {
		return -1
	}
	for _, root := range []bool{true, false} {
		for j, issuer := range all {
			if issuer.root == root && signed.by(all[i].cert, issuer.cert) {
				return j
			}
		}
	}
	return -1
}
