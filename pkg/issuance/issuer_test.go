package issuance_test

import (
	"crypto/x509"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// TestNewIssuer wants a CA that may sign.
func TestNewIssuer(t *testing.T) {
	set := newSet(t, "", profile.Asked{CADays: new(30)})
	noCA := newSet(t, "[v3_ca]\nbasicConstraints=CA:FALSE\n", profile.Asked{}).CA
	noSign := newSet(t, "[v3_ca]\nkeyUsage=cRLSign\n", profile.Asked{}).CA
	for _, tc := range []struct {
		name string
		ca   certset.Entry
		at   time.Time
		want string
	}{
		{"right", set.CA, now, ""},
		{"in its last second", set.CA, set.CA.Certificate.NotAfter.Add(-time.Second), ""},
		{"another key", certset.Entry{Key: set.Server.Key, Certificate: set.CA.Certificate}, now, "the key is not that of the CA certificate"},
		{"no key", certset.Entry{Certificate: set.CA.Certificate}, now, "the key is not that of the CA certificate"},
		{"CA:FALSE", noCA, now, "the certificate is no CA's: basicConstraints does not say CA:TRUE"},
		{"no basicConstraints, and not signed by itself", set.Server, now, "the certificate is no CA's: it has no basicConstraints, and is not signed by itself"},
		{"no keyCertSign", noSign, now, "the certificate is no CA's: keyUsage lacks keyCertSign"},
		{"expired", set.CA, now.AddDate(0, 0, 31), "the CA expired on 2026-02-01T02:04:05Z"},
		{"not yet valid", set.CA, now.AddDate(0, 0, -1), "the CA is not valid before 2026-01-02T02:04:05Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := issuance.NewIssuer(tc.ca, tc.at)
			if tc.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, tc.want)
		})
	}
}

// TestIssue: a further leaf is the profile's, under the number that it is given.
func TestIssue(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	p := newProfile(t, "", profile.Asked{Days: new(9)})
	i, err := issuance.NewIssuer(set.CA, now)
	require.NoError(t, err)
	c, _, err := p.Leaf(profile.ClientRole, profile.Leaf{CommonName: flag("alice")})
	require.NoError(t, err)
	key, err := issuance.NewKey(c.Key)
	require.NoError(t, err)
	leaf, notes, err := i.Issue(p, c, key, big.NewInt(77))
	require.NoError(t, err)
	assert.Empty(t, notes)
	assert.True(t, leaf.HasKey())
	assert.Empty(t, leaf.Chain)
	assert.Equal(t, "C=CN, O=milvus, OU=milvus, CN=alice", leaf.Certificate.Subject())
	assert.Equal(t, []string{"DNS:alice"}, leaf.Certificate.Names())
	assert.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, leaf.Certificate.X509.ExtKeyUsage)
	assert.Equal(t, big.NewInt(77), leaf.Certificate.SerialNumber)
	assert.Equal(t, seconds.AddDate(0, 0, 9), leaf.Certificate.NotAfter)
	assert.Equal(t, set.CA.Certificate.X509.SubjectKeyId, leaf.Certificate.X509.AuthorityKeyId)
	assert.NoError(t, leaf.Certificate.SignedBy(set.CA.Certificate))
	assert.NoError(t, leaf.Request.CheckSignature())
	assert.Equal(t, leaf.Certificate.PublicKeyInfo, leaf.Request.PublicKeyInfo)

	signed, _, err := i.Sign(p, c, leaf.Certificate.RawSubject, leaf.Request, big.NewInt(78))
	require.NoError(t, err)
	assert.Nil(t, signed.Key)
	assert.Equal(t, leaf.Certificate.PublicKeyInfo, signed.Certificate.PublicKeyInfo)
	assert.Equal(t, leaf.Certificate.Extensions, signed.Certificate.Extensions)
}

