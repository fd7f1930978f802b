package certset

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// The kinds of PEM blocks, RFC 7468, and OpenSSL's older ones.
const (
	pemCertificate  = "CERTIFICATE"
	pemRequest      = "CERTIFICATE REQUEST"
	pemNewRequest   = "NEW CERTIFICATE REQUEST"
	pemPrivateKey   = "PRIVATE KEY"
	pemRSAKey       = "RSA PRIVATE KEY"
	pemECKey        = "EC PRIVATE KEY"
	pemEncryptedKey = "ENCRYPTED PRIVATE KEY"
	pemPublicKey    = "PUBLIC KEY"
	pemParameters   = "EC PARAMETERS"
	pemOldName      = "X509 CERTIFICATE"
	pemTrusted      = "TRUSTED CERTIFICATE"
)

// wanted is what a file is to hold: its name in a message, the usual kind of PEM block.
type wanted struct{ name, kind string }

var (
	wantCertificate = wanted{"a certificate", pemCertificate}
	wantRequest     = wanted{"a certification request", pemRequest}
	wantKey         = wanted{"a private key", pemPrivateKey}
)

// kindNames are what is in blocks of a kind. Private keys of all kinds are in kindName.
var kindNames = map[string]string{
	pemCertificate:   wantCertificate.name,
	pemRequest:       wantRequest.name,
	pemNewRequest:    wantRequest.name,
	pemOldName:       "a certificate under its old name",
	pemTrusted:       "a certificate in OpenSSL's own form",
	pemPublicKey:     "a public key",
	"RSA PUBLIC KEY": "a public key",
	pemParameters:    "the parameters of a curve",
	"DH PARAMETERS":  "Diffie-Hellman parameters",
	"X509 CRL":       "a revocation list",
	"PKCS7":          "PKCS#7",
	"CMS":            "PKCS#7",
}

// kindWaysOut are commands that make what is wanted of such a block.
var kindWaysOut = map[string]string{
	pemOldName: "Go passes over it; openssl x509 -in FILE -out FILE renames it",
	pemTrusted: "Go passes over it; openssl x509 -in FILE -out FILE converts it",
	"PKCS7":    "openssl pkcs7 -print_certs -in FILE -out NEW",
	"CMS":      "openssl pkcs7 -print_certs -in FILE -out NEW",
}

func kindName(kind string) string {
	if name, ok := kindNames[kind]; ok {
		return name
	}
	if strings.HasSuffix(kind, pemPrivateKey) {
		return wantKey.name
	}
	return quoteKind(kind)
}

// found says what is in a block, and how that begins.
func (b block) found() string {
	begin := fmt.Sprintf("-----BEGIN %s-----", label(b.kind))
	if name := kindName(b.kind); name != quoteKind(b.kind) {
		return name + " (" + begin + ")"
	}
	return begin
}

// ErrKeyBeside is what is wrong with a file of certificates that a private key is in too.
var ErrKeyBeside = errors.New("a private key, which does not belong into a file that is given away; take it out")

// wantedBlocks returns the blocks of the file that are wanted. Others beside them are remarked, as every reader passes over
// them, but for a private key where none belongs.
func wantedBlocks(data []byte, want wanted) ([]block, []string, error) {
	s, err := scan(data)
	if err != nil {
		return nil, nil, err
	}
	if len(s.blocks) == 0 {
		return nil, nil, foreign(data, want)
	}
	var found, others []block
	for _, b := range s.blocks {
		if kindName(b.kind) == want.name {
			found = append(found, b)
		} else {
			others = append(others, b)
		}
	}
	if len(found) == 0 {
		return nil, nil, wrongKind(others[0], want)
	}
	var beside error
	for _, b := range others {
		remark, err := b.besides(want)
		switch {
		case errors.Is(err, ErrKeyBeside):
			beside = cmp.Or(beside, err)
		case err != nil:
			return nil, nil, err
		case remark != "":
			s.remarks = append(s.remarks, remark)
		}
	}
	for _, b := range found {
		if err := b.checkHeaders(want); err != nil {
			return nil, nil, err
		}
	}
	return found, s.remarks, beside
}

func wrongKind(b block, want wanted) error {
	err := fmt.Errorf("wanted %s, found %s", want.name, b.found())
	if wayOut := kindWaysOut[b.kind]; wayOut != "" && want == wantCertificate {
		err = fmt.Errorf("%w; %s", err, wayOut)
	}
	return err
}

