package clients_test

import (
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

func derOf(data []byte) []byte {
	block, _ := pem.Decode(data)
	return block.Bytes
}

// TestMilvusStart: what Milvus prints where it does not start, word for word, and of which file. One-way it reads no ca.pem.
func TestMilvusStart(t *testing.T) {
	good, other := files(t, made{}), files(t, made{})
	const noCA = "fail to append ca to cert"
	for _, tc := range []struct {
		name, file, oneWay, twoWay string
		changed                    map[string][]byte
	}{
		{name: "nothing wrong"},
		{"no server.pem", serverPEM, "open server.pem: no such file or directory", "open server.pem: no such file or directory", map[string][]byte{serverPEM: nil}},
		{"no server.key", serverKey, "open server.key: no such file or directory", "open server.key: no such file or directory", map[string][]byte{serverKey: nil}},
		{"no ca.pem", caPEM, "", "open ca.pem: no such file or directory", map[string][]byte{caPEM: nil}},
		{"key of another certificate", serverKey, "tls: private key does not match public key", "tls: private key does not match public key", map[string][]byte{serverKey: other[serverKey]}},
		{"empty key", serverKey, "tls: failed to find any PEM data in key input", "tls: failed to find any PEM data in key input", map[string][]byte{serverKey: {}}},
		{"certificate as the key", serverKey, "tls: found a certificate rather than a key in the PEM for the private key", "tls: found a certificate rather than a key in the PEM for the private key", map[string][]byte{serverKey: good[serverPEM]}},
		{"encrypted key", serverKey, "tls: failed to parse private key", "tls: failed to parse private key", map[string][]byte{serverKey: read(t, "encrypted-pkcs8.key")}},
		{"request as server.pem", serverPEM, `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [CERTIFICATE REQUEST]`,
			`tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [CERTIFICATE REQUEST]`, map[string][]byte{serverPEM: good["server.csr"]}},
		{"empty server.pem", serverPEM, "tls: failed to find any PEM data in certificate input", "tls: failed to find any PEM data in certificate input", map[string][]byte{serverPEM: {}}},
		{"DER as server.pem", serverPEM, "tls: failed to find any PEM data in certificate input", "tls: failed to find any PEM data in certificate input", map[string][]byte{serverPEM: derOf(good[serverPEM])}},
		{"empty ca.pem", caPEM, "", noCA, map[string][]byte{caPEM: {}}},
		{"DER as ca.pem", caPEM, "", noCA, map[string][]byte{caPEM: derOf(good[caPEM])}},
		{"key as ca.pem", caPEM, "", noCA, map[string][]byte{caPEM: good["ca.key"]}},
		{"leaf as ca.pem, which it takes", clientPEM, "", "", map[string][]byte{caPEM: good[serverPEM], clientPEM: good[serverPEM], clientKey: good[serverKey]}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := observe(with(good, tc.changed))
			for way, want := range map[clients.Way]string{clients.RootServer: tc.oneWay, clients.RootCA: tc.oneWay, clients.TwoWay: tc.twoWay} {
				r := ask(t, o, clients.MilvusID, way)
				if want == "" {
					assert.False(t, r != nil && r.Cause == clients.NoStart, "%s: %+v", way, r)
					continue
				}
				require.NotNil(t, r, way)
				assert.Equal(t, clients.Reason{Cause: clients.NoStart, By: clients.MilvusID, File: tc.file, Detail: want, Shown: want}, *r, way)
			}
		})
	}
}

// TestNoStart: a Milvus that does not start is what all its clients meet, and that it did not is Milvus's reason.
func TestNoStart(t *testing.T) {
	o := observe(with(files(t, made{}), map[string][]byte{serverKey: {}}))
	o.InternalSNI = "localhost"
	for _, v := range clients.Judge(o, clients.All(), []clients.Way{clients.RootServer, clients.RootCA, clients.TwoWay, clients.Internal}) {
		require.NotNil(t, v.Reason, "%+v", v)
		assert.Equal(t, []string{string(clients.NoStart), clients.MilvusID, serverKey}, []string{string(v.Reason.Cause), v.Reason.By, v.Reason.File})
	}
}

// TestRunning: of a Milvus that runs the key is not asked, only what it sends.
func TestRunning(t *testing.T) {
	good := files(t, made{})
	o := observe(map[string][]byte{serverPEM: good[serverPEM], caPEM: good[caPEM]})
	assert.Equal(t, clients.MilvusID+" "+everyone, refusers(t, o, clients.RootCA))
	o.Running = true
	assert.Empty(t, refusers(t, o, clients.RootCA))
	assert.Equal(t, "node openssl", refusers(t, o, clients.RootServer))
	o.Hosts = []string{"db.example.com"}
	assert.Equal(t, everyone, refusers(t, o, clients.RootCA))
	o.Hosts = nil
	assert.Empty(t, refusers(t, o, clients.RootCA))
	o.Files[serverPEM] = nil
	assert.Equal(t, everyone, refusers(t, o, clients.RootCA))
}

