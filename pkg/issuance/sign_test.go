package issuance_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// asks is a conf that asks for more than anyone should get.
const asks = "[v3_req]\nbasicConstraints=CA:TRUE,pathlen:3\nkeyUsage=keyCertSign,digitalSignature\nextendedKeyUsage=clientAuth,codeSigning\n" +
	"subjectAltName=DNS:A.example.com,DNS:localhost,IP:10.0.0.5,email:x@example.com,URI:https://x\nsubjectKeyIdentifier=00:01\n" +
	"nsComment=x\n1.2.3.4=ASN1:NULL"

// request makes a request as the conf asks for it, under a subject in the form of -subj.
func request(t testing.TB, conf, subject string) (*certset.Request, x509v3.Name) {
	t.Helper()
	p := newProfile(t, conf, profile.Asked{Exact: true})
	name, err := x509v3.ParseSubject(subject)
	require.NoError(t, err)
	c, notes, err := p.Request(profile.ServerRole, name, profile.Leaf{})
	require.NoError(t, err)
	assert.Empty(t, notes)
	key, err := issuance.NewKey(profile.KeyType{Algorithm: profile.EC, Bits: 256})
	require.NoError(t, err)
	r, err := issuance.NewRequest(p, c, key)
	require.NoError(t, err)
	require.NoError(t, r.CheckSignature())
	return r, name
}

// signer is a CA with the profile that it signs by.
type signer struct {
	*issuance.Issuer
	profile *profile.Profile
	serial  *big.Int
}

func newSigner(t testing.TB, conf string) *signer {
	t.Helper()
	set := newSet(t, conf, profile.Asked{})
	i, err := issuance.NewIssuer(set.CA, now)
	require.NoError(t, err)
	return &signer{i, newProfile(t, conf, profile.Asked{CAElsewhere: true}), set.Serial}
}

func (s *signer) sign(t testing.TB, r *certset.Request, role profile.Role, sans ...string) certset.Entry {
	t.Helper()
	name, err := x509v3.ReadSubject(r.RawSubject)
	require.NoError(t, err)
	c, _, err := s.profile.LeafFor(role, name, profile.Leaf{SANs: sans})
	require.NoError(t, err)
	entry, _, err := s.Sign(s.profile, c, r.RawSubject, r, s.serial)
	require.NoError(t, err)
	require.NoError(t, verify.Made(certset.Leaf{Entry: entry}, s.Certificate, now))
	return entry
}

// TestSignTakesSubjectAndKeyOnly compares with the certificate for a request that asks for nothing.
func TestSignTakesSubjectAndKeyOnly(t *testing.T) {
	s := newSigner(t, profile.BuiltinText())
	greedy, _ := request(t, asks, "/O=x/OU=y+CN=localhost")
	modest, _ := request(t, "", "/O=x/OU=y+CN=localhost")
	for _, role := range []profile.Role{profile.ServerRole, profile.ClientRole} {
		got, want := s.sign(t, greedy, role).Certificate, s.sign(t, modest, role).Certificate
		assert.Equal(t, withoutSKI(want.Extensions), withoutSKI(got.Extensions))
		assert.Equal(t, greedy.RawSubject, got.RawSubject)
		assert.Equal(t, greedy.PublicKeyInfo, got.PublicKeyInfo)
		assert.Equal(t, []string{"DNS:localhost", "IP:127.0.0.1", "IP:::1"}, got.Names())
		assert.NoError(t, got.SignedBy(s.Certificate))
	}
}

// TestSignMovesEmail: a conf with email:move takes the addresses out of the subject, and leaves its string types.
func TestSignMovesEmail(t *testing.T) {
	s := newSigner(t, "[v3_ca]\nbasicConstraints=critical,CA:TRUE\n[v3_req]\nsubjectAltName=email:move")
	r, _ := request(t, "[req]\nstring_mask=default\n", "/O=x/emailAddress=a@b.cc+CN=y")
	got := s.sign(t, r, profile.ClientRole).Certificate
	assert.Equal(t, "O=x, CN=y", got.Subject())
	assert.Equal(t, []string{"email:a@b.cc"}, got.Names())
	want, err := x509v3.NewName(x509v3.Attribute{Type: x509v3.OIDOrganization, Value: "x"}, x509v3.Attribute{Type: x509v3.OIDCommonName, Value: "y"}).DER(^x509v3.StringMask(0))
	require.NoError(t, err)
	assert.Equal(t, want, got.RawSubject)
}

