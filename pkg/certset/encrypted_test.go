package certset_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

const secret = "a pass phrase, наш"

func answer(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

// mustNotAsk fails where a pass phrase is asked for.
func mustNotAsk(t testing.TB) func() ([]byte, error) {
	return func() ([]byte, error) {
		t.Error("the pass phrase was asked for")
		return nil, nil
	}
}

func assertSameKey(t testing.TB, want, got crypto.Signer) {
	t.Helper()
	key, ok := want.(interface{ Equal(crypto.PrivateKey) bool })
	require.True(t, ok)
	assert.True(t, key.Equal(got))
}

// pkcs8Options are ways in which openssl pkcs8 -topk8 encrypts a key, and what is said of those that are not read.
var pkcs8Options = []struct{ options, want string }{
	{"", ""},
	{"-v2 aes-128-cbc", ""},
	{"-v2 aes-192-cbc", ""},
	{"-v2 aes-256-cbc", ""},
	{"-v2 des3", ""},
	{"-v2prf hmacWithSHA1", ""},
	{"-v2prf hmacWithSHA256", ""},
	{"-v2 des3 -v2prf hmacWithSHA1", ""},
	{"-iter 1", ""},
	{"-iter 600000", ""},
	{"-scrypt", ""},
	{"-scrypt -scrypt_N 2 -scrypt_r 1 -scrypt_p 1", ""},
	{"-scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 8", ""},
	{"-v2prf hmacWithSHA224", otherPRF + "hmacWithSHA224" + anew},
	{"-v2prf hmacWithSHA384", otherPRF + "hmacWithSHA384" + anew},
	{"-v2prf hmacWithSHA512", otherPRF + "hmacWithSHA512" + anew},
	{"-v2 camellia-256-cbc", otherCipher + "camellia-256-cbc" + anew},
	{"-v2 aria-128-cbc", otherCipher + "aria-128-cbc" + anew},
	{"-v2 aes-256-ofb", otherCipher + "aes-256-ofb" + anew},
	{"-v1 PBE-SHA1-3DES", "wanted a key encrypted with PBES2, found pbeWithSHA1And3-KeyTripleDES-CBC" + anew},
}

const (
	anew        = "; encrypt it anew: openssl pkcs8 -topk8 -in FILE -out NEW"
	otherPRF    = "wanted PBKDF2 with hmacWithSHA256 or hmacWithSHA1, found "
	otherCipher = "wanted a key encrypted with AES or triple DES in CBC mode, found "
)

// TestOpenSSLEncrypts reads what openssl wrote, of each kind of key.
func TestOpenSSLEncrypts(t *testing.T) {
	ssl := needOpenSSL(t)
	for _, keyType := range []string{"ec-p256", "ed25519", "rsa-2048"} {
		key := newSet(t, "", profile.Asked{KeyType: flag(keyType)}).CA.Key
		plain := ssl.write(t, keyType, pkcs8PEM(t, key))
		for i, tc := range pkcs8Options {
			if i > 0 && keyType != "ec-p256" {
				break // what is encrypted makes no difference to how
			}
			t.Run(keyType+" "+tc.options, func(t *testing.T) {
				data := ssl.run(t, "pkcs8 -topk8 -passout file:secret -in "+plain+" "+tc.options)
				if tc.want != "" {
					assertRefused(t, data, mustNotAsk(t), tc.want)
					return
				}
				assertOpens(t, key, data)
			})
		}
	}
}

// assertOpens wants the pass phrase and no other to open a key.
func assertOpens(t *testing.T, want crypto.Signer, data []byte) {
	t.Helper()
	key, remarks, err := certset.ParseKeyWith(data, answer(secret))
	require.NoError(t, err)
	assert.Empty(t, remarks)
	assertSameKey(t, want, key)
	for _, wrong := range []string{"", "a", secret + " "} {
		_, _, err := certset.ParseKeyWith(data, answer(wrong))
		assert.Equal(t, certset.ErrPassphrase, err)
	}
	_, _, err = certset.ParseKeyWith(data, func() ([]byte, error) { return nil, assert.AnError })
	assert.Equal(t, assert.AnError, err)
	_, _, err = certset.ParseKey(data)
	assert.ErrorIs(t, err, certset.ErrEncrypted)
}

func assertRefused(t testing.TB, data []byte, passphrase func() ([]byte, error), want string) {
	t.Helper()
	key, remarks, err := certset.ParseKeyWith(data, passphrase)
	assert.EqualError(t, err, want)
	assert.Nil(t, key)
	assert.Empty(t, remarks)
	if err != nil {
		assertQuotesNothing(t, err.Error(), data)
	}
}

// TestOpenSSLEncryptsTraditionally reads OpenSSL's older form.
func TestOpenSSLEncryptsTraditionally(t *testing.T) {
	ssl := needOpenSSL(t)
	rsa := newSet(t, "", profile.Asked{KeyType: flag("rsa-2048")}).CA.Key
	ec := newSet(t, "", profile.Asked{}).CA.Key
	ssl.write(t, "rsa", pkcs8PEM(t, rsa))
	ssl.write(t, "ec", pkcs8PEM(t, ec))
	for _, tc := range []struct {
		command, want string
		key           crypto.Signer
	}{
		{"rsa -traditional -aes128 -in rsa", "", rsa},
		{"rsa -traditional -aes192 -in rsa", "", rsa},
		{"rsa -traditional -aes256 -in rsa", "", rsa},
		{"rsa -traditional -des3 -in rsa", "", rsa},
		{"ec -aes256 -in ec", "", ec},
		{"ec -des3 -in ec", "", ec},
		{"pkey -traditional -aes256 -in ec", "", ec},
		{"ec -camellia256 -in ec", "wanted AES or triple DES in CBC mode in DEK-Info, found another cipher" + anew, nil},
	} {
		t.Run(tc.command, func(t *testing.T) {
			data := ssl.run(t, tc.command+" -passout file:secret")
			require.Contains(t, string(data), "DEK-Info: ")
			if tc.want != "" {
				assertRefused(t, data, mustNotAsk(t), tc.want)
				return
			}
			assertOpens(t, tc.key, data)
			key, remarks, err := certset.ParseKeyWith(join([]byte("text\n"), block("EC PARAMETERS", []byte{6, 8}), data, newMaterial(t).cert), answer(secret))
			require.NoError(t, err)
			assertSameKey(t, tc.key, key)
			assert.Equal(t, []string{"text before the first block, which is passed over", "block 3 is a certificate, which is passed over"}, remarks)
		})
	}
}

// TestTheWayOut: what the error says to do helps.
func TestTheWayOut(t *testing.T) {
	ssl := needOpenSSL(t)
	key := newSet(t, "", profile.Asked{}).CA.Key
	ssl.write(t, "plain", pkcs8PEM(t, key))
	ssl.write(t, "again", []byte(secret+"\n")) // of one file for both openssl would take the second line
	for _, command := range []string{
		"pkcs8 -topk8 -v2prf hmacWithSHA512 -in plain", "pkcs8 -topk8 -v1 PBE-SHA1-3DES -in plain", "ec -camellia256 -in plain",
	} {
		ssl.write(t, "FILE", ssl.run(t, command+" -passout file:secret"))
		data := ssl.run(t, "pkcs8 -topk8 -in FILE -passin file:secret -passout file:again")
		got, _, err := certset.ParseKeyWith(data, answer(secret))
		require.NoError(t, err, command)
		assertSameKey(t, key, got)
	}
}

// TestOpenSSLDecrypts: openssl reads what is written here, and it is what is promised.
func TestOpenSSLDecrypts(t *testing.T) {
	ssl := needOpenSSL(t)
	for _, keyType := range []string{"ec-p384", "ed25519", "rsa-2048"} {
		key := newSet(t, "", profile.Asked{KeyType: flag(keyType)}).CA.Key
		data, err := certset.EncryptKey(key, []byte(secret))
		require.NoError(t, err)
		ssl.write(t, "encrypted", data)
		again, _, err := certset.ParseKey(ssl.run(t, "pkey -passin file:secret -in encrypted"))
		require.NoError(t, err)
		assertSameKey(t, key, again)
		form := string(ssl.run(t, "asn1parse -in encrypted"))
		for _, part := range []string{":PBES2", ":PBKDF2", ":0927C0", ":hmacWithSHA256", ":aes-256-cbc"} {
			assert.Contains(t, form, part)
		}
		ssl.write(t, "wrong", []byte("wrong"))
		assert.Error(t, ssl.command("pkey -passin file:wrong -in encrypted").Run())
	}
}

// TestEncryptKey: what is written is read again, differs each time, and has a pass phrase.
func TestEncryptKey(t *testing.T) {
	key := newSet(t, "", profile.Asked{}).CA.Key
	once, err := certset.EncryptKey(key, []byte(secret))
	require.NoError(t, err)
	twice, err := certset.EncryptKey(key, []byte(secret))
	require.NoError(t, err)
	assert.NotEqual(t, once, twice)
	assertOpens(t, key, once)
	for _, empty := range [][]byte{nil, {}} {
		_, err = certset.EncryptKey(key, empty)
		assert.EqualError(t, err, "the pass phrase is empty")
	}
	_, err = certset.EncryptKey(nil, []byte(secret))
	assert.Error(t, err)
}

// TestPlainKeysNeedNoPassphrase: everything else is as ParseKey reads it.
func TestPlainKeysNeedNoPassphrase(t *testing.T) {
	m := newMaterial(t)
	for name, data := range map[string][]byte{
		"a key": m.key, "beside others": join(m.key, m.cert), "none": m.cert, "empty": nil, "two": join(m.key, m.key),
		"DSA":     inner("DSA PRIVATE KEY", []byte{0x30, 0}, map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}),
		"OpenSSH": readOther(t, "openssh.key"), "Ed448": readOther(t, "ed448.key"), "text": []byte("hello"),
		"headers": inner("PRIVATE KEY", derOf(m.key), map[string]string{"Comment": "x"}),
	} {
		wantKey, wantRemarks, want := certset.ParseKey(data)
		key, remarks, err := certset.ParseKeyWith(data, mustNotAsk(t))
		if name == "DSA" {
			assert.EqualError(t, err, "wanted an RSA, EC or Ed25519 key, found a DSA key")
			continue
		}
		assert.Equal(t, want, err, name)
		assert.Equal(t, wantKey, key, name)
		assert.Equal(t, wantRemarks, remarks, name)
	}
}

