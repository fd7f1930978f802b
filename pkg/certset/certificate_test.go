package certset_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

var (
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
)

// TestCertificateFields compares with crypto/x509.
func TestCertificateFields(t *testing.T) {
	for _, keyType := range []string{"rsa-2048", "ec-p384", "ed25519"} {
		set := newSet(t, profile.BuiltinText(), profile.Asked{KeyType: flag(keyType)})
		for _, c := range []*certset.Certificate{set.CA.Certificate, set.Server.Certificate, set.Client.Certificate} {
			want, err := x509.ParseCertificate(c.Raw)
			require.NoError(t, err)
			require.NoError(t, c.X509Err)
			assert.Equal(t, want, c.X509)
			assert.Equal(t, want.RawSubject, c.RawSubject)
			assert.Equal(t, want.RawIssuer, c.RawIssuer)
			assert.Equal(t, want.SerialNumber, c.SerialNumber)
			assert.Equal(t, want.NotBefore, c.NotBefore)
			assert.Equal(t, want.NotAfter, c.NotAfter)
			assert.Equal(t, want.RawSubjectPublicKeyInfo, c.PublicKeyInfo)
			assert.Equal(t, x509v3.KeyIdentifier(c.PublicKeyBits), want.SubjectKeyId)
			assert.Equal(t, want.Extensions, c.Extensions)
			assert.Equal(t, sha256.Sum256(c.Raw), c.Fingerprint())
			key, err := c.PublicKey()
			require.NoError(t, err)
			assert.Equal(t, want.PublicKey, key)
			assert.Equal(t, keyType, c.KeyType())
		}
		assert.True(t, set.CA.Certificate.Extension(oidBasicConstraints).Critical)
		assert.NotNil(t, set.Server.Certificate.Extension(oidKeyUsage))
		assert.Nil(t, set.Server.Certificate.Extension(oidNameConstraints))
	}
}

// TestCertificatesGoRefuses: they are certificates all the same, and the error says what Go has against them.
func TestCertificatesGoRefuses(t *testing.T) {
	for _, tc := range []struct{ name, conf, want string }{
		{"critical key identifiers", readConf(t, "critical-forbidden.cnf"), "critical"},
		{"raw bytes in a dNSName", "[v3_req]\nsubjectAltName=DNS:müller.example\n[v3_ca]\nsubjectAltName=DNS:ü\n", "SAN dNSName is malformed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := newSet(t, tc.conf, profile.Asked{Exact: true})
			for _, c := range []*certset.Certificate{set.CA.Certificate, set.Server.Certificate, set.Client.Certificate} {
				assert.Nil(t, c.X509)
				assert.ErrorContains(t, c.X509Err, tc.want)
				assert.NoError(t, c.SignedBy(set.CA.Certificate))
				assert.NotEmpty(t, c.Subject())
				assert.Equal(t, "ec-p256", c.KeyType())
			}
			assert.NoError(t, set.Server.Request.CheckSignature())
			got, err := certset.Parse(files(t, set))
			require.NoError(t, err)
			assertSameSet(t, set, got)
		})
	}
}

func TestSignedBy(t *testing.T) {
	set, other := newSet(t, "", profile.Asked{}), newSet(t, "", profile.Asked{})
	renamed := newSet(t, "", profile.Asked{CACommonName: flag("another")})
	damaged := damage(t, set.Server.Certificate, len(set.Server.Certificate.Raw)-1)
	strange := damage(t, set.CA.Certificate, strings.Index(string(set.CA.Certificate.Raw), string(set.CA.Certificate.PublicKeyInfo))+10)
	for _, tc := range []struct {
		name     string
		cert, ca *certset.Certificate
		want     string
	}{
		{"leaf", set.Server.Certificate, set.CA.Certificate, ""},
		{"by itself", set.CA.Certificate, set.CA.Certificate, ""},
		{"by a CA of the same name", set.Server.Certificate, other.CA.Certificate, "the signature is not that key's"},
		{"by a CA of another name", set.Server.Certificate, renamed.CA.Certificate, "its issuer is not the subject of the CA certificate"},
		{"damaged", damaged, set.CA.Certificate, "the signature is not that key's"},
		{"by a key of an unknown kind", set.Server.Certificate, strange, "the signer's key cannot be read: x509: unknown public key algorithm"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.cert.SignedBy(tc.ca)
			if tc.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, tc.want)
		})
	}
	assert.Equal(t, "unknown key", strange.KeyType())
}

// damage returns the certificate with one byte of its DER changed.
func damage(t *testing.T, c *certset.Certificate, at int) *certset.Certificate {
	t.Helper()
	der := []byte(string(c.Raw))
	der[at] ^= 1
	changed, err := certset.ParseCertificate(der)
	require.NoError(t, err)
	return changed
}

