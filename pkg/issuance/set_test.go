package issuance_test

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// TestKeyTypes: the fields that every set has, for each kind of key.
func TestKeyTypes(t *testing.T) {
	algorithms := map[string]x509.SignatureAlgorithm{
		"rsa-2048": x509.SHA256WithRSA, "rsa-3072": x509.SHA256WithRSA, "rsa-4096": x509.SHA256WithRSA,
		"ec-p256": x509.ECDSAWithSHA256, "ec-p384": x509.ECDSAWithSHA256, "ed25519": x509.PureEd25519,
	}
	for _, keyType := range profile.KeyTypes() {
		t.Run(keyType, func(t *testing.T) {
			if testing.Short() && keyType == "rsa-4096" {
				t.Skip("takes long")
			}
			t.Parallel()
			set := newSet(t, profile.BuiltinText(), profile.Asked{KeyType: flag(keyType)})
			for file, c := range certificates(set) {
				require.NoError(t, c.X509Err)
				assert.Equal(t, keyType, c.KeyType(), file)
				assert.Equal(t, 3, c.X509.Version)
				assert.Equal(t, algorithms[keyType], c.X509.SignatureAlgorithm)
				assert.Equal(t, seconds, c.NotBefore)
				assert.Equal(t, seconds.Add(3650*day), c.NotAfter)
				assert.NoError(t, c.SignedBy(set.CA.Certificate))
				assert.Equal(t, keyID(t, c), c.X509.SubjectKeyId, "SHA-1 of the key's bits")
				assert.Equal(t, set.CA.Certificate.X509.SubjectKeyId, c.X509.AuthorityKeyId)
			}
			for _, e := range []certset.Entry{set.Server, set.Client} {
				require.NoError(t, e.Request.X509Err)
				assert.NoError(t, e.Request.CheckSignature())
				assert.Equal(t, algorithms[keyType], e.Request.X509.SignatureAlgorithm)
				assert.Equal(t, e.Certificate.RawSubject, e.Request.RawSubject)
				assert.True(t, e.HasKey())
			}
			assert.True(t, set.CA.HasKey())
			assert.Nil(t, set.CA.Request)
		})
	}
}

func keyID(t *testing.T, c *certset.Certificate) []byte {
	t.Helper()
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	_, err := asn1.Unmarshal(c.PublicKeyInfo, &info)
	require.NoError(t, err)
	sum := sha1.Sum(info.Key.Bytes)
	return sum[:]
}

// TestSubjects: the DER of the profile's, in the conf's string type.
func TestSubjects(t *testing.T) {
	for _, conf := range []string{"", "[req]\nstring_mask=pkix"} {
		p := newProfile(t, conf, profile.Asked{CommonName: flag("m"), ClientCommonName: flag("c"), CACommonName: flag("a")})
		set, notes, err := issuance.NewSet(p, issuance.Options{Now: now})
		require.NoError(t, err)
		assert.Empty(t, notes)
		for file, want := range map[string]profile.Certificate{"ca.pem": p.CA(), "server.pem": p.Server(), "client.pem": p.Client()} {
			der, err := want.Subject.DER(p.StringMask())
			require.NoError(t, err)
			c := certificates(set)[file]
			assert.Equal(t, der, c.RawSubject)
			assert.Equal(t, set.CA.Certificate.RawSubject, c.RawIssuer)
		}
	}
}

// TestExtensions: those of the profile in their order, then the key identifiers that OpenSSL adds.
func TestExtensions(t *testing.T) {
	for _, tc := range []struct {
		name, conf string
		exact      bool
		ca, leaf   string
	}{
		{"built-in", profile.BuiltinText(), false, "basicConstraints! keyUsage! SKI AKI", "basicConstraints! keyUsage! SAN EKU SKI AKI"},
		{"an empty conf, completed", "", false, "basicConstraints! keyUsage! SKI AKI", "SAN EKU SKI AKI"},
		{"an empty conf, exact", "", true, "", ""},
		{"one extension, exact", "[v3_ca]\nbasicConstraints=CA:TRUE\n[v3_req]\nkeyUsage=digitalSignature", true, "basicConstraints SKI", "keyUsage SKI AKI"},
		{"stated in an order of their own", "[v3_ca]\nkeyUsage=keyCertSign\n[v3_req]\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\nkeyUsage=digitalSignature", true, "keyUsage SKI", "AKI SKI keyUsage"},
		{"none", "[v3_ca]\nsubjectKeyIdentifier=none\nbasicConstraints=CA:TRUE\n[v3_req]\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none\nkeyUsage=digitalSignature", true, "basicConstraints", "keyUsage"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := newSet(t, tc.conf, profile.Asked{Exact: tc.exact})
			assert.Equal(t, tc.ca, kinds(set.CA.Certificate))
			assert.Equal(t, tc.leaf, kinds(set.Server.Certificate))
			assert.Equal(t, tc.leaf, kinds(set.Client.Certificate))
			for _, c := range certificates(set) {
				assert.Equal(t, 3, c.X509.Version)
			}
		})
	}
}

