package certpath

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Go asks crypto/x509, as crypto/tls asks it. It says no more than its first reason.
func Go(p Path) []Refusal {
	for _, c := range p.Sent {
		if c.X509 == nil {
			return []Refusal{{Cause: Malformed, Certificate: c, Detail: c.X509Err.Error(), Text: fmt.Sprintf("tls: failed to parse %s: %v", senders[p.Purpose].certificate, c.X509Err)}}
		}
		if key, ok := c.X509.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > mostRSABits {
			err := fmt.Errorf("tls: %s sent certificate containing RSA key larger than %d bits", senders[p.Purpose].name, mostRSABits)
			return []Refusal{{Cause: UnsupportedKey, Certificate: c, Detail: fmt.Sprintf("RSA of %d bits, and Go takes %d at most", key.N.BitLen(), mostRSABits), Text: err.Error(), Err: err}}
		}
	}
	leaf := p.Sent[0]
	_, err := leaf.X509.Verify(x509.VerifyOptions{
		Roots:         pool(p.Trusted),
		Intermediates: pool(p.Sent[1:]),
		DNSName:       p.Host,
		KeyUsages:     []x509.ExtKeyUsage{extKeyUsages[p.Purpose]},
		CurrentTime:   p.At,
	})
	if err == nil {
		return nil
	}
	r := p.goCause(err)
	r.Text, r.Err = "tls: failed to verify certificate: "+err.Error(), err
	return []Refusal{r}
}

// mostRSABits is what crypto/tls takes of a peer, for longer keys cost too much to verify with.
const mostRSABits = 8192

// senders are what crypto/tls calls the other side, and its certificate.
var senders = [...]struct{ name, certificate string }{
	Server: {"server", "certificate from server"}, Client: {"client", "client certificate"},
}

var extKeyUsages = [...]x509.ExtKeyUsage{Server: x509.ExtKeyUsageServerAuth, Client: x509.ExtKeyUsageClientAuth}

// pool holds the certificates that Go can read; AppendCertsFromPEM passes the others over too.
func pool(certs []*certset.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		if c.X509 != nil {
			pool.AddCert(c.X509)
		}
	}
	return pool
}

// goCause finds in an error of crypto/x509 what is wrong with which certificate.
func (p Path) goCause(err error) Refusal {
	r := Refusal{Cause: Other, Certificate: p.Sent[0], Detail: err.Error()}
	var (
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
		unhandled x509.UnhandledCriticalExtension
		unknown   x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &invalid):
		r.Certificate = p.find(invalid.Cert)
		r.Cause = p.invalidCause(invalid, r.Certificate)
		if r.Cause == ExtKeyUsage {
			r.Certificate = p.withoutUsage()
		}
	case errors.As(err, &host):
		r.Cause, r.Detail = Host, ""
	case errors.As(err, &unhandled):
		r.Cause, r.Certificate = UnhandledCritical, p.unhandled()
		r.Detail = ""
		if x := r.Certificate.X509; len(x.UnhandledCriticalExtensions) > 0 {
			r.Detail = extensionName(x.UnhandledCriticalExtensions[0].String())
		}
	case errors.As(err, &unknown):
		r.Cause, r.Certificate = p.unknownCause(err, p.find(unknown.Cert))
		if r.Cause == Malformed {
			r.Detail = r.Certificate.X509Err.Error()
		}
	}
	return r
}

// invalidCause translates the reasons that crypto/x509 numbers.
func (p Path) invalidCause(err x509.CertificateInvalidError, c *certset.Certificate) Cause {
	switch err.Reason {
	case x509.Expired:
		return timeCause(c, p.At)
	case x509.NotAuthorizedToSign:
		return signingCause(c, p.At)
	case x509.IncompatibleUsage:
		return ExtKeyUsage
	case x509.TooManyIntermediates:
		return PathTooLong
	case x509.CANotAuthorizedForThisName, x509.TooManyConstraints, x509.UnconstrainedName, x509.CANotAuthorizedForExtKeyUsage:
		return NameConstraints
	}
	return Other
}

