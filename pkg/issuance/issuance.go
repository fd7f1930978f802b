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
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Options is what issuing needs besides the profile.
type Options struct {
	// Now is when everything becomes valid, cut to seconds. It has to be set.
	Now time.Time
	// LastSerial is the serial number that the CA's leaves go on from; nil starts with 159 random bits. The CA
	// certificate's own number is random.
	LastSerial *big.Int
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
	keys, err := generateKeys([]profile.KeyType{p.CA().Key, p.Server().Key, p.Client().Key}, o.keyMade)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make keys: %w", err)
	}
	ca, err := newCA(p, keys[0], o.Now.UTC().Truncate(time.Second))
	if err != nil {
		return nil, nil, inFile(certset.CACertificate, err)
	}
	serial := o.LastSerial
	if serial == nil {
		if serial, err = randomSerial(); err != nil {
			return nil, nil, err
		}
	}
	i := &issuer{Entry: ca, last: serial, mask: p.StringMask(), now: o.Now.UTC().Truncate(time.Second), exact: p.Exact()}
	server, err := i.leaf(p.Server(), keys[1])
	if err != nil {
		return nil, nil, inFile(certset.ServerCertificate, err)
	}
	client, err := i.leaf(p.Client(), keys[2])
	if err != nil {
		return nil, nil, inFile(certset.ClientCertificate, err)
	}
	return &certset.Set{CA: ca, Server: server, Client: client, Serial: i.last}, i.notes, nil
}

// inFile says which file could not be made. An error of the conf has its place already.
func inFile(name string, err error) error {
	if _, located := errors.AsType[*opensslconf.Error](err); located {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// randomSerial returns 159 random bits, as OpenSSL takes them: the most that 20 octets hold of a positive number.
func randomSerial() (*big.Int, error) {
	const bits = 159
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), bits))
}

func newCA(p *profile.Profile, key crypto.Signer, now time.Time) (certset.Entry, error) {
	c := p.CA()
	serial, err := randomSerial()
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

// issuer is a CA at work.
type issuer struct {
	certset.Entry
	last  *big.Int // the serial number last used
	mask  x509v3.StringMask
	now   time.Time
	exact bool
	notes []string
}

// leaf makes the request and the certificate of a profile for a key.
func (i *issuer) leaf(c profile.Certificate, key crypto.Signer) (certset.Entry, error) {
	bits, err := publicKeyBits(key.Public())
	if err != nil {
		return certset.Entry{}, err
	}
	name, err := certifiedName(c, i.mask)
	if err != nil {
		return certset.Entry{}, err
	}
	requested, err := x509v3.Encode(c.Requested, x509v3.Context{Request: true, Subject: c.Subject, PublicKey: bits})
	if err != nil {
		return certset.Entry{}, err
	}
	request, err := newRequest(key, name, requested, c.Digest)
	if err != nil {
		return certset.Entry{}, err
	}
	exts, err := x509v3.Encode(c.Extensions, x509v3.Context{Subject: c.Subject, PublicKey: bits, Issuer: identity(i.Certificate)})
	if err != nil {
		return certset.Entry{}, err
	}
	cert, err := i.certify(name, exts, key.Public(), i.now.AddDate(0, 0, c.Days))
	return certset.Entry{Key: key, Request: request, Certificate: cert}, err
}

// certifiedName is the subject without the addresses that email:move takes into subjectAltName.
func certifiedName(c profile.Certificate, mask x509v3.StringMask) ([]byte, error) {
	subject := c.Subject
	if e := x509v3.Find(c.Extensions, x509v3.OIDSubjectAltName); e != nil {
		if san, ok := e.Value.(x509v3.SubjectAltName); ok && san.MovesEmail() {
			subject = subject.Without(x509v3.OIDEmailAddress)
		}
	}
	return subject.DER(mask)
}

// identity is what a CA certificate gives to those that it signs.
func identity(ca *certset.Certificate) x509v3.Issuer {
	return x509v3.IssuerOf(ca.RawIssuer, ca.SerialNumber, ca.Extensions)
}

// certify signs a leaf's certificate under the next serial number. A leaf ends with its CA at the latest, unless the
// result is to be OpenSSL's.
func (i *issuer) certify(name []byte, exts []pkix.Extension, key crypto.PublicKey, notAfter time.Time) (*certset.Certificate, error) {
	serial, err := certset.NextSerial(i.last)
	if err != nil {
		return nil, err
	}
	if end := i.Certificate.NotAfter; notAfter.After(end) && !i.exact {
		notAfter = end
		i.notes = []string{fmt.Sprintf("leaves end on %s with their CA, not after the days that were asked for", end.Format(time.DateOnly))}
	}
	cert, err := sign(i.Key, i.Certificate.RawSubject, &x509.Certificate{
		SerialNumber:       serial,
		RawSubject:         name,
		NotBefore:          i.now,
		NotAfter:           notAfter,
		ExtraExtensions:    exts,
		SignatureAlgorithm: signatureAlgorithm(i.Key, profile.SHA256),
	}, key)
	if err == nil {
		i.last = serial
	}
	return cert, err
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
