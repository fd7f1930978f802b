package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// renew runs renew in a directory, and demands that it succeeds.
func renew(t *testing.T, dir string, args ...string) ran {
	t.Helper()
	got := runIn(t, dir, program(t), append([]string{"renew"}, args...)...)
	require.Zero(t, got.status, got.stderr)
	return got
}

// opensslSet is a set that gen.sh's commands make of a conf.
func opensslSet(t *testing.T, conf string) string {
	t.Helper()
	folder := copyFolder(t, confs)
	dir, refusal := newGenSh(t, folder, conf).run(t, ecKeys(t), folder)
	require.Empty(t, refusal)
	return dir
}

// TestRenewSetsOfOpenSSL renews leaves of gen.sh's: Go, which refused them, then takes them, and openssl goes on from there.
func TestRenewSetsOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	for _, conf := range []string{"docs-like.cnf", "issuer-serial.cnf", "ski-none.cnf"} {
		t.Run(conf, func(t *testing.T) {
			t.Parallel()
			dir := opensslSet(t, conf)
			old := requireWhole(t, dir)
			got := renew(t, dir)
			assert.Contains(t, got.stderr, "note: server.pem: added ")
			renewed := requireWhole(t, dir)
			assert.Equal(t, old.Server.Certificate.RawSubject, renewed.Server.Certificate.RawSubject)
			assert.NotEqual(t, old.Server.Certificate.PublicKeyInfo, renewed.Server.Certificate.PublicKeyInfo)
			for role, purpose := range map[string]string{"server": "sslserver", "client": "sslclient"} {
				openssl(t, dir, "verify", "-CAfile", "ca.pem", "-purpose", purpose, "-verify_hostname", "localhost", role+".pem")
				assert.Contains(t, openssl(t, dir, "x509", "-in", role+".pem", "-noout", "-ext", "subjectAltName"), "DNS:localhost")
				public := openssl(t, dir, "pkey", "-in", role+".key", "-pubout")
				assert.Equal(t, public, openssl(t, dir, "x509", "-in", role+".pem", "-noout", "-pubkey"))
				assert.Equal(t, public, openssl(t, dir, "req", "-in", role+".csr", "-noout", "-pubkey"))
				assert.Contains(t, openssl(t, dir, "req", "-in", role+".csr", "-noout", "-verify"), "verify OK")
			}
			for _, m := range modes {
				assertHandshake(t, dir, m)
			}
		})
	}
}

// TestRenewCAOfOpenSSL changes the CA of gen.sh's sets; openssl follows each step.
func TestRenewCAOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	for _, conf := range []string{"docs-like.cnf", "issuer-serial.cnf", "issuer-alone.cnf", "ski-hex.cnf", "ski-none.cnf"} {
		t.Run(conf, func(t *testing.T) {
			t.Parallel()
			dir := opensslSet(t, conf)
			serial := readText(t, dir, "ca.srl")
			renew(t, dir, "ca", "-q", "--common-name", "next")
			assert.Equal(t, serial, readText(t, dir, "ca.srl"))
			openssl(t, dir, "verify", "-CAfile", "ca.pem", "server.pem", "client.pem")
			renew(t, dir, "-q")
			openssl(t, dir, "verify", "-CAfile", "ca.pem", "server.pem", "client.pem")
			renew(t, dir, "ca", "--finish", "-q")
			openssl(t, dir, "verify", "-CAfile", "ca.pem", "ca.pem", "server.pem", "client.pem")
			assert.Contains(t, openssl(t, dir, "x509", "-in", "ca.pem", "-noout", "-subject", "-issuer"), "CN = next")
			assert.Equal(t, openssl(t, dir, "pkey", "-in", "ca.key", "-pubout"), openssl(t, dir, "x509", "-in", "ca.pem", "-noout", "-pubkey"))
			for _, m := range modes {
				assertHandshake(t, dir, m)
			}
		})
	}
}

// TestSameKeyByNumber: openssl refuses a leaf that names another certificate of its CA by number, as renew ca warns.
func TestSameKeyByNumber(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	writeText(t, dir, "number.cnf", "[v3_req]\nauthorityKeyIdentifier = keyid, issuer:always\n")
	initialise(t, dir, "--key-type", "ec-p256", "--config", "number.cnf", "--days", "30")
	got := renew(t, dir, "ca", "--same-key")
	assert.Contains(t, got.stderr, "warning: client.pem, server.pem: authorityKeyIdentifier has the serial number of the old CA certificate")
	refused := runIn(t, dir, "openssl", "verify", "-CAfile", "ca.pem", "server.pem")
	assert.NotZero(t, refused.status)
	renew(t, dir, "-q")
	openssl(t, dir, "verify", "-x509_strict", "-CAfile", "ca.pem", "server.pem", "client.pem")
}

// TestRenewCAWithKeyOfOpenSSL: the key that openssl encrypted has a successor that openssl decrypts with the same pass phrase.
func TestRenewCAWithKeyOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	for name, encrypt := range map[string][]string{
		"PKCS#8":      {"pkcs8", "-topk8", "-v2", "aes256", "-in", "plain.key", "-out", "ca.key", "-passout", "pass:sesame"},
		"traditional": {"ec", "-aes256", "-in", "plain.key", "-out", "ca.key", "-passout", "pass:sesame"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := opensslSet(t, "docs-like.cnf")
			copyNamed(t, dir, dir, "ca.key")
			writeText(t, dir, "plain.key", readText(t, dir, "ca.key"))
			openssl(t, dir, encrypt...)
			writeText(t, dir, "pass", "sesame\n")
			renew(t, dir, "ca", "-q", "--passphrase-file", "pass")
			text := readText(t, dir, "ca.key")
			assert.True(t, strings.HasPrefix(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----"))
			public := openssl(t, dir, "pkey", "-in", "ca.key", "-passin", "pass:sesame", "-pubout")
			assert.Equal(t, public, openssl(t, dir, "x509", "-in", "ca.pem", "-noout", "-pubkey"))
			kept, err := filepath.Glob(filepath.Join(dir, "backup-*"))
			require.NoError(t, err)
			require.Len(t, kept, 1)
			assert.NotEmpty(t, openssl(t, kept[0], "pkey", "-in", "ca.key", "-passin", "pass:sesame", "-pubout"))
			renew(t, dir, "-q", "--passphrase-file", "pass")
			openssl(t, dir, "verify", "-CAfile", "ca.pem", "server.pem", "client.pem")
		})
	}
}

// TestRenewKeyTypes renews sets of each kind of key, and openssl takes what comes out.
func TestRenewKeyTypes(t *testing.T) {
	needOpenSSL(t)
	for _, keyType := range []string{"rsa-2048", "ec-p384", "ed25519"} {
		t.Run(keyType, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			initialise(t, dir, "--key-type", keyType, "--days", "30")
			renew(t, dir, "-q")
			assertVerifies(t, dir)
			assertKeys(t, dir, keyType)
			renew(t, dir, "ca", "-q")
			renew(t, dir, "-q")
			renew(t, dir, "ca", "--finish", "-q")
			assertVerifies(t, dir)
			assertKeys(t, dir, keyType)
			assertGoesOn(t, dir)
		})
	}
}
