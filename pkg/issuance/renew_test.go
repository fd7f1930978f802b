package issuance_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// renew renews the server's leaf so many days after it was issued.
func renew(t *testing.T, set *certset.Set, days int) (certset.Entry, []string) {
	t.Helper()
	key, err := issuance.NewKey(issuance.KeyTypeOf(set.Server.Key.Public()))
	require.NoError(t, err)
	return renewWith(t, set, days, issuance.Renewal{Key: key})
}

func renewWith(t *testing.T, set *certset.Set, days int, r issuance.Renewal) (certset.Entry, []string) {
	t.Helper()
	i, err := issuance.NewIssuer(set.CA, now.AddDate(0, 0, days))
	require.NoError(t, err)
	serial := new(big.Int).Add(set.Serial, big.NewInt(1))
	entry, notes, err := i.Renew(set.Server, r, serial)
	require.NoError(t, err)
	assert.Equal(t, serial, entry.Certificate.SerialNumber)
	return entry, notes
}

// withoutSKI leaves out what has to differ with the key.
func withoutSKI(exts []pkix.Extension) []pkix.Extension {
	var out []pkix.Extension
	for _, e := range exts {
		if !e.Id.Equal(oidSubjectKeyIdentifier) {
			out = append(out, e)
		}
	}
	return out
}

func TestRenew(t *testing.T) {
	const conf = "[v3_ca]\nkeyUsage=keyCertSign\n[v3_req]\nsubjectKeyIdentifier=hash\nkeyUsage=critical,digitalSignature\nsubjectAltName=DNS:a,RID:1.2.3\nnsComment=x"
	for _, keyType := range []string{"rsa-2048", "ec-p256", "ec-p384", "ed25519"} {
		t.Run(keyType, func(t *testing.T) {
			set := newSet(t, conf, profile.Asked{KeyType: flag(keyType), Days: new(30), CommonName: flag("milvus")})
			old := set.Server
			got, notes := renew(t, set, 20)
			assert.Empty(t, notes)

			assert.NotEqual(t, old.Certificate.PublicKeyInfo, got.Certificate.PublicKeyInfo)
			assert.Equal(t, keyType, got.Certificate.KeyType())
			assert.True(t, got.HasKey())
			assert.Equal(t, old.Certificate.RawSubject, got.Certificate.RawSubject)
			assert.Equal(t, withoutSKI(old.Certificate.Extensions), withoutSKI(got.Certificate.Extensions))
			assert.Equal(t, kinds(old.Certificate), kinds(got.Certificate))
			assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.SubjectKeyId)
			assert.Equal(t, seconds.AddDate(0, 0, 20), got.Certificate.NotBefore)
			assert.Equal(t, seconds.AddDate(0, 0, 50), got.Certificate.NotAfter)
			assert.NoError(t, got.Certificate.SignedBy(set.CA.Certificate))

			assert.NoError(t, got.Request.CheckSignature())
			assert.Equal(t, got.Certificate.PublicKeyInfo, got.Request.PublicKeyInfo)
			assert.Equal(t, old.Request.RawSubject, got.Request.RawSubject)
			assert.Equal(t, withoutSKI(old.Request.X509.Extensions), withoutSKI(got.Request.X509.Extensions))
			assert.Equal(t, got.Certificate.Extension(oidSubjectKeyIdentifier).Value, got.Request.X509.Extensions[0].Value)
		})
	}
}

// TestRenewEndsWithCA: the lifetime is the old one's, but for the CA's end.
func TestRenewEndsWithCA(t *testing.T) {
	set := newSet(t, "", profile.Asked{Days: new(30), CADays: new(40)})
	got, notes := renew(t, set, 10)
	assert.Equal(t, set.CA.Certificate.NotAfter, got.Certificate.NotAfter)
	assert.Empty(t, notes)
	got, notes = renew(t, set, 11)
	assert.Equal(t, set.CA.Certificate.NotAfter, got.Certificate.NotAfter)
	assert.Equal(t, []string{"leaves end on " + set.CA.Certificate.NotAfter.Format(time.DateOnly) + " with their CA, not after the days that were asked for"}, notes)
}

// TestRenewKeyIdentifier: a new key has an identifier of its own, whatever the old one's was; with the same key a chosen one stays. One
// that is not there is completed, be it that the conf wanted none: the certificate no longer tells.
func TestRenewKeyIdentifier(t *testing.T) {
	set := newSet(t, "[v3_req]\nsubjectKeyIdentifier=01:02:03:04", profile.Asked{})
	got, _ := renew(t, set, 1)
	assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.SubjectKeyId)
	got, _ = renewWith(t, set, 1, issuance.Renewal{})
	assert.Equal(t, []byte{1, 2, 3, 4}, got.Certificate.X509.SubjectKeyId)

	set = newSet(t, "[v3_req]\nsubjectKeyIdentifier=none", profile.Asked{})
	got, notes := renew(t, set, 1)
	assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.SubjectKeyId)
	assert.Contains(t, notes, "added subjectKeyIdentifier")
}

// TestNewKeyOfAnothersType: what the program makes no sets of it can renew all the same, or refuses.
func TestNewKeyOfAnothersType(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	require.NoError(t, err)
	again, err := issuance.NewKey(issuance.KeyTypeOf(key.Public()))
	require.NoError(t, err)
	assert.Equal(t, profile.KeyType{Algorithm: profile.EC, Bits: 521}, issuance.KeyTypeOf(again.Public()))

	key, err = ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	_, err = issuance.NewKey(issuance.KeyTypeOf(key.Public()))
	assert.EqualError(t, err, "no keys of type ec-p224 can be made")
}

// TestRenewWhatGoRefuses: certificate and request that crypto/x509 does not read.
func TestRenewWhatGoRefuses(t *testing.T) {
	set := newSet(t, "[v3_req]\nsubjectAltName=DNS:ü\nsubjectKeyIdentifier=critical,hash\n", profile.Asked{Exact: true})
	require.Nil(t, set.Server.Certificate.X509)
	got, _ := renew(t, set, 1)
	assert.Equal(t, withoutSKI(set.Server.Certificate.Extensions), withoutSKI(got.Certificate.Extensions))
	assert.NotEqual(t, set.Server.Certificate.Extensions, got.Certificate.Extensions)
	assert.Equal(t, set.Server.Request.RawSubject, got.Request.RawSubject)
}
