package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// probedServer is what is looked at in a report of probe.
type probedServer struct {
	TLS               bool
	Mode, Service     string
	Versions, ALPN    []string
	SetCertificate    struct{ Relation string } `json:"set_certificate"`
	ClientCertificate *struct {
		Taken bool
		Alert int
	} `json:"client_certificate"`
	ClientCAs []string `json:"client_cas"`
	Findings  []struct{ Severity, Check, File string }
}

func (p probedServer) severity(check string) string {
	for _, f := range p.Findings {
		if f.Check == check {
			return f.Severity
		}
	}
	return ""
}

// probeIn runs probe in a directory, and wants an exit status.
func probeIn(t *testing.T, dir string, want int, args ...string) (p probedServer) {
	t.Helper()
	got := runIn(t, dir, program(t), append([]string{"probe", "-o", "json"}, args...)...)
	require.Equal(t, want, got.status, got.stdout+got.stderr)
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &p), got.stderr)
	return p
}

// startServer starts openssl s_server on a port of its choice, and returns the address.
func startServer(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := command(dir, "openssl", append([]string{"s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key"}, args...)...)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	in, err := c.StdinPipe() // at its end s_server ends
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = in.Close(); _ = c.Process.Kill(); _ = c.Wait() })
	return acceptedAt(t, c, out)
}

func acceptedAt(t *testing.T, c *exec.Cmd, out io.Reader) string {
	t.Helper()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return address
		}
	}
	t.Fatalf("%s does not accept connections", c)
	return ""
}

// TestProbeOpenSSL: what probe sees of openssl s_server, which is no Milvus, and set up in ways that Milvus never is.
func TestProbeOpenSSL(t *testing.T) {
	needOpenSSL(t)
	dir, other := t.TempDir(), t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	initialise(t, other, "--key-type", "ec-p256")
	both, only12 := []string{"TLS 1.2", "TLS 1.3"}, []string{"TLS 1.2"}
	demand := []string{"-www", "-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"}
	const unknownCA = 48
	for _, tc := range []struct {
		name     string
		server   []string
		set      string
		status   int
		mode     string
		versions []string
		service  string
		alert    int // that the certificate of the client meets with; -1: it is taken
	}{
		{"one-way", []string{"-www"}, dir, 1, "1", both, "http", 0},
		{"one-way, TLS 1.2", []string{"-www", "-tls1_2"}, dir, 1, "1", only12, "http", 0},
		{"one-way, TLS 1.3", []string{"-www", "-tls1_3"}, dir, 1, "1", both[1:], "http", 0},
		{"one-way, of another set", []string{"-www"}, other, 1, "1", both, "http", 0},
		{"one-way, turned round", []string{"-rev"}, dir, 1, "1", both, "unknown", 0},
		{"two-way", demand, dir, 1, "2", both, "http", -1},
		{"two-way, TLS 1.2", append(demand, "-tls1_2"), dir, 1, "2", only12, "http", -1},
		{"two-way, TLS 1.3", append(demand, "-tls1_3"), dir, 1, "2", both[1:], "http", -1},
		{"two-way, of another set", demand, other, 1, "2", both, "unknown", unknownCA},
		{"two-way, of another set, TLS 1.2", append(demand, "-tls1_2"), other, 1, "2", only12, "unknown", unknownCA},
		{"not demanded", []string{"-www", "-verify", "1", "-verify_return_error", "-CAfile", "ca.pem"}, dir, 1, "optional", both, "http", -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := probeIn(t, dir, tc.status, startServer(t, dir, tc.server...), "-d", tc.set, "--server-name", "localhost")
			assert.True(t, got.TLS)
			assert.Equal(t, tc.mode, got.Mode)
			assert.Equal(t, tc.versions, got.Versions)
			assert.Equal(t, tc.service, got.Service)
			assert.Empty(t, got.ALPN)
			assert.Equal(t, tc.set == dir, got.SetCertificate.Relation == "current")
			assert.Equal(t, tc.alert != 0, got.ClientCertificate != nil)
			if got.ClientCertificate != nil {
				assert.Equal(t, tc.alert < 0, got.ClientCertificate.Taken)
				assert.Equal(t, max(tc.alert, 0), got.ClientCertificate.Alert)
				assert.Len(t, got.ClientCAs, 1)
			}
			assert.Equal(t, tc.mode == "optional", got.severity("optional-client-certificate") == "advice")
			if tc.set == dir {
				assert.Equal(t, "failure", got.severity("service"), "it is no Milvus")
			}
			assert.Equal(t, tc.mode == "2" && tc.versions[0] == "TLS 1.2", got.severity("before-milvus") == "advice")
		})
	}
}

// TestProbeNamedCAs: a server that says whose certificates it takes, and has not read the ca.pem that there is now.
func TestProbeNamedCAs(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256", "--ca-common-name", "an old CA")
	address := startServer(t, dir, "-www", "-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem")
	got := probeIn(t, dir, 1, address, "--server-name", "localhost")
	require.Len(t, got.ClientCAs, 1)
	assert.Contains(t, got.ClientCAs[0], "CN=an old CA")
	assert.Empty(t, got.severity("restart-due"))

	renewed := runIn(t, dir, program(t), "renew", "ca", "-q", "--common-name", "a new CA")
	require.Zero(t, renewed.status, renewed.stderr)
	got = probeIn(t, dir, 1, address, "--server-name", "localhost")
	assert.Equal(t, "warning", got.severity("restart-due"))
}

// TestProbeSilentOpenSSL: s_server that waits for its user to type.
func TestProbeSilentOpenSSL(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	got := probeIn(t, dir, 0, startServer(t, dir), "--server-name", "localhost", "--timeout", "8s")
	assert.Equal(t, "unknown", got.Service)
	assert.Equal(t, "warning", got.severity("service"))
}
