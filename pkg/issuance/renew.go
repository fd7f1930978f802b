package issuance

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Renewal says what a renewed leaf has other than the old one. The zero value renews with the same key.
type Renewal struct {
	// Key is the new key; nil: the old one.
	Key crypto.Signer
	// Role is what a leaf is for that states no extendedKeyUsage; empty: it gets none.
	Role profile.Role
	// ResetUsage replaces an extendedKeyUsage by that of the role.
	ResetUsage bool
	// SANs are names that are added.
	SANs x509v3.SubjectAltName
	// Days until it expires; nil: it lasts as long as the old one.
	Days *int
}

// Renew makes a new certificate, and where the key is there a new request, for a leaf, whoever issued the old one. Subject and
// extensions are those of the old certificate. The identifiers follow the keys; names and uses that it lacks are completed as
// for a new leaf, which the notes say. It ends with its CA at the latest.
func (i *Issuer) Renew(old certset.Entry, r Renewal, serial *big.Int) (certset.Entry, []string, error) {
	key := old.Key
	if r.Key != nil {
		key = r.Key
	}
	public, err := publicKeyFor(key, old.Certificate)
	if err != nil {
		return certset.Entry{}, nil, err
	}
	exts, added, err := i.renewedExtensions(old.Certificate, r, public)
	if err != nil {
		return certset.Entry{}, nil, err
	}
	notAfter := i.now.Add(old.Certificate.NotAfter.Sub(old.Certificate.NotBefore))
	if r.Days != nil {
		notAfter = i.now.AddDate(0, 0, *r.Days)
	}
	notAfter, notes := i.shortened(notAfter)
	if len(added) > 0 {
		notes = append([]string{"added " + strings.Join(added, "; ")}, notes...)
	}
	entry, notes, err := i.certify(old.Certificate.RawSubject, exts, public, notAfter, serial, notes)
	if err != nil {
		return certset.Entry{}, nil, err
	}
	entry.Key, entry.Request = key, old.Request
	if key != nil {
		entry.Request, err = renewedRequest(old, r, key)
	}
	return entry, notes, err
}

func publicKeyFor(key crypto.Signer, old *certset.Certificate) (crypto.PublicKey, error) {
	if key != nil {
		return key.Public(), nil
	}
	return old.PublicKey()
}

func (i *Issuer) renewedExtensions(old *certset.Certificate, r Renewal, key crypto.PublicKey) (extensions, []string, error) {
	exts := extensions(old.Extensions).clone()
	if err := exts.rekey(old.PublicKeyBits, key); err != nil {
		return nil, nil, err
	}
	added, err := exts.complete(old.RawSubject, r)
	if err != nil {
		return nil, nil, err
	}
	bits, err := publicKeyBits(key)
	if err != nil {
		return nil, nil, err
	}
	ctx := x509v3.Context{PublicKey: bits, Issuer: identity(i.Certificate)}
	more, err := exts.identifyIssuer(ctx, old.SignedBy(i.Certificate) == nil)
	if err != nil {
		return nil, nil, err
	}
	return exts, append(added, more...), nil
}

// renewedRequest asks for what the old request asked for, or where that is not there or cannot be read, for what the old
// certificate has.
func renewedRequest(old certset.Entry, r Renewal, key crypto.Signer) (*certset.Request, error) {
	name, exts := old.Certificate.RawSubject, extensions(nil)
	switch {
	case old.Request == nil:
		exts = extensions(old.Certificate.Extensions).without(x509v3.OIDAuthorityKeyIdentifier)
	case old.Request.X509 != nil:
		name, exts = old.Request.RawSubject, extensions(old.Request.X509.Extensions).clone()
	default:
		name = old.Request.RawSubject
	}
	if err := exts.rekey(old.Certificate.PublicKeyBits, key.Public()); err != nil {
		return nil, err
	}
	if len(exts) > 0 {
		if _, err := exts.complete(name, r); err != nil {
			return nil, err
		}
	}
	return newRequest(key, name, exts, profile.SHA256)
}

// CARenewal says what a renewed CA has other than the old one.
type CARenewal struct {
	// Key is the new key, for which the CA gets a new CommonName; nil: the old key, and everything else stays too.
	Key crypto.Signer
	// CommonName of the new CA; empty: the old one's, with the year.
	CommonName string
	// Days until it expires; nil: it lasts as long as the old one.
	Days *int
	Now  time.Time
}

// RenewCA makes a new CA in place of an old one. Its extensions are the old one's, completed as those of a new CA.
func RenewCA(old certset.Entry, r CARenewal) (certset.Entry, []string, error) {
	key, name := old.Key, old.Certificate.RawSubject
	var err error
	if r.Key != nil {
		key = r.Key
		if name, err = newCAName(old.Certificate, r); err != nil {
			return certset.Entry{}, nil, err
		}
	}
	serial, err := RandomSerial()
	if err != nil {
		return certset.Entry{}, nil, err
	}
	exts := extensions(old.Certificate.Extensions).clone()
	if err := exts.rekey(old.Certificate.PublicKeyBits, key.Public()); err != nil {
		return certset.Entry{}, nil, err
	}
	bits, err := publicKeyBits(key.Public())
	if err != nil {
		return certset.Entry{}, nil, err
	}
	added, err := exts.completeCA(x509v3.Context{PublicKey: bits, Issuer: x509v3.Issuer{SelfSigned: true, Name: name, Serial: serial}})
	if err != nil {
		return certset.Entry{}, nil, err
	}
	now := seconds(r.Now)
	notAfter := now.Add(old.Certificate.NotAfter.Sub(old.Certificate.NotBefore))
	if r.Days != nil {
		notAfter = now.AddDate(0, 0, *r.Days)
	}
	cert, err := sign(key, name, &x509.Certificate{
		SerialNumber:       serial,
		RawSubject:         name,
		NotBefore:          now,
		NotAfter:           notAfter,
		ExtraExtensions:    exts,
		SignatureAlgorithm: signatureAlgorithm(key, profile.SHA256),
	}, key.Public())
	return certset.Entry{Key: key, Certificate: cert}, added, err
}

// newCAName is the subject of the old CA with another CommonName: two CAs of one name in a bundle break clients.
func newCAName(old *certset.Certificate, r CARenewal) ([]byte, error) {
	name, err := x509v3.ReadName(old.RawSubject)
	if err != nil {
		return nil, err
	}
	was, _ := name.Get(x509v3.OIDCommonName)
	is := r.CommonName
	if is == "" {
		is = withYear(was, r.Now.UTC().Year())
	}
	const most = 64 // characters, RFC 5280, appendix A.1: ub-common-name
	if utf8.RuneCountInString(is) > most {
		return nil, fmt.Errorf("the new CA would have the CommonName %q, of more than %d characters; give a shorter one", is, most)
	}
	if is == was {
		return nil, fmt.Errorf("the new CA would have the CommonName of the old one, %q, and clients would take the one for the other; give another", was)
	}
	der, err := name.With(x509v3.OIDCommonName, is).DER(x509v3.UTF8Only)
	if err != nil {
		return nil, fmt.Errorf("CommonName %q: %w", is, err)
	}
	if bytes.EqualFold(der, old.RawSubject) {
		return nil, errors.New("the new CA would have the name of the old one; give another CommonName")
	}
	return der, nil
}
