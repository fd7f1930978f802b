package issuance_test

import (
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// renewCA renews a set's CA a year after it was made, unless another moment is given.
func renewCA(t *testing.T, set *certset.Set, r issuance.CARenewal) (certset.Entry, []string) {
	t.Helper()
	if r.Now.IsZero() {
		r.Now = now.AddDate(1, 0, 0)
	}
	renewed, added, err := issuance.RenewCA(set.CA, r)
	require.NoError(t, err)
	assert.NoError(t, renewed.Certificate.SignedBy(renewed.Certificate))
	assert.True(t, renewed.HasKey())
	return renewed, added
}

func newKey(t *testing.T, keyType profile.KeyType) issuance.CARenewal {
	t.Helper()
	key, err := issuance.NewKey(keyType)
	require.NoError(t, err)
	return issuance.CARenewal{Key: key}
}

var p256 = profile.KeyType{Algorithm: profile.EC, Bits: 256}

func commonName(t *testing.T, c *certset.Certificate) string {
	t.Helper()
	name, ok := c.Attribute(x509v3.OIDCommonName)
	require.True(t, ok)
	return name
}

func TestRenewCA(t *testing.T) {
	set := newSet(t, "", profile.Asked{CADays: new(400)})
	got, added := renewCA(t, set, newKey(t, p256))
	old := set.CA.Certificate
	assert.Empty(t, added)
	assert.NotEqual(t, old.PublicKeyInfo, got.Certificate.PublicKeyInfo)
	assert.Equal(t, "localhost 2027", commonName(t, got.Certificate))
	assert.Equal(t, strings.Replace(old.Subject(), "CN=localhost", "CN=localhost 2027", 1), got.Certificate.Subject())
	assert.Equal(t, kinds(old), kinds(got.Certificate))
	assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.SubjectKeyId)
	assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.AuthorityKeyId)
	assert.NotEqual(t, old.SerialNumber, got.Certificate.SerialNumber)
	assert.Equal(t, seconds.AddDate(1, 0, 0), got.Certificate.NotBefore)
	assert.Equal(t, seconds.AddDate(1, 0, 400), got.Certificate.NotAfter)
	assert.Error(t, set.Server.Certificate.SignedBy(got.Certificate))

	r := newKey(t, p256)
	r.CommonName, r.Days = "another", new(7)
	got, _ = renewCA(t, set, r)
	assert.Equal(t, "another", commonName(t, got.Certificate))
	assert.Equal(t, seconds.AddDate(1, 0, 7), got.Certificate.NotAfter)
}

// TestRenewCANames: the year takes the place of an older one, and a second CA in a year gets a number.
func TestRenewCANames(t *testing.T) {
	for was, is := range map[string]string{
		"milvus":        "milvus 2027",
		"milvus 2026":   "milvus 2027",
		"milvus 2027":   "milvus 2027-2",
		"milvus 2027-2": "milvus 2027-3",
		"milvus 2027-9": "milvus 2027-10",
		"milvus CA":     "milvus CA 2027",
		"2027":          "2027 2027", // a name, not a year behind one
		"中文":            "中文 2027",
	} {
		set := newSet(t, "", profile.Asked{CACommonName: flag(was)})
		got, _ := renewCA(t, set, newKey(t, p256))
		assert.Equal(t, is, commonName(t, got.Certificate), was)
	}
}

func TestRenewCARefusesNames(t *testing.T) {
	long := strings.Repeat("x", 64)
	set := newSet(t, "", profile.Asked{CACommonName: flag(long)})
	r := newKey(t, p256)
	r.Now = now
	_, _, err := issuance.RenewCA(set.CA, r)
	assert.EqualError(t, err, `the new CA would have the CommonName "`+long+` 2026", of more than 64 characters; give a shorter one`)
	r.CommonName = long
	_, _, err = issuance.RenewCA(set.CA, r)
	assert.ErrorContains(t, err, "clients would take the one for the other; give another")
	r.CommonName = strings.Repeat("X", 64)
	_, _, err = issuance.RenewCA(set.CA, r)
	assert.EqualError(t, err, "the new CA would have the name of the old one; give another CommonName")
}

