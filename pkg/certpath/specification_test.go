package certpath

import (
	"crypto"
	"testing"

	"github.com/stretchr/testify/assert"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	leaf, intermediate, root = 0, 1, 2 // in a chain
	none                     = Cause("")
)

// rules are what the two libraries say of one defect.
var rules = []struct {
	name                string
	of                  int
	change              func(g *generator, d *draft)
	golang              Cause
	lenient, asksStrict Cause  // of OpenSSL
	text                string // of strict OpenSSL
}{
	{"no defect", leaf, func(*generator, *draft) {}, none, none, none, ""},
	{"expired", leaf, func(_ *generator, d *draft) { d.notAfter = utcTime(now.AddDate(0, 0, -1)) },
		Expired, Expired, Expired, "certificate has expired"},
	{"root not yet valid", root, func(_ *generator, d *draft) { d.notBefore = utcTime(now.AddDate(0, 0, 1)) },
		NotYetValid, NotYetValid, NotYetValid, "certificate is not yet valid"},
	{"signed by nobody", leaf, func(_ *generator, d *draft) { d.issuer = common("nobody") },
		UnknownIssuer, UnknownIssuer, UnknownIssuer, "unable to get local issuer certificate"},
	{"signature damaged", leaf, func(_ *generator, d *draft) { d.damage = true },
		BadSignature, BadSignature, BadSignature, "certificate signature failure"},
	{"CA:FALSE above a leaf", intermediate, func(_ *generator, d *draft) { d.set(oidBasic, true, basicConstraints(false)) },
		NotCA, NotCA, NotCA, "invalid CA certificate"},
	{"no basicConstraints above a leaf", intermediate, func(_ *generator, d *draft) { d.drop(oidBasic) },
		NoBasicConstraints, NoBasicConstraints, NoBasicConstraints, "invalid CA certificate"},
	{"basicConstraints not critical", root, func(_ *generator, d *draft) { d.set(oidBasic, false, basicConstraints(true)) },
		none, none, ConstraintsNotCritical, "Basic Constraints of CA cert not marked critical"},
	{"no room for the intermediate", root, func(_ *generator, d *draft) { d.set(oidBasic, true, basicConstraints(true, 0)) },
		PathTooLong, PathTooLong, PathTooLong, "path length constraint exceeded"},
	{"root without keyUsage", root, func(_ *generator, d *draft) { d.drop(oidKeyUsage) },
		none, none, NoKeyUsage, "CA cert does not include key usage extension"},
	{"root that may sign CRLs alone", root, func(_ *generator, d *draft) { d.set(oidKeyUsage, true, usages(cRLSign)) },
		NoCertSign, NoCertSign, NoCertSign, "invalid CA certificate"},
	{"leaf that may sign certificates", leaf, func(_ *generator, d *draft) { d.set(oidKeyUsage, true, usages(digitalSignature, keyCertSign)) },
		none, none, CertSignWithoutCA, "invalid CA certificate"},
	{"for clients alone", leaf, func(_ *generator, d *draft) { d.set(oidExtKeyUsage, false, extendedUsages(clientAuth)) },
		ExtKeyUsage, ExtKeyUsage, ExtKeyUsage, "unsuitable certificate purpose"},
	{"CA for clients alone", root, func(_ *generator, d *draft) { d.set(oidExtKeyUsage, false, extendedUsages(clientAuth)) },
		ExtKeyUsage, ExtKeyUsage, ExtKeyUsage, "unsuitable certificate purpose"},
	{"for any use", leaf, func(_ *generator, d *draft) { d.set(oidExtKeyUsage, false, extendedUsages(anyExtendedKeyUsage)) },
		none, AnyUsageAlone, AnyUsageAlone, "unsuitable certificate purpose"},
	{"key that only signs CRLs", leaf, func(_ *generator, d *draft) { d.set(oidKeyUsage, true, usages(cRLSign)) },
		none, KeyUsage, KeyUsage, "unsuitable certificate purpose"},
	{"critical and unknown", leaf, func(_ *generator, d *draft) { d.set(strangeOID, true, []byte{5, 0}) },
		UnhandledCritical, UnhandledCritical, UnhandledCritical, "unhandled critical extension"},
	{"no authorityKeyIdentifier", leaf, func(_ *generator, d *draft) { d.drop(oidAuthorityKeyID) },
		none, none, NoAuthorityKeyID, "Missing Authority Key Identifier"},
	{"no subjectKeyIdentifier", root, func(_ *generator, d *draft) { d.drop(oidSubjectKeyID) },
		none, none, NoSubjectKeyID, "Missing Subject Key Identifier"},
	{"critical key identifier", leaf, func(_ *generator, d *draft) { d.extension(oidSubjectKeyID).critical = true },
		Malformed, CriticalKeyID, CriticalKeyID, "unhandled critical extension"},
	{"alternatives malformed", leaf, func(_ *generator, d *draft) { d.set(oidSubjectAltName, false, []byte{4, 0}) },
		Malformed, Malformed, Malformed, "unable to get local issuer certificate"},
	{"unique identifiers", leaf, func(_ *generator, d *draft) { d.uniqueID = []byte("\x81\x02\x07\x80\x82\x01\x00") },
		none, none, none, ""},
	{"issuerUniqueID malformed", leaf, func(_ *generator, d *draft) { d.uniqueID = []byte("\x81\x02\x09\x00") },
		none, Malformed, Malformed, "unable to get local issuer certificate"},
	{"subjectUniqueID malformed", root, func(_ *generator, d *draft) { d.uniqueID = []byte("\x82\x00") },
		none, UnknownIssuer, UnknownIssuer, "unable to get local issuer certificate"},
	{"names of another domain", root, func(_ *generator, d *draft) {
		d.set(oidNameConstraints, true, constraints([][]byte{tree(dns("example.org"), -1, -1)}, nil))
	}, NameConstraints, NameConstraints, NameConstraints, "permitted subtree violation"},
	{"SHA-1", leaf, func(_ *generator, d *draft) { d.hash = crypto.SHA1 },
		WeakSignature, WeakSignature, WeakSignature, "CA signature digest algorithm too weak"},
	{"RSA of 1024 bits", leaf, func(g *generator, d *draft) { g.rekey(d, "RSA 1024") },
		none, WeakKey, WeakKey, "EE certificate key too weak"},
	{"subject respelled", intermediate, func(_ *generator, d *draft) {
		d.subject = name(rdn{oidOrganization, cbasn1.PrintableString, "milvus"}, rdn{oidCommonName, cbasn1.PrintableString, "ca  1 "})
	}, UnknownIssuer, none, none, ""},
}

