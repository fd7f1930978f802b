package certset

import (
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	youmark "github.com/youmark/pkcs8"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// ErrPassphrase is what is wrong with a pass phrase that does not decrypt a key.
var ErrPassphrase = errors.New("the pass phrase is wrong")

// How a key is encrypted.
const (
	writtenIterations = 600_000 // OWASP's Password Storage Cheat Sheet, for PBKDF2 with HMAC-SHA-256
	writtenSalt       = 16      // bytes, NIST SP 800-132, 5.1
)

// decrypter decrypts a key whose parameters have been checked, so that only the pass phrase can be wrong.
type decrypter func(passphrase []byte) ([]byte, error)

// ParseKeyWith reads a PEM file of one private key, as ParseKey does, and encrypted ones besides: PKCS#8 with PBES2 (RFC 8018,
// 6.2; PBKDF2 with SHA-1 or SHA-256, or scrypt; AES or triple DES in CBC mode), and OpenSSL's older form with header lines
// (PEM_read_PrivateKey(3)). The pass phrase is asked for where the key is encrypted and can be decrypted, and its error is
// returned as it is; one that is wrong is ErrPassphrase. Keys that would take more than some seconds or 128 MiB are ErrTooMuch.
func ParseKeyWith(data []byte, passphrase func() ([]byte, error)) (crypto.Signer, []string, error) {
	b, remarks, err := singleBlock(data, wantKey)
	if errors.Is(err, ErrEncrypted) {
		b, remarks, err = headedKey(data)
	}
	if err != nil {
		return nil, nil, err
	}
	if b, err = b.decrypted(passphrase); err != nil {
		return nil, nil, err
	}
	key, err := b.key()
	if errors.Is(err, ErrEncrypted) {
		err = fmt.Errorf("the block says %s and holds an encrypted key, which belongs into %s", b.kind, pemEncryptedKey)
	}
	return key, remarks, err
}

// headedKey returns the only key of a file in which header lines tell of encryption.
func headedKey(data []byte) (found block, remarks []string, err error) {
	s, err := scan(data)
	if err != nil {
		return block{}, nil, err
	}
	keys := 0
	for _, b := range s.blocks {
		if kindName(b.kind) == wantKey.name {
			found = b
			keys++
		} else if remark, err := b.besides(wantKey); err != nil {
			return block{}, nil, err
		} else if remark != "" {
			s.remarks = append(s.remarks, remark)
		}
	}
	switch {
	case keys != 1:
		err = fmt.Errorf("wanted %s, found %d of them", wantKey.name, keys)
	case found.kind == pemEncryptedKey: // encrypted twice, which nobody reads
		err = found.checkHeaders(wantCertificate)
	}
	return found, s.remarks, err
}

// decrypted returns the block as it would be without encryption.
func (b block) decrypted(passphrase func() ([]byte, error)) (block, error) {
	var (
		decrypt decrypter
		err     error
		kind    = b.kind
	)
	switch {
	case len(b.der) > mostKey:
		return b, fmt.Errorf("%w: a private key of %d bytes, where RSA of 16384 bits has fewer than %d", ErrTooMuch, len(b.der), mostKey)
	case b.kind == pemEncryptedKey:
		kind = pemPrivateKey
		decrypt, err = b.readPBES2()
	case len(b.headers) > 0 && keyForms[b.kind].parse != nil:
		decrypt, err = b.readHeaders()
	default:
		return b, nil
	}
	if err != nil {
		return b, err
	}
	secret, err := passphrase()
	if err != nil {
		return b, err
	}
	plain, err := decrypt(secret)
	// The padding of what a wrong pass phrase makes is right once in 256 times; the length of the DER tells.
	if err == nil && !isSequence(plain) {
		err = ErrPassphrase
	}
	return block{kind: kind, number: b.number, der: plain}, err
}

func isSequence(text []byte) bool {
	s := cryptobyte.String(text)
	return s.SkipASN1(der.SEQUENCE) && s.Empty()
}

// EncryptKey writes a private key as PEM: PKCS#8, encrypted with AES-256-CBC under a key that PBKDF2 with HMAC-SHA-256 makes of
// the pass phrase in 600,000 iterations (RFC 8018, PBES2). OpenSSL 1.1 and later read it. An empty pass phrase is an error.
func EncryptKey(key crypto.Signer, passphrase []byte) ([]byte, error) {
	if len(passphrase) == 0 {
		return nil, errors.New("the pass phrase is empty")
	}
	encrypted, err := youmark.MarshalPrivateKey(key, passphrase, &youmark.Opts{
		Cipher:  youmark.AES256CBC,
		KDFOpts: youmark.PBKDF2Opts{SaltSize: writtenSalt, IterationCount: writtenIterations, HMACHash: crypto.SHA256},
	})
	if err != nil {
		return nil, err
	}
	return encode(pemEncryptedKey, encrypted), nil
}

// headerCiphers are those of DEK-Info that crypto/x509 knows, and the length of their blocks.
var headerCiphers = map[string]int{"DES-CBC": 8, "DES-EDE3-CBC": 8, "AES-128-CBC": 16, "AES-192-CBC": 16, "AES-256-CBC": 16}

// readHeaders reads how a block in OpenSSL's older form is encrypted.
func (b block) readHeaders() (decrypter, error) {
	name, digits, _ := strings.Cut(b.headers["DEK-Info"], ",")
	size := headerCiphers[name]
	if size == 0 {
		return nil, anew(errors.New("wanted AES or triple DES in CBC mode in DEK-Info, found another cipher"))
	}
	if iv, err := hex.DecodeString(digits); err != nil || len(iv) != size {
		return nil, errors.New("DEK-Info holds no initialization vector of its cipher; the file is damaged")
	}
	if !isBlocks(b.der, size) {
		return nil, errCutShort()
	}
	return func(passphrase []byte) ([]byte, error) {
		//nolint:staticcheck // the form is insecure by design, and what older OpenSSL wrote; it is only read
		plain, err := x509.DecryptPEMBlock(&pem.Block{Type: b.kind, Headers: b.headers, Bytes: b.der}, passphrase)
		if err != nil {
			return nil, ErrPassphrase
		}
		return plain, nil
	}, nil
}

func isBlocks(data []byte, size int) bool { return len(data) > 0 && len(data)%size == 0 }

func errCutShort() error { return errors.New("the encrypted key is cut short or damaged") }

// anew adds the way out of an encryption that is not read.
func anew(err error) error {
	return fmt.Errorf("%w; encrypt it anew: openssl pkcs8 -topk8 -in FILE -out NEW", err)
}
