package certset

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"fmt"
	"math"
	"math/big"

	youmark "github.com/youmark/pkcs8"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// How much is done to decrypt a key: whoever made the file could have asked for hours and for any amount of memory.
const (
	mostIterations = 10_000_000
	mostSalt       = 1 << 10 // bytes
	mostScryptCell = 1 << 20 // N·r, of 128 bytes each: 128 MiB; OpenSSL itself does 32 MiB
	mostScryptLane = 1 << 12 // r·p, of 128 bytes each: half a MiB
	mostScryptWork = 1 << 23 // N·r·p, of 128 bytes each: 1 GiB
)

// pbes2 is how a key is encrypted, RFC 8018, A.4. The library takes its numbers as they come: it panics at an initialization
// vector or a text of the wrong length, takes any memory and any time, and takes a keyLength for the end of the parameters. So
// it is only handed what has been checked here.
type pbes2 struct {
	derive   youmark.KDFOpts
	salt     []byte
	cipher   youmark.Cipher
	iv, text []byte
}

// OIDs of RFC 8018, A and B, and of RFC 7914, 7.
const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
	oidScrypt = "1.3.6.1.4.1.11591.4.11"
)

// readPBES2 reads EncryptedPrivateKeyInfo, RFC 5958, 3.
func (b block) readPBES2() (decrypter, error) {
	var (
		e                    pbes2
		info, text, schemes  cryptobyte.String
		scheme, kdf, ciphers algorithm
		in                   = cryptobyte.String(b.der)
	)
	if !in.ReadASN1(&info, der.SEQUENCE) || !in.Empty() || !scheme.read(&info) ||
		!info.ReadASN1(&text, der.OCTET_STRING) || !info.Empty() {
		return nil, b.refusedEncrypted()
	}
	if scheme.id != oidPBES2 {
		return nil, anew(fmt.Errorf("wanted a key encrypted with PBES2, found %s", encryptionName(scheme.id)))
	}
	if !scheme.parameters.ReadASN1(&schemes, der.SEQUENCE) || !scheme.parameters.Empty() ||
		!kdf.read(&schemes) || !ciphers.read(&schemes) || !schemes.Empty() {
		return nil, errParameters("PBES2")
	}
	if err := e.readCipher(ciphers, text); err != nil {
		return nil, err
	}
	if err := e.readKDF(kdf); err != nil {
		return nil, err
	}
	return e.decrypt, nil
}

// refusedEncrypted says what is in a block that holds no encrypted key.
func (b block) refusedEncrypted() error {
	if form := formOf(b.der); form != nil && form.kind != pemEncryptedKey {
		return b.refused()
	}
	return fmt.Errorf("the PEM block %q holds no encrypted key that can be read", b.kind)
}

func errParameters(of string) error {
	return fmt.Errorf("the parameters of %s cannot be read; the file is damaged", of)
}

func (e pbes2) decrypt(passphrase []byte) ([]byte, error) {
	key, _, err := e.derive.DeriveKey(passphrase, e.salt, e.cipher.KeySize())
	if err != nil {
		return nil, err
	}
	plain, err := e.cipher.Decrypt(key, e.iv, e.text)
	if err != nil {
		return nil, err
	}
	return unpad(plain, e.cipher.IVSize())
}

// unpad takes away the padding of CBC-Pad, RFC 8018, B.2.5, which the library leaves.
func unpad(plain []byte, size int) ([]byte, error) {
	last := plain[len(plain)-1:]
	n := int(last[0])
	if n < 1 || n > size || n > len(plain) || bytes.Count(plain[len(plain)-n:], last) != n {
		return nil, ErrPassphrase
	}
	return plain[:len(plain)-n], nil
}

// readCipher reads the cipher and checks the text that it is for. In CBC mode blocks are as long as the initialization vector.
func (e *pbes2) readCipher(a algorithm, text []byte) error {
	for _, c := range []youmark.Cipher{youmark.AES256CBC, youmark.AES192CBC, youmark.AES128CBC, youmark.TripleDESCBC} {
		if c.OID().String() == a.id {
			e.cipher = c
		}
	}
	if e.cipher == nil {
		return anew(fmt.Errorf("wanted a key encrypted with AES or triple DES in CBC mode, found %s", encryptionName(a.id)))
	}
	var iv cryptobyte.String
	if !a.parameters.ReadASN1(&iv, der.OCTET_STRING) || !a.parameters.Empty() || len(iv) != e.cipher.IVSize() {
		return errParameters("the cipher")
	}
	if !isBlocks(text, len(iv)) {
		return errCutShort()
	}
	e.iv, e.text = iv, text
	return nil
}