// TestIssueFromIntermediate: the CAs between a leaf and the root stand behind it, the root does not; in whatever order they came.
func TestIssueFromIntermediate(t *testing.T) {
	root, upper, lower := newSet(t, "", profile.Asked{CACommonName: flag("root")}).CA, certset.Entry{}, certset.Entry{}
	upper = intermediate(t, root, "upper")
	lower = intermediate(t, upper, "lower")
	want := []*certset.Certificate{lower.Certificate, upper.Certificate}
	for _, chain := range [][]*certset.Certificate{
		{upper.Certificate, root.Certificate},
		{root.Certificate, upper.Certificate},
		{upper.Certificate},
	} {
		lower.Chain = chain
		set, _, err := issuance.NewSet(newProfile(t, "", profile.Asked{CAElsewhere: true}), issuance.Options{Now: now, CA: &lower})
		require.NoError(t, err)
		assert.Equal(t, want, set.Server.Chain)
		assert.Nil(t, set.CA.Key, "it lies elsewhere")
		assert.Equal(t, chain, set.CA.Chain)
		assert.Equal(t, lower.Certificate, set.CA.Certificate)
		files, err := set.Files()
		require.NoError(t, err)
		assert.False(t, slices.ContainsFunc(files, func(f certset.File) bool { return f.Name == certset.CAKey }))
	}
}

// intermediate makes a CA that another one issued.
func intermediate(t *testing.T, above certset.Entry, name string) certset.Entry {
	t.Helper()
	p := newProfile(t, "[v3_req]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectAltName=email:ca@example.com\n", profile.Asked{Exact: true})
	i, err := issuance.NewIssuer(above, now)
	require.NoError(t, err)
	c, _, err := p.Leaf(profile.ServerRole, profile.Leaf{CommonName: flag(name)})
	require.NoError(t, err)
	key, err := issuance.NewKey(c.Key)
	require.NoError(t, err)
	ca, _, err := i.Issue(p, c, key, big.NewInt(5))
	require.NoError(t, err)
	return ca
}

// TestCAOf: the certificate of a key, and what is above it, are found in any order; nothing else comes along.
func TestCAOf(t *testing.T) {
	root := newSet(t, "", profile.Asked{CACommonName: flag("root")}).CA
	upper := intermediate(t, root, "upper")
	lower := intermediate(t, upper, "lower")
	stranger, leaf := newSet(t, "", profile.Asked{}).CA.Certificate, newSet(t, "", profile.Asked{}).Server.Certificate
	for _, certs := range [][]*certset.Certificate{
		{lower.Certificate, upper.Certificate, root.Certificate},
		{root.Certificate, upper.Certificate, lower.Certificate},
		{leaf, upper.Certificate, stranger, lower.Certificate, root.Certificate},
	} {
		ca, above, others := issuance.CAOf(lower.Key, certs, now)
		assert.Equal(t, lower.Certificate, ca)
		assert.Equal(t, []*certset.Certificate{upper.Certificate, root.Certificate}, above)
		assert.Equal(t, len(certs)-3, others)
	}
	ca, _, others := issuance.CAOf(lower.Key, []*certset.Certificate{root.Certificate}, now)
	assert.Nil(t, ca)
	assert.Equal(t, 1, others)
}

// TestCAOfSeveral: of several certificates for one key it is the one in its time that ends last.
func TestCAOfSeveral(t *testing.T) {
	short := newSet(t, "", profile.Asked{CADays: new(2)}).CA
	long, _, err := issuance.RenewCA(short, issuance.CARenewal{Days: new(20), Now: now})
	require.NoError(t, err)
	later, _, err := issuance.RenewCA(short, issuance.CARenewal{Days: new(90), Now: now.AddDate(0, 0, 10)})
	require.NoError(t, err)
	for at, want := range map[int]*certset.Certificate{0: long.Certificate, 5: long.Certificate, 15: later.Certificate} {
		ca, _, _ := issuance.CAOf(short.Key, []*certset.Certificate{short.Certificate, later.Certificate, long.Certificate}, now.AddDate(0, 0, at))
		assert.Equal(t, want, ca, at)
	}
}

// TestLeafIsNotItsCA: without key identifiers clients would take a leaf with the CA's subject for signed by itself.
func TestLeafIsNotItsCA(t *testing.T) {
	ca := newSet(t, "[v3_ca]\nsubjectKeyIdentifier=none\n", profile.Asked{CACommonName: flag("one"), State: flag(""), Locality: flag("")}).CA
	i, err := issuance.NewIssuer(ca, now)
	require.NoError(t, err)
	p := newProfile(t, "", profile.Asked{})
	c, _, err := p.Leaf(profile.ClientRole, profile.Leaf{CommonName: flag("one")})
	require.NoError(t, err)
	key, err := issuance.NewKey(c.Key)
	require.NoError(t, err)
	_, _, err = i.Issue(p, c, key, big.NewInt(5))
	assert.ErrorContains(t, err, "it would carry the subject of its CA")
}
