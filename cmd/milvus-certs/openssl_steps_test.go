package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// steps returns the page's steps as commands of this program, those that make keys apart.
func (g genSh) steps() [][]string {
	steps := [][]string{{"ca", "--days", g.days}}
	for _, leaf := range []struct{ role, section string }{{"server", g.server}, {"client", g.client}} {
		steps = append(steps,
			[]string{"csr", leaf.role, "--extensions", leaf.section},
			[]string{"sign", leaf.role, leaf.role + ".csr", "--extensions", leaf.section, "--days", g.days})
	}
	for i := range steps {
		steps[i] = append(steps[i], "-q", "--exact", "--config", g.conf)
	}
	return steps
}

// compareSteps wants the steps to make of the same keys what openssl's commands made.
func (g genSh) compareSteps(t *testing.T, k keys, folder string) {
	t.Helper()
	theirs, refusal := g.run(t, k, folder)
	require.Empty(t, refusal)
	ours := copyFolder(t, folder)
	for _, name := range []string{"ca.key", "server.key", "client.key"} {
		writeText(t, ours, name, readText(t, k.dir, name))
	}
	for _, args := range g.steps() {
		milvusCerts(t, ours, args...)
	}
	g.compareSets(t, theirs, ours)
	for _, file := range []string{"ca.pem", "server.pem", "client.pem"} {
		assert.Equal(t, openssl(t, theirs, "x509", "-in", file, "-noout", "-pubkey"), openssl(t, ours, "x509", "-in", file, "-noout", "-pubkey"))
	}
}

// milvusCerts runs the program in a directory, demands that it succeeds, and returns what it printed.
func milvusCerts(t testing.TB, dir string, args ...string) string {
	t.Helper()
	got := runIn(t, dir, program(t), args...)
	require.Zero(t, got.status, "%s: %s", args, got.stderr)
	return got.stdout + got.stderr
}

func TestExactSteps(t *testing.T) {
	needOpenSSL(t)
	k := ecKeys(t)
	names, err := filepath.Glob(filepath.Join(confs, "*.cnf"))
	require.NoError(t, err)
	require.Greater(t, len(names), 10)
	for _, path := range names {
		conf := filepath.Base(path)
		t.Run(conf, func(t *testing.T) {
			t.Parallel()
			g := newGenSh(t, confs, conf)
			if roles, ok := roleSections[conf]; ok {
				g.server, g.client = roles[0], roles[1]
			}
			g.compareSteps(t, k, confs)
		})
	}
	t.Run("the page's, RSA", func(t *testing.T) {
		folder := t.TempDir()
		data, err := os.ReadFile(needFile(t, docsConf))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, "openssl.cnf"), data, 0o600))
		newGenSh(t, folder, "openssl.cnf").compareSteps(t, rsaKeys(t), folder)
	})
}

