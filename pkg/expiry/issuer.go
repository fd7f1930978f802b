package expiry

import (
	"bytes"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// issuer is a CA with the place that it was found in first.
type issuer struct {
	*certset.Certificate
	keyID       []byte
	place, file string
}

// issuers are CAs by subject.
type issuers map[string][]*issuer

// mostOfOneName bounds the CAs of one name that are tried, for each try can be the check of a signature.
const mostOfOneName = 16

// add adds a CA that is not among them yet.
func (s issuers) add(ca issuer) {
	name := string(ca.RawSubject)
	known := func(other *issuer) bool { return bytes.Equal(other.Raw, ca.Raw) }
	if len(s[name]) < mostOfOneName && !slices.ContainsFunc(s[name], known) {
		s[name] = append(s[name], &ca)
	}
}

// of finds who issued a certificate. Key identifiers that are the same are taken at their word, for to check ten thousand
// signatures takes longer than all else; where one is missing, the signature decides.
func (s issuers) of(c *certset.Certificate, keyID []byte) *issuer {
	for _, ca := range s[string(c.RawIssuer)] {
		if len(keyID) > 0 && len(ca.keyID) > 0 {
			if bytes.Equal(keyID, ca.keyID) {
				return ca
			}
		} else if c.SignedBy(ca.Certificate) == nil {
			return ca
		}
	}
	return nil
}
