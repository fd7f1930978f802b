// Package clients says what real TLS clients hold against certificates: an Observation goes in, objections come out, by one
// table of rules. Each rule names its source.
package clients

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Observation is what there is to judge: the certificates of a set.
type Observation struct {
	CA, Server, Client *certset.Certificate
}

// Objection is why a client refuses a certificate.
type Objection struct {
	File, Client, Reason string
}

func (o Objection) String() string {
	return fmt.Sprintf("%s: %s: refused by %s", o.File, o.Reason, o.Client)
}

// The clients, and Milvus as one that checks clients.
const (
	every   = "every client"
	golang  = "Go clients and Milvus itself"
	strict  = "Python 3.13 and later"
	sanOnly = "Go clients and Python's requests"
	twoWay  = "Milvus in two-way mode"
	most    = "Go, Node and Python clients"
	openSSL = "curl, Node and Python clients"
)

// Object returns the objections of all clients, the CA's first.
func Object(o Observation) []Objection {
	files := []struct {
		name  string
		cert  *certset.Certificate
		rules []rule
	}{
		{certset.CACertificate, o.CA, caRules},
		{certset.ServerCertificate, o.Server, serverRules},
		{certset.ClientCertificate, o.Client, clientRules},
	}
	var objections []Objection
	for _, f := range files {
		if f.cert.X509 == nil {
			objections = append(objections, Objection{f.name, golang, f.cert.X509Err.Error()})
			continue
		}
		for _, r := range slices.Concat(commonRules, f.rules) {
			if reason := r.objects(f.cert.X509); reason != "" {
				objections = append(objections, Objection{f.name, r.client, reason})
			}
		}
	}
	return append(objections, chainObjections(o, objections)...)
}

// chainObjections has Go verify both chains, for what only shows between certificates, such as nameConstraints. Where a
// certificate is refused already there is nothing to add.
func chainObjections(o Observation, known []Objection) []Objection {
	var objections []Objection
	for _, leaf := range []struct {
		file  string
		cert  *certset.Certificate
		usage x509.ExtKeyUsage
	}{
		{certset.ServerCertificate, o.Server, x509.ExtKeyUsageServerAuth},
		{certset.ClientCertificate, o.Client, x509.ExtKeyUsageClientAuth},
	} {
		refused := slices.ContainsFunc(known, func(k Objection) bool {
			return (k.File == leaf.file || k.File == certset.CACertificate) && k.Client != strict
		})
		if refused {
			continue
		}
		roots := x509.NewCertPool()
		roots.AddCert(o.CA.X509)
		options := x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{leaf.usage}, CurrentTime: leaf.cert.NotBefore}
		if _, err := leaf.cert.X509.Verify(options); err != nil {
			objections = append(objections, Objection{leaf.file, golang, err.Error()})
		}
	}
	return objections
}

// rule is one client's reason to refuse a certificate; objects returns it, or nothing.
type rule struct {
	client  string
	objects func(*x509.Certificate) string
	source  string
}

var commonRules = []rule{
	{golang, unhandledCritical, "crypto/x509, Certificate.UnhandledCriticalExtensions; RFC 5280, 4.2"},
}

var caRules = []rule{
	{every, otherUsage, "RFC 5280, 4.2.1.12; OpenSSL and Go hold a CA's extendedKeyUsage against what it signs"},
	{every, notCA, "RFC 5280, 6.1.4 (k)"},
	{"Go clients and Python 3.13 and later", noConstraints, "RFC 5280, 6.1.4 (k); OpenSSL takes keyCertSign for a CA too"},
	{most, noCertSign, "RFC 5280, 6.1.4 (n)"},
	{strict, noKeyUsage, "RFC 5280, 4.2.1.3; OpenSSL X509_V_FLAG_X509_STRICT"},
	{strict, notCritical, "RFC 5280, 4.2.1.9; OpenSSL X509_V_FLAG_X509_STRICT"},
	{strict, noSubjectKeyID, "RFC 5280, 4.2.1.2; OpenSSL X509_V_FLAG_X509_STRICT"},
}

