package clients_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

var docs = []clients.Way{clients.RootServer, clients.RootCA, clients.TwoWay}

// TestAll: each client has an ID of its own and says where its rules are from, and all but Milvus's own components know the
// three ways of the documentation.
func TestAll(t *testing.T) {
	var ids []string
	for _, c := range clients.All() {
		assert.NotContains(t, ids, c.ID)
		ids = append(ids, c.ID)
		assert.NotEmpty(t, c.Name, c.ID)
		assert.NotEmpty(t, c.Means, c.ID)
		assert.NotEmpty(t, c.Source, c.ID)
		assert.Equal(t, c.ID != clients.MilvusID, c.Dials(), c.ID)
		want := slices.Clone(docs)
		if c.ID == clients.InternalID {
			want = []clients.Way{clients.Internal}
		}
		var ways []clients.Way
		for _, v := range clients.Judge(observe(files(t, made{})), []clients.Client{c}, append(slices.Clone(docs), clients.Internal)) {
			ways = append(ways, v.Way)
		}
		assert.Equal(t, want, ways, c.ID)
	}
	assert.Equal(t, append([]string{clients.MilvusID, clients.InternalID}, dialling()...), ids)
}

// TestOrder: verdicts come by client, then by way, then by host, and one that does not dial is asked once.
func TestOrder(t *testing.T) {
	o := observe(files(t, made{}))
	o.Hosts, o.InternalSNI = []string{"localhost", "127.0.0.1"}, "milvus"
	chosen := []clients.Client{client(t, "go"), client(t, clients.MilvusID), client(t, clients.InternalID)}
	var found []string
	for _, v := range clients.Judge(o, chosen, []clients.Way{clients.TwoWay, clients.RootCA, clients.Internal}) {
		found = append(found, strings.Join([]string{v.Client, string(v.Way), v.Host}, "|"))
	}
	assert.Equal(t, []string{"go|two-way|localhost", "go|two-way|127.0.0.1", "go|root-ca|localhost", "go|root-ca|127.0.0.1",
		"milvus|two-way|", "milvus|root-ca|", "internal|internal|milvus"}, found)
}

// TestKinds: what init makes, everyone takes, but for pymilvus of PyPI and Ed25519.
func TestKinds(t *testing.T) {
	for keyType, refuse := range map[string]string{"rsa-2048": "", "rsa-3072": "", "ec-p256": "", "ec-p384": "", "ed25519": "pymilvus"} {
		t.Run(keyType, func(t *testing.T) {
			o := observe(files(t, made{keyType: keyType}))
			o.Hosts = []string{"localhost", "127.0.0.1", "::1"}
			assert.Equal(t, strings.TrimSpace(refuse+" node openssl"), strings.TrimSpace(refusers(t, o, clients.RootServer)), "no leaf is a root for Node and openssl")
			assert.Equal(t, refuse, refusers(t, o, clients.RootCA))
			assert.Equal(t, refuse, refusers(t, o, clients.TwoWay))
		})
	}
}

func TestEd25519(t *testing.T) {
	server := files(t, made{keyType: "ed25519"})
	r := ask(t, observe(server), "pymilvus", clients.RootCA)
	require.NotNil(t, r)
	assert.Equal(t, clients.Reason{
		Cause: certpath.UnsupportedKey, By: "pymilvus", File: serverPEM, Place: 1, Detail: "Ed25519, which BoringSSL does not verify",
		Shown:  "Fail connecting to server on localhost:19530, illegal connection params or server unavailable",
		Behind: "Ssl handshake failed: SSL_ERROR_SSL: error:…:SSL routines::sslv3 alert handshake failure",
	}, *r)
}

// TestPort: what pymilvus shows has the port that is dialled.
func TestPort(t *testing.T) {
	o := observe(files(t, made{keyType: "ed25519"}))
	for port, shown := range map[int]string{0: "19530", 443: "443"} {
		o.Port = port
		r := ask(t, o, "pymilvus", clients.RootCA)
		require.NotNil(t, r)
		assert.Equal(t, "Fail connecting to server on localhost:"+shown+", illegal connection params or server unavailable", r.Shown)
	}
}

