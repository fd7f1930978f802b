package expiry

import "github.com/milvus-certs/milvus-certs/pkg/certset"

// ChangeOverOf returns the old CA where a change of the CA is under way: the bundle's first certificate is the new one, signed by
// itself, and another one that is signed by itself stands behind it. Nil: there is no change.
func ChangeOverOf(ca certset.Entry) *certset.Certificate {
	if ca.Certificate == nil || ca.Certificate.SignedBy(ca.Certificate) != nil {
		return nil
	}
	for _, c := range ca.Chain {
		if c.SignedBy(c) == nil {
			return c
		}
	}
	return nil
}
