package certset_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// inForm puts the kind of a key into a message.
func inForm(message, kind string) string { return strings.ReplaceAll(message, "%s", kind) }

const otherFiles = "../../testdata/files"

// TestForeignFiles reads what other programs wrote, as a certificate and as a key.
func TestForeignFiles(t *testing.T) {
	const (
		noCert, noKey  = "wanted PEM (-----BEGIN CERTIFICATE-----), found ", "wanted PEM (-----BEGIN PRIVATE KEY-----), found "
		kind           = "wanted an RSA, EC or Ed25519 key, found "
		isKey          = "wanted a certificate, found a private key (-----BEGIN PRIVATE KEY-----)"
		pfx, p7b       = "PKCS#12 (.pfx, .p12); openssl pkcs12 -in FILE -nodes -out NEW takes it apart", "PKCS#7 (.p7b); openssl pkcs7 -inform DER -print_certs -in FILE -out NEW"
		jks            = "a Java key store; keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 makes PKCS#12 of it"
		encrypted      = "the private key is encrypted; decrypt it: openssl pkey -in FILE -out NEW"
		openssh        = "wanted a private key in PKCS#8, PKCS#1 or SEC 1, found OpenSSH's form; ssh-keygen -p -m PKCS8 -f FILE converts one for RSA or EC"
		curve          = "wanted an EC key on P-256, P-384 or P-521, found "
		trustedAsCert  = "wanted a certificate, found a certificate in OpenSSL's own form (-----BEGIN TRUSTED CERTIFICATE-----); Go passes over it; openssl x509 -in FILE -out FILE converts it"
		trustedAsKey   = "wanted a private key, found a certificate in OpenSSL's own form (-----BEGIN TRUSTED CERTIFICATE-----)"
		pkcs7AsCert    = "wanted a certificate, found PKCS#7 (-----BEGIN PKCS7-----); openssl pkcs7 -print_certs -in FILE -out NEW"
		pkcs7AsKey     = "wanted a private key, found PKCS#7 (-----BEGIN PKCS7-----)"
		foundKeyInForm = "wanted a certificate, found a private key (-----BEGIN %s PRIVATE KEY-----)"
	)
	for name, want := range map[string][2]string{
		"pkcs12.pfx":                {noCert + pfx, noKey + pfx},
		"pkcs7.p7b":                 {noCert + p7b, noKey + p7b},
		"pkcs7.pem":                 {pkcs7AsCert, pkcs7AsKey},
		"java.jks":                  {noCert + jks, noKey + jks},
		"encrypted-pkcs8.key":       {inForm(foundKeyInForm, "ENCRYPTED"), encrypted},
		"encrypted-pkcs8.der":       {noCert + "DER of a private key", noKey + "DER of a private key; convert it: openssl pkey -inform DER -in FILE -out NEW"},
		"encrypted-traditional.key": {inForm(foundKeyInForm, "EC"), encrypted},
		"openssh.key":               {inForm(foundKeyInForm, "OPENSSH"), openssh},
		"ed448.key":                 {isKey, kind + "another kind, Ed448"},
		"secp256k1.key":             {inForm(foundKeyInForm, "EC"), curve + "the curve secp256k1"},
		"explicit-curve.key":        {isKey, curve + "explicit parameters of a curve"},
		"rsa-512.key":               {inForm(foundKeyInForm, "RSA"), "wanted an RSA key of 1024 bits or more, found one of 512, with which Go does not sign"},
		"rsa-pss.key":               {isKey, kind + "one for RSASSA-PSS alone, which Go does not read"},
		"dsa.key":                   {isKey, kind + "another kind, DSA"},
		"trusted.pem":               {trustedAsCert, trustedAsKey},
	} {
		t.Run(name, func(t *testing.T) {
			data := readOther(t, name)
			_, _, err := certset.ParseCertificates(data)
			assert.EqualError(t, err, want[0])
			_, _, err = certset.ParseKey(data)
			assert.EqualError(t, err, want[1])
			assertQuotesNothing(t, err.Error(), data)
		})
	}
}

func readOther(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(otherFiles, name))
	require.NoError(t, err)
	return data
}