// TestRenewCASameKey: leaves that were issued before are of the new certificate too, unless they name the old one by its number.
func TestRenewCASameKey(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	got, added := renewCA(t, set, issuance.CARenewal{})
	assert.Empty(t, added)
	assert.Equal(t, set.CA.Certificate.RawSubject, got.Certificate.RawSubject)
	assert.Equal(t, set.CA.Certificate.PublicKeyInfo, got.Certificate.PublicKeyInfo)
	assert.Equal(t, set.CA.Certificate.Extensions, got.Certificate.Extensions)
	assert.NotEqual(t, set.CA.Certificate.SerialNumber, got.Certificate.SerialNumber)
	assert.NoError(t, set.Server.Certificate.SignedBy(got.Certificate))
	assert.False(t, issuance.NamesIssuer(set.Server.Certificate))

	set = newSet(t, "[v3_req]\nauthorityKeyIdentifier=keyid,issuer:always", profile.Asked{})
	assert.True(t, issuance.NamesIssuer(set.Server.Certificate))
	set.CA, _ = renewCA(t, set, issuance.CARenewal{})
	renewed, _ := renew(t, set, 366)
	assert.Equal(t, set.CA.Certificate.SerialNumber, namedIssuer(t, renewed.Certificate).Serial)
}

// TestRenewCACompletes: a CA of gen.sh gets what strict clients want.
func TestRenewCACompletes(t *testing.T) {
	set := newSet(t, "[v3_ca]\nbasicConstraints=CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\n[v3_req]\nkeyUsage=digitalSignature\n", profile.Asked{Exact: true})
	require.Equal(t, "basicConstraints SKI AKI", kinds(set.CA.Certificate))
	for _, r := range []issuance.CARenewal{{}, newKey(t, p256)} {
		got, added := renewCA(t, set, r)
		assert.Equal(t, []string{"basicConstraints made critical", "keyUsage"}, added)
		assert.Equal(t, "basicConstraints! SKI AKI keyUsage!", kinds(got.Certificate))
		assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.AuthorityKeyId)
	}

	set = newSet(t, "[v3_req]\nkeyUsage=digitalSignature\n", profile.Asked{Exact: true})
	got, added := renewCA(t, set, newKey(t, p256))
	assert.Equal(t, []string{"basicConstraints", "keyUsage", "subjectKeyIdentifier", "authorityKeyIdentifier"}, added)
	assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.SubjectKeyId)
}

// TestRenewCAIdentifier: what names the key of the CA says the same in both places, or OpenSSL takes the certificate for one that
// another CA issued. One that was chosen stays with its key.
func TestRenewCAIdentifier(t *testing.T) {
	set := newSet(t, "[v3_ca]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=01:02:03:04\nauthorityKeyIdentifier=keyid:always,issuer:always", profile.Asked{})
	got, _ := renewCA(t, set, issuance.CARenewal{})
	assert.Equal(t, []byte{1, 2, 3, 4}, got.Certificate.X509.SubjectKeyId)
	assert.Equal(t, []byte{1, 2, 3, 4}, got.Certificate.X509.AuthorityKeyId)
	got, _ = renewCA(t, set, newKey(t, p256))
	assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.SubjectKeyId)
	assert.Equal(t, keyID(t, got.Certificate), got.Certificate.X509.AuthorityKeyId)
	assert.Equal(t, got.Certificate.SerialNumber, namedIssuer(t, got.Certificate).Serial)
	assert.Contains(t, string(namedIssuer(t, got.Certificate).Issuer.Bytes), string(got.Certificate.RawSubject))
}

func keyTypeOf(t *testing.T, c *certset.Certificate) profile.KeyType {
	t.Helper()
	key, err := c.PublicKey()
	require.NoError(t, err)
	return issuance.KeyTypeOf(key)
}

func TestRenewCAKeyTypes(t *testing.T) {
	for _, keyType := range []string{"rsa-2048", "ec-p384", "ed25519"} {
		set := newSet(t, "", profile.Asked{KeyType: flag(keyType)})
		got, _ := renewCA(t, set, newKey(t, keyTypeOf(t, set.CA.Certificate)))
		assert.Equal(t, keyType, got.Certificate.KeyType())
		set.CA = got
		leaf, _ := renew(t, set, 366)
		assert.NoError(t, leaf.Certificate.SignedBy(got.Certificate))
	}
}

// authority is an authorityKeyIdentifier.
type authority struct {
	KeyID  []byte        `asn1:"optional,tag:0"`
	Issuer asn1.RawValue `asn1:"optional,tag:1"`
	Serial *big.Int      `asn1:"optional,tag:2"`
}

func namedIssuer(t *testing.T, c *certset.Certificate) (a authority) {
	t.Helper()
	e := c.Extension(oidAuthorityKeyIdentifier)
	require.NotNil(t, e)
	_, err := asn1.Unmarshal(e.Value, &a)
	require.NoError(t, err)
	return a
}

