package certpath

import (
	"net/netip"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// OpenSSL is X509_verify_cert of OpenSSL 3.0, which Python, curl, Node and gRPC C-core call, each with its own settings
// (openssl-verification-options(1)).
type OpenSSL struct {
	Strict        bool // X509_V_FLAG_X509_STRICT
	PartialChain  bool // X509_V_FLAG_PARTIAL_CHAIN: a trusted certificate ends a path, signed by itself or not
	SecurityLevel int  // SSL_CTX_set_security_level(3); 0: any key and digest will do
	// NeverCommonName: X509_CHECK_FLAG_NEVER_CHECK_SUBJECT.
	NeverCommonName bool
	// Host tells whether a certificate is for a host, where X509_verify_cert is to ask that too.
	Host func(c *certset.Certificate, host string) bool
}

// verification is one call of X509_verify_cert, with all that it finds. OpenSSL goes on after a failure where its caller's
// callback says so; which is what Node does.
type verification struct {
	OpenSSL
	path      Path
	chain     []*certificate
	untrusted int // how many at the start of the chain were sent and not trusted
	refusals  []Refusal
}

// Refusals returns all that speaks against a path, in the order in which OpenSSL finds it; it stops at the first unless
// told otherwise. A certificate that OpenSSL could not load is not told from one that it could.
func (o OpenSSL) Refusals(p Path) []Refusal {
	v := &verification{OpenSSL: o, path: p}
	v.verifyChain()
	return v.refusals
}

// verifyChain is verify_chain in crypto/x509/x509_vfy.c.
func (v *verification) verifyChain() {
	leaf := newCertificate(v.path.Sent[0])
	v.chain = []*certificate{leaf}
	if !v.keyIsStrong(leaf) {
		v.refuse(eeKeyTooSmall, leaf)
	}
	if unreadable := v.build(); unreadable != nil {
		v.giveUp(unreadable, verifyErrors[unspecified].text)
		return
	}
	v.checkExtensions()
	v.checkSecurityLevel()
	v.checkHost()
	for _, c := range v.chain {
		if !c.keyIsReadable() {
			v.giveUp(c, v.lastText())
			return
		}
	}
	v.verifySignaturesAndTimes()
	v.checkNameConstraints()
}

func (v *verification) refuse(code verifyError, c *certificate) {
	v.refuseFor(verifyErrors[code].cause, code, c)
}

func (v *verification) refuseFor(cause Cause, code verifyError, c *certificate) {
	r := Refusal{Cause: cause, Certificate: c.Certificate, Text: verifyErrors[code].text, Number: int(code)}
	switch {
	case cause == UnhandledCritical:
		r.Detail = extensionName(c.unhandled)
	case cause == Malformed && len(c.uniqueIDs) > 0 && c.invalid:
		r.Detail = "a unique identifier or an extension cannot be read"
	case cause == Malformed && c.invalid:
		r.Detail = "an extension cannot be read, is there twice or contradicts itself"
	case cause == Malformed:
		r.Detail = verifyErrors[code].text
	}
	v.refusals = append(v.refusals, r)
}

// giveUp is what a key that cannot be read leads to.
func (v *verification) giveUp(c *certificate, text string) {
	v.refusals = append(v.refusals, Refusal{Cause: UnsupportedKey, Certificate: c.Certificate, Detail: "it cannot be read", Text: text})
}

// lastText is the error that OpenSSL keeps: the last one.
func (v *verification) lastText() string {
	if n := len(v.refusals); n > 0 {
		return v.refusals[n-1].Text
	}
	return verifyErrors[unspecified].text
}

func (v *verification) checkHost() {
	leaf := v.chain[0]
	if v.Host == nil || v.path.Host == "" || v.Host(leaf.Certificate, v.path.Host) {
		return
	}
	code := hostnameMismatch
	if _, err := netip.ParseAddr(v.path.Host); err == nil {
		code = ipAddressMismatch
	}
	v.refuse(code, leaf)
}

// verifySignaturesAndTimes is internal_verify: from the trusted end down to the leaf. The signature of a certificate by
// itself is not looked at.
func (v *verification) verifySignaturesAndTimes() {
	n := len(v.chain) - 1
	issuer := v.chain[n]
	switch {
	case issuer.selfSigned() || v.PartialChain:
		v.checkTime(issuer)
	case n == 0:
		v.refuseFor(v.path.untrustedCause(issuer), unableToVerifyLeafSignature, issuer)
		v.checkTime(issuer)
	}
	for n--; n >= 0; n-- {
		subject := v.chain[n]
		if issuer.keyUsage.rejects(keyCertSign) {
			v.refuse(keyUsageNoCertSign, issuer)
		}
		if subject.badSignature(issuer) {
			v.refuseFor(v.path.signatureCause(subject, issuer), certSignatureFailure, subject)
		}
		v.checkTime(subject)
		issuer = subject
	}
}

// checkTime is ossl_x509_check_cert_time. The second at which a certificate ends is no longer in its time.
func (v *verification) checkTime(c *certificate) {
	at := v.path.At.Truncate(time.Second)
	switch {
	case !c.notBefore:
		v.refuse(notBeforeField, c)
	case at.Before(c.NotBefore):
		v.refuse(certNotYetValid, c)
	}
	switch {
	case !c.notAfter:
		v.refuse(notAfterField, c)
	case !at.Before(c.NotAfter):
		v.refuse(certHasExpired, c)
	}
}

func (v *verification) inTime(c *certificate) bool {
	at := v.path.At.Truncate(time.Second)
	return c.notBefore && c.notAfter && !at.Before(c.NotBefore) && at.Before(c.NotAfter)
}

// verifyError is one of the X509_V_ERR numbers. 90 and 91, of critical key identifiers, are not here: OpenSSL 3.0 looks at no
// critical extension behind the first that it does not know, and knows neither of the two (see unhandledCause).
type verifyError int

const (
	unspecified                     verifyError = 1
	unableToGetIssuerCert           verifyError = 2
	certSignatureFailure            verifyError = 7
	certNotYetValid                 verifyError = 9
	certHasExpired                  verifyError = 10
	notBeforeField                  verifyError = 13
	notAfterField                   verifyError = 14
	depthZeroSelfSignedCert         verifyError = 18
	selfSignedCertInChain           verifyError = 19
	unableToGetIssuerCertLocally    verifyError = 20
	unableToVerifyLeafSignature     verifyError = 21
	certChainTooLong                verifyError = 22
	pathLengthExceeded              verifyError = 25
	invalidPurpose                  verifyError = 26
	keyUsageNoCertSign              verifyError = 32
	unhandledCriticalExtension      verifyError = 34
	permittedViolation              verifyError = 47
	excludedViolation               verifyError = 48
	subtreeMinMax                   verifyError = 49
	unsupportedConstraintType       verifyError = 51
	unsupportedNameSyntax           verifyError = 53
	hostnameMismatch                verifyError = 62
	ipAddressMismatch               verifyError = 64
	eeKeyTooSmall                   verifyError = 66
	caKeyTooSmall                   verifyError = 67
	caMDTooWeak                     verifyError = 68
	invalidCA                       verifyError = 79
	pathlenInvalidForNonCA          verifyError = 80
	pathlenWithoutKeyCertSign       verifyError = 81
	keyCertSignInvalidForNonCA      verifyError = 82
	issuerNameEmpty                 verifyError = 83
	subjectNameEmpty                verifyError = 84
	missingAuthorityKeyIdentifier   verifyError = 85
	missingSubjectKeyIdentifier     verifyError = 86
	emptySubjectAltName             verifyError = 87
	emptySubjectSANNotCritical      verifyError = 88
	caBConsNotCritical              verifyError = 89
	caCertMissingKeyUsage           verifyError = 92
	extensionsRequireVersion3       verifyError = 93
	ecKeyExplicitParams             verifyError = 94
	signatureAlgorithmInconsistency verifyError = 78
)

// verifyErrors are the words of X509_verify_cert_error_string(3) in OpenSSL 3.0.
var verifyErrors = [...]struct {
	text  string
	cause Cause
}{
	unspecified:                     {"unspecified certificate verification error", UnsupportedKey},
	notBeforeField:                  {"format error in certificate's notBefore field", Malformed},
	notAfterField:                   {"format error in certificate's notAfter field", Malformed},
	certChainTooLong:                {"certificate chain too long", UnknownIssuer},
	unableToGetIssuerCert:           {"unable to get issuer certificate", UnknownIssuer},
	certSignatureFailure:            {"certificate signature failure", BadSignature},
	certNotYetValid:                 {"certificate is not yet valid", NotYetValid},
	certHasExpired:                  {"certificate has expired", Expired},
	depthZeroSelfSignedCert:         {"self-signed certificate", UnknownIssuer},
	selfSignedCertInChain:           {"self-signed certificate in certificate chain", UnknownIssuer},
	unableToGetIssuerCertLocally:    {"unable to get local issuer certificate", UnknownIssuer},
	unableToVerifyLeafSignature:     {"unable to verify the first certificate", UnknownIssuer},
	pathLengthExceeded:              {"path length constraint exceeded", PathTooLong},
	invalidPurpose:                  {"unsuitable certificate purpose", KeyUsage},
	keyUsageNoCertSign:              {"key usage does not include certificate signing", NoCertSign},
	unhandledCriticalExtension:      {"unhandled critical extension", UnhandledCritical},
	permittedViolation:              {"permitted subtree violation", NameConstraints},
	excludedViolation:               {"excluded subtree violation", NameConstraints},
	subtreeMinMax:                   {"name constraints minimum and maximum not supported", NameConstraints},
	unsupportedConstraintType:       {"unsupported name constraint type", NameConstraints},
	unsupportedNameSyntax:           {"unsupported or invalid name syntax", NameConstraints},
	hostnameMismatch:                {"hostname mismatch", Host},
	ipAddressMismatch:               {"IP address mismatch", Host},
	eeKeyTooSmall:                   {"EE certificate key too weak", WeakKey},
	caKeyTooSmall:                   {"CA certificate key too weak", WeakKey},
	caMDTooWeak:                     {"CA signature digest algorithm too weak", WeakSignature},
	signatureAlgorithmInconsistency: {"cert info signature and signature algorithm mismatch", InconsistentAlgorithms},
	invalidCA:                       {"invalid CA certificate", NotCA},
	pathlenInvalidForNonCA:          {"Path length invalid for non-CA cert", PathLenWithoutCA},
	pathlenWithoutKeyCertSign:       {"Path length given without key usage keyCertSign", NoCertSign},
	keyCertSignInvalidForNonCA:      {"Key usage keyCertSign invalid for non-CA cert", CertSignWithoutCA},
	issuerNameEmpty:                 {"Issuer name empty", EmptyName},
	subjectNameEmpty:                {"Subject name empty", EmptyName},
	missingAuthorityKeyIdentifier:   {"Missing Authority Key Identifier", NoAuthorityKeyID},
	missingSubjectKeyIdentifier:     {"Missing Subject Key Identifier", NoSubjectKeyID},
	emptySubjectAltName:             {"Empty Subject Alternative Name extension", EmptyName},
	emptySubjectSANNotCritical:      {"Subject empty and Subject Alt Name extension not critical", EmptyName},
	caBConsNotCritical:              {"Basic Constraints of CA cert not marked critical", ConstraintsNotCritical},
	caCertMissingKeyUsage:           {"CA cert does not include key usage extension", NoKeyUsage},
	extensionsRequireVersion3:       {"Using cert extension requires at least X509v3", ExtensionsInOldVersion},
	ecKeyExplicitParams:             {"Certificate public key has explicit ECC parameters", UnsupportedKey},
}
