package clients_test

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// oldForm writes a key as OpenSSL did before PKCS#8: PKCS#1 or SEC 1.
func oldForm(t *testing.T, data []byte) []byte {
	t.Helper()
	key, _, err := certset.ParseKey(data)
	require.NoError(t, err)
	if key, ok := key.(*rsa.PrivateKey); ok {
		return block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	}
	der, err := x509.MarshalECPrivateKey(key.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	return block("EC PRIVATE KEY", der)
}

// TestOwnFiles: who cannot show a client certificate that is in the files so. One-way nobody looks at them.
func TestOwnFiles(t *testing.T) {
	good, rsaSet, other := files(t, made{}), files(t, made{keyType: "rsa-2048"}), files(t, made{})
	cert, key := good[clientPEM], good[clientKey]
	headers := []byte(strings.Replace(string(cert), "-----\n", "-----\nA: b\n\n", 1))
	for _, tc := range []struct {
		name, refusers string
		files          map[string][]byte
	}{
		{"nothing wrong", "", good},
		{"no client.pem", everyone, map[string][]byte{clientPEM: nil}},
		{"no client.key", everyone, map[string][]byte{clientKey: nil}},
		{"empty client.pem", everyone, map[string][]byte{clientPEM: {}}},
		{"empty client.key", everyone, map[string][]byte{clientKey: {}}},
		{"request as client.pem", everyone, map[string][]byte{clientPEM: good["client.csr"]}},
		{"key of another certificate", everyone, map[string][]byte{clientKey: other[clientKey]}},
		{"encrypted key", everyone, map[string][]byte{clientKey: read(t, "encrypted-pkcs8.key")}},
		{"encrypted key in the old form", everyone, map[string][]byte{clientKey: read(t, "encrypted-traditional.key")}},
		{"damaged key", everyone, map[string][]byte{clientKey: block("PRIVATE KEY", []byte{0x30, 0})}},
		{"certificate as the key", everyone, map[string][]byte{clientKey: cert}},
		{"key in DER", "pymilvus go node java curl python requests", map[string][]byte{clientKey: derOf(key)}},
		{"certificate in DER", "pymilvus go node java curl python requests", map[string][]byte{clientPEM: derOf(cert)}},
		{"both in DER", "pymilvus go node java curl python requests", map[string][]byte{clientPEM: derOf(cert), clientKey: derOf(key)}},
		{"SEC 1", "java", map[string][]byte{clientKey: oldForm(t, key)}},
		{"PKCS#1", "java", with(rsaSet, map[string][]byte{clientKey: oldForm(t, rsaSet[clientKey])})},
		{"byte order mark", "go", map[string][]byte{clientPEM: append([]byte("\xef\xbb\xbf"), cert...)}},
		{"header lines in client.pem", "pymilvus node java curl python requests openssl", map[string][]byte{clientPEM: headers}},
		{"under its old name", "go", map[string][]byte{clientPEM: block("X509 CERTIFICATE", derOf(cert))}},
		{"the key in client.pem too", "", map[string][]byte{clientPEM: append(append([]byte{}, cert...), key...)}},
		{"the CA in client.pem too", "", map[string][]byte{clientPEM: append(append([]byte{}, cert...), good[caPEM]...)}},
		{"text around it", "", map[string][]byte{clientPEM: []byte("text\n" + string(cert) + "text\n")}},
		{"CRLF", "", map[string][]byte{clientPEM: []byte(strings.ReplaceAll(string(cert), "\n", "\r\n")), clientKey: []byte(strings.ReplaceAll(string(key), "\n", "\r\n"))}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := observe(with(good, tc.files))
			found := strings.Fields(refusers(t, o, clients.TwoWay))
			if len(found) > 0 && found[0] == clients.MilvusID {
				found = found[1:]
			}
			assert.Equal(t, tc.refusers, strings.Join(found, " "))
			assert.Empty(t, refusers(t, o, clients.RootCA))
		})
	}
}