// TestMilvusTakesClients: what Milvus says of client.pem itself, whoever shows it.
func TestMilvusTakesClients(t *testing.T) {
	good := files(t, made{})
	for _, tc := range []struct {
		name, file string
		cause      certpath.Cause
		shown      string
		files      map[string][]byte
	}{
		{"none", clientPEM, clients.NoClientCert, "tls: client didn't provide a certificate", with(good, map[string][]byte{clientPEM: nil})},
		{"empty", clientPEM, clients.NoClientCert, "tls: client didn't provide a certificate", with(good, map[string][]byte{clientPEM: {}})},
		{"a request", clientPEM, clients.NoClientCert, "tls: client didn't provide a certificate", with(good, map[string][]byte{clientPEM: good["client.csr"]})},
		{"of another CA", clientPEM, certpath.BadSignature, "tls: failed to verify certificate: x509: certificate signed by unknown authority", with(good, map[string][]byte{clientPEM: files(t, made{})[clientPEM]})},
		{"serverAuth", clientPEM, certpath.ExtKeyUsage, "tls: failed to verify certificate: x509: certificate specifies an incompatible key usage", files(t, made{client: "extendedKeyUsage=serverAuth"})},
		{"critical and unknown", clientPEM, certpath.UnhandledCritical, "tls: failed to verify certificate: x509: unhandled critical extension", files(t, made{client: "1.2.3.4=critical,ASN1:NULL"})},
		{"the CA is none", caPEM, certpath.NotCA, "tls: failed to verify certificate: x509: certificate signed by unknown authority", files(t, made{ca: "basicConstraints=critical,CA:FALSE"})},
		{"the CA may not sign", caPEM, certpath.NoCertSign, "tls: failed to verify certificate: x509: certificate signed by unknown authority", files(t, made{ca: "keyUsage=critical,cRLSign"})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := ask(t, observe(tc.files), clients.MilvusID, clients.TwoWay)
			require.NotNil(t, r)
			assert.Equal(t, []string{string(tc.cause), tc.file, clients.MilvusID}, []string{string(r.Cause), r.File, r.By})
			assert.Contains(t, r.Shown, tc.shown)
			assert.Nil(t, ask(t, observe(tc.files), clients.MilvusID, clients.RootCA))
		})
	}
}

// TestClientInTime: Milvus looks at the time of client.pem, and says it of both ends.
func TestClientInTime(t *testing.T) {
	o := observe(files(t, made{}))
	for _, tc := range []struct {
		at    time.Time
		cause certpath.Cause
	}{
		{now.Add(-time.Second), certpath.NotYetValid}, {now, ""}, {now.AddDate(0, 0, 10), ""}, {now.AddDate(0, 0, 10).Add(time.Second), certpath.Expired},
	} {
		o.At = tc.at
		r := ask(t, o, clients.MilvusID, clients.TwoWay)
		if tc.cause == "" {
			assert.Nil(t, r, tc.at)
			continue
		}
		require.NotNil(t, r, tc.at)
		assert.Equal(t, tc.cause, r.Cause, tc.at)
	}
}

// TestInternal: Go to Go, one-way, and the name is internaltls.sni: subjectAltName alone counts.
func TestInternal(t *testing.T) {
	for _, tc := range []struct {
		name, server, sni string
		want              certpath.Cause
	}{
		{"in subjectAltName", "subjectAltName=DNS:localhost", "localhost", ""},
		{"by a wildcard", "subjectAltName=DNS:*.example.com", "m.example.com", ""},
		{"an address", "subjectAltName=IP:10.0.0.1", "10.0.0.1", ""},
		{"in CommonName alone", "subjectAltName=email:a@b.example", "localhost", certpath.Host},
		{"another", "subjectAltName=DNS:localhost", "milvus", certpath.Host},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := observe(files(t, made{server: tc.server}))
			o.InternalSNI = tc.sni
			r := ask(t, o, clients.InternalID, clients.Internal)
			if tc.want == "" {
				assert.Nil(t, r)
				return
			}
			require.NotNil(t, r)
			assert.Equal(t, []string{string(tc.want), clients.InternalID, serverPEM}, []string{string(r.Cause), r.By, r.File})
			assert.Contains(t, r.Shown, "tls: failed to verify certificate: x509: ")
		})
	}
	o := observe(files(t, made{}))
	assert.Nil(t, ask(t, o, clients.InternalID, clients.Internal), "an empty sni is the address that is dialled, which may be any")
	o.Files[caPEM] = files(t, made{})[caPEM]
	r := ask(t, o, clients.InternalID, clients.Internal)
	require.NotNil(t, r)
	assert.Equal(t, certpath.BadSignature, r.Cause)
}