// TestParseObjects: whatever there is in a file, in its order.
func TestParseObjects(t *testing.T) {
	m := newMaterial(t)
	objects, remarks, err := certset.ParseObjects(join(
		m.key, m.request, m.cert, block("PUBLIC KEY", m.set.Server.Certificate.PublicKeyInfo), block("DH PARAMETERS", []byte{0x30, 0}),
		block("ENCRYPTED PRIVATE KEY", []byte{0x30, 0}), block("CERTIFICATE", nil), block("X509 CERTIFICATE", derOf(m.ca)),
		inner("CERTIFICATE", derOf(m.ca), map[string]string{"A": "b"}),
	))
	require.NoError(t, err)
	assert.Empty(t, remarks)
	kinds := []string{"a private key", "a certification request", "a certificate", "a public key", "Diffie-Hellman parameters",
		"a private key", "a certificate", "a certificate under its old name", "a certificate"}
	require.Len(t, objects, len(kinds))
	for i, o := range objects {
		assert.Equal(t, i+1, o.Number)
		assert.Equal(t, kinds[i], o.Kind)
	}
	for _, o := range objects[:4] {
		assert.NoError(t, o.Err)
		assert.Equal(t, m.set.Server.Certificate.PublicKeyInfo, o.PublicKeyInfo, o.Kind)
	}
	assert.Equal(t, "PKCS#8", objects[0].Form)
	assert.Equal(t, m.set.Server.Request, objects[1].Request)
	assert.Equal(t, m.set.Server.Certificate, objects[2].Certificate)
	assert.True(t, objects[5].Encrypted)
	assert.NoError(t, objects[5].Err)
	assert.ErrorContains(t, objects[6].Err, "no certificate: asn1:")
	assert.Equal(t, m.set.CA.Certificate, objects[7].Certificate)
	assert.ErrorContains(t, objects[8].Err, "header lines")
}

// TestParseObjectsDER: DER is read, and remarked.
func TestParseObjectsDER(t *testing.T) {
	m := newMaterial(t)
	for name, data := range map[string][]byte{
		"openssl x509": derOf(m.cert), "openssl req": derOf(m.request), "openssl pkey": derOf(m.key),
	} {
		objects, remarks, err := certset.ParseObjects(data)
		require.NoError(t, err)
		require.Len(t, objects, 1)
		assert.NoError(t, objects[0].Err)
		assert.Equal(t, m.set.Server.Certificate.PublicKeyInfo, objects[0].PublicKeyInfo)
		assert.Equal(t, []string{"DER; Milvus and its clients want PEM: " + name + " -inform DER -in FILE -out " + map[bool]string{true: "NEW", false: "FILE"}[name == "openssl pkey"]}, remarks)
	}
	_, _, err := certset.ParseObjects(readOther(t, "java.jks"))
	assert.ErrorContains(t, err, "a Java key store")
}

// TestParseObjectsTrusted: OpenSSL's own form is a certificate with something behind it.
func TestParseObjectsTrusted(t *testing.T) {
	objects, _, err := certset.ParseObjects(readOther(t, "trusted.pem"))
	require.NoError(t, err)
	require.Len(t, objects, 1)
	require.NoError(t, objects[0].Err)
	assert.Equal(t, "CN=test", objects[0].Certificate.Subject())
}

// TestUses reads what the extensions say.
func TestUses(t *testing.T) {
	m := newMaterial(t)
	ca, leaf := m.set.CA.Certificate.Uses(), m.set.Server.Certificate.Uses()
	assert.Equal(t, []string{"keyCertSign", "cRLSign"}, ca.KeyUsage)
	assert.True(t, *ca.CA)
	assert.Equal(t, m.set.CA.Certificate.X509.SubjectKeyId, ca.KeyID)
	assert.Equal(t, ca.KeyID, leaf.IssuerKeyID)
	require.Len(t, leaf.ExtKeyUsage, 1)
	assert.Equal(t, "1.3.6.1.5.5.7.3.1", leaf.ExtKeyUsage[0].String())
	assert.Equal(t, leaf.ExtKeyUsage, m.set.Server.Request.Uses().ExtKeyUsage)
	assert.Equal(t, m.set.Server.Certificate.Names(), m.set.Server.Request.Names())
	assert.Equal(t, m.set.Server.Certificate.Subject(), m.set.Server.Request.Subject())
	assert.Equal(t, m.set.CA.Certificate.Subject(), m.set.Server.Certificate.Issuer())
	assert.Equal(t, "ec-p256", certset.KeyTypeOf(m.set.Server.Request.PublicKeyInfo))
	assert.Equal(t, 3, m.set.Server.Certificate.Version)
	assert.True(t, ca.Tell(oidBasicConstraints))
	assert.True(t, ca.Tell(oidKeyUsage))
	assert.False(t, leaf.Tell(oidNameConstraints))
}
