package certset_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// material is what the tables take their files from.
type material struct {
	set                *certset.Set
	key, request, cert []byte // server.key, server.csr, server.pem
	ca                 []byte
}

func newMaterial(t testing.TB) material {
	t.Helper()
	set := newSet(t, "", profile.Asked{})
	all := files(t, set)
	return material{set, all["server.key"].Data, all["server.csr"].Data, all["server.pem"].Data, all["ca.pem"].Data}
}

func derOf(data []byte) []byte { b, _ := pem.Decode(data); return b.Bytes }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// inUTF16 writes the text as PowerShell's > does.
func inUTF16(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(text))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// inner is a header in a block.
func inner(kind string, der []byte, headers map[string]string) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Headers: headers, Bytes: der})
}

// TestParseCertificatesRefused lists what a certificate's file can be instead, by defect.
func TestParseCertificatesRefused(t *testing.T) {
	m := newMaterial(t)
	raw := m.set.Server.Certificate.Raw
	const wantedPEM, wanted = "wanted PEM (-----BEGIN CERTIFICATE-----), found ", "wanted a certificate, found "
	oneLine := bytes.ReplaceAll(m.cert, []byte("\n"), []byte(" "))
	lines := bytes.SplitAfter(m.cert, []byte("\n"))
	last := bytes.Count(m.cert, []byte("\n"))
	inLine := func(n int, rest string) string { return fmt.Sprintf("line %d: ", n) + rest }
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"blank", []byte(" \r\n\t"), "the file is empty"},
		{"text", []byte("hello\n"), wantedPEM + "none"},
		{"cut short", m.cert[:len(m.cert)/2], `the file is cut short: the block "CERTIFICATE" in line 1 has no -----END`},
		{"cut short in the second", join(m.cert, m.ca[:len(m.ca)/2]), fmt.Sprintf(`the file is cut short: the block "CERTIFICATE" in line %d has no -----END`, last+1)},
		{"a block in a block", join(m.cert[:len(m.cert)/2], []byte("\n"), m.ca), `the file is cut short: the block "CERTIFICATE" in line 1 has no -----END`},
		{"without its head", join(lines[1:]...), inLine(last-1, "an -----END without its -----BEGIN; the file has lost its beginning")},
		{"another end", bytes.Replace(m.cert, []byte("END CERT"), []byte("END KERT"), 1), inLine(last, `wanted the end of the block "CERTIFICATE" that begins in line 1, found another line -----END`)},
		{"damaged base64", bytes.Replace(m.cert, lines[3][:4], []byte("MII!"), 1), `the block "CERTIFICATE" in line 1 is damaged: it holds no base64`},
		{"a line too few", join(append(lines[:3:3], lines[4:]...)...), "no certificate: asn1: "},
		{"in one line", oneLine, "line 1: -----BEGIN and -----END stand in one line, where neither Go nor OpenSSL sees them; put line breaks between"},
		{"from JSON", bytes.ReplaceAll(m.cert, []byte("\n"), []byte(`\n`)), "line 1: -----BEGIN and -----END stand in one line"},
		{"joined", join(bytes.TrimSpace(m.cert), m.ca), inLine(last, "-----BEGIN and -----END stand in one line")},
		{"indented", join([]byte("  "), bytes.ReplaceAll(m.cert, []byte("\n"), []byte("\n  "))), "line 1: -----BEGIN is indented, so that neither Go nor OpenSSL sees the block; take the blanks away"},
		{"BOM", join([]byte("\xef\xbb\xbf"), m.cert), "line 1: a byte order mark (UTF-8 BOM) stands before -----BEGIN, so that Go, and so Milvus, does not see the block; save the file without it"},
		{"dashes", bytes.Replace(m.cert, []byte("CERTIFICATE-----"), []byte("CERTIFICATE----"), 1), "line 1: wanted a line such as -----BEGIN CERTIFICATE-----, found another end of it"},
		{"a blank line", join(lines[0], lines[1], []byte("\n"), join(lines[2:]...)), `the block "CERTIFICATE" in line 1 has a blank line in it, before which OpenSSL expects headers; take it out`},
		{"UTF-16", inUTF16(m.cert), wantedPEM + "UTF-16, as PowerShell's > writes it; save it as ASCII: Out-File -Encoding ascii"},
		{"DER", raw, wantedPEM + "DER of a certificate; convert it: openssl x509 -inform DER -in FILE -out FILE"},
		{"DER of a request", derOf(m.request), wantedPEM + "DER of a certification request"},
		{"DER of a key", derOf(m.key), wantedPEM + "DER of a private key"},
		{"DER cut short", raw[:len(raw)-1], wantedPEM + "DER of another kind, or damaged"},
		{"PKCS#12", []byte("\x30\x82\x04\x00\x02\x01\x03\x30\x82\x03\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), wantedPEM + "PKCS#12 (.pfx, .p12); openssl pkcs12 -in FILE -nodes -out NEW takes it apart"},
		{"PKCS#7", []byte("\x30\x82\x04\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), wantedPEM + "PKCS#7 (.p7b); openssl pkcs7 -inform DER -print_certs -in FILE -out NEW"},
		{"Java", []byte("\xfe\xed\xfe\xed\x00\x00\x00\x02"), wantedPEM + "a Java key store; keytool"},
		{"binary", []byte("\x7fELF\x00\x01"), wantedPEM + "binary data of an unknown kind"},
		{"base64 of PEM", []byte(base64.StdEncoding.EncodeToString(m.cert)), wantedPEM + "base64 of PEM, as it stands in a Kubernetes Secret; base64 -d FILE > NEW"},
		{"a key", m.key, wanted + "a private key (-----BEGIN PRIVATE KEY-----)"},
		{"an encrypted key", block("ENCRYPTED PRIVATE KEY", []byte{1}), wanted + "a private key (-----BEGIN ENCRYPTED PRIVATE KEY-----)"},
		{"a request", m.request, wanted + "a certification request (-----BEGIN CERTIFICATE REQUEST-----)"},
		{"a public key", block("PUBLIC KEY", m.set.Server.Certificate.PublicKeyInfo), wanted + "a public key (-----BEGIN PUBLIC KEY-----)"},
		{"trusted", block("TRUSTED CERTIFICATE", raw), wanted + "a certificate in OpenSSL's own form (-----BEGIN TRUSTED CERTIFICATE-----); Go passes over it; openssl x509 -in FILE -out FILE converts it"},
		{"old name", block("X509 CERTIFICATE", raw), wanted + "a certificate under its old name (-----BEGIN X509 CERTIFICATE-----); Go passes over it; openssl x509 -in FILE -out FILE renames it"},
		{"old name behind another", join(m.ca, block("X509 CERTIFICATE", raw)), "block 2: " + wanted + "a certificate under its old name"},
		{"PKCS#7 in PEM", block("PKCS7", []byte{0x30, 0}), wanted + "PKCS#7 (-----BEGIN PKCS7-----); openssl pkcs7 -print_certs -in FILE -out NEW"},
		{"a curve", block("EC PARAMETERS", []byte{6, 0}), wanted + "the parameters of a curve (-----BEGIN EC PARAMETERS-----)"},
		{"DH", block("DH PARAMETERS", []byte{0x30, 0}), wanted + "Diffie-Hellman parameters (-----BEGIN DH PARAMETERS-----)"},
		{"a CRL", block("X509 CRL", []byte{0x30, 0}), wanted + "a revocation list (-----BEGIN X509 CRL-----)"},
		{"a type without end", block(strings.Repeat("A", 1000), nil), wanted + "-----BEGIN …-----"},
		{"a mangled type", []byte("-----BEGIN PRIVATE KEYMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg-----\n"), `the file is cut short: the block "…" in line 1 has no -----END`},
		{"with its key", join(m.cert, m.key), "block 2 is a private key, which does not belong into a file that is given away; take it out"},
		{"a key and it", join(m.key, m.cert), "block 1 is a private key, which does not belong into a file that is given away; take it out"},
		{"headers", inner("CERTIFICATE", raw, map[string]string{"Comment": "x"}), "block 1 has header lines, for which Go passes over it or OpenSSL refuses it; take them out"},
		{"too many bytes", block("CERTIFICATE", join(raw, []byte{0, 0})), "no certificate: 2 bytes too many"},
		{"too few bytes", block("CERTIFICATE", raw[:len(raw)-1]), "no certificate: asn1: syntax error: data truncated"},
		{"no bytes", block("CERTIFICATE", nil), "no certificate: asn1: syntax error: sequence truncated"},
		{"the second is none", join(m.cert, block("CERTIFICATE", nil)), "block 2: no certificate: asn1: syntax error: sequence truncated"},
		{"a request in its block", block("CERTIFICATE", derOf(m.request)), "the block says CERTIFICATE and holds a certification request"},
		{"a key in its block", block("CERTIFICATE", derOf(m.key)), "the block says CERTIFICATE and holds a private key"},
		{"too many", bytes.Repeat(m.cert, 201), "too much: more than 200 PEM blocks; at most so many are read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			certs, remarks, err := certset.ParseCertificates(tc.data)
			require.ErrorContains(t, err, tc.want)
			assert.True(t, strings.HasPrefix(err.Error(), tc.want))
			// What stands beside a key is read all the same, for TLS reads it too.
			assert.Equal(t, errors.Is(err, certset.ErrKeyBeside), len(certs) > 0)
			assert.Empty(t, remarks)
			assertQuotesNothing(t, err.Error(), tc.data)
		})
	}
}

// assertQuotesNothing wants a message of one bounded line that has nothing of the file's blocks in it.
func assertQuotesNothing(t testing.TB, message string, data []byte) {
	t.Helper()
	assert.NotContains(t, message, "\n")
	assert.Less(t, len(message), 400)
	assert.False(t, quotes(message, data), message)
}

// TestParseKeyRefused lists what a key's file can be instead.
func TestParseKeyRefused(t *testing.T) {
	m := newMaterial(t)
	der := derOf(m.key)
	const wanted = "wanted an RSA, EC or Ed25519 key, found "
	headed := inner("RSA PRIVATE KEY", der, map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"})
	const encrypted = "the private key is encrypted; decrypt it: openssl pkey -in FILE -out NEW"
	dh, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	agreement, err := x509.MarshalPKCS8PrivateKey(dh)
	require.NoError(t, err)
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"cut short", m.key[:len(m.key)/2], `the file is cut short: the block "PRIVATE KEY" in line 1 has no -----END`},
		{"DER", der, "wanted PEM (-----BEGIN PRIVATE KEY-----), found DER of a private key; convert it: openssl pkey -inform DER -in FILE -out NEW"},
		{"a certificate", m.cert, "wanted a private key, found a certificate (-----BEGIN CERTIFICATE-----)"},
		{"a public key", block("PUBLIC KEY", m.set.Server.Certificate.PublicKeyInfo), "wanted a private key, found a public key (-----BEGIN PUBLIC KEY-----)"},
		{"a curve alone", block("EC PARAMETERS", []byte{6, 0}), "wanted a private key, found the parameters of a curve (-----BEGIN EC PARAMETERS-----)"},
		{"two", join(m.key, m.key), "wanted a private key, found 2 of them"},
		{"encrypted, PKCS#8", block("ENCRYPTED PRIVATE KEY", der), encrypted},
		{"encrypted, by headers", headed, encrypted},
		{"other headers", inner("PRIVATE KEY", der, map[string]string{"Comment": "x"}), "block 1 has header lines, for which Go passes over it or OpenSSL refuses it; take them out"},
		{"OpenSSH", block("OPENSSH PRIVATE KEY", []byte("openssh-key-v1\x00")), "wanted a private key in PKCS#8, PKCS#1 or SEC 1, found OpenSSH's form; ssh-keygen -p -m PKCS8 -f FILE converts one for RSA or EC"},
		{"DSA", block("DSA PRIVATE KEY", []byte{0x30, 0}), wanted + "a DSA key"},
		{"another", block("ANY PRIVATE KEY", []byte{0x30, 0}), "wanted a private key in PKCS#8, PKCS#1 or SEC 1, found another kind (-----BEGIN ANY PRIVATE KEY-----)"},
		{"PuTTY", []byte("PuTTY-User-Key-File-3: ssh-rsa\n"), "wanted PEM (-----BEGIN PRIVATE KEY-----), found a private key in PuTTY's form; PuTTYgen exports it as OpenSSH key"},
		{"nothing in the block", block("PRIVATE KEY", nil), `the PEM block "PRIVATE KEY" holds no private key that can be read`},
		{"PKCS#8 in PKCS#1's block", block("RSA PRIVATE KEY", der), "the block says RSA PRIVATE KEY and holds a key in PKCS#8, which belongs into PRIVATE KEY"},
		{"PKCS#8 in SEC 1's block", block("EC PRIVATE KEY", der), "the block says EC PRIVATE KEY and holds a key in PKCS#8, which belongs into PRIVATE KEY"},
		{"a certificate in its block", block("PRIVATE KEY", derOf(m.cert)), "the block says PRIVATE KEY and holds a certificate"},
		{"too many bytes", block("PRIVATE KEY", join(der, []byte{0})), "the private key has 1 bytes too many behind it"},
		{"one that cannot sign", block("PRIVATE KEY", agreement), wanted + "another kind, X25519"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key, remarks, err := certset.ParseKey(tc.data)
			assert.EqualError(t, err, tc.want)
			assert.Nil(t, key)
			assert.Empty(t, remarks)
			assert.Equal(t, tc.want == encrypted, errorIsEncrypted(err))
			assertQuotesNothing(t, err.Error(), tc.data)
		})
	}
}