// besides judges a block that stands beside what is wanted.
func (b block) besides(want wanted) (remark string, err error) {
	switch {
	case kindName(b.kind) == wantKey.name:
		return "", fmt.Errorf("block %d is %w", b.number, ErrKeyBeside)
	case kindWaysOut[b.kind] != "" && want == wantCertificate:
		return "", fmt.Errorf("block %d: %w", b.number, wrongKind(b, want))
	case b.kind == pemParameters && want == wantKey:
		return "", nil // openssl ecparam -genkey writes the curve before the key, which names it again
	}
	return fmt.Sprintf("block %d is %s, which is passed over", b.number, kindName(b.kind)), nil
}

// ErrEncrypted is what is wrong with a private key that needs a pass phrase.
var ErrEncrypted = errors.New("the private key is encrypted")

func errEncrypted() error {
	return fmt.Errorf("%w; decrypt it: openssl pkey -in FILE -out NEW", ErrEncrypted)
}

// checkHeaders refuses lines such as "Proc-Type: 4,ENCRYPTED" in a block: crypto/x509.CertPool passes over a certificate
// with such lines, and OpenSSL refuses any that do not tell of encryption.
func (b block) checkHeaders(want wanted) error {
	switch {
	case len(b.headers) == 0:
		return nil
	case want == wantKey && strings.Contains(b.headers["Proc-Type"], "ENCRYPTED"):
		return errEncrypted()
	}
	return fmt.Errorf("block %d has header lines, for which Go passes over it or OpenSSL refuses it; take them out", b.number)
}

// ParseCertificates reads a PEM file of one or several certificates, in their order. Remarks tell of what is odd in it and
// of no harm to any reader. An error says what the file is instead; it quotes nothing from a block.
func ParseCertificates(data []byte) (certs []*Certificate, remarks []string, err error) {
	blocks, remarks, beside := wantedBlocks(data, wantCertificate)
	if beside != nil && !errors.Is(beside, ErrKeyBeside) {
		return nil, nil, beside
	}
	first := map[string]int{}
	for i, b := range blocks {
		c, err := parseBlock(b, ParseCertificate)
		if err != nil {
			return nil, nil, ofSeveral(blocks, b, err)
		}
		if n, ok := first[string(c.Raw)]; ok {
			remarks = append(remarks, fmt.Sprintf("certificate %d is certificate %d once more", i+1, n))
		} else {
			first[string(c.Raw)] = i + 1
		}
		certs = append(certs, c)
	}
	return certs, remarks, beside
}

// parseBlock parses the DER of a block. Where that is something else in good order, the error says so.
func parseBlock[T any](b block, parse func([]byte) (T, error)) (T, error) {
	parsed, err := parse(b.der)
	if form := formOf(b.der); err != nil && form != nil && kindName(form.kind) != kindName(b.kind) {
		return parsed, fmt.Errorf("the block says %s and holds %s", b.kind, kindName(form.kind))
	}
	return parsed, err
}

// ofSeveral names the block where there are others.
func ofSeveral(blocks []block, b block, err error) error {
	if len(blocks) == 1 {
		return err
	}
	return fmt.Errorf("block %d: %w", b.number, err)
}

// parseRequestPEM reads a PEM file of one certification request.
func parseRequestPEM(data []byte) (*Request, []string, error) {
	b, remarks, err := singleBlock(data, wantRequest)
	if err != nil {
		return nil, nil, err
	}
	r, err := parseBlock(b, ParseRequest)
	return r, remarks, err
}

func singleBlock(data []byte, want wanted) (block, []string, error) {
	blocks, remarks, err := wantedBlocks(data, want)
	if err == nil && len(blocks) > 1 {
		err = fmt.Errorf("wanted %s, found %d of them", want.name, len(blocks))
	}
	if err != nil {
		return block{}, nil, err
	}
	return blocks[0], remarks, nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// EncodeCertificates writes certificates as a PEM file, in their order.
func EncodeCertificates(certs []*Certificate) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, encode(pemCertificate, c.Raw)...)
	}
	return out
}

// EncodeRequest writes a request as a PEM file.
func EncodeRequest(r *Request) []byte { return encode(pemRequest, r.Raw) }

func encodeKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return encode(pemPrivateKey, der), nil
}

// describeKey names the kind of a public key.
func describeKey(key any) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("rsa-%d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return fmt.Sprintf("ec-p%d", key.Curve.Params().BitSize)
	case ed25519.PublicKey:
		return "ed25519"
	}
	return "unknown key"
}