// TestRequests ask for what the conf states and what was completed; a request knows no issuer, and names no key unasked.
func TestRequests(t *testing.T) {
	for _, tc := range []struct{ name, conf, want string }{
		{"completed", "", "SAN EKU"},
		{"stated", "[v3_req]\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\nkeyUsage=critical,digitalSignature\nsubjectAltName=DNS:a\nextendedKeyUsage=serverAuth", "SKI keyUsage! SAN EKU"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := newSet(t, tc.conf, profile.Asked{})
			for _, e := range []certset.Entry{set.Server, set.Client} {
				assert.Equal(t, tc.want, kinds(&certset.Certificate{Extensions: e.Request.X509.Extensions}))
			}
		})
	}
	set := newSet(t, "", profile.Asked{Exact: true})
	assert.Empty(t, set.Server.Request.X509.Extensions)
}

// TestDigests: default_md signs the CA and the requests, as with gen.sh; the leaves have SHA-256.
func TestDigests(t *testing.T) {
	for digest, want := range map[string]x509.SignatureAlgorithm{
		"sha1": x509.ECDSAWithSHA1, "sha256": x509.ECDSAWithSHA256, "sha384": x509.ECDSAWithSHA384, "sha512": x509.ECDSAWithSHA512,
	} {
		set := newSet(t, "[req]\ndefault_md="+digest, profile.Asked{})
		assert.Equal(t, want, set.CA.Certificate.X509.SignatureAlgorithm)
		assert.Equal(t, want, set.Client.Request.X509.SignatureAlgorithm)
		assert.Equal(t, x509.ECDSAWithSHA256, set.Server.Certificate.X509.SignatureAlgorithm)
		assert.NoError(t, set.CA.Certificate.SignedBy(set.CA.Certificate))
	}
}

// TestDays: a leaf ends with its CA at the latest, but for OpenSSL's result.
func TestDays(t *testing.T) {
	const note = "leaves end on 2026-01-12 with their CA, not after the days that were asked for"
	for _, tc := range []struct {
		name     string
		days, ca int
		exact    bool
		leafDays int
		noted    bool
	}{
		{"shorter", 5, 10, false, 5, false},
		{"as long", 10, 10, false, 10, false},
		{"longer", 11, 10, false, 10, true},
		{"longer, exact", 11, 10, true, 11, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newProfile(t, "", profile.Asked{Days: &tc.days, CADays: &tc.ca, Exact: tc.exact})
			set, notes, err := issuance.NewSet(p, issuance.Options{Now: now})
			require.NoError(t, err)
			assert.Equal(t, seconds.AddDate(0, 0, tc.ca), set.CA.Certificate.NotAfter)
			assert.Equal(t, seconds.AddDate(0, 0, tc.leafDays), set.Server.Certificate.NotAfter)
			assert.Equal(t, seconds.AddDate(0, 0, tc.leafDays), set.Client.Certificate.NotAfter)
			if tc.noted {
				assert.Equal(t, []string{note}, notes)
			} else {
				assert.Empty(t, notes)
			}
		})
	}
}

// TestSerials: one after the other from the last one used, or from one that is random.
func TestSerials(t *testing.T) {
	p := newProfile(t, "", profile.Asked{})
	last := big.NewInt(0xff)
	set, _, err := issuance.NewSet(p, issuance.Options{Now: now, LastSerial: last})
	require.NoError(t, err)
	assert.Equal(t, big.NewInt(0x100), set.Server.Certificate.SerialNumber)
	assert.Equal(t, big.NewInt(0x101), set.Client.Certificate.SerialNumber)
	assert.Equal(t, big.NewInt(0x101), set.Serial)
	assert.Equal(t, big.NewInt(0xff), last)
	assert.Greater(t, set.CA.Certificate.SerialNumber.BitLen(), 64, "the CA's own is random")

	longest := 0
	for range 20 {
		set := newSet(t, "", profile.Asked{})
		first := set.Server.Certificate.SerialNumber
		assert.Equal(t, 1, first.Sign())
		longest = max(longest, first.BitLen(), set.CA.Certificate.SerialNumber.BitLen())
		assert.Equal(t, new(big.Int).Add(first, big.NewInt(1)), set.Client.Certificate.SerialNumber)
		assert.Equal(t, set.Serial, set.Client.Certificate.SerialNumber)
	}
	assert.LessOrEqual(t, longest, 159)
	assert.Greater(t, longest, 152)
}