// TestRemarks: what is odd and of no harm.
func TestRemarks(t *testing.T) {
	m := newMaterial(t)
	text := []byte("# our own CA\n")
	for _, tc := range []struct {
		name  string
		data  []byte
		certs int
		want  []string
	}{
		{"plain", m.cert, 1, nil},
		{"CRLF", bytes.ReplaceAll(m.cert, []byte("\n"), []byte("\r\n")), 1, nil},
		{"a blank line behind the first", bytes.Replace(m.cert, []byte("-----\n"), []byte("-----\n\n"), 1), 1, nil},
		{"blanks behind the lines", bytes.ReplaceAll(m.cert, []byte("\n"), []byte(" \n")), 1, nil},
		{"no newline at the end", bytes.TrimSpace(m.cert), 1, nil},
		{"a chain", join(m.cert, []byte("\n\n"), m.ca), 2, nil},
		{"text", join(text, m.cert, text, m.ca, text, m.cert[:0]), 2, []string{"text before the first block, which is passed over", "text between the blocks, which is passed over", "text behind the last block, which is passed over"}},
		{"text that speaks of blocks", join([]byte("# paste a -----BEGIN CERTIFICATE----- here\n"), m.cert), 1, []string{"text before the first block, which is passed over"}},
		{"twice", join(m.cert, m.ca, m.cert), 3, []string{"certificate 3 is certificate 1 once more"}},
		{"DH behind", join(m.cert, block("DH PARAMETERS", []byte{0x30, 0})), 1, []string{"block 2 is Diffie-Hellman parameters, which is passed over"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			certs, remarks, err := certset.ParseCertificates(tc.data)
			require.NoError(t, err)
			assert.Len(t, certs, tc.certs)
			assert.Equal(t, tc.want, remarks)
		})
	}
	_, remarks, err := certset.ParseKey(join(text, m.key, m.cert))
	require.NoError(t, err)
	assert.Equal(t, []string{"text before the first block, which is passed over", "block 2 is a certificate, which is passed over"}, remarks)
}