// TestOwnFileReasons: which file, and what the user of a client gets to see.
func TestOwnFileReasons(t *testing.T) {
	good, other := files(t, made{}), files(t, made{})
	for _, tc := range []struct {
		name, client, file string
		cause              certpath.Cause
		shown, behind      string
		changed            map[string][]byte
	}{
		{"no client.key", "go", clientKey, clients.NoClientCert, "", "", map[string][]byte{clientKey: nil}},
		{"no client.pem", "pymilvus", clientPEM, clients.NoClientCert, "", "", map[string][]byte{clientPEM: nil}},
		{"another key", "go", clientKey, clients.Unreadable, "tls: private key does not match public key", "", map[string][]byte{clientKey: other[clientKey]}},
		{"another key", "node", clientKey, clients.Unreadable, "error:…::key values mismatch", "", map[string][]byte{clientKey: other[clientKey]}},
		{"another key, which Java leaves to Milvus", "java", clientKey, clients.Unreadable, "javax.net.ssl.SSLHandshakeException: Received fatal alert: decrypt_error", "", map[string][]byte{clientKey: other[clientKey]}},
		{"encrypted", "go", clientKey, clients.Unreadable, "tls: failed to parse private key", "", map[string][]byte{clientKey: read(t, "encrypted-pkcs8.key")}},
		{"encrypted", "node", clientKey, clients.Unreadable, "error:…::bad decrypt", "", map[string][]byte{clientKey: read(t, "encrypted-pkcs8.key")}},
		{"encrypted", "java", clientKey, clients.Unreadable, "java.security.…Key…", "", map[string][]byte{clientKey: read(t, "encrypted-pkcs8.key")}},
		{"SEC 1", "java", clientKey, clients.Unreadable, "java.security.…Key…", "", map[string][]byte{clientKey: oldForm(t, good[clientKey])}},
		{"empty key", "pymilvus", clientKey, clients.Aborts, "Aborted", "assertion failed: pem_key_cert_pair->private_key != nullptr", map[string][]byte{clientKey: {}}},
		{"empty certificate", "pymilvus", clientPEM, clients.Aborts, "Aborted", "assertion failed: pem_key_cert_pair->cert_chain != nullptr", map[string][]byte{clientPEM: {}}},
		{"empty certificate", "curl", clientPEM, clients.Unreadable, "curl: (58) …", "", map[string][]byte{clientPEM: {}}},
		{"request", "go", clientPEM, clients.Unreadable, `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [CERTIFICATE REQUEST]`, "", map[string][]byte{clientPEM: good["client.csr"]}},
	} {
		t.Run(tc.name+", "+tc.client, func(t *testing.T) {
			r := ask(t, observe(with(good, tc.changed)), tc.client, clients.TwoWay)
			require.NotNil(t, r)
			assert.Equal(t, tc.shown, r.Shown)
			assert.Equal(t, tc.behind, r.Behind)
			assert.Equal(t, []string{string(tc.cause), tc.file, tc.client}, []string{string(r.Cause), r.File, r.By})
			assert.NotEmpty(t, r.Detail)
		})
	}
}

// TestRoots: who cannot read a root. Go's pool passes over what it cannot read, and then trusts nobody.
func TestRoots(t *testing.T) {
	good := files(t, made{})
	cert := good[caPEM]
	for _, tc := range []struct {
		name, refusers string
		data           []byte
	}{
		{"empty", everyone, []byte{}},
		{"missing", everyone, nil},
		{"DER", everyone, derOf(cert)},
		{"a key", everyone, good["ca.key"]},
		{"byte order mark", "go", append([]byte("\xef\xbb\xbf"), cert...)},
		{"header lines", everyone, []byte(strings.Replace(string(cert), "-----\n", "-----\nA: b\n\n", 1))},
		{"under its old name", "go", block("X509 CERTIFICATE", derOf(cert))},
		{"another CA before it", "", append(append([]byte{}, files(t, made{})[caPEM]...), cert...)},
		{"a key behind it", "", append(append([]byte{}, cert...), good["ca.key"]...)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := observe(with(good, map[string][]byte{caPEM: tc.data}))
			assert.Equal(t, tc.refusers, refusers(t, o, clients.RootCA))
			assert.Equal(t, "node openssl", refusers(t, o, clients.RootServer), "which do not read ca.pem")
		})
	}
}
