package verify_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestNarrowing: who is asked, and about which mode, decides what is found, how grave it is, and the outcome.
func TestNarrowing(t *testing.T) {
	unnamed := input(t, confSet(t, confCase{ca: goodCA, server: "keyUsage=digitalSignature\n"}))
	lenient := input(t, confSet(t, confCase{ca: constraints, server: names}))
	serverOnly := input(t, confSet(t, confCase{ca: goodCA, server: names + "extendedKeyUsage=serverAuth\n"}))
	const noNames, noKeyUsage, noClientAuth = "host server.pem: no name or address in subjectAltName: refused by ", "no-key-usage ca.pem: no keyUsage: refused by ",
		"failure extended-key-usage client.pem: extendedKeyUsage lacks clientAuth: refused by Milvus"
	for _, tc := range []struct {
		name  string
		in    verify.Input
		asked []func(*verify.Options)
		want  []string
	}{
		{"all clients", unnamed, nil, []string{"failure " + noNames + "Go SDK, requests"}},
		{"one that refuses", unnamed, []func(*verify.Options){asking("go")}, []string{"failure " + noNames + "Go SDK"}},
		{"those that do not", unnamed, []func(*verify.Options){asking("pymilvus", "node", "java")}, nil},

		{"both modes", lenient, nil, []string{"failure " + noKeyUsage + strict}},
		{"mode 2", lenient, []func(*verify.Options){modeTwo}, []string{"failure " + noKeyUsage + strict}},
		{"mode 1, where openssl has no other root", lenient, []func(*verify.Options){modeOne}, []string{"failure " + noKeyUsage + strict}},
		{"mode 1, where Python has one", lenient, []func(*verify.Options){modeOne, asking("python", "requests")}, []string{"advice " + noKeyUsage + "Python 3.13, requests"}},
		{"root ca.pem alone", lenient, []func(*verify.Options){ways(clients.RootCA), asking("python")}, []string{"failure " + noKeyUsage + "Python 3.13"}},
		{"root server.pem alone", lenient, []func(*verify.Options){ways(clients.RootServer), asking("python")}, nil},

		{"both modes", serverOnly, nil, []string{noClientAuth}},
		{"mode 1", serverOnly, []func(*verify.Options){modeOne}, nil},
		{"mode 2, one client", serverOnly, []func(*verify.Options){modeTwo, asking("node")}, []string{noClientAuth}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := check(tc.in, tc.asked...)
			assert.Equal(t, tc.want, found(r))
			assert.Equal(t, !strings.Contains(strings.Join(tc.want, "\n"), "failure "), r.OK)
		})
	}
}

// TestNarrowedFiles: what is wrong with the files themselves is found whoever is asked.
func TestNarrowedFiles(t *testing.T) {
	in := put(family{}.input(t), clientCSR, []byte{})
	r := check(in, modeOne, asking("node"))
	assert.Equal(t, []string{"warning unreadable client.csr: the file is empty"}, found(r))
	assert.True(t, r.OK, "nothing reads requests any more")
}

// TestInternalTLS: asked about where there is a name for it.
func TestInternalTLS(t *testing.T) {
	in := family{}.input(t)
	sni := func(name string) func(*verify.Options) { return func(o *verify.Options) { o.InternalSNI = name } }
	assert.Empty(t, found(check(in, sni("localhost"))))
	r := check(in, sni("milvus"))
	assert.Equal(t, []string{"failure host server.pem: subjectAltName does not cover milvus: refused by Milvus internal TLS"}, found(r))
	last := r.Clients[len(r.Clients)-1]
	for _, v := range r.Clients {
		if v.Client == clients.InternalID {
			last = v
		}
	}
	assert.Equal(t, []string{clients.InternalID, "Milvus internal TLS", string(clients.Internal), "milvus"}, []string{last.Client, last.Name, string(last.Way), last.Host})
	assert.False(t, last.OK)
}

// TestVerdicts: what a client shows is with its verdict, and what is the matter in the words of the finding.
func TestVerdicts(t *testing.T) {
	r := check(input(t, confSet(t, confCase{ca: goodCA, server: "keyUsage=digitalSignature\n"})), ways(clients.RootCA))
	require.Len(t, r.Clients, len(clients.All())-1, "all but the components among themselves")
	byID := map[string]verify.Verdict{}
	for _, v := range r.Clients {
		byID[v.Client] = v
	}
	assert.Equal(t, verify.Verdict{Client: "pymilvus", Name: "pymilvus", Way: clients.RootCA, Host: "localhost", OK: true}, byID["pymilvus"])
	assert.Equal(t, verify.Verdict{Client: clients.MilvusID, Name: "Milvus", Way: clients.RootCA, OK: true}, byID[clients.MilvusID])
	assert.Equal(t, verify.Verdict{
		Client: "go", Name: "Go SDK", Way: clients.RootCA, Host: "localhost", Cause: "host", File: serverPEM, Problem: "no name or address in subjectAltName",
		Shown:  "context deadline exceeded",
		Behind: "tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead",
	}, byID["go"])
}

// TestMadeSets: what this program makes by itself, or completes, shows no failure and no warning; but PyPI's pymilvus takes no
// Ed25519.
func TestMadeSets(t *testing.T) {
	for _, keyType := range profile.KeyTypes() {
		for name, text := range map[string]string{
			"built-in conf": profile.BuiltinText(), "empty conf": "",
			"gen.sh's conf":               "[v3_ca]\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\nbasicConstraints=CA:true\n[v3_req]\nbasicConstraints=CA:FALSE\n",
			"the CA's other usage stated": "[v3_ca]\nkeyUsage=keyCertSign\n",
		} {
			if strings.HasPrefix(keyType, "rsa-") && name != "empty conf" {
				continue // their keys take long, and tell nothing of confs
			}
			t.Run(keyType+", "+name, func(t *testing.T) {
				in := input(t, newSet(t, text, profile.Asked{KeyType: flag(keyType)}))
				var want []string
				if keyType == "ed25519" {
					want = []string{"failure unsupported-key server.pem: a key that they cannot use: Ed25519, which BoringSSL does not verify: refused by pymilvus"}
				}
				assert.Equal(t, want, found(check(in)))
				for _, host := range []string{"127.0.0.1", "::1"} {
					warned := append(slices.Clone(want), "warning common-name server.pem: its CommonName is not what is dialled; subjectAltName is, and that counts")
					assert.Equal(t, warned, found(check(in, hosts(host))))
				}
			})
		}
	}
}

// TestHostile: certificates that could all have issued each other, wherever they stand.
func TestHostile(t *testing.T) {
	const many, patient = 100, 20 * time.Second
	key := newKey(t, "")
	var all []byte
	var first made
	for n := range int64(many) {
		m := makeOf(t, nil, key, &x509.Certificate{
			SerialNumber: big.NewInt(n + 1), Subject: pkix.Name{CommonName: "one of many"}, NotBefore: now, NotAfter: now.AddDate(0, 0, 10),
			BasicConstraintsValid: true, IsCA: n > 0, DNSNames: []string{"localhost"},
		})
		if n == 0 {
			first = m
		}
		all = append(all, m.pem()...)
	}
	in := inputOf(first, first, first)
	for _, files := range [][]string{{caPEM}, {serverPEM}, {clientPEM}, {serverPEM, clientPEM}, {caPEM, serverPEM, clientPEM}} {
		began := time.Now()
		hostile := in
		for _, name := range files {
			hostile = put(hostile, name, bytes.Clone(all))
		}
		assert.NotEmpty(t, check(hostile).Certificates)
		assert.Less(t, time.Since(began), patient, files)
	}
}