// TestReadEach: each file for itself, chains and bundles, and what is not there.
func TestReadEach(t *testing.T) {
	m := newMaterial(t)
	all := files(t, m.set)
	whole := certset.ReadEach(all)
	assertSameSet(t, m.set, whole.Set)
	assert.Empty(t, whole.Errors)
	assert.Empty(t, whole.Remarks)

	delete(all, "ca.srl")
	delete(all, "client.csr")
	for name, data := range map[string][]byte{
		"ca.pem":     join(m.ca, m.cert),
		"ca.key":     block("ENCRYPTED PRIVATE KEY", []byte{0x30, 0}),
		"server.pem": join(m.cert, m.ca, m.ca),
		"client.pem": m.key,
	} {
		all[name] = certset.File{Name: name, Data: data}
	}
	r := certset.ReadEach(all)
	assert.Equal(t, m.set.CA.Certificate, r.Set.CA.Certificate)
	assert.Equal(t, []*certset.Certificate{m.set.Server.Certificate}, r.Set.CA.Chain)
	assert.Len(t, r.Set.Server.Chain, 2)
	assert.Nil(t, r.Set.CA.Key)
	assert.Nil(t, r.Set.Client.Certificate)
	assert.Nil(t, r.Set.Client.Request)
	assert.Nil(t, r.Set.Serial)
	assert.False(t, r.Set.CA.HasKey())
	assert.False(t, r.Set.Client.HasKey())
	assert.True(t, r.Set.Server.HasKey())
	assert.Equal(t, map[string][]string{"server.pem": {"certificate 3 is certificate 2 once more"}}, r.Remarks)
	assert.Len(t, r.Errors, 4)
	assert.ErrorIs(t, r.Errors["ca.srl"], certset.ErrMissing)
	assert.ErrorIs(t, r.Errors["client.csr"], certset.ErrMissing)
	assert.ErrorIs(t, r.Errors["ca.key"], certset.ErrEncrypted)
	assert.ErrorContains(t, r.Errors["client.pem"], "wanted a certificate, found a private key")
}

