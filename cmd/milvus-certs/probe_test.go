package main

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
		{"silent", answerAll(t, listenTCP(t), func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }), "it accepts connections and says nothing in 250ms, with TLS and without; "},
		{"slow", answerAll(t, listenTCP(t), func(c net.Conn) { _, _ = io.WriteString(c, "\x16\x03\x03\x40\x00"); _, _ = io.Copy(io.Discard, c) }), "it begins to answer, and does not come to an end in 250ms; --timeout waits longer"},
		{"another protocol", answerAll(t, listenTCP(t), func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0\x1b[31m\n\r\n"); read(c) }), `it speaks something that is neither TLS nor HTTP: "SSH-2.0\x1b[31m\n\r\n"; see whether it is the right port: `},
		{"an alert", answerAll(t, listenTCP(t), func(c net.Conn) { read(c); _, _ = io.WriteString(c, "\x15\x03\x03\x00\x02\x02\x70") }), "it speaks TLS, and no handshake comes about: remote error: tls: unrecognized name; "},
		{"health", health.Listener.Addr().String(), "this is Milvus's port for metrics and health, which has no TLS in any mode; probe that of gRPC, usually 19530, or that of proxy.http.port"},
		{"HTTP", others.Listener.Addr().String(), "there is no TLS: an HTTP server answers without it, and nothing of Milvus (it calls itself MinIO); "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := runIn(t, dir, program(t), "probe", tc.address, "--timeout", "1s")
			assert.Equal(t, 1, got.status)
			assert.Empty(t, got.stdout)
			assert.True(t, strings.HasPrefix(got.stderr, "milvus-certs: "+tc.address+": "+tc.says), got.stderr)
			assert.Equal(t, 1, strings.Count(got.stderr, "\n"))

			got = runIn(t, dir, program(t), "probe", tc.address, "--timeout", "1s", "-q", "-o", "json")
			assert.Equal(t, 1, got.status)
			assert.Contains(t, got.stdout, `"reachable": true`)
			assert.Contains(t, got.stdout, `"tls": false`)
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
	got := runIn(t, dir, program(t), "probe", address, "--timeout", "4s")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stdout, "41 certificates; a chain of at most 32 is looked at")
}