// readKDF reads how the key is derived, once the cipher is known.
func (e *pbes2) readKDF(a algorithm) error {
	var in, salt cryptobyte.String
	read, name := e.readPBKDF2, "PBKDF2"
	switch a.id {
	case oidPBKDF2:
	case oidScrypt:
		read, name = e.readScrypt, "scrypt"
	default:
		return anew(fmt.Errorf("wanted a key derived with PBKDF2 or scrypt, found %s", encryptionName(a.id)))
	}
	if !a.parameters.ReadASN1(&in, der.SEQUENCE) || !a.parameters.Empty() ||
		!in.ReadASN1(&salt, der.OCTET_STRING) || len(salt) == 0 {
		return errParameters(name)
	}
	if len(salt) > mostSalt {
		return anew(fmt.Errorf("%w: a salt of more than %d bytes", ErrTooMuch, mostSalt))
	}
	e.salt = salt
	return read(in)
}

// readPBKDF2 reads PBKDF2-params, RFC 8018, A.2, behind the salt.
func (e *pbes2) readPBKDF2(in cryptobyte.String) error {
	iterations, ok := readNumber(&in)
	if !ok || iterations < 1 || !e.readKeyLength(&in) {
		return errParameters("PBKDF2")
	}
	if iterations > mostIterations {
		return anew(fmt.Errorf("%w: more than %d iterations of PBKDF2", ErrTooMuch, mostIterations))
	}
	const sha1, sha256 = "1.2.840.113549.2.7", "1.2.840.113549.2.9"
	prf := algorithm{id: sha1}
	if !in.Empty() && (!prf.read(&in) || !prf.parametersNull() || !in.Empty()) {
		return errParameters("PBKDF2")
	}
	hash, ok := map[string]crypto.Hash{sha1: crypto.SHA1, sha256: crypto.SHA256}[prf.id]
	if !ok {
		return anew(fmt.Errorf("wanted PBKDF2 with hmacWithSHA256 or hmacWithSHA1, found %s", encryptionName(prf.id)))
	}
	e.derive = youmark.PBKDF2Opts{IterationCount: int(iterations), HMACHash: hash}
	return nil
}

// readScrypt reads scrypt-params, RFC 7914, 7.1, behind the salt.
func (e *pbes2) readScrypt(in cryptobyte.String) error {
	var n [3]int64
	for i := range n {
		var ok bool
		if n[i], ok = readNumber(&in); !ok || n[i] < 1 {
			return errParameters("scrypt")
		}
	}
	cost, size, lanes := n[0], n[1], n[2]
	if !e.readKeyLength(&in) || !in.Empty() || cost < 2 || cost&(cost-1) != 0 {
		return errParameters("scrypt")
	}
	// One after the other, so that no product overflows.
	if max(cost, size, lanes) > mostScryptCell || cost*size > mostScryptCell || size*lanes > mostScryptLane || cost*size*lanes > mostScryptWork {
		return anew(fmt.Errorf("%w: scrypt that takes more than 128 MiB of memory or hashes more than 1 GiB", ErrTooMuch))
	}
	e.derive = youmark.ScryptOpts{CostParameter: int(cost), BlockSize: int(size), ParallelizationParameter: int(lanes)}
	return nil
}

// readKeyLength reads the length of the derived key, which may be left out, and wants it to be the cipher's.
func (e *pbes2) readKeyLength(in *cryptobyte.String) bool {
	if !in.PeekASN1Tag(der.INTEGER) {
		return true
	}
	length, ok := readNumber(in)
	return ok && length == int64(e.cipher.KeySize())
}

// readNumber reads an INTEGER. One that is too large for an int64 is the largest of them, or, below zero, the least.
func readNumber(in *cryptobyte.String) (int64, bool) {
	n := new(big.Int)
	switch ok := in.ReadASN1Integer(n); {
	case !ok:
		return 0, false
	case n.IsInt64():
		return n.Int64(), true
	case n.Sign() < 0:
		return math.MinInt64, true
	}
	return math.MaxInt64, true
}

