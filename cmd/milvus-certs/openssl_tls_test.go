package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// handshakeTime is far more than a handshake takes.
const handshakeTime = 20 * time.Second

// mode is one of Milvus's two: with a certificate of the client's, and then TLS 1.3 at least, or without.
type mode struct {
	name   string
	twoWay bool
}

var modes = []mode{{"one-way", false}, {"two-way", true}}

// server is what Milvus's proxy sets.
func (m mode) server(t *testing.T, dir string) *tls.Config {
	t.Helper()
	c := &tls.Config{Certificates: []tls.Certificate{keyPair(t, dir, "server")}}
	if m.twoWay {
		c.ClientAuth, c.ClientCAs, c.MinVersion = tls.RequireAndVerifyClientCert, roots(t, dir), tls.VersionTLS13
	}
	return c
}

func (m mode) client(t *testing.T, dir string) *tls.Config {
	t.Helper()
	c := &tls.Config{RootCAs: roots(t, dir), ServerName: "localhost"}
	if m.twoWay {
		c.Certificates = []tls.Certificate{keyPair(t, dir, "client")}
	}
	return c
}

func keyPair(t *testing.T, dir, role string) tls.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, role+".pem"), filepath.Join(dir, role+".key"))
	require.NoError(t, err)
	return pair
}

func roots(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(data))
	return pool
}

// serve answers one connection: it sends back the first line that it gets. It returns its address.
func serve(t *testing.T, config *tls.Config) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(handshakeTime))
		line, _ := bufio.NewReader(conn).ReadString('\n')
		_, _ = io.WriteString(conn, line)
	}()
	return listener.Addr().String()
}

// serveOpenSSL answers one connection with openssl, which sends back the line from its end to its beginning.
func serveOpenSSL(t *testing.T, dir string, m mode) string {
	t.Helper()
	args := []string{"s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-rev", "-cert", "server.pem", "-key", "server.key"}
	if m.twoWay {
		args = append(args, "-CAfile", "ca.pem", "-Verify", "1", "-verify_return_error", "-tls1_3")
	}
	c := command(dir, "openssl", args...)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return address
		}
	}
	t.Fatal("openssl s_server does not accept connections")
	return ""
}

// ask sends a line and returns the answer, or why there was none. In TLS 1.3 a server's refusal of the client's
// certificate only shows in the answer.
func ask(address string, config *tls.Config) (string, error) {
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: handshakeTime}, "tcp", address, config)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(handshakeTime))
	if _, err := io.WriteString(conn, "milvus\n"); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

// askOpenSSL does the same with openssl.
func askOpenSSL(t *testing.T, dir, address string, m mode) ran {
	t.Helper()
	args := []string{"s_client", "-connect", address, "-servername", "localhost", "-verify_hostname", "localhost",
		"-CAfile", "ca.pem", "-verify_return_error", "-quiet"}
	if m.twoWay {
		args = append(args, "-cert", "client.pem", "-key", "client.key")
	}
	c := exec.Command("openssl", args...)
	c.Dir, c.Stdin = dir, strings.NewReader("milvus\n")
	return finish(t, c)
}

// assertHandshake lets Go and openssl speak with each other, and Go with itself.
func assertHandshake(t *testing.T, dir string, m mode) {
	t.Helper()
	answer, err := ask(serve(t, m.server(t, dir)), m.client(t, dir))
	require.NoError(t, err, "Go with Go")
	assert.Equal(t, "milvus\n", answer)

	answer, err = ask(serveOpenSSL(t, dir, m), m.client(t, dir))
	require.NoError(t, err, "Go with openssl s_server")
	assert.Equal(t, "suvlim\n", answer)

	got := askOpenSSL(t, dir, serve(t, m.server(t, dir)), m)
	assert.Zero(t, got.status, got.stderr)
	assert.Equal(t, "milvus\n", got.stdout)
}

// TestRefusedHandshakes makes sure that those could have failed.
func TestRefusedHandshakes(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	initialise(t, other, "--key-type", "ec-p256")
	oneWay, twoWay := modes[0], modes[1]

	_, err := ask(serve(t, oneWay.server(t, other)), oneWay.client(t, dir))
	assert.ErrorContains(t, err, "certificate signed by unknown authority")
	_, err = ask(serve(t, twoWay.server(t, dir)), oneWay.client(t, dir))
	assert.ErrorContains(t, err, "certificate required")
	swapped := twoWay.client(t, dir)
	swapped.Certificates = []tls.Certificate{keyPair(t, dir, "server")}
	_, err = ask(serve(t, twoWay.server(t, dir)), swapped)
	assert.ErrorContains(t, err, "bad certificate")
	named := oneWay.client(t, dir)
	named.ServerName = "example.com"
	_, err = ask(serve(t, oneWay.server(t, dir)), named)
	assert.ErrorContains(t, err, "not example.com")
}
