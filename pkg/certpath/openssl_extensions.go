package certpath

import "slices"

// place is where a certificate stands in a chain, 0 being the leaf.
type place struct {
	*certificate
	at, length int
}

// signs tells whether it has signed another one.
func (p place) signs() bool { return p.at > 0 }

// extensionChecks is check_extensions in crypto/x509/x509_vfy.c, in its order. OpenSSL makes the strict ones only where
// X509_V_FLAG_X509_STRICT is set, and for no certificate that stands alone.
var extensionChecks = []struct {
	strict bool
	code   verifyError
	fails  func(place) bool
	source string
}{
	{false, unspecified, func(p place) bool { return p.length > 1 && !p.keyIsReadable() }, "check_curve"},
	{false, ecKeyExplicitParams, func(p place) bool { return p.length > 1 && p.explicitCurve() }, "RFC 5480, 2.1.1"},
	{true, pathlenInvalidForNonCA, func(p place) bool { return p.pathLen >= 0 && !p.ca }, "RFC 5280, 4.2.1.9"},
	{true, pathlenWithoutKeyCertSign, func(p place) bool { return p.pathLen >= 0 && !p.keyUsage.has(keyCertSign) }, "RFC 5280, 4.2.1.9"},
	{true, caBConsNotCritical, func(p place) bool { return p.ca && !p.noted[oidBasic] }, "RFC 5280, 4.2.1.9"},
	{true, caCertMissingKeyUsage, func(p place) bool { return p.ca && !p.keyUsage.stated }, "RFC 5280, 4.2.1.3"},
	{true, keyCertSignInvalidForNonCA, func(p place) bool { return !p.ca && p.keyUsage.has(keyCertSign) }, "RFC 5280, 4.2.1.9"},
	{true, issuerNameEmpty, func(p place) bool { return len(p.issuer) == 0 }, "RFC 5280, 4.1.2.4"},
	{true, subjectNameEmpty, place.namelessSubject, "RFC 5280, 4.1.2.6"},
	{true, emptySubjectSANNotCritical, func(p place) bool {
		return len(p.subject) == 0 && p.has(oidSubjectAltName) && !p.noted[oidSubjectAltName]
	}, "RFC 5280, 4.1.2.6"},
	{true, emptySubjectAltName, func(p place) bool { return p.has(oidSubjectAltName) && len(p.names) == 0 }, "RFC 5280, 4.2.1.6"},
	{true, signatureAlgorithmInconsistency, func(p place) bool { return !p.algorithmsAgree() }, "RFC 5280, 4.1.1.2"},
	{true, missingAuthorityKeyIdentifier, func(p place) bool {
		return p.version() >= version3 && p.at+1 < p.length && (p.authority == nil || !p.authority.hasKeyID)
	}, "RFC 5280, 4.2.1.1"},
	{true, missingSubjectKeyIdentifier, func(p place) bool {
		return p.version() >= version3 && p.ca && !p.has(oidSubjectKeyID)
	}, "RFC 5280, 4.2.1.2"},
	{true, extensionsRequireVersion3, func(p place) bool { return p.version() < version3 && len(p.Extensions) > 0 }, "RFC 5280, 4.1"},
}

func (v *verification) checkExtensions() {
	below := 0 // CAs below that count towards a path length
	for i, c := range v.chain {
		p := place{c, i, len(v.chain)}
		if c.unhandled != "" {
			v.refuseFor(c.unhandledCause(), unhandledCriticalExtension, c)
		}
		if v.refusesCA(p) {
			v.refuseFor(p.caCause(), invalidCA, c)
		}
		for _, check := range extensionChecks {
			if check.strict && (!v.Strict || len(v.chain) == 1) {
				continue
			}
			if check.fails(p) {
				v.refuse(check.code, c)
			}
		}
		if cause, ok := v.wrongPurpose(p); ok {
			v.refuseFor(cause, invalidPurpose, c)
		}
		if i > 1 && c.pathLen >= 0 && below > c.pathLen {
			v.refuse(pathLengthExceeded, c)
		}
		if i > 0 && !c.selfIssued() {
			below++
		}
	}
}