// hints are what crypto/x509 says of the one CA that has the right name and was not taken.
var hints = []struct {
	text  string
	cause func(issuer *certset.Certificate, at time.Time) Cause
	leaf  bool // the fault is with what the CA signed
}{
	{"algorithm unimplemented", func(*certset.Certificate, time.Time) Cause { return WeakSignature }, true}, // SHA-224; PSS with SHA-1
	{"insecure algorithm", func(*certset.Certificate, time.Time) Cause { return WeakSignature }, true},
	{"parent certificate cannot sign", signingCause, false},
	{"has expired or is not yet valid", timeCause, false},
	{"unhandled critical extension", func(*certset.Certificate, time.Time) Cause { return UnhandledCritical }, false},
	{"too many intermediates", func(*certset.Certificate, time.Time) Cause { return PathTooLong }, false},
	{"not authorized to sign", signingCause, false},
	{"verification error", func(*certset.Certificate, time.Time) Cause { return BadSignature }, true},
	{"verification failure", func(*certset.Certificate, time.Time) Cause { return BadSignature }, true},
}

// unknownCause says why there is no way from c to a CA.
func (p Path) unknownCause(err error, c *certset.Certificate) (Cause, *certset.Certificate) {
	issuer := p.issuer(c)
	switch {
	case issuer == nil:
		return UnknownIssuer, c
	case issuer.X509 == nil:
		return Malformed, issuer
	}
	for _, h := range hints {
		switch {
		case !strings.Contains(err.Error(), h.text):
		case h.leaf:
			return h.cause(issuer, p.At), c
		default:
			return h.cause(issuer, p.At), issuer
		}
	}
	return UnknownIssuer, c
}

// signingCause says why a certificate may not sign others: Certificate.CheckSignatureFrom.
func signingCause(issuer *certset.Certificate, _ time.Time) Cause {
	switch x := issuer.X509; {
	case x.BasicConstraintsValid && !x.IsCA:
		return NotCA
	case x.BasicConstraintsValid, x.Version < version3 && x.KeyUsage != 0:
		return NoCertSign
	}
	return NoBasicConstraints
}

func timeCause(c *certset.Certificate, at time.Time) Cause {
	if at.Before(c.NotBefore) {
		return NotYetValid
	}
	return Expired
}

const version3 = 3

// issuer returns the certificate that has the name of the issuer, rather one that Go can read: it passes the others over.
func (p Path) issuer(c *certset.Certificate) (unreadable *certset.Certificate) {
	for _, i := range slices.Concat(p.Trusted, p.Sent[1:]) {
		switch {
		case !bytes.Equal(i.RawSubject, c.RawIssuer):
		case i.X509 != nil:
			return i
		case unreadable == nil:
			unreadable = i
		}
	}
	return unreadable
}

// find returns the certificate of the path that crypto/x509 speaks of, else the leaf.
func (p Path) find(x *x509.Certificate) *certset.Certificate {
	return p.first(func(c *x509.Certificate) bool { return x != nil && c.Equal(x) })
}

// withoutUsage returns the certificate whose extendedKeyUsage lacks the purpose: crypto/x509 holds a CA's against its leaves,
// and names the leaf.
func (p Path) withoutUsage() *certset.Certificate {
	return p.first(func(c *x509.Certificate) bool {
		usages := c.ExtKeyUsage
		return len(usages)+len(c.UnknownExtKeyUsage) > 0 &&
			!slices.Contains(usages, extKeyUsages[p.Purpose]) && !slices.Contains(usages, x509.ExtKeyUsageAny)
	})
}

// unhandled returns the certificate with a critical extension that Go does not know; its error does not say which.
func (p Path) unhandled() *certset.Certificate {
	return p.first(func(c *x509.Certificate) bool { return len(c.UnhandledCriticalExtensions) > 0 })
}

// first returns the first certificate that is so, sent before trusted, else the leaf.
func (p Path) first(is func(*x509.Certificate) bool) *certset.Certificate {
	for _, c := range slices.Concat(p.Sent, p.Trusted) {
		if c.X509 != nil && is(c.X509) {
			return c
		}
	}
	return p.Sent[0]
}