// TestOtherKeysUnderPassphrase: the right pass phrase of a key that Go cannot use is not called wrong.
func TestOtherKeysUnderPassphrase(t *testing.T) {
	ssl := needOpenSSL(t)
	for name, want := range map[string]string{
		"ed448.key":     "wanted an RSA, EC or Ed25519 key, found another kind, Ed448",
		"secp256k1.key": "wanted an EC key on P-256, P-384 or P-521, found the curve secp256k1",
		"rsa-pss.key":   "wanted an RSA, EC or Ed25519 key, found one for RSASSA-PSS alone, which Go does not read",
		"rsa-512.key":   "wanted an RSA key of 1024 bits or more, found one of 512, with which Go does not sign",
		"dsa.key":       "wanted an RSA, EC or Ed25519 key, found another kind, DSA",
	} {
		ssl.write(t, name, readOther(t, name))
		assertRefused(t, ssl.run(t, "pkcs8 -topk8 -passout file:secret -in "+name), answer(secret), want)
	}
}

// TestWrongPassphrases: none of many is taken for anything but wrong, though once in 256 times the padding is right.
func TestWrongPassphrases(t *testing.T) {
	ssl := needOpenSSL(t)
	ssl.write(t, "plain", pkcs8PEM(t, newSet(t, "", profile.Asked{}).CA.Key))
	for _, command := range []string{"pkcs8 -topk8 -iter 1 -v2 des3", "ec -aes128"} {
		data := ssl.run(t, command+" -passout file:secret -in plain")
		for i := range 20_000 {
			_, _, err := certset.ParseKeyWith(data, answer(strings.Repeat("x", i%7)+string(rune('ａ'+i))))
			require.Equal(t, certset.ErrPassphrase, err)
		}
	}
}