// unhandledCause: OpenSSL 3.0 knows a critical key identifier no better than an extension that it has never heard of.
func (c *certificate) unhandledCause() Cause {
	if c.unhandled == oidSubjectKeyID || c.unhandled == oidAuthorityKeyID {
		return CriticalKeyID
	}
	return UnhandledCritical
}

// The answers of check_ca.
const (
	isNoCA     = 0
	isCA       = 1
	isOldRoot  = 3 // version 1, signed by itself
	hasCAUsage = 4 // keyCertSign, without basicConstraints
	isOldCA    = 5 // by nsCertType
)

// caKind is check_ca in crypto/x509/v3_purp.c.
func (c *certificate) caKind() int {
	switch {
	case c.invalid, c.keyUsage.rejects(keyCertSign), c.constraints && !c.ca:
		return isNoCA
	case c.constraints:
		return isCA
	case c.version() == 1 && c.selfSigned():
		return isOldRoot
	case c.keyUsage.stated:
		return hasCAUsage
	case c.netscape.has(nsSSLCA, nsMailCA, nsSignCA):
		return isOldCA
	}
	return isNoCA
}

// refusesCA: a leaf may be a CA or not, what signs has to be one. All but the last one of a chain are always looked at
// strictly.
func (v *verification) refusesCA(p place) bool {
	kind := p.caKind()
	switch {
	case !p.signs():
		return v.Strict && kind != isCA && kind != isNoCA
	case kind == isNoCA:
		return true
	}
	return kind != isCA && (p.at+1 < p.length || v.Strict)
}

func (p place) caCause() Cause {
	switch {
	case p.invalid:
		return Malformed
	case p.constraints && !p.ca:
		return NotCA
	case p.keyUsage.rejects(keyCertSign):
		return NoCertSign
	case !p.signs():
		return CertSignWithoutCA
	}
	return NoBasicConstraints
}

// handled are the extensions that may be critical for OpenSSL 3.0: X509_supported_extension.
var handled = []string{
	oidNetscape, oidKeyUsage, oidSubjectAltName, oidBasic, oidExtKeyUsage, oidNameConstraints,
	"2.5.29.32",            // certificatePolicies
	"2.5.29.31",            // cRLDistributionPoints
	"2.5.29.36",            // policyConstraints
	"2.5.29.33",            // policyMappings
	"2.5.29.54",            // inhibitAnyPolicy
	"1.3.6.1.5.5.7.48.1.5", // OCSP no check
	"1.3.6.1.5.5.7.1.14",   // proxyCertInfo
	"1.3.6.1.5.5.7.1.7",    // ipAddrBlocks
	"1.3.6.1.5.5.7.1.8",    // autonomousSysIds
}

func (p place) namelessSubject() bool {
	nameNeeded := p.ca || p.keyUsage.has(cRLSign) || !p.has(oidSubjectAltName)
	return nameNeeded && len(p.subject) == 0
}

// purposes is what check_purpose_ssl_server and check_purpose_ssl_client want of a leaf.
var purposes = [...]struct {
	extUsages []string
	keyUsages []int
	netscape  int
}{
	Server: {[]string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"}, []int{digitalSignature, keyEncipherment, keyAgreement}, nsServer},
	Client: {[]string{"1.3.6.1.5.5.7.3.2"}, []int{digitalSignature, keyAgreement}, nsClient},
}

const anyExtendedKeyUsage = "2.5.29.37.0"

// wrongPurpose is check_purpose: a CA's extendedKeyUsage is held against what it signs. What cannot be read is only refused
// where it is strict.
func (v *verification) wrongPurpose(p place) (Cause, bool) {
	wanted := purposes[v.path.Purpose]
	usable := func(oid string) bool { return slices.Contains(wanted.extUsages, oid) }
	switch {
	case p.invalid:
		return Malformed, v.Strict
	case p.extUsage != nil && !slices.ContainsFunc(p.extUsage, usable):
		if slices.Contains(p.extUsage, anyExtendedKeyUsage) {
			return AnyUsageAlone, true
		}
		return ExtKeyUsage, true
	case p.signs():
		kind := p.caKind()
		return p.caCause(), kind == isNoCA || kind == isOldCA && !p.netscape.has(nsSSLCA)
	case p.netscape.rejects(wanted.netscape):
		return NetscapeCertType, true
	}
	return KeyUsage, p.keyUsage.rejects(wanted.keyUsages...)
}