// algorithm is RFC 5280's AlgorithmIdentifier, 4.1.1.2.
type algorithm struct {
	id         string
	parameters cryptobyte.String // whatever is behind the OID
}

func (a *algorithm) read(in *cryptobyte.String) bool {
	var id asn1.ObjectIdentifier
	ok := in.ReadASN1(&a.parameters, der.SEQUENCE) && a.parameters.ReadASN1ObjectIdentifier(&id)
	a.id = id.String()
	return ok
}

// parametersNull tells whether there are no parameters, or NULL.
func (a *algorithm) parametersNull() bool {
	return a.parameters.Empty() || bytes.Equal(a.parameters, []byte{byte(der.NULL), 0})
}

// encryptionNames are what keys are encrypted with and not decrypted here, by OID, as OpenSSL calls them.
var encryptionNames = map[string]string{
	"1.2.840.113549.1.5.1":    "pbeWithMD2AndDES-CBC",
	"1.2.840.113549.1.5.3":    "pbeWithMD5AndDES-CBC",
	"1.2.840.113549.1.5.4":    "pbeWithMD2AndRC2-CBC",
	"1.2.840.113549.1.5.6":    "pbeWithMD5AndRC2-CBC",
	"1.2.840.113549.1.5.10":   "pbeWithSHA1AndDES-CBC",
	"1.2.840.113549.1.5.11":   "pbeWithSHA1AndRC2-CBC",
	"1.2.840.113549.1.5.14":   "PBMAC1",
	"1.2.840.113549.1.12.1.1": "pbeWithSHA1And128BitRC4",
	"1.2.840.113549.1.12.1.2": "pbeWithSHA1And40BitRC4",
	"1.2.840.113549.1.12.1.3": "pbeWithSHA1And3-KeyTripleDES-CBC",
	"1.2.840.113549.1.12.1.4": "pbeWithSHA1And2-KeyTripleDES-CBC",
	"1.2.840.113549.1.12.1.5": "pbeWithSHA1And128BitRC2-CBC",
	"1.2.840.113549.1.12.1.6": "pbeWithSHA1And40BitRC2-CBC",

	"1.2.840.113549.2.6":      "hmacWithMD5",
	"1.2.840.113549.2.8":      "hmacWithSHA224",
	"1.2.840.113549.2.10":     "hmacWithSHA384",
	"1.2.840.113549.2.11":     "hmacWithSHA512",
	"1.2.840.113549.2.12":     "hmacWithSHA512-224",
	"1.2.840.113549.2.13":     "hmacWithSHA512-256",
	"2.16.840.1.101.3.4.2.13": "hmac-sha3-224",
	"2.16.840.1.101.3.4.2.14": "hmac-sha3-256",
	"2.16.840.1.101.3.4.2.15": "hmac-sha3-384",
	"2.16.840.1.101.3.4.2.16": "hmac-sha3-512",

	"1.3.14.3.2.7":              "des-cbc",
	"1.2.840.113549.3.2":        "rc2-cbc",
	"2.16.840.1.101.3.4.1.6":    "aes-128-gcm",
	"2.16.840.1.101.3.4.1.26":   "aes-192-gcm",
	"2.16.840.1.101.3.4.1.46":   "aes-256-gcm",
	"2.16.840.1.101.3.4.1.43":   "aes-256-ofb",
	"2.16.840.1.101.3.4.1.44":   "aes-256-cfb",
	"1.2.410.200046.1.1.2":      "aria-128-cbc",
	"1.2.410.200046.1.1.7":      "aria-192-cbc",
	"1.2.410.200046.1.1.12":     "aria-256-cbc",
	"1.2.392.200011.61.1.1.1.2": "camellia-128-cbc",
	"1.2.392.200011.61.1.1.1.3": "camellia-192-cbc",
	"1.2.392.200011.61.1.1.1.4": "camellia-256-cbc",
	"1.2.410.200004.1.4":        "seed-cbc",
	"1.2.156.10197.1.104.2":     "sm4-cbc",
}

func encryptionName(oid string) string {
	if name, ok := encryptionNames[oid]; ok {
		return name
	}
	return "OID " + shortOID(oid)
}
