package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// sizes are all key types, and how openssl describes such a key.
var sizes = map[string]string{
	"rsa-2048": "2048 bit", "rsa-3072": "3072 bit", "rsa-4096": "4096 bit",
	"ec-p256": "prime256v1", "ec-p384": "secp384r1", "ed25519": "ED25519",
}

// TestInterchange gives sets of init's, which were made without any conf, to openssl and to Go.
func TestInterchange(t *testing.T) {
	needOpenSSL(t)
	for keyType := range sizes {
		t.Run(keyType, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			initialise(t, dir, "--key-type", keyType)
			t.Run("keys and requests", func(t *testing.T) { assertKeys(t, dir, keyType) })
			t.Run("verify", func(t *testing.T) { assertVerifies(t, dir) })
			for _, m := range modes {
				t.Run("handshake, "+m.name, func(t *testing.T) { assertHandshake(t, dir, m) })
			}
			t.Run("openssl goes on", func(t *testing.T) { assertGoesOn(t, dir) })
		})
	}
}

// assertKeys wants the keys to be in order, and to be those of certificates and requests.
func assertKeys(t *testing.T, dir, keyType string) {
	t.Helper()
	for _, role := range []string{"ca", "server", "client"} {
		key := role + ".key"
		assert.Contains(t, openssl(t, dir, "pkey", "-in", key, "-noout", "-text_pub"), sizes[keyType])
		assert.Contains(t, openssl(t, dir, "pkey", "-in", key, "-noout", "-check"), "Key is valid")
		if strings.HasPrefix(keyType, "rsa") {
			assert.Contains(t, openssl(t, dir, "rsa", "-in", key, "-noout", "-check"), "RSA key ok")
		}
		public := openssl(t, dir, "pkey", "-in", key, "-pubout")
		assert.Equal(t, public, openssl(t, dir, "x509", "-in", role+".pem", "-noout", "-pubkey"))
		if role != "ca" {
			assert.Contains(t, openssl(t, dir, "req", "-in", role+".csr", "-noout", "-verify"), "verify OK")
			assert.Equal(t, public, openssl(t, dir, "req", "-in", role+".csr", "-noout", "-pubkey"))
		}
	}
}

// assertVerifies wants each leaf to be good for its purpose, and for that one only.
func assertVerifies(t *testing.T, dir string) {
	t.Helper()
	verifies := func(leaf string, args ...string) bool {
		args = append([]string{"verify", "-x509_strict", "-CAfile", "ca.pem"}, args...)
		return runIn(t, dir, "openssl", append(args, leaf)...).status == 0
	}
	for _, leaf := range []string{"server.pem", "client.pem"} {
		assert.True(t, verifies(leaf, "-verify_hostname", "localhost"), leaf)
		assert.True(t, verifies(leaf, "-verify_ip", "127.0.0.1"), leaf)
		assert.True(t, verifies(leaf, "-verify_ip", "::1"), leaf)
		assert.False(t, verifies(leaf, "-verify_hostname", "example.com"), leaf)
		assert.Equal(t, leaf == "server.pem", verifies(leaf, "-purpose", "sslserver"), leaf)
		assert.Equal(t, leaf == "client.pem", verifies(leaf, "-purpose", "sslclient"), leaf)
	}
}

// assertGoesOn has openssl sign further leaves with the set.
func assertGoesOn(t *testing.T, dir string) {
	t.Helper()
	last := requireWhole(t, dir).Serial
	for _, leaf := range []string{"third.pem", "fourth.pem"} {
		openssl(t, dir, "x509", "-req", "-in", "server.csr", "-out", leaf, "-CA", "ca.pem", "-CAkey", "ca.key",
			"-CAserial", "ca.srl", "-days", "30", "-copy_extensions", "copyall")
		next, err := certset.NextSerial(last)
		require.NoError(t, err)
		serial := string(certset.FormatSerial(next))
		assert.Equal(t, serial, readText(t, dir, "ca.srl"))
		assert.Equal(t, "serial="+serial, openssl(t, dir, "x509", "-in", leaf, "-noout", "-serial"))
		openssl(t, dir, "verify", "-CAfile", "ca.pem", "-verify_hostname", "localhost", leaf)
		last = next
	}
}

// TestInitGoesOn has init continue what openssl wrote.
func TestInitGoesOn(t *testing.T) {
	needOpenSSL(t)
	folder := subjectConf(t, "")
	k := ecKeys(t)
	tests := map[string]struct{ last, server, client string }{
		"the first":            {"01", "02", "03"},
		"one octet more":       {"FE", "FF", "0100"},
		"two octets":           {"FF", "0100", "0101"},
		"a high bit":           {"7F", "80", "81"},
		"leading zeros":        {"00FF", "0100", "0101"},
		"nothing used":         {"00", "01", "02"},
		"twenty octets":        {"7" + strings.Repeat("F", 38) + "0", "7" + strings.Repeat("F", 38) + "1", "7" + strings.Repeat("F", 38) + "2"},
		"in lower-case digits": {"0aff", "0B00", "0B01"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, refusal := newGenSh(t, folder, "in.cnf").run(t, k, folder)
			require.Empty(t, refusal)
			writeText(t, dir, "ca.srl", test.last+"\n")
			initialise(t, dir, "--force", "--key-type", "ec-p256")
			for leaf, serial := range map[string]string{"server.pem": test.server, "client.pem": test.client} {
				assert.Equal(t, "serial="+serial+"\n", openssl(t, dir, "x509", "-in", leaf, "-noout", "-serial"))
			}
			assert.Equal(t, test.client+"\n", readText(t, dir, "ca.srl"))
		})
	}
}

// TestInitKeepsASetOfOpenSSL wants gen.sh's set to be sound: whatever clients think of it, it is not broken.
func TestInitKeepsASetOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	folder := copyFolder(t, confs)
	dir, refusal := newGenSh(t, folder, "docs-like.cnf").run(t, rsaKeys(t), folder)
	require.Empty(t, refusal)
	before := readFiles(t, dir)
	initialise(t, dir, "--if-needed")
	assert.Equal(t, before, readFiles(t, dir))
}

func readText(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(data)
}

func writeText(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}
