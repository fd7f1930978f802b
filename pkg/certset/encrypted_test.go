package certset_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

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

// recipe is a PBES2 key by its parts. The zero value is one in good order but for its text.
type recipe struct {
	scheme, kdf, cipher, prf string
	salt, iv, text           []byte
	numbers                  []uint64 // iterations, or N, r, p
	negative                 bool
	keyLength                int64
	behind                   []byte // the whole
}

const oidScrypt = "1.3.6.1.4.1.11591.4.11"

// encoded writes the recipe as PEM.
func (r recipe) encoded(t testing.TB) []byte {
	t.Helper()
	or := func(value, usual string) string {
		if value == "" {
			return usual
		}
		return value
	}
	bytesOr := func(value []byte, length int) []byte {
		if value == nil {
			return make([]byte, length)
		}
		return value
	}
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, f func(*cryptobyte.Builder)) { b.AddASN1(der.SEQUENCE, f) }
	sequence(&b, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid(t, or(r.scheme, "1.2.840.113549.1.5.13")))
			sequence(b, func(b *cryptobyte.Builder) {
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oid(t, or(r.kdf, "1.2.840.113549.1.5.12")))
					sequence(b, func(b *cryptobyte.Builder) { r.addKDF(t, b, bytesOr(r.salt, 8)) })
				})
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oid(t, or(r.cipher, "2.16.840.1.101.3.4.1.42")))
					b.AddASN1OctetString(bytesOr(r.iv, 16))
				})
			})
		})
		b.AddASN1OctetString(bytesOr(r.text, 64))
	})
	return block("ENCRYPTED PRIVATE KEY", append(b.BytesOrPanic(), r.behind...))
}

func (r recipe) addKDF(t testing.TB, b *cryptobyte.Builder, salt []byte) {
	b.AddASN1OctetString(salt)
	if r.numbers == nil && !r.negative {
		r.numbers = []uint64{1000}
	}
	for _, n := range r.numbers {
		b.AddASN1Uint64(n)
	}
	if r.negative {
		b.AddASN1Int64(-1)
	}
	if r.keyLength != 0 {
		b.AddASN1Int64(r.keyLength)
	}
	if r.prf != "" {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oid(t, r.prf)) })
	}
}

