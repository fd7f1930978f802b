package verify_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestIssuingCA: of a bundle the CA counts that issued what is in the set, wherever it stands.
func TestIssuingCA(t *testing.T) {
	ca, server, client := family{}.make(t)
	over := makeCA(t, nil, "an old CA", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) })
	for _, bundle := range [][]byte{slices.Concat(over.pem(), ca.pem()), slices.Concat(ca.pem(), over.pem())} {
		assert.Empty(t, found(check(put(inputOf(ca, server, client), caPEM, bundle))))
	}
}

// TestExpiresSoonInAChain: an intermediate that ends takes its leaves with it.
func TestExpiresSoonInAChain(t *testing.T) {
	in := below(t, nil, []edit{func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, 5) }}, true)
	lasting := func(o *verify.Options) { o.ExpiresIn = 6 * 24 * time.Hour }
	r := check(in, lasting, ways(clients.RootCA))
	i := slices.IndexFunc(r.Findings, func(f verify.Finding) bool { return f.Check == "expires-soon" && f.File == serverPEM })
	if assert.GreaterOrEqual(t, i, 0, "%v", found(r)) {
		assert.Contains(t, r.Findings[i].Problem, "certificate 2 in it expires on ")
		assert.Equal(t, "whoever issued it has to renew it", r.Findings[i].WayOut)
	}
}

// TestOneReasonDoesNotHideAnother: what else is the matter with a file does not explain why a client does not read it.
func TestOneReasonDoesNotHideAnother(t *testing.T) {
	ca, server, client := family{}.make(t)
	der, err := x509.MarshalECPrivateKey(client.key.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	in := put(inputOf(ca, server, client), clientKey, block("EC PRIVATE KEY", der))
	loose := in.Files[clientKey]
	loose.Mode = 0o644
	in.Files[clientKey] = loose
	got := found(check(in, asking("java")))
	require.Len(t, got, 2)
	assert.Contains(t, got[0], "failure unreadable-file client.key: Java reads private keys in PKCS#8 only; ")
	assert.Equal(t, "warning mode client.key: others than its owner can use this key", got[1])
}

// TestWeakAndNotRefused: what is weak is said where the clients that are asked do not mind.
func TestWeakAndNotRefused(t *testing.T) {
	in := keyed(t, "", "rsa-1024", "ec-p256")
	assert.Equal(t, []string{"warning weak-key server.pem: the key is too short"}, found(check(in, asking("go"))))
	assert.Equal(t, []string{"failure weak-key server.pem: the key is too short: refused by curl"}, found(check(in, asking("curl"))))
}

// TestWhoRenews: without the CA's key nothing is renewed here.
func TestWhoRenews(t *testing.T) {
	in := family{}.input(t)
	later := func(o *verify.Options) { o.At = now.AddDate(50, 0, 0) }
	assert.Contains(t, check(in, later).Findings[0].WayOut, "milvus-certs renew ca")
	delete(in.Files, certset.CAKey)
	assert.Equal(t, "whoever issued it has to renew it", check(in, later).Findings[0].WayOut)
}
