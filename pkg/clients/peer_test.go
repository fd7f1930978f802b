package clients_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// The objections of a peer are those of the clients that behave as it does.
var (
	goesWithGo      = []string{"every client", "Go clients and Milvus itself", "Go clients and Python's requests", "Milvus in two-way mode", "Go, Node and Python clients", "Go clients and Python 3.13 and later"}
	goesWithOpenSSL = []string{"every client", "Python 3.13 and later", "Go, Node and Python clients", "curl, Node and Python clients", "Go clients and Python 3.13 and later"}
)

// objectsTo tells whether one of the clients objects to a leaf or to its CA.
func objectsTo(objections []clients.Objection, file string, by []string) bool {
	return slices.ContainsFunc(objections, func(o clients.Objection) bool {
		return (o.File == file || o.File == certset.CACertificate) && slices.Contains(by, o.Client)
	})
}

// TestGoAgrees compares with crypto/x509, which Go's TLS asks.
func TestGoAgrees(t *testing.T) {
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			set := caseSet(t, tc.ca, tc.server, tc.client, tc.commonName)
			objections := object(set)
			name := "localhost"
			if server := set.Server.Certificate.X509; server != nil && server.VerifyHostname(name) != nil && len(server.DNSNames)+len(server.IPAddresses) > 0 {
				name = "" // it has other names
			}
			server := verifyByGo(set, set.Server.Certificate, x509.ExtKeyUsageServerAuth, name)
			assert.Equal(t, objectsTo(objections, certset.ServerCertificate, goesWithGo), server != nil, "server: %v", server)
			client := verifyByGo(set, set.Client.Certificate, x509.ExtKeyUsageClientAuth, "")
			assert.Equal(t, objectsTo(objections, certset.ClientCertificate, goesWithGo), client != nil, "client: %v", client)
		})
	}
}

func verifyByGo(set *certset.Set, leaf *certset.Certificate, usage x509.ExtKeyUsage, name string) error {
	for _, c := range []*certset.Certificate{leaf, set.CA.Certificate} {
		if c.X509Err != nil {
			return c.X509Err
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(set.CA.Certificate.X509)
	_, err := leaf.X509.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{usage}, DNSName: name})
	return err
}

// othersThanOpenSSL are cases in which OpenSSL refuses what is critical and unknown as well, where the objection names Go
// alone.
var othersThanOpenSSL = []string{"a critical key identifier", "a critical comment"}

// TestOpenSSLAgrees compares with the strict checks of OpenSSL 3.0, which Python 3.13 switches on. It is asked about the
// server alone: who judges a client is Milvus, which is Go.
func TestOpenSSLAgrees(t *testing.T) {
	openssl := findOpenSSL(t)
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			if slices.Contains(othersThanOpenSSL, tc.name) {
				t.Skip("Go and OpenSSL differ")
			}
			set := caseSet(t, tc.ca, tc.server, tc.client, tc.commonName)
			dir, objections := t.TempDir(), object(set)
			for name, c := range map[string]*certset.Certificate{"ca.pem": set.CA.Certificate, "server.pem": set.Server.Certificate} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600))
			}
			cmd := exec.Command(openssl, "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.pem", "server.pem")
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			assert.Equal(t, objectsTo(objections, certset.ServerCertificate, goesWithOpenSSL), err != nil, "%s", out)
		})
	}
}

// findOpenSSL skips the test where there is no OpenSSL 3.0, or fails it where there has to be one.
func findOpenSSL(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err == nil {
		var version []byte
		if version, err = exec.Command(path, "version").Output(); err == nil && strings.HasPrefix(string(version), "OpenSSL 3.0.") {
			return path
		}
	}
	if os.Getenv("REQUIRE_PEERS") != "" {
		t.Fatal("no openssl 3.0 on PATH")
	}
	t.Skip("no openssl 3.0 on PATH")
	return ""
}
