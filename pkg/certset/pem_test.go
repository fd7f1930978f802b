package certset_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// TestParseRefused lists what is wrong with a file, by defect.
func TestParseRefused(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	all := files(t, set)
	key, request, cert := all["server.key"].Data, all["server.csr"].Data, all["server.pem"].Data
	raw := set.Server.Certificate.Raw
	der := func(data []byte) []byte { b, _ := pem.Decode(data); return b.Bytes }
	dh, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	agreement, err := x509.MarshalPKCS8PrivateKey(dh)
	require.NoError(t, err)
	headed := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: der(key)})

	for _, tc := range []struct {
		name, file string
		data       []byte
		want       string
	}{
		{"empty", "server.pem", nil, "the file is empty"},
		{"blank", "server.key", []byte("\n \n"), "the file is empty"},
		{"DER", "server.pem", raw, "wanted PEM (-----BEGIN CERTIFICATE-----), found DER"},
		{"DER", "server.key", der(key), "wanted PEM (-----BEGIN PRIVATE KEY-----), found DER"},
		{"DER", "server.csr", der(request), "wanted PEM (-----BEGIN CERTIFICATE REQUEST-----), found DER"},
		{"text", "ca.pem", []byte("hello"), "wanted PEM (-----BEGIN CERTIFICATE-----), found none"},
		{"cut short", "server.pem", cert[:len(cert)/2], "wanted PEM (-----BEGIN CERTIFICATE-----), found none"},
		{"cut short", "server.key", key[:len(key)/2], "wanted PEM (-----BEGIN PRIVATE KEY-----), found none"},
		{"two of them", "server.pem", append(bytes.Clone(cert), all["ca.pem"].Data...), `wanted one PEM block, found another one, "CERTIFICATE", behind it`},
		{"with its key", "server.pem", append(bytes.Clone(cert), key...), `wanted one PEM block, found another one, "PRIVATE KEY", behind it`},
		{"a key for a certificate", "ca.pem", key, `wanted a PEM block "CERTIFICATE", found "PRIVATE KEY"`},
		{"a request for a certificate", "server.pem", request, `wanted a PEM block "CERTIFICATE", found "CERTIFICATE REQUEST"`},
		{"a certificate for a request", "client.csr", cert, `wanted a PEM block "CERTIFICATE REQUEST", found "CERTIFICATE"`},
		{"a certificate for a key", "client.key", cert, `wanted a PEM block "PRIVATE KEY", found "CERTIFICATE"`},
		{"a public key", "client.key", block("PUBLIC KEY", set.Server.Certificate.PublicKeyInfo), `wanted a PEM block "PRIVATE KEY", found "PUBLIC KEY"`},
		{"a type without end", "client.key", block(strings.Repeat("A", 1000), nil), `wanted a PEM block "PRIVATE KEY", found "` + strings.Repeat("A", 48) + `"…`},
		{"encrypted, PKCS#8", "ca.key", block("ENCRYPTED PRIVATE KEY", der(key)), "the private key is encrypted"},
		{"encrypted, by headers", "ca.key", headed, "the private key is encrypted"},
		{"nothing in the block", "ca.key", block("PRIVATE KEY", nil), `the PEM block "PRIVATE KEY" holds no private key that can be read`},
		{"a key in another's block", "ca.key", block("RSA PRIVATE KEY", der(key)), `the PEM block "RSA PRIVATE KEY" holds no private key that can be read`},
		{"a key in another's block", "ca.key", block("EC PRIVATE KEY", der(key)), `the PEM block "EC PRIVATE KEY" holds no private key that can be read`},
		{"a key that cannot sign", "ca.key", block("PRIVATE KEY", agreement), "wanted an RSA, EC or Ed25519 key, found another kind"},
		{"DER cut short", "server.pem", block("CERTIFICATE", raw[:len(raw)-1]), "no certificate: asn1: syntax error: data truncated"},
		{"DER with more behind", "server.pem", block("CERTIFICATE", append(bytes.Clone(raw), 0, 0)), "no certificate: 2 bytes too many"},
		{"DER with more behind", "server.csr", block("CERTIFICATE REQUEST", append(der(request), 0)), "no certification request: 1 bytes too many"},
		{"another serial", "ca.srl", []byte("xyz"), `wanted a hexadecimal serial number, two digits an octet, found "xyz"`},
	} {
		t.Run(tc.name+" as "+tc.file, func(t *testing.T) {
			_, err := parseWith(all, tc.file, tc.data)
			assert.EqualError(t, err, tc.file+": "+tc.want)
		})
	}
}