// TestServerRefused: lines of a conf, and who refuses the server for them, dialled as localhost. docs/clients.md has them measured.
func TestServerRefused(t *testing.T) {
	const notGo = "pymilvus node java curl python requests openssl"
	for _, tc := range []struct {
		name, ca, server string
		rootServer       string // who refuses with server.pem as root
		rootCA           string
		cause            certpath.Cause // of the first of these
	}{
		{"nothing wrong", "", "", "node openssl", "", ""},
		{"CA:FALSE", "basicConstraints=critical,CA:FALSE", "", "node openssl", everyone, certpath.NotCA},
		{"CA without keyCertSign", "keyUsage=critical,cRLSign", "", "node openssl", everyone, certpath.NoCertSign},
		{"critical unknown extension in the CA", "1.2.3.4=critical,ASN1:NULL", "", "node openssl", "pymilvus go node curl python requests openssl", certpath.UnhandledCritical},
		{"clientAuth", "", "extendedKeyUsage=clientAuth", "pymilvus go node curl python requests openssl", everyone, certpath.ExtKeyUsage},
		{"any usage", "", "extendedKeyUsage=anyExtendedKeyUsage", "pymilvus node curl python requests openssl", "pymilvus node curl python requests openssl", certpath.AnyUsageAlone},
		{"nonRepudiation", "", "keyUsage=nonRepudiation", "pymilvus node curl python requests openssl", notGo, certpath.KeyUsage},
		{"keyEncipherment", "", "keyUsage=keyEncipherment", "node openssl", "java", certpath.KeyUsage},
		{"nsCertType of a client", "", "nsCertType=client", "pymilvus node curl python requests openssl", notGo, certpath.NetscapeCertType},
		{"keyCertSign in the leaf", "", "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyCertSign", "node openssl", "python requests openssl", certpath.CertSignWithoutCA},
		{"critical unknown extension", "", "1.2.3.4=critical,ASN1:NULL", "pymilvus go node curl python requests openssl", everyone, certpath.UnhandledCritical},
		{"another name", "", "subjectAltName=DNS:db.example.com", everyone, everyone, certpath.Host},
		{"an address alone", "", "subjectAltName=IP:127.0.0.1", "pymilvus go node curl requests openssl", "pymilvus go curl requests", certpath.Host},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := observe(files(t, made{ca: tc.ca, server: tc.server}))
			assert.Equal(t, tc.rootServer, refusers(t, o, clients.RootServer), "root server.pem")
			assert.Equal(t, tc.rootCA, refusers(t, o, clients.RootCA), "root ca.pem")
			if tc.cause != "" {
				r := ask(t, o, strings.Fields(tc.rootCA)[0], clients.RootCA)
				require.NotNil(t, r)
				assert.Equal(t, tc.cause, r.Cause)
			}
		})
	}
}

// TestPlace: a fault in a chain is said of the file and the certificate that it is in.
func TestPlace(t *testing.T) {
	good, other := files(t, made{}), files(t, made{ca: "keyUsage=critical,cRLSign"})
	bundle := append(slices.Clone(good[caPEM]), other[caPEM]...)
	o := observe(with(other, map[string][]byte{caPEM: bundle}))
	r := ask(t, o, "curl", clients.RootCA)
	require.NotNil(t, r)
	assert.Equal(t, caPEM, r.File)
	assert.Equal(t, 2, r.Place)
	assert.Equal(t, certpath.NoCertSign, r.Cause)
}

// TestAlso: Node goes on after a refusal; it says the last of them, and the others are there all the same.
func TestAlso(t *testing.T) {
	o := observe(files(t, made{server: "extendedKeyUsage=clientAuth"}))
	o.At = now.AddDate(0, 0, 15)
	r := ask(t, o, "node", clients.RootCA)
	require.NotNil(t, r)
	assert.Equal(t, certpath.ExtKeyUsage, r.Cause)
	require.Len(t, r.Also, 1)
	assert.Equal(t, certpath.Expired, r.Also[0].Cause)
	assert.Equal(t, "14 UNAVAILABLE: No connection established. Last error: Error: certificate has expired", r.Shown)
}