func TestWithhold(t *testing.T) {
	s := newSigner(t, profile.BuiltinText())
	r, _ := request(t, asks, "/CN=localhost")
	got := issuance.Withhold(r, s.sign(t, r, profile.ServerRole).Certificate)
	assert.Equal(t, []issuance.Withheld{
		{What: "DNS:A.example.com", SAN: "DNS:a.example.com"}, {What: "IP:10.0.0.5", SAN: "IP:10.0.0.5"},
		{What: "email:x@example.com"}, {What: "URI:https://x"},
		{What: "extendedKeyUsage clientAuth"}, {What: "extendedKeyUsage codeSigning"}, {What: "keyUsage keyCertSign"},
		{What: "basicConstraints CA:TRUE"}, {What: "subjectKeyIdentifier"}, {What: "nsComment"}, {What: "1.2.3.4"},
	}, got)

	// What the flags, the role and the conf grant is not withheld: names however they are written.
	got = issuance.Withhold(r, s.sign(t, r, profile.ClientRole, "a.example.com.", "10.0.0.5").Certificate)
	assert.Equal(t, "email:x@example.com", got[0].What)
	assert.Equal(t, "extendedKeyUsage codeSigning", got[2].What)
	same := newSigner(t, "[v3_ca]\nbasicConstraints=critical,CA:TRUE\n"+asks)
	assert.Empty(t, issuance.Withhold(r, same.sign(t, r, profile.ServerRole).Certificate))

	// Uses that a certificate leaves open are not withheld.
	open := newSigner(t, "[v3_ca]\nbasicConstraints=critical,CA:TRUE\n[v3_req]\nsubjectAltName=DNS:localhost")
	few, _ := request(t, "[v3_req]\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE", "/CN=localhost")
	assert.Empty(t, issuance.Withhold(few, open.sign(t, few, profile.ServerRole).Certificate))
}

func TestTrial(t *testing.T) {
	for _, conf := range []string{
		profile.BuiltinText(),
		"[v3_ca]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature", // signatures hold all the same
	} {
		p := newProfile(t, conf, profile.Asked{})
		key, err := issuance.NewKey(p.CA().Key)
		require.NoError(t, err)
		ca, err := issuance.NewCA(p, key, now)
		require.NoError(t, err)
		set, err := issuance.Trial(newProfile(t, profile.BuiltinText(), profile.Asked{}), ca, now)
		require.NoError(t, err)
		assert.Equal(t, ca, set.CA)
		assert.Empty(t, verify.Sound(set, now))
	}
}

// FuzzSign: a request of any bytes is refused in one line, or is signed with nothing of it but subject and key.
func FuzzSign(f *testing.F) {
	s := newSigner(f, profile.BuiltinText())
	for _, conf := range []string{"", asks, "[req]\nstring_mask=default\n" + asks} {
		for _, subject := range []string{"/", "/CN=localhost", "/C=DE/OU=x+CN=a.example.com/emailAddress=a@b.cc"} {
			r, _ := request(f, conf, subject)
			f.Add(r.Raw)
		}
	}
	modest, _ := request(f, "", "/CN=no host name")
	want := withoutSKI(s.sign(f, modest, profile.ClientRole).Certificate.Extensions)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, _, err := certset.ReadRequest(data)
		if err == nil {
			err = r.CheckKey()
		}
		// The signature is passed over, or hardly anything would come further.
		var name x509v3.Name
		if err == nil {
			_ = r.CheckSignature()
			name, err = x509v3.ReadSubject(r.RawSubject)
		}
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			assert.Less(t, len(err.Error()), 600)
			return
		}
		c, _, err := s.profile.LeafFor(profile.ClientRole, name, profile.Leaf{})
		require.NoError(t, err)
		entry, _, err := s.Sign(s.profile, c, r.RawSubject, r, s.serial)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		require.NoError(t, verify.Made(certset.Leaf{Entry: entry}, s.Certificate, now))
		got := withoutSKI(entry.Certificate.Extensions)
		if names := entry.Certificate.Names(); len(names) == 0 {
			require.Equal(t, want, got)
		} else {
			require.Len(t, got, len(want)+1)
		}
		issuance.Withhold(r, entry.Certificate)
	})
}
