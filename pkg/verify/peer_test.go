package verify_test

import (
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// needOpenSSL skips the test without the OpenSSL that clients are predicted for; where REQUIRE_PEERS=1 it fails instead.
func needOpenSSL(t *testing.T) string {
	t.Helper()
	unmet := t.Skipf
	if os.Getenv("REQUIRE_PEERS") == "1" {
		unmet = t.Fatalf
	}
	path, err := exec.LookPath("openssl")
	if err != nil {
		unmet("openssl cannot be run: %v", err)
	}
	if version, err := exec.Command(path, "version").Output(); err != nil || !strings.HasPrefix(string(version), "OpenSSL 3.0.") {
		unmet("wanted OpenSSL 3.0, found %s", version)
	}
	return path
}

// opensslTakes asks `openssl verify`, as strictly as the strictest client.
func opensslTakes(t *testing.T, openssl string, in verify.Input, host string) bool {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{caPEM, serverPEM} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), in.Files[name].Data, 0o600))
	}
	args := []string{"verify", "-x509_strict", "-auth_level", "2", "-purpose", "sslserver", "-attime", strconv.FormatInt(now.Unix(), 10),
		"-no-CApath", "-no-CAstore", "-CAfile", caPEM, "-untrusted", serverPEM}
	if host != "" {
		args = append(args, "-verify_hostname", host)
	}
	cmd := exec.Command(openssl, append(args, serverPEM)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.True(t, err == nil || strings.Contains(string(out), "verification failed") || strings.Contains(string(out), "error "), "%s", out)
	return err == nil
}

// goTakes asks crypto/x509, in the role that the purpose is for.
func goTakes(t *testing.T, in verify.Input, file string, usage x509.ExtKeyUsage, host string) bool {
	t.Helper()
	chain, _, err := certset.ParseCertificates(in.Files[file].Data)
	require.NoError(t, err)
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM(in.Files[caPEM].Data)
	for _, c := range chain {
		if c.X509 == nil {
			return false
		}
		between.AddCert(c.X509)
	}
	_, err = chain[0].X509.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: host, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}})
	return err == nil
}

// explained are the refusals of those who ask for more than openssl and crypto/x509 do: for what, and who.
var explained = map[string][]string{
	"key-usage":       {"java"},     // digitalSignature, for TLS 1.3 signs
	"unsupported-key": {"pymilvus"}, // BoringSSL verifies no Ed25519
}

// chains are the sets of the tables by their names.
func chains(t *testing.T) map[string]verify.Input {
	t.Helper()
	all := map[string]verify.Input{}
	for _, tc := range confCases {
		all[tc.name] = input(t, confSet(t, tc))
	}
	for _, cases := range [][]handCase{intermediates(t), keysAndDigests(t), oddCertificates(t), bundles(t)} {
		for _, tc := range cases {
			all[tc.name] = tc.in
		}
	}
	return all
}

// TestPeersAgree: a server's chain is refused where openssl or crypto/x509 refuses it, for each of them is some client. What
// is refused besides is refused by clients that ask for more.
func TestPeersAgree(t *testing.T) {
	openssl := needOpenSSL(t)
	refused := 0
	for name, in := range chains(t) {
		for _, host := range []string{"", "localhost"} {
			t.Run(name+" "+host, func(t *testing.T) {
				o := verify.Options{At: now}
				if host != "" {
					o.Hosts = []string{host}
				}
				r := verify.Chain(some(in, caPEM, serverPEM), o, certpath.Server)
				taken := opensslTakes(t, openssl, in, host) && goTakes(t, in, serverPEM, x509.ExtKeyUsageServerAuth, host)
				switch {
				case !taken:
					refused++
					assert.False(t, r.OK)
				case !r.OK:
					assertExplained(t, r)
				}
			})
		}
	}
	assert.Greater(t, refused, 20)
}

// assertExplained: a kind of key that TLS 1.3 does not sign with is refused by all, whatever the certificate is worth.
func assertExplained(t *testing.T, r *verify.Report) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Severity != verify.Failure || f.Check == "unsupported-key" && f.Refusers() == "every client" {
			continue
		}
		assert.NotEmpty(t, f.RefusedBy, f.Sentence())
		assert.Subset(t, explained[f.Check], f.RefusedBy, f.Sentence())
	}
}

// TestMilvusIsGo: a client's chain is refused where crypto/x509 refuses it, and nowhere else; but for keys that TLS 1.3 does not
// sign with.
func TestMilvusIsGo(t *testing.T) {
	for name, in := range chains(t) {
		t.Run(name, func(t *testing.T) {
			r := verify.Chain(some(in, caPEM, clientPEM), verify.Options{At: now}, certpath.Client)
			if name == "a client of P-224" {
				assert.False(t, r.OK)
				return
			}
			assert.Equal(t, goTakes(t, in, clientPEM, x509.ExtKeyUsageClientAuth, ""), r.OK, "%v", found(r))
		})
	}
}
