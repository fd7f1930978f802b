package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answerAll answers every connection, until the test is over.
func answerAll(t *testing.T, listener net.Listener, answer func(net.Conn)) string {
	t.Helper()
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); answer(conn) }()
		}
	}()
	return listener.Addr().String()
}

func listenTCP(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return listener
}

// TestProbeNames: what is wrong with a server is said in one line, which nothing that comes from it can break.
func TestProbeNames(t *testing.T) {
	dir := t.TempDir()
	read := func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<16)) }
	health := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, "OK")
	}))
	t.Cleanup(health.Close)
	others := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Server", "MinIO") }))
	t.Cleanup(others.Close)
	for _, tc := range []struct{ name, address, says string }{
		{"closes", answerAll(t, listenTCP(t), read), "it accepts connections and closes them without a word; "},
		{"resets", answerAll(t, listenTCP(t), func(c net.Conn) { read(c); _ = c.(*net.TCPConn).SetLinger(0) }), "it accepts connections and resets them; "},
		{"silent", answerAll(t, listenTCP(t), func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }), "it accepts connections and says nothing in 2s, with TLS and without; "},
		{"slow", answerAll(t, listenTCP(t), func(c net.Conn) { _, _ = io.WriteString(c, "\x16\x03\x03\x40\x00"); _, _ = io.Copy(io.Discard, c) }), "it begins to answer, and does not come to an end in 2s; --timeout waits longer"},
		{"another protocol", answerAll(t, listenTCP(t), func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0\x1b[31m\n\r\n"); read(c) }), `it speaks something that is neither TLS nor HTTP: "SSH-2.0\x1b[31m\n\r\n"; see whether it is the right port: `},
		{"an alert", answerAll(t, listenTCP(t), func(c net.Conn) { read(c); _, _ = io.WriteString(c, "\x15\x03\x03\x00\x02\x02\x70") }), "it speaks TLS, and no handshake comes about: remote error: tls: unrecognized name; "},
		{"health", health.Listener.Addr().String(), "this is Milvus's port for metrics and health, which has no TLS in any mode; probe that of gRPC, usually 19530, or that of proxy.http.port"},
		{"HTTP", others.Listener.Addr().String(), "there is no TLS: an HTTP server answers without it, and nothing of Milvus (it calls itself MinIO); "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			timeout := "20s"
			if strings.Contains(tc.says, " in 2s") { // a quarter of it
				timeout = "8s"
			}
			got := runIn(t, dir, program(t), "probe", tc.address, "--timeout", timeout)
			assert.Equal(t, 1, got.status)
			assert.Empty(t, got.stdout)
			assert.True(t, strings.HasPrefix(got.stderr, "milvus-certs: "+tc.address+": "+tc.says), got.stderr)
			assert.Equal(t, 1, strings.Count(got.stderr, "\n"))

			got = runIn(t, dir, program(t), "probe", tc.address, "--timeout", timeout, "-q", "-o", "json")
			assert.Equal(t, 1, got.status)
			assert.Contains(t, got.stdout, `"reachable": true`)
			assert.Contains(t, got.stdout, fmt.Sprintf(`"tls": %v`, tc.name == "an alert"))
			assert.Contains(t, got.stdout, `"severity": "failure"`)
		})
	}
}

// TestProbeLongChain: a chain that is longer than is looked at is said to be so.
func TestProbeLongChain(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	pair := keyPair(t, dir, "server")
	for range 40 {
		pair.Certificate = append(pair.Certificate, pair.Certificate[0])
	}
	address := answerAll(t, tls.NewListener(listenTCP(t), &tls.Config{Certificates: []tls.Certificate{pair}}), func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	got := runIn(t, dir, program(t), "probe", address, "--timeout", "8s")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stdout, "41 certificates; a chain of at most 32 is looked at")
}

// withUniqueID is a certificate with an issuerUniqueID that is none, which crypto/x509 passes over; its signature is not made anew.
func withUniqueID(t *testing.T, der []byte) []byte {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	sequence := func(parts ...[]byte) []byte {
		out, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: bytes.Join(parts, nil)})
		require.NoError(t, err)
		return out
	}
	var whole, tbs asn1.RawValue
	_, err = asn1.Unmarshal(der, &whole)
	require.NoError(t, err)
	rest, err := asn1.Unmarshal(whole.Bytes, &tbs)
	require.NoError(t, err)
	before, after, found := bytes.Cut(tbs.Bytes, c.RawSubjectPublicKeyInfo)
	require.True(t, found)
	out := sequence(sequence(before, c.RawSubjectPublicKeyInfo, []byte("\x81\x02\x09\x00"), after), rest)
	_, err = x509.ParseCertificate(out)
	require.NoError(t, err)
	return out
}

