package issuance

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Renew makes a new key, request and certificate for a leaf, from the CA that signed it. Subject and extensions are those
// of the old certificate; only the subject's key identifier follows the new key. It lasts as long as the old one did, but
// no longer than its CA. Renew returns the new entry, the serial number used, and notes.
func Renew(old, ca certset.Entry, o Options) (certset.Entry, *big.Int, []string, error) {
	keys, err := generateKeys([]profile.KeyType{keyTypeOf(old.Key)}, o.keyMade)
	if err != nil {
		return certset.Entry{}, nil, nil, fmt.Errorf("cannot make a key: %w", err)
	}
	key := keys[0]
	exts, err := rekey(old.Certificate.Extensions, old.Certificate.PublicKeyBits, key)
	if err != nil {
		return certset.Entry{}, nil, nil, err
	}
	i := &issuer{Entry: ca, last: o.LastSerial, now: o.Now.UTC().Truncate(time.Second)}
	lifetime := old.Certificate.NotAfter.Sub(old.Certificate.NotBefore)
	cert, err := i.certify(old.Certificate.RawSubject, exts, key.Public(), i.now.Add(lifetime))
	if err != nil {
		return certset.Entry{}, nil, nil, err
	}
	request, err := renewRequest(old, key)
	if err != nil {
		return certset.Entry{}, nil, nil, err
	}
	return certset.Entry{Key: key, Request: request, Certificate: cert}, i.last, i.notes, nil
}

// renewRequest asks for what the old request asked for. One that crypto/x509 cannot read asks for the name alone.
func renewRequest(old certset.Entry, key crypto.Signer) (*certset.Request, error) {
	var exts []pkix.Extension
	if old.Request.X509 != nil {
		var err error
		if exts, err = rekey(old.Request.X509.Extensions, old.Certificate.PublicKeyBits, key); err != nil {
			return nil, err
		}
	}
	return newRequest(key, old.Request.RawSubject, exts, profile.SHA256)
}

// rekey gives a subjectKeyIdentifier that is the old key's the new key's value. One that was chosen freely stays.
func rekey(exts []pkix.Extension, oldBits []byte, key crypto.Signer) ([]pkix.Extension, error) {
	bits, err := publicKeyBits(key.Public())
	if err != nil {
		return nil, err
	}
	was, err := asn1.Marshal(x509v3.KeyIdentifier(oldBits))
	if err != nil {
		return nil, err
	}
	is, err := asn1.Marshal(x509v3.KeyIdentifier(bits))
	if err != nil {
		return nil, err
	}
	exts = slices.Clone(exts)
	for i, e := range exts {
		if e.Id.Equal(x509v3.OIDSubjectKeyIdentifier) && bytes.Equal(e.Value, was) {
			exts[i].Value = is
		}
	}
	return exts, nil
}
