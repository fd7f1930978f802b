package certset_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// TestSignatureAlgorithm names what was used as OpenSSL does, in certificates and in requests, and checks it.
func TestSignatureAlgorithm(t *testing.T) {
	for _, tc := range []struct{ keyType, want string }{
		{"rsa-2048", "sha256WithRSAEncryption"}, {"ec-p256", "ecdsa-with-SHA256"}, {"ed25519", "ED25519"},
	} {
		set := newSet(t, "", profile.Asked{KeyType: flag(tc.keyType)})
		assert.Equal(t, tc.want, set.Server.Certificate.SignatureAlgorithm())
		assert.Equal(t, tc.want, set.Server.Request.SignatureAlgorithm())
	}
	sha1 := newSet(t, "[req]\ndefault_md=sha1", profile.Asked{})
	assert.Equal(t, "ecdsa-with-SHA1", sha1.CA.Certificate.SignatureAlgorithm())
}

// TestPSS: RSASSA-PSS is checked by its parameters.
func TestPSS(t *testing.T) {
	key := newSet(t, "", profile.Asked{KeyType: flag("rsa-2048")}).CA.Key
	for _, algorithm := range []x509.SignatureAlgorithm{x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS} {
		c := pssCertificate(t, key, algorithm)
		assert.Equal(t, "rsassaPss", c.SignatureAlgorithm())
		assert.NoError(t, c.SignedBy(c))
		assert.EqualError(t, damage(t, c, len(c.Raw)-1).SignedBy(c), "the signature is not that key's")

		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{SignatureAlgorithm: algorithm}, key)
		require.NoError(t, err)
		r, err := certset.ParseRequest(der)
		require.NoError(t, err)
		assert.NoError(t, r.CheckSignature())
		assert.Equal(t, "rsassaPss", r.SignatureAlgorithm())
	}
	c := pssCertificate(t, key, x509.SHA256WithRSAPSS)
	c.X509, c.X509Err = nil, assert.AnError
	assert.NoError(t, c.SignedBy(c))
}

func pssCertificate(t *testing.T, key crypto.Signer, algorithm x509.SignatureAlgorithm) *certset.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, SignatureAlgorithm: algorithm,
		NotBefore: now, NotAfter: now.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public().(*rsa.PublicKey), key)
	require.NoError(t, err)
	c, err := certset.ParseCertificate(der)
	require.NoError(t, err)
	return c
}