// FuzzParseKeyWith: anything is a key or an error of one line, a pass phrase is asked for once at most, and what is read can be
// encrypted again.
func FuzzParseKeyWith(f *testing.F) {
	addFiles(f)
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(f, err)
	encrypted, err := certset.EncryptKey(key, []byte(secret))
	require.NoError(f, err)
	f.Add(encrypted)
	for _, r := range []recipe{{}, {kdf: oidScrypt, numbers: []uint64{16, 8, 1}}, {keyLength: 32, prf: "1.2.840.113549.2.9"}, {cipher: "1.2.840.113549.3.7", iv: make([]byte, 8)}} {
		f.Add(r.encoded(f))
	}
	f.Add(inner("EC PRIVATE KEY", make([]byte, 32), map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "DES-EDE3-CBC,0011223344556677"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		// Few changes to base64 make DER that can be read, so that each input is taken for that as well.
		for _, data := range [][]byte{data, block("ENCRYPTED PRIVATE KEY", data)} {
			asked := 0
			key, remarks, err := certset.ParseKeyWith(data, func() ([]byte, error) {
				asked++
				if len(data) > 1<<12 || expensive(data) {
					return nil, assert.AnError
				}
				return []byte(secret), nil
			})
			checkMessages(t, data, err, remarks)
			assert.Equal(t, err == nil, key != nil)
			assert.LessOrEqual(t, asked, 1)
			assert.False(t, asked == 0 && errors.Is(err, certset.ErrPassphrase))
			assert.False(t, errors.Is(err, certset.ErrEncrypted))
		}
	})
}

