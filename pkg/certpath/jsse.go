package certpath

import (
	"bytes"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// JSSE is the PKIXValidator of JDK 17, sun.security.validator, as an SSLSocket calls it for a server's certificates. Its
// trust anchors are taken on trust: neither their time nor their constraints count, and a leaf that is one is not looked at.
func JSSE(p Path) []Refusal {
	j := jsse{p, newCertificates(p.Sent), newCertificates(p.Trusted)}
	for _, c := range p.Sent {
		if JSSEParseError(c) != "" {
			return []Refusal{{Cause: Malformed, Certificate: c, Detail: JSSEParseError(c), Text: "Failed to parse server certificates"}}
		}
	}
	if j.anchors.hold(j.sent[0]) {
		return nil
	}
	if refusals := j.validatePath(); refusals != nil {
		return refusals
	}
	return checkEndEntity(j.sent[0])
}

// JSSEParseError says why the JDK's X509CertImpl does not read a certificate that others do; empty: it does.
func JSSEParseError(c *certset.Certificate) string {
	x := newCertificate(c)
	uniqueID, _ := x.uniqueIDFailure()
	switch {
	case emptyName(c.RawIssuer):
		return "Empty issuer DN not allowed in X509Certificates"
	case x.version() < version3 && len(c.Extensions) > 0:
		return "no more data allowed for version 1 certificate"
	case uniqueID != "":
		return uniqueID
	case !x.algorithmsAgree():
		return "Signature algorithm mismatch"
	case emptyName(c.RawSubject) && x.has(oidSubjectAltName) && !x.critical[oidSubjectAltName]:
		return "X.509 Certificate is incomplete: SubjectAlternativeName extension MUST be marked critical when subject field is empty"
	}
	return ""
}

// jsse is one validation.
type jsse struct {
	Path
	sent    []*certificate
	anchors anchors
}

type anchors []*certificate

// hold tells whether a certificate is trusted, or another one of the same name and key.
func (a anchors) hold(c *certificate) bool {
	return slices.ContainsFunc(a, func(t *certificate) bool {
		return bytes.Equal(t.Raw, c.Raw) || sameName(t.RawSubject, c.RawSubject) && bytes.Equal(t.PublicKeyInfo, c.PublicKeyInfo)
	})
}

// issuers are the anchors that have the name of the issuer.
func (a anchors) issuers(c *certificate) (found anchors) {
	for _, t := range a {
		if sameName(t.RawSubject, c.RawIssuer) {
			found = append(found, t)
		}
	}
	return found
}

func refusal(c *certset.Certificate, cause Cause, text string) []Refusal {
	return []Refusal{{Cause: cause, Certificate: c, Text: text}}
}

// validatePath is engineValidate: what was sent is a path where it is in order and leads to an anchor, or to a certificate
// that is one. Otherwise any order will do that does.
func (j jsse) validatePath() []Refusal {
	path := j.sent[:1]
	for _, c := range j.sent[1:] {
		if !sameName(path[len(path)-1].RawIssuer, c.RawSubject) {
			return j.build()
		}
		if j.anchors.hold(c) {
			return j.validate(path)
		}
		path = append(path, c)
	}
	if len(j.anchors.issuers(path[len(path)-1])) > 0 {
		return j.validate(path)
	}
	return j.build()
}

// build is SunCertPathBuilder: from the leaf, depth first. No certificate is tried twice.
func (j jsse) build() []Refusal {
	tried := map[*certificate]bool{}
	var search func(path []*certificate) bool
	search = func(path []*certificate) bool {
		last := path[len(path)-1]
		tried[last] = true
		if len(j.anchors.issuers(last)) > 0 && j.validate(path) == nil {
			return true
		}
		for _, c := range j.sent[1:] {
			next := !tried[c] && sameName(last.RawIssuer, c.RawSubject) && last.answersFrom(c)
			if next && search(append(slices.Clone(path), c)) {
				return true
			}
		}
		return false
	}
	if search(j.sent[:1]) {
		return nil
	}
	const text = "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target"
	return refusal(j.sent[0].Certificate, UnknownIssuer, text)
}

func (c *certificate) answersFrom(issuer *certificate) bool {
	return issuer.answersTo(c.authority) && c.CheckSignature(issuer.Certificate) == nil
}

// validate is PKIXCertPathValidator: each anchor that fits is tried, and the last failure is the one that is said.
func (j jsse) validate(path []*certificate) []Refusal {
	last := path[len(path)-1]
	refusals := refusal(last.Certificate, j.untrustedCause(last), "PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors")
	for _, anchor := range j.anchors.issuers(last) {
		if !anchor.answersTo(last.authority) {
			continue
		}
		if refusals = j.validateFrom(anchor, path); refusals == nil {
			return nil
		}
	}
	return refusals
}

func (j jsse) validateFrom(anchor *certificate, path []*certificate) []Refusal {
	const failed = "PKIX path validation failed: java.security.cert.CertPathValidatorException: "
	issuer, left := anchor, len(path)
	for i := len(path) - 1; i >= 0; i-- {
		c := path[i]
		for _, check := range jsseChecks {
			if check.fails(j, step{c, issuer, path[i+1:], i, left}) {
				return []Refusal{{Cause: check.cause, Certificate: c.Certificate, Detail: c.unhandledByJSSE(), Text: failed + check.text}}
			}
		}
		if left--; i > 0 && c.pathLen >= 0 {
			left = min(left, c.pathLen+1)
		}
		issuer = c
	}
	return checkAnchor(anchor)
}

// step is one certificate on the way from the anchor to the leaf.
type step struct {
	*certificate
	issuer *certificate
	above  []*certificate // without the anchor
	at     int            // 0: the leaf
	left   int            // how many may follow, this one included
}

// jsseChecks are the checkers of sun.security.provider.certpath, in the order in which they look at each certificate.
var jsseChecks = []struct {
	cause  Cause
	text   string
	fails  func(jsse, step) bool
	source string
}{
	{NoCertSign, "CA key usage check failed: keyCertSign bit is not set", func(_ jsse, s step) bool {
		return s.at > 0 && s.keyUsage.rejects(keyCertSign)
	}, "KeyChecker"},
	{NotCA, "basic constraints check failed: this is not a CA certificate", func(_ jsse, s step) bool {
		return s.at > 0 && !s.ca
	}, "ConstraintsChecker"},
	{PathTooLong, "basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path", func(_ jsse, s step) bool {
		return s.left <= 0
	}, "ConstraintsChecker"},
	{NameConstraints, "name constraints check failed", func(_ jsse, s step) bool {
		return slices.ContainsFunc(s.above, func(ca *certificate) bool { return ca.violatedBy(s.certificate, false) != 0 })
	}, "ConstraintsChecker"},
	{Expired, "validity check failed", func(j jsse, s step) bool { return j.At.After(s.NotAfter) }, "BasicChecker"},
	{NotYetValid, "validity check failed", func(j jsse, s step) bool { return j.At.Before(s.NotBefore) }, "BasicChecker"},
	{BadSignature, "signature check failed", func(_ jsse, s step) bool {
		return s.CheckSignature(s.issuer.Certificate) == certset.ErrBadSignature //nolint:errorlint // what cannot be checked is refused by Go in any case
	}, "BasicChecker"},
	{UnhandledCritical, "unrecognized critical extension(s)", func(_ jsse, s step) bool {
		return s.unhandledByJSSE() != ""
	}, "PKIXMasterCertPathValidator"},
}

// unhandledByJSSE names a critical extension that JSSE does not handle.
func (c *certificate) unhandledByJSSE() string {
	for _, e := range c.Extensions {
		if oid := e.Id.String(); e.Critical && !slices.Contains(jsseHandles, oid) {
			return extensionName(oid)
		}
	}
	return ""
}

// jsseHandles are the extensions that may be critical.
var jsseHandles = []string{
	oidKeyUsage, oidSubjectAltName, oidBasic, oidExtKeyUsage, oidNameConstraints, oidNetscape,
	"2.5.29.32", // certificatePolicies
	"2.5.29.33", // policyMappings
	"2.5.29.36", // policyConstraints
	"2.5.29.54", // inhibitAnyPolicy
}

// checkAnchor is verifyTrustAnchor: since 8u261 an anchor of version 3 has to be a CA.
func checkAnchor(anchor *certificate) []Refusal {
	const failed = "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor with subject …"
	switch {
	case anchor.version() < version3:
		return nil
	case !anchor.constraints:
		return refusal(anchor.Certificate, NoBasicConstraints, failed+" is not a CA certificate")
	case !anchor.ca:
		return refusal(anchor.Certificate, NotCA, failed+" is not a CA certificate")
	case anchor.keyUsage.rejects(keyCertSign):
		return refusal(anchor.Certificate, NoCertSign, failed+" does not have keyCertSign bit set in KeyUsage extension")
	}
	return nil
}

// checkEndEntity is EndEntityChecker.checkTLSServer, for TLS 1.3, where keys only ever sign.
func checkEndEntity(leaf *certificate) []Refusal {
	usages := append(slices.Clone(purposes[Server].extUsages), anyExtendedKeyUsage)
	usable := func(oid string) bool { return slices.Contains(usages, oid) }
	switch {
	case leaf.keyUsage.rejects(digitalSignature):
		return refusal(leaf.Certificate, KeyUsage, "KeyUsage does not allow digital signatures")
	case leaf.extUsage != nil && !slices.ContainsFunc(leaf.extUsage, usable):
		return refusal(leaf.Certificate, ExtKeyUsage, "Extended key usage does not permit use for TLS server authentication")
	case leaf.netscape.rejects(nsServer):
		return refusal(leaf.Certificate, NetscapeCertType, "Netscape cert type does not permit use for SSL server")
	}
	return nil
}
