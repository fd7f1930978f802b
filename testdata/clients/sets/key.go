package sets

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// key is a key pair. One that Go declines to use has no signer.
type key struct {
	signer crypto.Signer
	public []byte // SubjectPublicKeyInfo
	pem    []byte // PKCS#8
}

var curves = map[string]elliptic.Curve{
	"ec-p224": elliptic.P224(), "ec-p256": elliptic.P256(), "ec-p384": elliptic.P384(), "ec-p521": elliptic.P521(),
}

func newKey(kind string) (key, error) {
	if kind == "rsa-512" {
		return opensslKey("RSA", "rsa_keygen_bits:512")
	}
	signer, err := newSigner(kind)
	if err != nil {
		return key{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return key{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(signer)
	return key{signer, public, block("PRIVATE KEY", private)}, err
}

func newSigner(kind string) (crypto.Signer, error) {
	if curve, ok := curves[kind]; ok {
		return ecdsa.GenerateKey(curve, rand.Reader)
	}
	if kind == "ed25519" {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	bits, err := strconv.Atoi(strings.TrimPrefix(kind, "rsa-"))
	if err != nil {
		return nil, fmt.Errorf("no kind of key: %q", kind)
	}
	return rsa.GenerateKey(rand.Reader, bits)
}

func opensslKey(algorithm, option string) (key, error) {
	private, err := exec.Command("openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option).Output() //nolint:gosec // the programs and the files are those of a test
	if err != nil {
		return key{}, err
	}
	cmd := exec.Command("openssl", "pkey", "-pubout", "-outform", "DER")
	cmd.Stdin = strings.NewReader(string(private))
	public, err := cmd.Output()
	return key{nil, public, private}, err
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