// TestProbeUniqueID: what crypto/x509 takes and others do not is judged like any other certificate, and in its place.
func TestProbeUniqueID(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	pair := keyPair(t, dir, "server")
	good := pair.Certificate[0]
	for name, chain := range map[string][][]byte{"alone": {withUniqueID(t, good)}, "before another": {withUniqueID(t, good), good}} {
		t.Run(name, func(t *testing.T) {
			pair.Certificate = chain
			address := answerAll(t, tls.NewListener(listenTCP(t), &tls.Config{Certificates: []tls.Certificate{pair}}), func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
			got := probeIn(t, dir, 1, address, "--server-name", "localhost")
			assert.True(t, got.TLS)
			assert.Equal(t, "other-ca", got.SetCertificate.Relation, "its signature is wrong now")
			assert.Equal(t, "failure", got.severity("malformed"), got.Findings)
			text := runIn(t, dir, program(t), "probe", address, "--server-name", "localhost")
			assert.Contains(t, text.stdout, "  sends      one of another CA than the set's, ")
		})
	}
}

// TestProbeOtherLeaf: a server with another leaf of the CA, whose files are on another host, sends nothing that was replaced.
func TestProbeOtherLeaf(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	run := func(args ...string) {
		got := runIn(t, dir, program(t), args...)
		require.Zero(t, got.status, got.stderr)
	}
	run("issue", "server", "other", "--san", "localhost", "-q")
	run("renew", "server", "-q") // so that the other one is older
	pair := keyPair(t, dir, "other")
	for _, name := range []string{"other.pem", "other.key", "other.csr"} {
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
	}
	address := answerAll(t, tls.NewListener(listenTCP(t), &tls.Config{Certificates: []tls.Certificate{pair}}), func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	got := probeIn(t, dir, 1, address, "--server-name", "localhost")
	assert.Equal(t, "failure", got.severity("service"), "it closes")
	assert.Equal(t, "same-ca", got.SetCertificate.Relation)
	assert.Empty(t, got.severity("restart-due"))
	assert.Equal(t, "warning", got.severity("other-certificate"))
}

// TestProbeOldVersion: what is too old is found where better is taken too, and where it is not, no client connects.
func TestProbeOldVersion(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	for _, tc := range []struct {
		least, most uint16
		status      int
		want        string
	}{{tls.VersionTLS10, 0, 0, "warning"}, {tls.VersionTLS12, 0, 0, ""}, {tls.VersionTLS10, tls.VersionTLS11, 1, "failure"}} {
		address := serveREST(t, modes[0], dir, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tc.least, tc.most })
		got := probeIn(t, dir, tc.status, address, "--server-name", "localhost")
		assert.Equal(t, tc.most == 0, slices.Contains(got.Versions, "TLS 1.3"))
		assert.Equal(t, tc.want, got.severity("old-version"))
		text := runIn(t, dir, program(t), "probe", address, "--server-name", "localhost")
		assert.Equal(t, tc.status == 0, strings.Contains(text.stdout, "clients: what each makes of the certificate"))
	}
}

// serveREST is the REST port of a Milvus with the set in a directory.
func serveREST(t *testing.T, m mode, dir string, edits ...func(*tls.Config)) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v2/vectordb/collections/list" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"code":0,"data":[]}`)
	}))
	server.TLS, server.EnableHTTP2 = m.server(t, dir), true
	server.TLS.NextProtos = []string{"h2", "http/1.1"}
	for _, edit := range edits {
		edit(server.TLS)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// TestProbeText: what people get to read, in full where all holds.
func TestProbeText(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	address := serveREST(t, modes[1], dir)
	probe := func(status int, args ...string) ran {
		got := runIn(t, dir, program(t), append([]string{"probe", address}, args...)...)
		require.Equal(t, status, got.status, got.stdout+got.stderr)
		return got
	}

	got := probe(0, "--server-name", "localhost", "--client", "curl")
	assert.Empty(t, got.stderr)
	assert.Regexp(t, `(?s)^✓ `+address+`: all holds

  server     Milvus, REST, at `+address+`
  mode       two-way \(tlsMode 2\), the certificate of the client is taken
  TLS        TLS 1\.3, ALPN h2, http/1\.1
  sends      the set's server\.pem, until 20\d\d-\d\d-\d\d, 36\d\d days left

ca\.pem  C=CN, .*
├ `+address+`  C=CN, .*
└ client\.pem  C=CN, .*
host localhost \(--server-name\): subjectAltName ✓, CommonName ✓

clients: what each makes of the certificate
 +two-way
curl +✓
$`, got.stdout)

	assert.Empty(t, probe(0, "--server-name", "localhost", "-q", "--strict").stdout)
	got = probe(1, "--server-name", "localhost", "--host", "db.example.com", "-q")
	assert.Equal(t, "milvus-certs: "+address+": 1 check fails\n", got.stderr)
	assert.Empty(t, got.stdout)
	got = probe(1, "--expires-in", "4000d")
	assert.Contains(t, got.stdout, "✗ "+address+": expires on ")
	assert.Contains(t, got.stdout, "→ milvus-certs renew server, and then restart Milvus\n")
	got = probe(1, "--mode", "1", "--server-name", "localhost")
	assert.Contains(t, got.stdout, "✗ another mode than is wanted: wanted one-way (tlsMode 1), found two-way\n")

	// The address has no CommonName, which is no warning about a server.
	got = probe(0, "--strict")
	assert.Contains(t, got.stdout, "✓ "+address+": all holds\n")
	assert.Contains(t, got.stdout, "host 127.0.0.1 (dialled): subjectAltName ✓, CommonName ✗\n")
	got = probe(0, "--client", "go")
	assert.Contains(t, got.stdout, "! Go SDK speaks gRPC, and this port is that of REST\n    → probe the port of gRPC, usually 19530\n")
	got = probe(1, "--client", "go", "--strict", "-q")
	assert.Equal(t, "milvus-certs: "+address+": 1 warning (--strict)\n", got.stderr)

	// Anywhere else there is less to say.
	elsewhere := runIn(t, t.TempDir(), program(t), "probe", address, "--server-name", "localhost")
	assert.Zero(t, elsewhere.status, elsewhere.stderr)
	for _, line := range []string{
		"! " + address + ": what could be checked holds, 1 warning\n", "! clients need a certificate, and none was shown\n    → --cert and --key name one; milvus-certs issue client",
		"  server     unknown, at " + address, "  mode       two-way (tlsMode 2)", "? ca.pem: is not in .: who issued the certificate", "? client.pem: is not in .: whether the server takes it",
	} {
		assert.Contains(t, elsewhere.stdout, line)
	}
	assert.NotContains(t, elsewhere.stdout, "\n✓", "no client is said to be served")
}

// TestProbeBeforeMilvus: what takes TLS 1.2 and wants a certificate is not said to be Milvus's mode 2.
func TestProbeBeforeMilvus(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	address := serveREST(t, modes[1], dir, func(c *tls.Config) { c.MinVersion, c.MaxVersion = 0, tls.VersionTLS12 })
	got := runIn(t, dir, program(t), "probe", address)
	assert.Zero(t, got.status, got.stdout+got.stderr)
	assert.Contains(t, got.stdout, "  mode       two-way, the certificate of the client is taken\n")
	assert.Contains(t, got.stdout, "\n· wants a client certificate and takes TLS 1.2; ")
}

// TestProbeHarmlessJSON: nothing that a server sends can act on the terminal that shows the JSON, or on a reader of its texts.
func TestProbeHarmlessJSON(t *testing.T) {
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	const hostile = "a\u009b31m\u202e\x1b[31m\n"
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: hostile, Organization: []string{hostile}}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"a.example.com\x1b[31m"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	address := answerAll(t, tls.NewListener(listenTCP(t), &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}), func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	got := runIn(t, dir, program(t), "probe", address, "-o", "json")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stdout, "\ufffd")
	for _, r := range got.stdout {
		assert.True(t, r == '\n' || unicode.IsPrint(r), "%q", r)
	}
	assert.NotContains(t, got.stdout, `\u001b`)
	assert.NotContains(t, got.stdout, `\u009b`)
}
