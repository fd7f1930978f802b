// Package certpath validates certification paths (RFC 5280, 6) as the TLS libraries of Milvus's clients do, each with its own
// leniences and its own words: Go's crypto/x509, OpenSSL's X509_verify_cert, and JSSE's PKIX. A Path goes in, the refusals
// come out. For Go it asks crypto/x509 itself; the other two are models, compared with the real ones by tests.
//
// It checks no revocation, no certificate policies, and nothing of DANE, of proxy certificates or of RFC 3779, nor whether
// extensions that only these need are malformed.
package certpath

import (
	"bytes"
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Path is what one side of a handshake sends, and what the other side trusts.
type Path struct {
	Sent    []*certset.Certificate // the leaf, then what may lie between it and a trusted certificate
	Trusted []*certset.Certificate
	Purpose Purpose
	Host    string // name or address that the leaf has to be for; empty: any will do
	At      time.Time
}

// trusts tells whether a certificate is itself among the trusted ones.
func (p Path) trusts(c *certset.Certificate) bool {
	return slices.ContainsFunc(p.Trusted, func(t *certset.Certificate) bool { return bytes.Equal(t.Raw, c.Raw) })
}

// Purpose is what the leaf is to be used for.
type Purpose int

// The two sides of a handshake.
const (
	Server Purpose = iota
	Client
)

// Usage is the extendedKeyUsage that the purpose wants.
func (p Purpose) Usage() string {
	if p == Client {
		return "clientAuth"
	}
	return "serverAuth"
}

// Refusal is one reason for which a library does not take a path.
type Refusal struct {
	Cause       Cause
	Certificate *certset.Certificate // the one at fault
	Detail      string               // of the cause, where there is more to say
	Text        string               // what the library says
	Err         error                // the same from crypto/x509; nil for other libraries
	Number      int                  // of OpenSSL's X509_V_ERR; 0 for other libraries
}

// Cause is what is wrong with a certificate, whichever library says so.
type Cause string

// The causes.
const (
	UnknownIssuer          Cause = "unknown-issuer"
	LeafAsRoot             Cause = "leaf-as-root"
	KeyIDMismatch          Cause = "key-identifier-mismatch"
	OneSubject             Cause = "one-subject"
	SameNamedCAs           Cause = "cas-of-one-name"
	BadSignature           Cause = "bad-signature"
	NotYetValid            Cause = "not-yet-valid"
	Expired                Cause = "expired"
	NoBasicConstraints     Cause = "no-basic-constraints"
	NotCA                  Cause = "not-a-ca"
	ConstraintsNotCritical Cause = "basic-constraints-not-critical"
	PathTooLong            Cause = "path-too-long"
	PathLenWithoutCA       Cause = "path-len-without-ca"
	NoKeyUsage             Cause = "no-key-usage"
	NoCertSign             Cause = "no-key-cert-sign"
	CertSignWithoutCA      Cause = "key-cert-sign-without-ca"
	NoSubjectKeyID         Cause = "no-subject-key-identifier"
	NoAuthorityKeyID       Cause = "no-authority-key-identifier"
	CriticalKeyID          Cause = "critical-key-identifier"
	ExtKeyUsage            Cause = "extended-key-usage"
	AnyUsageAlone          Cause = "any-extended-key-usage-alone"
	KeyUsage               Cause = "key-usage"
	NetscapeCertType       Cause = "netscape-cert-type"
	UnhandledCritical      Cause = "unhandled-critical-extension"
	NameConstraints        Cause = "name-constraints"
	Host                   Cause = "host"
	WeakKey                Cause = "weak-key"
	WeakSignature          Cause = "weak-signature"
	UnsupportedKey         Cause = "unsupported-key"
	EmptyName              Cause = "empty-name"
	InconsistentAlgorithms Cause = "inconsistent-signature-algorithms"
	ExtensionsInOldVersion Cause = "extensions-without-version-3"
	Malformed              Cause = "malformed"
	Other                  Cause = "other"
)
