package certpath

import (
	"fmt"
	"slices"
	"testing"
)

// TestGoCauses: crypto/x509 is asked itself, but what its errors mean is read from their words. Every refusal of a generated
// path has a cause; where one thing is odd about it, the cause is OpenSSL's.
func TestGoCauses(t *testing.T) {
	eachGenerated(t, 2000, func(*testing.T) func(generated) string {
		return func(g generated) string {
			g.Host = "" // it counts first for Go, and last for OpenSSL
			refusals := Go(g.Path)
			if len(refusals) == 0 {
				return ""
			}
			ours := refusals[0]
			if ours.Cause == Other {
				return "no cause for " + ours.Text
			}
			openssl := OpenSSL{SecurityLevel: 2}.Refusals(g.Path)
			if len(g.odd) != 1 || len(openssl) == 0 || ours.Cause == openssl[0].Cause || slices.Contains(goDiffers, [2]Cause{ours.Cause, openssl[0].Cause}) {
				return ""
			}
			return fmt.Sprintf("Go: %s, %s of %s; OpenSSL: %s, %s of %s", ours.Cause, ours.Text, g.label(ours.Certificate),
				openssl[0].Cause, openssl[0].Text, g.label(openssl[0].Certificate))
		}
	})
}

// goDiffers are causes of Go, each with OpenSSL's for the same defect.
var goDiffers = [][2]Cause{
	// crypto/x509 does not read these certificates at all, of which OpenSSL looks at one thing after the other.
	{Malformed, BadSignature},      // the two algorithms differ
	{Malformed, CriticalKeyID},     // which crypto/x509 does not read
	{Malformed, UnhandledCritical}, // an extension that crypto/x509 knows and OpenSSL does not
	{Malformed, NameConstraints},   // an address or a mask of another length
	{Malformed, UnsupportedKey},    // an explicit curve
	{Malformed, UnknownIssuer},     // an issuer that is invalid
	{Malformed, LeafAsRoot},
	{Malformed, WeakKey}, // whose certificate is malformed as well
	{NotCA, UnknownIssuer},
	// A critical extension of which Go handles no part, such as nsCertType or names that are no host's.
	{UnhandledCritical, NameConstraints}, {UnhandledCritical, NetscapeCertType}, {UnhandledCritical, UnknownIssuer},
	{UnhandledCritical, Malformed},
	// OpenSSL takes the leaf's own key first, and the trusted certificate that was found before it looks at its signature.
	{BadSignature, WeakKey}, {UnknownIssuer, WeakKey}, {BadSignature, Expired}, {UnknownIssuer, Expired}, {UnknownIssuer, BadSignature},
	// The one takes a leaf that is trusted itself, the other asks for its issuer.
	{UnknownIssuer, LeafAsRoot}, {LeafAsRoot, UnknownIssuer},
}