// TestRenewFollowsTheCA: a leaf that goes to another CA names that one, in the form that the old one had.
func TestRenewFollowsTheCA(t *testing.T) {
	for name, test := range map[string]struct {
		aki      string
		byNumber bool
	}{
		"by key":            {"keyid", false},
		"by key and number": {"keyid,issuer:always", true},
		"completed":         {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			conf := "[v3_req]\nkeyUsage=digitalSignature\n"
			if test.aki != "" {
				conf += "authorityKeyIdentifier=" + test.aki + "\n"
			}
			set := newSet(t, conf, profile.Asked{})
			set.CA, _ = renewCA(t, set, newKey(t, p256))
			got, _ := renewWith(t, set, 366, issuance.Renewal{})
			assert.NoError(t, got.Certificate.SignedBy(set.CA.Certificate))
			assert.Equal(t, set.CA.Certificate.X509.SubjectKeyId, got.Certificate.X509.AuthorityKeyId)
			assert.Equal(t, test.byNumber, issuance.NamesIssuer(got.Certificate))
			if test.byNumber {
				assert.Equal(t, set.CA.Certificate.SerialNumber, namedIssuer(t, got.Certificate).Serial)
			}
			assert.Equal(t, set.Server.Certificate.PublicKeyInfo, got.Certificate.PublicKeyInfo)
		})
	}
}

// TestRenewCompletes: what a leaf lacks is added to certificate and request, and said.
func TestRenewCompletes(t *testing.T) {
	exact := profile.Asked{Exact: true, CommonName: flag("localhost")}
	set := newSet(t, "[v3_req]\nkeyUsage=digitalSignature\n", exact)
	got, notes := renewWith(t, set, 1, issuance.Renewal{Role: profile.ServerRole})
	assert.Equal(t, "added subjectAltName DNS:localhost, IP:127.0.0.1, IP:::1; extendedKeyUsage serverAuth", notes[0])
	assert.Equal(t, []string{"DNS:localhost", "IP:127.0.0.1", "IP:::1"}, got.Certificate.Names())
	assert.Equal(t, got.Certificate.Names(), got.Request.Names())
	assert.Equal(t, got.Certificate.Uses().ExtKeyUsage, got.Request.Uses().ExtKeyUsage)

	got, notes = renewWith(t, set, 1, issuance.Renewal{})
	assert.NotContains(t, strings.Join(notes, "\n"), "extendedKeyUsage")
	assert.Empty(t, got.Certificate.Uses().ExtKeyUsage)
}

func TestRenewResetsUsage(t *testing.T) {
	set := newSet(t, "[v3_req]\nextendedKeyUsage=critical,clientAuth\n", profile.Asked{Days: new(30)})
	server := []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 1}}
	got, notes := renewWith(t, set, 1, issuance.Renewal{Role: profile.ServerRole})
	assert.NotEqual(t, server, got.Certificate.Uses().ExtKeyUsage, "what is stated stays")
	assert.Empty(t, notes)
	got, notes = renewWith(t, set, 1, issuance.Renewal{Role: profile.ServerRole, ResetUsage: true})
	assert.Equal(t, server, got.Certificate.Uses().ExtKeyUsage)
	assert.Equal(t, server, got.Request.Uses().ExtKeyUsage)
	assert.Equal(t, []string{"added extendedKeyUsage serverAuth"}, notes)
	set.Server = got
	_, notes = renewWith(t, set, 2, issuance.Renewal{Role: profile.ServerRole, ResetUsage: true})
	assert.Empty(t, notes, "it is right already")
}

func TestRenewAddsNames(t *testing.T) {
	set := newSet(t, "", profile.Asked{CommonName: flag("a.example")})
	names, err := profile.ParseSANs([]string{"b.example", "10.0.0.5", "a.example", "b.example"}, "--san")
	require.NoError(t, err)
	got, notes := renewWith(t, set, 1, issuance.Renewal{SANs: names, Days: new(3)})
	assert.Equal(t, []string{"added subjectAltName DNS:b.example, IP:10.0.0.5"}, notes)
	assert.Equal(t, []string{"DNS:a.example", "DNS:b.example", "IP:10.0.0.5"}, got.Certificate.Names())
	assert.Equal(t, got.Certificate.Names(), got.Request.Names())
	assert.Equal(t, 3*day, got.Certificate.NotAfter.Sub(got.Certificate.NotBefore))
}

// TestRenewWithoutKey: a key that is elsewhere keeps its request.
func TestRenewWithoutKey(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	set.Server.Key = nil
	got, _ := renewWith(t, set, 1, issuance.Renewal{})
	assert.Nil(t, got.Key)
	assert.Equal(t, set.Server.Request, got.Request)
	assert.Equal(t, set.Server.Certificate.PublicKeyInfo, got.Certificate.PublicKeyInfo)
	assert.True(t, got.Certificate.NotBefore.Equal(seconds.Add(24*time.Hour)))
}
