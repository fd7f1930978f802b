package issuance

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Issuer is a CA at work. It does not change, and may be used from several goroutines at once: serial numbers are the caller's.
type Issuer struct {
	certset.Entry
	now   time.Time
	chain []*certset.Certificate // what a leaf brings along
}

var errKeyMismatch = errors.New("the key is not that of the CA certificate")

// NewIssuer wants a CA that may sign: the key has to be the certificate's, and the certificate a CA's and in its time.
func NewIssuer(ca certset.Entry, now time.Time) (*Issuer, error) {
	i := &Issuer{Entry: ca, now: seconds(now)}
	uses := ca.Certificate.Uses()
	switch {
	case !ca.HasKey():
		return nil, errKeyMismatch
	case uses.CA != nil && !*uses.CA:
		return nil, errors.New("the certificate is no CA's: basicConstraints does not say CA:TRUE")
	case uses.CA == nil && ca.Certificate.SignedBy(ca.Certificate) != nil:
		// RFC 5280, 6.1.4 (k). Old roots, which are trusted as they are, can be without.
		return nil, errors.New("the certificate is no CA's: it has no basicConstraints, and is not signed by itself")
	case len(uses.KeyUsage) > 0 && !slices.Contains(uses.KeyUsage, "keyCertSign"):
		return nil, errors.New("the certificate is no CA's: keyUsage lacks keyCertSign")
	case i.now.Before(ca.Certificate.NotBefore):
		return nil, fmt.Errorf("the CA is not valid before %s", ca.Certificate.NotBefore.Format(time.RFC3339))
	case !i.now.Before(ca.Certificate.NotAfter):
		return nil, fmt.Errorf("the CA expired on %s", ca.Certificate.NotAfter.Format(time.RFC3339))
	}
	i.chain = intermediates(ca)
	return i, nil
}

// Issue makes the request and the certificate of a leaf's profile for a key. It returns notes about what differs from the
// profile.
func (i *Issuer) Issue(p *profile.Profile, c profile.Certificate, key crypto.Signer, serial *big.Int) (certset.Entry, []string, error) {
	request, err := NewRequest(p, c, key)
	if err != nil {
		return certset.Entry{}, nil, err
	}
	name, err := certifiedName(c, p.StringMask())
	if err != nil {
		return certset.Entry{}, nil, err
	}
	entry, notes, err := i.certifyProfile(p, c, name, key.Public(), serial)
	entry.Key, entry.Request = key, request
	return entry, notes, err
}

// Sign makes the certificate of a leaf's profile for the key in a request, under a subject in DER. Of the request nothing but
// the key is looked at.
func (i *Issuer) Sign(p *profile.Profile, c profile.Certificate, subject []byte, request *certset.Request, serial *big.Int) (certset.Entry, []string, error) {
	key, err := x509.ParsePKIXPublicKey(request.PublicKeyInfo)
	if err != nil {
		return certset.Entry{}, nil, err
	}
	if movesEmail(c) {
		if subject, err = x509v3.WithoutDER(subject, x509v3.OIDEmailAddress); err != nil {
			return certset.Entry{}, nil, err
		}
	}
	entry, notes, err := i.certifyProfile(p, c, subject, key, serial)
	entry.Request = request
	return entry, notes, err
}

func (i *Issuer) certifyProfile(p *profile.Profile, c profile.Certificate, name []byte, key crypto.PublicKey, serial *big.Int) (certset.Entry, []string, error) {
	bits, err := publicKeyBits(key)
	if err != nil {
		return certset.Entry{}, nil, err
	}
	exts, err := x509v3.Encode(c.Extensions, x509v3.Context{Subject: c.Subject, PublicKey: bits, Issuer: identity(i.Certificate)})
	if err != nil {
		return certset.Entry{}, nil, err
	}
	if p.Exact() {
		return i.certify(name, exts, key, i.now.AddDate(0, 0, c.Days), serial, nil)
	}
	if bytes.Equal(name, i.Certificate.RawSubject) && len(i.Certificate.Uses().KeyID) == 0 {
		return certset.Entry{}, nil, errCAsSubject
	}
	notAfter, notes := i.shortened(i.now.AddDate(0, 0, c.Days))
	return i.certify(name, exts, key, notAfter, serial, notes)
}

var errCAsSubject = errors.New("it would carry the subject of its CA, which has no key identifier, so that clients would take it for signed by itself; give it another name")

// shortened is the end of a leaf, which is that of its CA at the latest.
func (i *Issuer) shortened(notAfter time.Time) (time.Time, []string) {
	const noticed = 24 * time.Hour // with the usual days a leaf ends the seconds earlier that it was made later
	end := i.Certificate.NotAfter
	switch {
	case !notAfter.After(end):
		return notAfter, nil
	case notAfter.Sub(end) < noticed:
		return end, nil
	}
	return end, []string{fmt.Sprintf("leaves end on %s with their CA, not after the days that were asked for", end.Format(time.DateOnly))}
}

// certify signs a leaf's certificate. Signatures are with SHA-256. Behind it come the CAs that lie between it and a root.
func (i *Issuer) certify(name []byte, exts []pkix.Extension, key crypto.PublicKey, notAfter time.Time, serial *big.Int, notes []string) (certset.Entry, []string, error) {
	cert, err := sign(i.Key, i.Certificate.RawSubject, &x509.Certificate{
		SerialNumber:       serial,
		RawSubject:         name,
		NotBefore:          i.now,
		NotAfter:           notAfter,
		ExtraExtensions:    exts,
		SignatureAlgorithm: signatureAlgorithm(i.Key, profile.SHA256),
	}, key)
	return certset.Entry{Certificate: cert, Chain: i.chain}, notes, err
}

// CAOf returns the CA that a key belongs to among certificates, in whatever order they are, those of the CAs above it, and how many
// others there are. Of several for the key it is the one in its time that ends last. Nil: none is for the key.
func CAOf(key crypto.Signer, certs []*certset.Certificate, at time.Time) (ca *certset.Certificate, above []*certset.Certificate, others int) {
	inTime := func(c *certset.Certificate) bool { return !at.Before(c.NotBefore) && at.Before(c.NotAfter) }
	for _, c := range certs {
		if !(certset.Entry{Key: key, Certificate: c}).HasKey() {
			continue
		}
		if ca == nil || inTime(c) && (!inTime(ca) || c.NotAfter.After(ca.NotAfter)) {
			ca = c
		}
	}
	if ca == nil {
		return nil, nil, len(certs)
	}
	left := slices.DeleteFunc(slices.Clone(certs), func(c *certset.Certificate) bool { return c == ca })
	for open := []*certset.Certificate{ca}; len(open) > 0; open = open[1:] {
		left = slices.DeleteFunc(left, func(c *certset.Certificate) bool {
			isAbove := open[0].SignedBy(c) == nil
			if isAbove {
				above, open = append(above, c), append(open, c)
			}
			return isAbove
		})
	}
	return ca, above, len(left)
}

// intermediates are the CAs from the one that signs up to a root, which each client has or has not.
func intermediates(ca certset.Entry) []*certset.Certificate {
	var chain []*certset.Certificate
	left := slices.Clone(ca.Chain)
	for c := ca.Certificate; c.SignedBy(c) != nil; {
		chain = append(chain, c)
		issuer := slices.IndexFunc(left, func(above *certset.Certificate) bool { return c.SignedBy(above) == nil })
		if issuer < 0 {
			break
		}
		c = left[issuer]
		left = slices.Delete(left, issuer, issuer+1)
	}
	return chain
}