// TestUniqueIdentifiers: crypto/x509 passes over what is in them, so that a server can show anything there.
func TestUniqueIdentifiers(t *testing.T) {
	server := newSet(t, "", profile.Asked{}).Server.Certificate
	var whole, tbs asn1.RawValue
	_, err := asn1.Unmarshal(server.Raw, &whole)
	require.NoError(t, err)
	rest, err := asn1.Unmarshal(whole.Bytes, &tbs)
	require.NoError(t, err)
	at := strings.Index(string(tbs.Bytes), string(server.PublicKeyInfo)) + len(server.PublicKeyInfo)
	for _, odd := range []string{"\x81\x02\x09\x00", "\x82\x02\x09\x00", "\x81\x00\x82\x00", "\x81\x02\x00\x01"} {
		inner, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: []byte(string(tbs.Bytes[:at]) + odd + string(tbs.Bytes[at:]))})
		require.NoError(t, err)
		der, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(inner, rest...)})
		require.NoError(t, err)
		_, err = x509.ParseCertificate(der)
		require.NoError(t, err)
		c, err := certset.ParseCertificate(der)
		require.NoError(t, err, "%x", odd)
		assert.NotNil(t, c.X509)
		assert.Equal(t, server.Extensions, c.Extensions)
	}
}

// TestUnknownSignature: an algorithm that is not on the list is no match, and no crash.
func TestUnknownSignature(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	oid, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})
	require.NoError(t, err)
	raw := string(set.Server.Certificate.Raw)
	c := damage(t, set.Server.Certificate, strings.LastIndex(raw, string(oid))+len(oid)-1) // 4.3.3, SHA-384
	assert.EqualError(t, c.SignedBy(set.CA.Certificate), "the signature is not that key's")
	der := []byte(raw)
	der[strings.LastIndex(raw, string(oid))+len(oid)-1] = 9
	c, err = certset.ParseCertificate(der)
	require.NoError(t, err)
	assert.EqualError(t, c.SignedBy(set.CA.Certificate), "signature algorithm 1.2.840.10045.4.3.9 cannot be checked")
}

func TestDescribe(t *testing.T) {
	const dn = "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nC=DE\nO=Acmé\n0.OU=a\n+OU=b\nDC=x\nserialNumber=7\nemailAddress=o@x.y\n0.1.2.3=z\n"
	const san = "[v3_req]\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1,email:a@b.c,URI:https://x/,RID:1.2.3\n"
	set := newSet(t, dn+san, profile.Asked{CommonName: flag("localhost"), CACommonName: flag("the CA")})
	c := set.Server.Certificate
	assert.Equal(t, "C=DE, O=Acmé, OU=a + OU=b, DC=x, serialNumber=7, emailAddress=o@x.y, 1.2.3=z, CN=localhost", c.Subject())
	assert.Equal(t, []string{"DNS:localhost", "IP:127.0.0.1", "IP:::1", "email:a@b.c", "URI:https://x/", "a name of kind 8"}, c.Names())
	assert.Nil(t, set.CA.Certificate.Names())
	for oid, want := range map[*x509.OID]string{&x509v3.OIDOrganization: "Acmé", &x509v3.OIDOrganizationalUnit: "a", &x509v3.OIDEmailAddress: "o@x.y"} {
		got, ok := c.Attribute(*oid)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	_, ok := c.Attribute(x509v3.OIDLocality)
	assert.False(t, ok)
}

// TestDescribeStringTypes: names are read in whatever string type they were written.
func TestDescribeStringTypes(t *testing.T) {
	for _, mask := range []string{"utf8only", "pkix", "nombstr", "default", "MASK:0x4", "MASK:0x800"} {
		set := newSet(t, "[req]\nstring_mask="+mask, profile.Asked{Organization: flag("Acmé"), OrganizationalUnit: flag("plain")})
		organization, _ := set.Server.Certificate.Attribute(x509v3.OIDOrganization)
		assert.Equal(t, "Acmé", organization, mask)
		assert.Equal(t, "C=CN, O=Acmé, OU=plain, CN=localhost", set.Server.Certificate.Subject(), mask)
	}
}

func TestDescribeNames(t *testing.T) {
	assert.Equal(t, []string{"names that cannot be read"}, certset.DescribeNames([]byte{1, 2, 3}))
	assert.Equal(t, []string{"names that cannot be read"}, certset.DescribeNames(nil))
	assert.Empty(t, certset.DescribeNames([]byte{0x30, 0}))
	assert.Equal(t, []string{"a name of kind 7"}, certset.DescribeNames([]byte{0x30, 5, 0x87, 3, 1, 2, 3}), "an address of three octets")
}

func TestNoSubject(t *testing.T) {
	c := &certset.Certificate{RawSubject: []byte{1}}
	assert.Equal(t, "a subject that cannot be read", c.Subject())
	_, ok := c.Attribute(x509v3.OIDCommonName)
	assert.False(t, ok)
}