var serverRules = []rule{
	{every, lacksUsage(x509.ExtKeyUsageServerAuth, "serverAuth"), "RFC 5280, 4.2.1.12"},
	{strict, signsAsLeaf, "RFC 5280, 4.2.1.9; OpenSSL X509_V_FLAG_X509_STRICT"},
	{strict, noAuthorityKeyID, "RFC 5280, 4.2.1.1; OpenSSL X509_V_FLAG_X509_STRICT"},
	{"pymilvus from PyPI", isEd25519, "BoringSSL, kDefaultVerifyAlgorithms, as read and not run"},
	{openSSL, noTLSKeyUsage, "openssl-verification-options(1), sslserver"},
	{openSSL, anyUsageOnly, "openssl-verification-options(1), sslserver"},
	{sanOnly, noNames, "crypto/x509, Certificate.VerifyHostname; urllib3 2, hostname_checks_common_name"},
	{"every client that takes the CommonName as server name", unnamedCommonName, "RFC 6125, 6.4.4"},
}

var clientRules = []rule{
	{twoWay, lacksUsage(x509.ExtKeyUsageClientAuth, "clientAuth"), "crypto/tls, server; RFC 5280, 4.2.1.12"},
}

func unhandledCritical(c *x509.Certificate) string {
	if len(c.UnhandledCriticalExtensions) == 0 {
		return ""
	}
	return fmt.Sprintf("critical extension %s, which few understand", c.UnhandledCriticalExtensions[0])
}

func otherUsage(c *x509.Certificate) string {
	return lacksUsage(x509.ExtKeyUsageServerAuth, "serverAuth")(c)
}

func notCA(c *x509.Certificate) string {
	if !c.BasicConstraintsValid || c.IsCA {
		return ""
	}
	return "basicConstraints does not say CA:TRUE"
}

func noConstraints(c *x509.Certificate) string {
	if c.BasicConstraintsValid {
		return ""
	}
	return "no basicConstraints"
}

func noCertSign(c *x509.Certificate) string {
	if c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0 {
		return ""
	}
	return "keyUsage lacks keyCertSign"
}

func noKeyUsage(c *x509.Certificate) string {
	if c.KeyUsage != 0 {
		return ""
	}
	return "no keyUsage"
}

var oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}

func notCritical(c *x509.Certificate) string {
	for _, e := range c.Extensions {
		if e.Id.Equal(oidBasicConstraints) && !e.Critical && c.IsCA {
			return "basicConstraints is not critical"
		}
	}
	return ""
}

func noSubjectKeyID(c *x509.Certificate) string {
	if len(c.SubjectKeyId) > 0 {
		return ""
	}
	return "no subjectKeyIdentifier"
}

func noAuthorityKeyID(c *x509.Certificate) string {
	if len(c.AuthorityKeyId) > 0 {
		return ""
	}
	return "no key identifier in authorityKeyIdentifier"
}

func lacksUsage(usage x509.ExtKeyUsage, name string) func(*x509.Certificate) string {
	return func(c *x509.Certificate) string {
		stated := len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0
		if !stated || slices.Contains(c.ExtKeyUsage, usage) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
			return ""
		}
		return "extendedKeyUsage lacks " + name
	}
}

func isEd25519(c *x509.Certificate) string {
	if c.PublicKeyAlgorithm != x509.Ed25519 {
		return ""
	}
	return "Ed25519 key, which BoringSSL does not offer to verify"
}

func signsAsLeaf(c *x509.Certificate) string {
	if c.IsCA || c.KeyUsage&x509.KeyUsageCertSign == 0 {
		return ""
	}
	return "keyUsage has keyCertSign without CA:TRUE"
}

// noTLSKeyUsage objects to a keyUsage that OpenSSL finds no way to use a server's key with.
func noTLSKeyUsage(c *x509.Certificate) string {
	const usable = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement
	if c.KeyUsage == 0 || c.KeyUsage&usable != 0 {
		return ""
	}
	return "keyUsage has none of digitalSignature, keyEncipherment and keyAgreement"
}

// anyUsageOnly objects to what RFC 5280 and Go take for every usage, and OpenSSL for none of TLS.
func anyUsageOnly(c *x509.Certificate) string {
	if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) {
		return ""
	}
	return "extendedKeyUsage says anyExtendedKeyUsage and not serverAuth"
}

func noNames(c *x509.Certificate) string {
	if len(c.DNSNames)+len(c.IPAddresses) > 0 {
		return ""
	}
	return "no name or address in subjectAltName"
}

// couldBeDialled tells names and addresses of hosts from other text.
func couldBeDialled(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_:.-"
	return name != "" && strings.Trim(strings.ToLower(name), letters) == ""
}

func unnamedCommonName(c *x509.Certificate) string {
	name := c.Subject.CommonName
	if !couldBeDialled(name) || noNames(c) != "" || c.VerifyHostname(name) == nil || slices.Contains(c.DNSNames, name) {
		return ""
	}
	return fmt.Sprintf("subjectAltName does not cover the CommonName %q", name)
}