// expensive tells of parameters that are allowed and would keep a fuzzer waiting.
func expensive(data []byte) bool {
	b, _ := pem.Decode(data)
	return b == nil || bytes.Contains(b.Bytes, []byte("\x04\x0b")) && !bytes.Contains(b.Bytes, []byte("\x02\x01\x10\x02\x01\x08\x02\x01\x01")) ||
		bytes.Contains(b.Bytes, []byte("\x02\x03"))
}

// openssl is a directory to run the program in; the file secret in it holds the pass phrase.
type openssl struct{ path, dir string }

// needOpenSSL skips a test where there is no OpenSSL 3.0; where REQUIRE_PEERS=1 it fails instead.
func needOpenSSL(t testing.TB) openssl {
	t.Helper()
	unmet := t.Skipf
	if os.Getenv("REQUIRE_PEERS") == "1" {
		unmet = t.Fatalf
	}
	path, err := exec.LookPath("openssl")
	if err != nil {
		unmet("openssl cannot be run: %v", err)
	}
	o := openssl{path, t.TempDir()}
	if version := string(o.run(t, "version")); !strings.HasPrefix(version, "OpenSSL 3.0.") {
		unmet("wanted OpenSSL 3.0, found %s", version)
	}
	o.write(t, "secret", []byte(secret+"\n"))
	return o
}

func (o openssl) write(t testing.TB, name string, data []byte) string {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(o.dir, name), data, 0o600))
	return name
}

func (o openssl) command(line string) *exec.Cmd {
	c := exec.Command(o.path, strings.Fields(line)...)
	c.Dir = o.dir
	return c
}

// run runs openssl, demands that it succeeds, and returns what it printed.
func (o openssl) run(t testing.TB, line string) []byte {
	t.Helper()
	c := o.command(line)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	require.NoError(t, err, "openssl %s: %s", line, stderr.String())
	return out
}

func pkcs8PEM(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return block("PRIVATE KEY", encoded)
}