// TestRules makes each defect in a chain of three that is right otherwise.
func TestRules(t *testing.T) {
	lenient, strict := OpenSSL{SecurityLevel: 2}, OpenSSL{SecurityLevel: 2, Strict: true}
	for _, tc := range rules {
		t.Run(tc.name, func(t *testing.T) {
			g := right(1)
			tc.change(g, g.drafts[tc.of])
			chain := g.parse(t)
			p := Path{Sent: chain[:2], Trusted: chain[2:], At: now}
			check := func(library string, wanted Cause, refusals []Refusal) {
				if wanted == none {
					assert.Empty(t, refusals, library)
				} else if assert.NotEmpty(t, refusals, library) {
					assert.Equal(t, wanted, refusals[0].Cause, library)
				}
			}
			check("Go", tc.golang, Go(p))
			check("OpenSSL", tc.lenient, lenient.Refusals(p))
			check("strict OpenSSL", tc.asksStrict, strict.Refusals(p))
			if tc.asksStrict != none {
				assert.Equal(t, tc.text, strict.Refusals(p)[0].Text)
			}
		})
	}
}

// TestUniqueIdentifiers: who reads a certificate with one that is no BIT STRING, as JDK 17 and OpenSSL 3.0.19 were seen to do.
func TestUniqueIdentifiers(t *testing.T) {
	for _, tc := range []struct {
		id, java string
		openssl  bool
	}{
		{"", "", true},
		{"\x81\x02\x07\x80", "", true},
		{"\x81\x02\x09\x00", "Invalid number of padding bits", false},
		{"\x81\x00", "Invalid encoding: zero length bit string", false},
		{"\x81\x01\x00\x82\x01\x01", "Not enough bytes in BitString", true},
	} {
		g := right(1)
		g.drafts[leaf].uniqueID = []byte(tc.id)
		chain := g.parse(t)
		assert.Equal(t, tc.java, JSSEParseError(chain[leaf]), "%x", tc.id)
		assert.Equal(t, tc.openssl, len(OpenSSL{}.Refusals(Path{Sent: chain[:2], Trusted: chain[2:], At: now})) == 0, "%x", tc.id)
	}
}

// TestSecondRefusals: a client that goes on after a failure, as Node does, has the last one to say.
func TestSecondRefusals(t *testing.T) {
	g := right(1)
	chain := g.parse(t)
	var texts []string
	for _, r := range (OpenSSL{}).Refusals(Path{Sent: chain[:1], At: now}) {
		texts = append(texts, r.Text)
	}
	assert.Equal(t, []string{"unable to get local issuer certificate", "unable to verify the first certificate"}, texts)
}