// TestHostileEncryption: whatever is asked for is refused at once, and before the pass phrase is asked for.
func TestHostileEncryption(t *testing.T) {
	const (
		iterations  = "too much: more than 10000000 iterations of PBKDF2" + anew
		tooMuch     = "too much: scrypt that takes more than 128 MiB of memory or hashes more than 1 GiB" + anew
		pbkdf2Bad   = "the parameters of PBKDF2 cannot be read; the file is damaged"
		scryptBad   = "the parameters of scrypt cannot be read; the file is damaged"
		cipherBad   = "the parameters of the cipher cannot be read; the file is damaged"
		cutShort    = "the encrypted key is cut short or damaged"
		nothing     = `the PEM block "ENCRYPTED PRIVATE KEY" holds no encrypted key that can be read`
		tripleDES   = "1.2.840.113549.3.7"
		hmacSHA1    = "1.2.840.113549.2.7"
		largestWord = 1<<64 - 1
	)
	scrypt := func(numbers ...uint64) []byte { return recipe{kdf: oidScrypt, numbers: numbers}.encoded(t) }
	headed := func(kind, dek string, text []byte) []byte {
		return inner(kind, text, map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": dek})
	}
	m := newMaterial(t)
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"no iterations", recipe{numbers: []uint64{0}}.encoded(t), pbkdf2Bad},
		{"iterations below zero", recipe{negative: true}.encoded(t), pbkdf2Bad},
		{"one iteration too many", recipe{numbers: []uint64{10_000_001}}.encoded(t), iterations},
		{"2^31 iterations", recipe{numbers: []uint64{1 << 31}}.encoded(t), iterations},
		{"2^64 iterations", recipe{numbers: []uint64{largestWord}}.encoded(t), iterations},
		{"a short key", recipe{keyLength: 16}.encoded(t), pbkdf2Bad},
		{"a long key", recipe{keyLength: 1 << 40}.encoded(t), pbkdf2Bad},
		{"no salt", recipe{salt: []byte{}}.encoded(t), pbkdf2Bad},
		{"much salt", recipe{salt: make([]byte, 1025)}.encoded(t), "too much: a salt of more than 1024 bytes" + anew},
		{"something behind the parameters", recipe{numbers: []uint64{1, 32, 1}}.encoded(t), pbkdf2Bad},
		{"another hash", recipe{prf: "1.2.3.4"}.encoded(t), otherPRF + "OID 1.2.3.4" + anew},
		{"SHA-384", recipe{prf: "1.2.840.113549.2.10", keyLength: 32}.encoded(t), otherPRF + "hmacWithSHA384" + anew},
		{"scrypt, N of 2^30", scrypt(1<<30, 8, 1), tooMuch},
		{"scrypt, N of 2^63", scrypt(1<<63, 8, 1), scryptBad}, // as the largest int64, which is no power of two
		{"scrypt, N of 2^62", scrypt(1<<62, 8, 1), tooMuch},
		{"scrypt, r of 2^62", scrypt(2, 1<<62, 1), tooMuch},
		{"scrypt, p of 2^62", scrypt(2, 1, 1<<62), tooMuch},
		{"scrypt, all of 2^62", scrypt(1<<62, 1<<62, 1<<62), tooMuch},
		{"scrypt, memory just too much", scrypt(1<<17, 9, 1), tooMuch},
		{"scrypt, work just too much", scrypt(1<<17, 8, 9), tooMuch},
		{"scrypt, many lanes", scrypt(2, 8, 1<<10), tooMuch},
		{"scrypt, N of 1", scrypt(1, 8, 1), scryptBad},
		{"scrypt, N no power of two", scrypt(1000, 8, 1), scryptBad},
		{"scrypt, N of 0", scrypt(0, 8, 1), scryptBad},
		{"scrypt, r of 0", scrypt(2, 0, 1), scryptBad},
		{"scrypt, no p", scrypt(2, 1), scryptBad},
		{"scrypt, another length", scrypt(2, 1, 1, 16), scryptBad},
		{"a short IV", recipe{iv: make([]byte, 8)}.encoded(t), cipherBad},
		{"no IV", recipe{iv: []byte{}}.encoded(t), cipherBad},
		{"a long IV", recipe{iv: make([]byte, 17)}.encoded(t), cipherBad},
		{"AES's IV for DES", recipe{cipher: tripleDES}.encoded(t), cipherBad},
		{"no text", recipe{text: []byte{}}.encoded(t), cutShort},
		{"a piece of a block", recipe{text: make([]byte, 63)}.encoded(t), cutShort},
		{"a piece of a block, DES", recipe{cipher: tripleDES, iv: make([]byte, 8), text: make([]byte, 12), prf: hmacSHA1}.encoded(t), cutShort},
		{"GCM", recipe{cipher: "2.16.840.1.101.3.4.1.46"}.encoded(t), otherCipher + "aes-256-gcm" + anew},
		{"another cipher", recipe{cipher: "1.2.3"}.encoded(t), otherCipher + "OID 1.2.3" + anew},
		{"another scheme", recipe{scheme: "1.2.3"}.encoded(t), "wanted a key encrypted with PBES2, found OID 1.2.3" + anew},
		{"another derivation", recipe{kdf: "1.2.3"}.encoded(t), "wanted a key derived with PBKDF2 or scrypt, found OID 1.2.3" + anew},
		{"something behind", recipe{behind: []byte{0}}.encoded(t), nothing},
		{"nothing", block("ENCRYPTED PRIVATE KEY", nil), nothing},
		{"a plain key", block("ENCRYPTED PRIVATE KEY", derOf(m.key)), "the block says ENCRYPTED PRIVATE KEY and holds a key in PKCS#8, which belongs into PRIVATE KEY"},
		{"a certificate", block("ENCRYPTED PRIVATE KEY", derOf(m.cert)), "the block says ENCRYPTED PRIVATE KEY and holds a certificate"},
		{"an encrypted one in a plain block", block("PRIVATE KEY", derOf(recipe{}.encoded(t))), "the block says PRIVATE KEY and holds an encrypted key, which belongs into ENCRYPTED PRIVATE KEY"},
		{"two of them", join(recipe{}.encoded(t), recipe{}.encoded(t)), "wanted a private key, found 2 of them"},
		{"too long", recipe{text: make([]byte, 17<<10)}.encoded(t), "too much: a private key of 17491 bytes, where RSA of 16384 bits has fewer than 16384"},
		{"too long, by headers", headed("RSA PRIVATE KEY", "AES-128-CBC,00", make([]byte, 17<<10)), "too much: a private key of 17408 bytes, where RSA of 16384 bits has fewer than 16384"},
		{"encrypted twice", headed("ENCRYPTED PRIVATE KEY", "AES-128-CBC,00", derOf(recipe{}.encoded(t))), "block 1 has header lines, for which Go passes over it or OpenSSL refuses it; take them out"},
		{"two with headers", join(headed("RSA PRIVATE KEY", "x", nil), m.key), "wanted a private key, found 2 of them"},
		{"headers, no DEK-Info", inner("RSA PRIVATE KEY", make([]byte, 16), map[string]string{"Proc-Type": "4,ENCRYPTED"}), "wanted AES or triple DES in CBC mode in DEK-Info, found another cipher" + anew},
		{"headers, a short IV", headed("RSA PRIVATE KEY", "AES-128-CBC,0011", make([]byte, 16)), "DEK-Info holds no initialization vector of its cipher; the file is damaged"},
		{"headers, no IV", headed("RSA PRIVATE KEY", "AES-128-CBC", make([]byte, 16)), "DEK-Info holds no initialization vector of its cipher; the file is damaged"},
		{"headers, no text", headed("RSA PRIVATE KEY", "DES-EDE3-CBC,0011223344556677", nil), cutShort},
		{"headers, a piece of a block", headed("RSA PRIVATE KEY", "DES-EDE3-CBC,0011223344556677", make([]byte, 9)), cutShort},
	} {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			assertRefused(t, tc.data, mustNotAsk(t), tc.want)
			assert.Less(t, time.Since(start), time.Second)
		})
	}
}

