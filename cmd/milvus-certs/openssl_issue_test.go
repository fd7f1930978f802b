package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const corporateConf = `[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`

// corporateCA has openssl make a root and an intermediate CA with an encrypted key, chain.pem behind each other as companies hand them
// out.
func corporateCA(t *testing.T, dir string, genpkey ...string) {
	t.Helper()
	writeText(t, dir, "corp.cnf", corporateConf)
	writeText(t, dir, "phrase", "test\n")
	openssl(t, dir, append([]string{"genpkey", "-out", "root.key"}, genpkey...)...)
	openssl(t, dir, append([]string{"genpkey", "-out", "int.key", "-aes256", "-pass", "pass:test"}, genpkey...)...)
	openssl(t, dir, "req", "-new", "-key", "root.key", "-subj", "/O=Corp/CN=Corp Root", "-out", "root.csr")
	openssl(t, dir, "x509", "-req", "-in", "root.csr", "-signkey", "root.key", "-days", "100", "-extfile", "corp.cnf", "-extensions", "root", "-out", "root.pem")
	openssl(t, dir, "req", "-new", "-key", "int.key", "-passin", "pass:test", "-subj", "/O=Corp/CN=Corp TLS", "-out", "int.csr")
	openssl(t, dir, "x509", "-req", "-in", "int.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "60",
		"-extfile", "corp.cnf", "-extensions", "intermediate", "-out", "int.pem")
	writeText(t, dir, "chain.pem", readText(t, dir, "int.pem")+readText(t, dir, "root.pem"))
}

// TestIssueFromOpenSSLsCA: sets and leaves from a company's intermediate CA verify with its root alone, for the CA stands behind each.
func TestIssueFromOpenSSLsCA(t *testing.T) {
	needOpenSSL(t)
	for name, genpkey := range map[string][]string{
		"rsa":     {"-algorithm", "RSA"},
		"ec-p384": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		"ed25519": {"-algorithm", "ED25519"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			corporateCA(t, dir, genpkey...)
			from := []string{"--ca-cert", "chain.pem", "--ca-key", "int.key", "--passphrase-file", "phrase", "--key-type", "ec-p256", "-q"}
			milvusCerts(t, dir, append([]string{"init"}, from...)...)
			milvusCerts(t, dir, append([]string{"issue", "server", "node1.example.com"}, from...)...)
			milvusCerts(t, dir, append([]string{"issue", "client", "alice"}, from...)...)
			assert.Equal(t, readText(t, dir, "chain.pem"), readText(t, dir, "ca.pem"))
			for file, more := range map[string][]string{
				"server.pem":            {"-purpose", "sslserver", "-verify_hostname", "localhost"},
				"node1.example.com.pem": {"-purpose", "sslserver", "-verify_hostname", "node1.example.com"},
				"client.pem":            {"-purpose", "sslclient"},
				"alice.pem":             {"-purpose", "sslclient"},
			} {
				assert.Equal(t, 2, strings.Count(readText(t, dir, file), "BEGIN CERTIFICATE"), "%s has the CA behind it, and not the root", file)
				for _, trusted := range [][]string{{"-CAfile", "root.pem", "-untrusted", file}, {"-CAfile", "ca.pem"}} {
					openssl(t, dir, append(append(append([]string{"verify", "-x509_strict"}, trusted...), more...), file)...)
				}
			}
			milvusCerts(t, dir, "verify", "-q")
			// A leaf ends with its CA.
			assert.Equal(t, openssl(t, dir, "x509", "-in", "int.pem", "-noout", "-enddate"), openssl(t, dir, "x509", "-in", "alice.pem", "-noout", "-enddate"))
		})
	}
}

// TestOpenSSLGoesOnAfterIssue: the CA, its number and a leaf's request and key serve openssl.
func TestOpenSSLGoesOnAfterIssue(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	milvusCerts(t, dir, "init", "-q", "--key-type", "ec-p256")
	milvusCerts(t, dir, "issue", "client", "alice", "-q", "--key-type", "ec-p256")
	assert.Equal(t, openssl(t, dir, "x509", "-in", "alice.pem", "-noout", "-pubkey"), openssl(t, dir, "pkey", "-in", "alice.key", "-pubout"))
	assert.Contains(t, openssl(t, dir, "req", "-in", "alice.csr", "-noout", "-verify"), "verify OK")
	assert.Equal(t, "serial="+readText(t, dir, "ca.srl"), openssl(t, dir, "x509", "-in", "alice.pem", "-noout", "-serial"))

	openssl(t, dir, "x509", "-req", "-in", "alice.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAserial", "ca.srl", "-copy_extensions", "copyall", "-out", "theirs.pem")
	openssl(t, dir, "verify", "-CAfile", "ca.pem", "-purpose", "sslclient", "theirs.pem")
	assert.Equal(t, "serial="+readText(t, dir, "ca.srl"), openssl(t, dir, "x509", "-in", "theirs.pem", "-noout", "-serial"))
	milvusCerts(t, dir, "issue", "client", "bob", "-q", "--key-type", "ec-p256")
	milvusCerts(t, dir, "verify", "-q", "--ca", "ca.pem", "--cert", "bob.pem", "--purpose", "client")
}
