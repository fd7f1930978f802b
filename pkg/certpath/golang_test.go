package certpath

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
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

// TestGoTakesNoLongKeys: crypto/tls refuses them before crypto/x509 is asked.
func TestGoTakesNoLongKeys(t *testing.T) {
	ca, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for bits, refused := range map[uint]bool{8192: false, 8200: true} {
		modulus := new(big.Int).Lsh(big.NewInt(1), bits-1)
		key := &rsa.PublicKey{N: modulus.SetBit(modulus, 0, 1), E: 65537}
		template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now, NotAfter: now}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key, ca)
		require.NoError(t, err)
		c, err := certset.ParseCertificate(der)
		require.NoError(t, err)
		for purpose, text := range map[Purpose]string{
			Server: "tls: server sent certificate containing RSA key larger than 8192 bits",
			Client: "tls: client sent certificate containing RSA key larger than 8192 bits",
		} {
			r := Go(Path{Sent: []*certset.Certificate{c}, Purpose: purpose, At: now})[0]
			assert.Equal(t, refused, r.Text == text, r.Text)
			assert.Equal(t, refused, r.Cause == UnsupportedKey)
		}
	}
}