// TestEncryptionInBounds: what is just allowed takes seconds at the most, and no more memory than is said.
func TestEncryptionInBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, r := range map[string]recipe{
		"PBKDF2, SHA-1, 10,000,000 iterations": {numbers: []uint64{10_000_000}},
		"scrypt, the most memory":              {kdf: oidScrypt, numbers: []uint64{1 << 17, 8, 8}},
		"scrypt, one large block":              {kdf: oidScrypt, numbers: []uint64{1 << 8, 1 << 12, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, _, err := certset.ParseKeyWith(r.encoded(t), answer(secret))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			assert.Equal(t, certset.ErrPassphrase, err)
			assert.Less(t, took, time.Minute)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(140<<20))
			t.Logf("%v, %d MiB", took, (after.TotalAlloc-before.TotalAlloc)>>20)
		})
	}
}

// TestKeyLength: a keyLength that is the cipher's changes nothing, which the library by itself would stumble over.
func TestKeyLength(t *testing.T) {
	for name, r := range map[string]recipe{
		"PBKDF2": {keyLength: 32, prf: "1.2.840.113549.2.9"}, "scrypt": {kdf: oidScrypt, numbers: []uint64{16, 1, 1}, keyLength: 32},
	} {
		_, _, err := certset.ParseKeyWith(r.encoded(t), answer(secret))
		assert.Equal(t, certset.ErrPassphrase, err, name)
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
		// Half of the inputs are taken for the DER alone, which no change to the base64 would reach.
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

func oid(t testing.TB, text string) asn1.ObjectIdentifier {
	t.Helper()
	var id asn1.ObjectIdentifier
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(part)
		require.NoError(t, err)
		id = append(id, n)
	}
	return id
}
