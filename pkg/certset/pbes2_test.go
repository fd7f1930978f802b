package certset_test

import (
	"encoding/asn1"
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
)

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