func TestSerialsFull(t *testing.T) {
	p := newProfile(t, "", profile.Asked{})
	highest := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 159), big.NewInt(1))
	for back, want := range []string{"server.pem: ", "client.pem: "} {
		last := new(big.Int).Sub(highest, big.NewInt(int64(back)))
		set, _, err := issuance.NewSet(p, issuance.Options{Now: now, LastSerial: last})
		assert.Nil(t, set)
		assert.ErrorIs(t, err, certset.ErrSerialFull)
		assert.ErrorContains(t, err, want)
	}
	set, _, err := issuance.NewSet(p, issuance.Options{Now: now, LastSerial: new(big.Int).Sub(highest, big.NewInt(2))})
	require.NoError(t, err)
	assert.Equal(t, highest, set.Serial)
}

// TestEmails: email:copy repeats the subject's addresses among the names, email:move takes them there.
func TestEmails(t *testing.T) {
	const conf = "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nO=x\nemailAddress=a@x.y\nCN=m\n[v3_req]\nsubjectAltName=DNS:m,email:"
	for _, tc := range []struct{ how, subject string }{{"copy", "O=x, emailAddress=a@x.y, CN=m"}, {"move", "O=x, CN=m"}} {
		set := newSet(t, conf+tc.how, profile.Asked{CACommonName: flag("ca")})
		assert.Equal(t, "O=x, emailAddress=a@x.y, CN=ca", set.CA.Certificate.Subject())
		for _, e := range []certset.Entry{set.Server, set.Client} {
			assert.Equal(t, tc.subject, e.Certificate.Subject())
			assert.Equal(t, []string{"DNS:m", "email:a@x.y"}, e.Certificate.Names())
			assert.Equal(t, e.Certificate.RawSubject, e.Request.RawSubject)
			assert.Equal(t, []string{"a@x.y"}, e.Request.X509.EmailAddresses)
		}
	}
}

func TestKeyMade(t *testing.T) {
	var made atomic.Int32
	o := issuance.Options{Now: now, KeyMade: func() { made.Add(1) }}
	_, _, err := issuance.NewSet(newProfile(t, "", profile.Asked{}), o)
	require.NoError(t, err)
	assert.EqualValues(t, 3, made.Load())
}

// TestNoKeyToName: what only shows at signing names its place in the conf.
func TestNoKeyToName(t *testing.T) {
	const conf = "[v3_ca]\nsubjectKeyIdentifier=none\nbasicConstraints=CA:TRUE\n[v3_req]\nauthorityKeyIdentifier=keyid:always\n"
	_, _, err := issuance.NewSet(newProfile(t, conf, profile.Asked{}), issuance.Options{Now: now})
	assert.EqualError(t, err, "x.cnf:5: [v3_req] authorityKeyIdentifier: the CA certificate has no subjectKeyIdentifier that could be named here")
	_, _, err = issuance.NewSet(newProfile(t, "[v3_ca]\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=keyid:always\n", profile.Asked{}), issuance.Options{Now: now})
	assert.ErrorContains(t, err, "x.cnf:3: [v3_ca] authorityKeyIdentifier: ")

	set := newSet(t, "[v3_ca]\nsubjectKeyIdentifier=none\nbasicConstraints=CA:TRUE\n", profile.Asked{})
	assert.Nil(t, set.CA.Certificate.Extension(oidSubjectKeyIdentifier))
	aki := set.Server.Certificate.Extension(oidAuthorityKeyIdentifier)
	require.NotNil(t, aki)
	want, err := x509v3.Encode([]x509v3.Extension{{ID: oidAuthorityKeyIdentifier, Value: x509v3.AuthorityKeyIdentifier{Issuer: x509v3.Always}}},
		x509v3.Context{Issuer: x509v3.Issuer{Name: set.CA.Certificate.RawSubject, Serial: set.CA.Certificate.SerialNumber}})
	require.NoError(t, err)
	assert.Equal(t, want[0].Value, aki.Value, "issuer and serial number stand in for the key identifier")
}
