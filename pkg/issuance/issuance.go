package issuance

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Options is what making a set needs besides the profile.
type Options struct {
	// Now is when everything becomes valid, cut to seconds. It has to be set.
	Now time.Time
	// LastSerial is the serial number that the CA's leaves go on from; nil starts with 159 random bits. The CA
	// certificate's own number is random.
	LastSerial *big.Int
	// CA, where it is set, issues the leaves. It lies elsewhere: the set has its certificates and not its key.
	CA *certset.Entry
	// KeyMade, where it is set, is called after each key, from several goroutines at once.
	KeyMade func()
}

func (o Options) keyMade() {
	if o.KeyMade != nil {
		o.KeyMade()
	}
}

// NewSet makes a set: three keys, the CA certificate, and a request and a certificate for server and client. It returns
// notes about what differs from the profile.
func NewSet(p *profile.Profile, o Options) (*certset.Set, []string, error) {
	types := []profile.KeyType{p.Server().Key, p.Client().Key}
	if o.CA == nil {
		types = append(types, p.CA().Key)
	}
	keys, err := generateKeys(types, o.keyMade)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make keys: %w", err)
	}
	set := &certset.Set{Serial: o.LastSerial}
	i, err := o.issuer(p, keys)
	if err != nil {
		return nil, nil, inFile(certset.CACertificate, err)
	}
	set.CA = i.Entry
	if o.CA != nil {
		set.CA.Key = nil
	}
	if set.Serial == nil {
		if set.Serial, err = RandomSerial(); err != nil {
			return nil, nil, err
		}
	}
	var notes []string
	for n, leaf := range []struct {
		entry *certset.Entry
		cert  profile.Certificate
		file  string
	}{
		{&set.Server, p.Server(), certset.ServerCertificate},
		{&set.Client, p.Client(), certset.ClientCertificate},
	} {
		if set.Serial, err = certset.NextSerial(set.Serial); err != nil {
			return nil, nil, inFile(leaf.file, err)
		}
		entry, more, err := i.Issue(p, leaf.cert, keys[n], set.Serial)
		if err != nil {
			return nil, nil, inFile(leaf.file, err)
		}
		*leaf.entry, notes = entry, append(notes, more...)
	}
	return set, slices.Compact(notes), nil
}

// issuer is the CA that was given, or a new one with the last of the keys.
func (o Options) issuer(p *profile.Profile, keys []crypto.Signer) (*Issuer, error) {
	if o.CA != nil {
		return NewIssuer(*o.CA, o.Now)
	}
	ca, err := NewCA(p, keys[len(keys)-1], o.Now)
	return &Issuer{Entry: ca, now: seconds(o.Now)}, err
}

// seconds cuts a time to what a certificate can say of it.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// inFile says which file could not be made. An error of the conf has its place already.
func inFile(name string, err error) error {
	if _, located := errors.AsType[*opensslconf.Error](err); located {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// RandomSerial returns 159 random bits, as OpenSSL takes them: the most that 20 octets hold of a positive number.
func RandomSerial() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), certset.MaxSerialBits))
}

// NewCA makes the certificate of a CA, signed by itself. Its serial number is random.
func NewCA(p *profile.Profile, key crypto.Signer, now time.Time) (certset.Entry, error) {
	c := p.CA()
	now = seconds(now)
	serial, err := RandomSerial()
	if err != nil {
		return certset.Entry{}, err
	}
	bits, err := publicKeyBits(key.Public())
	if err != nil {
		return certset.Entry{}, err
	}
	name, err := c.Subject.DER(p.StringMask())
	if err != nil {
		return certset.Entry{}, err
	}
	exts, err := x509v3.Encode(c.Extensions, x509v3.Context{
		Subject:   c.Subject,
		PublicKey: bits,
		Issuer:    x509v3.Issuer{SelfSigned: true, Name: name, Serial: serial},
	})
	if err != nil {
		return certset.Entry{}, err
	}
	if name, err = certifiedName(c, p.StringMask()); err != nil {
		return certset.Entry{}, err
	}
	cert, err := sign(key, name, &x509.Certificate{
		SerialNumber:       serial,
		RawSubject:         name,
		NotBefore:          now,
		NotAfter:           now.AddDate(0, 0, c.Days),
		ExtraExtensions:    exts,
		SignatureAlgorithm: signatureAlgorithm(key, c.Digest),
	}, key.Public())
	return certset.Entry{Key: key, Certificate: cert}, err
}

// certifiedName is the subject without the addresses that email:move takes into subjectAltName.
func certifiedName(c profile.Certificate, mask x509v3.StringMask) ([]byte, error) {
	subject := c.Subject
	if movesEmail(c) {
		subject = subject.Without(x509v3.OIDEmailAddress)
	}
	return subject.DER(mask)
}

func movesEmail(c profile.Certificate) bool {
	e := x509v3.Find(c.Extensions, x509v3.OIDSubjectAltName)
	if e == nil {
		return false
	}
	san, ok := e.Value.(x509v3.SubjectAltName)
	return ok && san.MovesEmail()
}

// identity is what a CA certificate gives to those that it signs.
func identity(ca *certset.Certificate) x509v3.Issuer {
	return x509v3.IssuerOf(ca.RawIssuer, ca.SerialNumber, ca.Extensions)
}

// sign has crypto/x509 put a certificate together. Nothing in the parent but its name counts, so that no extension comes
// in besides those of the template.
func sign(key crypto.Signer, issuerName []byte, template *x509.Certificate, public crypto.PublicKey) (*certset.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, &x509.Certificate{RawSubject: issuerName}, public, key)
	if err != nil {
		return nil, err
	}
	return certset.ParseCertificate(der)
}

// NewRequest makes the request of a profile for a key.
func NewRequest(p *profile.Profile, c profile.Certificate, key crypto.Signer) (*certset.Request, error) {
	bits, err := publicKeyBits(key.Public())
	if err != nil {
		return nil, err
	}
	name, err := certifiedName(c, p.StringMask())
	if err != nil {
		return nil, err
	}
	requested, err := x509v3.Encode(c.Requested, x509v3.Context{Request: true, Subject: c.Subject, PublicKey: bits})
	if err != nil {
		return nil, err
	}
	return newRequest(key, name, requested, c.Digest)
}

func newRequest(key crypto.Signer, name []byte, exts []pkix.Extension, digest profile.Digest) (*certset.Request, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		RawSubject:         name,
		ExtraExtensions:    exts,
		SignatureAlgorithm: signatureAlgorithm(key, digest),
	}, key)
	if err != nil {
		return nil, err
	}
	return certset.ParseRequest(der)
}

// publicKeyBits returns the content of the BIT STRING in SubjectPublicKeyInfo.
func publicKeyBits(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Bits      asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	return info.Bits.RightAlign(), nil
}
