package verify

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Made checks a leaf that was just made, before it is written: that certificate, key and request are of one key, that the CA is
// the one that was to sign, and that it is in its time. Signatures are taken on trust: crypto/x509 checks each
// that it makes, and checking them once more would be the larger part of the work.
func Made(leaf certset.Leaf, ca *certset.Certificate, at time.Time) error {
	cert := leaf.Certificate
	switch {
	case cert == nil:
		return errors.New("there is no certificate")
	case leaf.Key != nil && !leaf.HasKey():
		return errors.New("the certificate is for another key")
	case leaf.Request != nil && !bytes.Equal(leaf.Request.PublicKeyInfo, cert.PublicKeyInfo):
		return errors.New("the request is for another key")
	case !bytes.Equal(cert.RawIssuer, ca.RawSubject):
		return fmt.Errorf("the certificate names another CA, %s", cert.Issuer())
	case at.Before(cert.NotBefore) || at.After(cert.NotAfter):
		return errors.New("the certificate is not in its time")
	}
	return nil
}