// TestReadNothing: no files at all are nine that are missing.
func TestReadNothing(t *testing.T) {
	r := certset.ReadEach(nil)
	assert.Len(t, r.Errors, 9)
	assert.Equal(t, &certset.Set{}, r.Set)
	assert.Zero(t, r.Set.LastSerial().Sign())
}

// TestHostileFilesAreQuick: what could cost a quadratic time, at the size up to which files are read.
func TestHostileFilesAreQuick(t *testing.T) {
	const size, limit = 1 << 20, 2 * time.Second
	tiny := block("CERTIFICATE", nil)
	for name, unit := range map[string]string{
		"begins": "-----BEGIN \n", "begins with a type": "-----BEGIN A-----\n", "ends": "-----END \n", "begins in a line": "-----BEGIN ",
		"nested": "-----BEGIN A-----\nAAAA\n", "headers": "A: b\n", "tiny blocks": string(tiny), "dashes": "-", "newlines in text": "a\n", "DER": "\x30\x84",
		"indented": "x -----BEGIN A-----\n", "crossed": "-----BEGIN A-----\n-----END B-----\n", "sequences": "\x30\x80",
	} {
		for _, head := range []string{"", "-----BEGIN PRIVATE KEY-----\n"} {
			data := []byte(head + strings.Repeat(unit, size/len(unit)))
			start := time.Now()
			certset.ReadEach(map[string]certset.File{"ca.pem": {Data: data}, "server.key": {Data: data}, "server.csr": {Data: data}, "ca.srl": {Data: data}})
			assert.Less(t, time.Since(start), limit, name)
		}
	}
}

// TestOtherForms: the older forms of a key are read.
func TestOtherForms(t *testing.T) {
	sec1, err := x509.MarshalECPrivateKey(newSet(t, "", profile.Asked{}).Server.Key.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	pkcs1 := x509.MarshalPKCS1PrivateKey(newSet(t, "", profile.Asked{KeyType: flag("rsa-2048")}).Server.Key.(*rsa.PrivateKey))
	for _, data := range [][]byte{
		block("EC PRIVATE KEY", sec1), block("RSA PRIVATE KEY", pkcs1),
		join(block("EC PARAMETERS", []byte{6, 8}), block("EC PRIVATE KEY", sec1)),
	} {
		key, remarks, err := certset.ParseKey(data)
		require.NoError(t, err)
		assert.NotNil(t, key)
		assert.Empty(t, remarks)
	}
}
