package certset_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

func ecKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	return key
}

func rsaKey(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	require.NoError(t, err)
	return key
}

func requestFor(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	require.NoError(t, err)
	return der
}

func TestCheckKey(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		key      crypto.Signer
		old, new string // bytes of an OID, to make another kind of key of it
		want     string
	}{
		"RSA":              {key: rsaKey(t, 2048)},
		"P-256":            {key: ecKey(t, elliptic.P256())},
		"P-384":            {key: ecKey(t, elliptic.P384())},
		"P-521":            {key: ecKey(t, elliptic.P521())},
		"Ed25519":          {key: ed},
		"RSA of 1024 bits": {rsaKey(t, 1024), "", "", "wanted an RSA key of 2048 bits or more, found one of 1024, which clients refuse"},
		"RSA of 2040 bits": {rsaKey(t, 2040), "", "", "wanted an RSA key of 2048 bits or more, found one of 2040, which clients refuse"},
		"P-224":            {ecKey(t, elliptic.P224()), "", "", "wanted an EC key on P-256, P-384 or P-521, found the curve P-224, which TLS has no more"},
		"RSASSA-PSS":       {rsaKey(t, 2048), "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "wanted an RSA, EC or Ed25519 key, found one for RSASSA-PSS alone, which Go does not read"},
		"another curve":    {ecKey(t, elliptic.P256()), "\xce\x3d\x03\x01\x07", "\xce\x3d\x03\x01\x06", "wanted an EC key on P-256, P-384 or P-521, found the curve OID 1.2.840.10045.3.1.6"},
		"Ed448":            {ed, "\x03\x2b\x65\x70", "\x03\x2b\x65\x71", "wanted an RSA, EC or Ed25519 key, found another kind, Ed448"},
		"X25519":           {ed, "\x03\x2b\x65\x70", "\x03\x2b\x65\x6e", "wanted an RSA, EC or Ed25519 key, found another kind, X25519"},
		"not on the curve": {ecKey(t, elliptic.P256()), "\x00\x04", "\x00\x05", "the key in the request cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			der := bytes.Replace(requestFor(t, test.key), []byte(test.old), []byte(test.new), 1)
			r, err := certset.ParseRequest(der)
			require.NoError(t, err)
			if test.want == "" {
				assert.NoError(t, r.CheckKey())
				assert.NoError(t, r.CheckSignature())
				return
			}
			assert.EqualError(t, r.CheckKey(), test.want)
		})
	}
}

func TestReadRequest(t *testing.T) {
	der := requestFor(t, ecKey(t, elliptic.P256()))
	text := block("CERTIFICATE REQUEST", der)
	for name, test := range map[string]struct {
		data            []byte
		remarks, refuse string
	}{
		"PEM":           {text, "", ""},
		"DER":           {der, "", ""},
		"its old name":  {block("NEW CERTIFICATE REQUEST", der), "", ""},
		"text before":   {append([]byte("Certificate Request:\n"), text...), "text before the first block, which is passed over", ""},
		"two":           {append(text, text...), "", "wanted a certification request, found 2 of them"},
		"a key with it": {append(text, block("PRIVATE KEY", []byte("x"))...), "", "block 2 is a private key, which does not belong into a file that is given away; take it out"},
		"cut DER":       {der[:len(der)-1], "", "wanted PEM (-----BEGIN CERTIFICATE REQUEST-----), found DER of another kind, or damaged"},
		"nothing":       {nil, "", "the file is empty"},
		"another block": {block("CERTIFICATE", der), "", "wanted a certification request, found a certificate (-----BEGIN CERTIFICATE-----)"},
	} {
		t.Run(name, func(t *testing.T) {
			r, remarks, err := certset.ReadRequest(test.data)
			if test.refuse != "" {
				assert.EqualError(t, err, test.refuse)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, der, r.Raw)
			assert.Empty(t, r.OtherAttributes())
			if test.remarks != "" {
				assert.Equal(t, []string{test.remarks}, remarks)
			} else {
				assert.Empty(t, remarks)
			}
		})
	}
}