// TestExactSignOfAnyRequest has both sign the requests of openssl, whose subjects are written in all its ways.
func TestExactSignOfAnyRequest(t *testing.T) {
	needOpenSSL(t)
	dir := copyFolder(t, ecKeys(t).dir)
	writeText(t, dir, "sign.cnf", "[v3_req]\nkeyUsage=digitalSignature\nsubjectAltName=DNS:x,email:copy\n[move]\nsubjectAltName=email:move\n[v3_ca]\nbasicConstraints=critical,CA:TRUE\n")
	milvusCerts(t, dir, "ca", "-q", "--config", "sign.cnf", "--exact")
	openssl(t, dir, "genpkey", "-algorithm", "ED25519", "-out", "ed.key")
	openssl(t, dir, "ecparam", "-genkey", "-name", "secp521r1", "-out", "p521.key")
	for mask, subjects := range map[string][]string{
		"utf8only": {"/CN=a", "/C=DE/O=Käse & Söhne/OU=x+CN=y+L=z/emailAddress=a@b.cc", "/O=a/CN=b/CN=c", "/DC=com/DC=example/CN=x", "/serialNumber=5/GN=x/SN=y/CN=z"},
		"default":  {"/C=DE/O=printable/CN=b", "/O=Käse/CN=b", "/O=向量/CN=b+emailAddress=a@b.cc"},
		"nombstr":  {"/O=Käse & Söhne/CN=printable/emailAddress=a@b.cc"},
	} {
		writeText(t, dir, mask+".cnf", "[req]\ndistinguished_name=dn\nutf8=yes\nstring_mask="+mask+"\n[dn]\n")
		for _, subject := range subjects {
			for _, key := range []string{"server.key", "ed.key", "p521.key"} {
				openssl(t, dir, "req", "-new", "-key", key, "-subj", subject, "-config", mask+".cnf", "-addext", "subjectAltName=DNS:no", "-out", "r.csr")
				for _, section := range []string{"v3_req", "move"} {
					openssl(t, dir, "x509", "-req", "-in", "r.csr", "-out", "theirs.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "sign.cnf", "-extensions", section)
					milvusCerts(t, dir, "sign", "client", "r.csr", "-q", "--out", "ours.pem", "--days", "30", "--config", "sign.cnf", "--extensions", section, "--exact")
					assert.Equal(t, signedFields(t, dir, "theirs.pem"), signedFields(t, dir, "ours.pem"), "%s %s %s", mask, subject, section)
					require.NoError(t, os.Remove(filepath.Join(dir, "ours.pem")))
				}
			}
		}
	}
}

// signedFields are those of a certificate beside ca.pem, with its key.
func signedFields(t *testing.T, dir, name string) any {
	t.Helper()
	s := &set{owners{}, map[string]certificate{}, nil}
	var c certificate
	decode(t, filepath.Join(dir, name), "CERTIFICATE", &c)
	s.certificates["leaf"] = c
	return struct {
		fields
		key keyInfo
	}{s.certificate(t, "leaf"), c.Body.Key}
}

// theirKeys are commands that make keys of every kind and form, the last argument but for the name; encrypted ones under "test".
var theirKeys = map[string][][]string{
	"rsa, PKCS#8":         {{"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "k"}},
	"rsa, PKCS#1":         {{"genrsa", "-traditional", "-out", "k", "2048"}},
	"rsa, DES3":           {{"genrsa", "-des3", "-traditional", "-passout", "pass:test", "-out", "k", "2048"}},
	"rsa, AES, headers":   {{"genrsa", "-aes128", "-traditional", "-passout", "pass:test", "-out", "k", "2048"}},
	"rsa, AES, PKCS#8":    {{"genrsa", "-aes256", "-passout", "pass:test", "-out", "k", "2048"}},
	"p256, with a curve":  {{"ecparam", "-genkey", "-name", "prime256v1", "-out", "k"}},
	"p384":                {{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "k"}},
	"p521":                {{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521", "-out", "k"}},
	"p256, AES":           {{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes-256-cbc", "-pass", "pass:test", "-out", "k"}},
	"ed25519":             {{"genpkey", "-algorithm", "ED25519", "-out", "k"}},
	"ed25519, AES":        {{"genpkey", "-algorithm", "ED25519", "-aes-128-cbc", "-pass", "pass:test", "-out", "k"}},
	"p256, scrypt":        {{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "plain"}, {"pkcs8", "-topk8", "-scrypt", "-in", "plain", "-passout", "pass:test", "-out", "k"}},
	"p256, sha1 and DES3": {{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "plain"}, {"pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-in", "plain", "-passout", "pass:test", "-out", "k"}},
}

// TestStepsTakeKeysOfOpenSSL makes CA, request and certificate with keys that openssl made, and has openssl check them.
func TestStepsTakeKeysOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	for name, commands := range theirKeys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, args := range commands {
				openssl(t, dir, args...)
			}
			writeText(t, dir, "phrase", "test\n")
			before := readText(t, dir, "k")
			milvusCerts(t, dir, "ca", "-q", "--key", "k", "--passphrase-file", "phrase")
			milvusCerts(t, dir, "csr", "server", "-q", "--key", "k", "--passphrase-file", "phrase")
			out := milvusCerts(t, dir, "sign", "server", "server.csr", "--ca-key", "k", "--passphrase-file", "phrase", "--days", "30")
			assert.NotContains(t, out, "PRIVATE")
			assert.Equal(t, before, readText(t, dir, "k"))
			public := openssl(t, dir, "pkey", "-in", "k", "-passin", "pass:test", "-pubout")
			assert.Equal(t, public, openssl(t, dir, "x509", "-in", "ca.pem", "-noout", "-pubkey"))
			assert.Equal(t, public, openssl(t, dir, "req", "-in", "server.csr", "-noout", "-pubkey"))
			assert.Contains(t, openssl(t, dir, "req", "-in", "server.csr", "-noout", "-verify"), "verify OK")
			openssl(t, dir, "verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", "sslserver", "-verify_hostname", "localhost", "server.pem")
		})
	}
}

// TestOpenSSLTakesSteps gives keys and requests to openssl, which goes on with them, step by step.
func TestOpenSSLTakesSteps(t *testing.T) {
	needOpenSSL(t)
	for keyType, described := range sizes {
		t.Run(keyType, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeText(t, dir, "phrase", "test\n")
			milvusCerts(t, dir, "key", "ca", "server", "-q", "--key-type", keyType, "--encrypt-ca-key", "--passphrase-file", "phrase")
			for _, key := range []string{"ca.key", "server.key"} {
				assert.Contains(t, openssl(t, dir, "pkey", "-in", key, "-passin", "pass:test", "-noout", "-text_pub", "-check"), described)
			}
			openssl(t, dir, "req", "-x509", "-new", "-key", "ca.key", "-passin", "pass:test", "-subj", "/CN=theirs", "-out", "theirs.pem")
			milvusCerts(t, dir, "csr", "server", "-q")
			openssl(t, dir, "x509", "-req", "-in", "server.csr", "-CA", "theirs.pem", "-CAkey", "ca.key", "-passin", "pass:test", "-CAcreateserial", "-copy_extensions", "copyall", "-out", "server.pem")
			openssl(t, dir, "verify", "-CAfile", "theirs.pem", "-purpose", "sslserver", "-verify_hostname", "localhost", "server.pem")
			// Where it lies elsewhere, it counts there, and the number is a random one.
			milvusCerts(t, dir, "sign", "client", "server.csr", "-q", "--out", "far.pem", "--ca-cert", "theirs.pem", "--ca-key", "ca.key", "--passphrase-file", "phrase", "--days", "10")
			openssl(t, dir, "verify", "-CAfile", "theirs.pem", "-purpose", "sslclient", "far.pem")
			// Where their CA is the directory's, the numbers go on from theirs.
			theirSerial := readText(t, dir, "theirs.srl")
			writeText(t, dir, "ca.srl", theirSerial)
			writeText(t, dir, "ca.pem", readText(t, dir, "theirs.pem"))
			milvusCerts(t, dir, "sign", "client", "server.csr", "-q", "--out", "node.pem", "--ca-cert", "theirs.pem", "--ca-key", "ca.key", "--passphrase-file", "phrase", "--days", "10")
			assert.Equal(t, "serial="+readText(t, dir, "ca.srl"), openssl(t, dir, "x509", "-in", "node.pem", "-noout", "-serial"))
			assert.NotEqual(t, theirSerial, readText(t, dir, "ca.srl"))
			openssl(t, dir, "verify", "-CAfile", "theirs.pem", "-purpose", "sslclient", "node.pem")
		})
	}
}

// TestSignTakesRequestsOfOpenSSL signs what openssl asks for in many ways.
func TestSignTakesRequestsOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256", "--ca-days", "100", "--days", "50")
	writeText(t, dir, "r.cnf", "[req]\ndistinguished_name=dn\nattributes=more\nprompt=no\nutf8=yes\n[dn]\nO=Käse\nCN=node1\n[more]\nchallengePassword=hunter22\nunstructuredName=some name\n"+
		"[exts]\nsubjectAltName=DNS:node1,DNS:*.node1.example.com,IP:10.0.0.5,dirName:dn,otherName:1.2.3;UTF8:x\nkeyUsage=critical,digitalSignature\n")
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"plain":             {[]string{"-newkey", "rsa:2048", "-subj", "/CN=node1"}, ""},
		"names, attributes": {[]string{"-newkey", "rsa:2048", "-config", "r.cnf", "-reqexts", "exts"}, "attribute challengePassword"},
		"SAN flags":         {[]string{"-newkey", "rsa:2048", "-config", "r.cnf", "-reqexts", "exts"}, "--san 'DNS:*.node1.example.com' --san IP:10.0.0.5"},
		"ed25519":           {[]string{"-newkey", "ed25519", "-subj", "/CN=node1"}, "key        ed25519"},
		"p521":              {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-subj", "/CN=node1"}, "key        ec-p521"},
		"sha1":              {[]string{"-newkey", "rsa:2048", "-sha1", "-subj", "/CN=node1"}, "sha1WithRSAEncryption"},
		"sha512":            {[]string{"-newkey", "rsa:2048", "-sha512", "-subj", "/CN=node1"}, "sha512WithRSAEncryption"},
		"PSS with RSA":      {[]string{"-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-subj", "/CN=node1"}, "rsassaPss"},
		"DER":               {[]string{"-newkey", "rsa:2048", "-outform", "DER", "-subj", "/CN=node1"}, ""},
		"with text":         {[]string{"-newkey", "rsa:2048", "-text", "-subj", "/CN=node1"}, "text before the first block"},
		"its old name":      {[]string{"-newkey", "rsa:2048", "-newhdr", "-subj", "/CN=node1"}, ""},
		"several in an RDN": {[]string{"-newkey", "rsa:2048", "-subj", "/OU=x+CN=node1"}, ""},
		"--subject":         {[]string{"-newkey", "rsa:2048", "-subj", "/", "-config", "r.cnf"}, "subject    CN=other"},
	} {
		t.Run(name, func(t *testing.T) {
			openssl(t, dir, append([]string{"req", "-new", "-nodes", "-keyout", "k", "-out", "r.csr"}, test.args...)...)
			args := []string{"sign", "server", "r.csr", "--san", "DNS:san.example.com"}
			if name == "--subject" {
				args = append(args, "--subject", "/CN=other")
			}
			out := milvusCerts(t, dir, args...)
			assert.Contains(t, out, test.says)
			assert.NotContains(t, out, "hunter22")
			openssl(t, dir, "verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", "sslserver", "-verify_hostname", "san.example.com", "r.pem")
			assert.Equal(t, openssl(t, dir, "pkey", "-in", "k", "-pubout"), openssl(t, dir, "x509", "-in", "r.pem", "-noout", "-pubkey"))
			if name != "--subject" {
				theirs := []string{"req", "-in", "r.csr", "-noout", "-subject", "-nameopt", "RFC2253,dump_all,dump_der"}
				if name == "DER" {
					theirs = append(theirs, "-inform", "DER")
				}
				assert.Equal(t, openssl(t, dir, theirs...), openssl(t, dir, "x509", "-in", "r.pem", "-noout", "-subject", "-nameopt", "RFC2253,dump_all,dump_der"))
			}
			require.NoError(t, os.Remove(filepath.Join(dir, "r.pem")))
		})
	}
}

// TestSignRefusesRequestsOfOpenSSL: weak and foreign keys, and signatures that are not the key's.
func TestSignRefusesRequestsOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	for name, test := range map[string]struct {
		key, req []string
		says     string
	}{
		"RSA of 1024 bits": {[]string{"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}, nil, "found one of 1024"},
		"RSA of 512 bits":  {[]string{"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"}, nil, "found one of 512"},
		"RSASSA-PSS":       {[]string{"genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}, nil, "RSASSA-PSS alone"},
		"secp256k1":        {[]string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"}, nil, "the curve secp256k1"},
		"P-224":            {[]string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-224"}, nil, "P-224"},
		"explicit curve":   {[]string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"}, nil, "explicit parameters of a curve"},
		"Ed448":            {[]string{"genpkey", "-algorithm", "ED448"}, nil, "found another kind, Ed448"},
		"MD5":              {[]string{"genpkey", "-algorithm", "RSA"}, []string{"-md5"}, "md5WithRSAEncryption cannot be checked"},
	} {
		t.Run(name, func(t *testing.T) {
			openssl(t, dir, append(test.key, "-out", "k")...)
			openssl(t, dir, append([]string{"req", "-new", "-key", "k", "-subj", "/CN=x", "-out", "r.csr"}, test.req...)...)
			c := command(dir, program(t), "sign", "server", "r.csr")
			assertRefusal(t, 1, c)
			assert.Contains(t, runIn(t, dir, program(t), "sign", "server", "r.csr").stderr, test.says)
		})
	}
	t.Run("broken signature", func(t *testing.T) {
		openssl(t, dir, "req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", "k", "-subj", "/CN=x", "-outform", "DER", "-out", "r.csr")
		writeText(t, dir, "r.csr", strings.Replace(readText(t, dir, "r.csr"), "\x0c\x01x", "\x0c\x01y", 1))
		assertRefusal(t, 1, command(dir, program(t), "sign", "server", "r.csr"))
		assert.Regexp(t, regexp.MustCompile("not signed with its own key"), runIn(t, dir, program(t), "sign", "server", "r.csr").stderr)
	})
	t.Run("hostile subjects", func(t *testing.T) {
		for _, subject := range []string{"/CN=a\nmilvus-certs: forged", "/CN=a\x1b[2Jb", "/CN=\u202etxt"} {
			openssl(t, dir, "req", "-new", "-utf8", "-newkey", "ed25519", "-nodes", "-keyout", "k", "-subj", subject, "-out", "r.csr")
			assertRefusal(t, 1, command(dir, program(t), "sign", "server", "r.csr"))
		}
	})
}