// TestAlerts: of two-way refusals what Milvus holds against the client, and the words in which its alert reaches the user.
// Go and Java keep a certificate to themselves whose CA Milvus does not name, so that Milvus misses one.
func TestAlerts(t *testing.T) {
	good := files(t, made{})
	expired := files(t, made{client: "", at: now.AddDate(0, 0, -15)})
	signedBy := func(set map[string][]byte) map[string][]byte {
		return with(good, map[string][]byte{clientPEM: set[clientPEM], clientKey: set[clientKey], caPEM: append(slices.Clone(good[caPEM]), set[caPEM]...)})
	}
	for _, tc := range []struct {
		name              string
		files             map[string][]byte
		cause             certpath.Cause
		golang, ssl, jsse string
	}{
		{"expired", signedBy(expired), certpath.Expired, "expired certificate", "sslv3 alert certificate expired", "certificate_expired"},
		{"for servers", files(t, made{client: "extendedKeyUsage=serverAuth"}), certpath.ExtKeyUsage, "bad certificate", "sslv3 alert bad certificate", "bad_certificate"},
		{"damaged", with(good, map[string][]byte{clientPEM: spoilt(t, good[clientPEM])}), certpath.BadSignature, "unknown certificate authority", "tlsv1 alert unknown ca", "unknown_ca"},
		{"a key that TLS 1.3 does not sign with", with(good, oldCurveClient(t, good)), certpath.UnsupportedKey, "certificate required", "tlsv13 alert certificate required", "certificate_required"},
		{"of a CA that Milvus does not name", with(good, unknownClient(t)), certpath.UnknownIssuer, "certificate required", "tlsv1 alert unknown ca", "certificate_required"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for id, shown := range map[string]string{
				"go": "remote error: tls: " + tc.golang, "java": "javax.net.ssl.SSLHandshakeException: Received fatal alert: " + tc.jsse,
				"node": "14 UNAVAILABLE: No connection established. Last error: …" + tc.ssl, "pymilvus": "Endpoint read failed",
				"curl": "curl: (56) OpenSSL SSL_read: OpenSSL/…: error:…:SSL routines::" + tc.ssl, "python": "[SSL: …] " + tc.ssl, "openssl": "error:…:" + tc.ssl,
			} {
				r := ask(t, observe(tc.files), id, clients.TwoWay)
				require.NotNil(t, r, id)
				assert.Equal(t, []string{string(tc.cause), clients.MilvusID, clientPEM}, []string{string(r.Cause), r.By, r.File}, id)
				assert.Contains(t, []string{r.Shown, r.Behind}, shown, id)
			}
			assert.Equal(t, tc.cause, ask(t, observe(tc.files), clients.MilvusID, clients.TwoWay).Cause)
		})
	}
}

// unknownClient is a client of a CA that has another name.
func unknownClient(t *testing.T) map[string][]byte {
	t.Helper()
	set := files(t, made{ca: "", commonName: "another CA"})
	return map[string][]byte{clientPEM: set[clientPEM], clientKey: set[clientKey]}
}

// oldCurveClient is a client of the set's CA, and of P-224.
func oldCurveClient(t *testing.T, set map[string][]byte) map[string][]byte {
	t.Helper()
	ca, err := tls.X509KeyPair(set[caPEM], set["ca.key"])
	require.NoError(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now, NotAfter: now.AddDate(0, 0, 1)}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, key.Public(), ca.PrivateKey)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return map[string][]byte{clientPEM: block("CERTIFICATE", der), clientKey: block("PRIVATE KEY", private)}
}

// spoilt changes the last bit of a signature.
func spoilt(t *testing.T, data []byte) []byte {
	t.Helper()
	b, _ := pem.Decode(data)
	b.Bytes[len(b.Bytes)-1] ^= 1
	_, err := x509.ParseCertificate(b.Bytes)
	require.NoError(t, err)
	return pem.EncodeToMemory(b)
}

// TestHostWithDot: those that ask Milvus for the dot too get no further. Go drops it, curl does, and Java does.
func TestHostWithDot(t *testing.T) {
	o := observe(files(t, made{}))
	o.Hosts = []string{"localhost."}
	assert.Equal(t, "pymilvus node python requests openssl", refusers(t, o, clients.RootCA))
	r := ask(t, o, "node", clients.RootCA)
	require.NotNil(t, r)
	assert.Equal(t, []string{string(clients.HostWithDot), clients.MilvusID}, []string{string(r.Cause), r.By})
	assert.Contains(t, r.Shown, "tlsv1 alert decode error")
}
