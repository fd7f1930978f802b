package certset

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// The kinds of PEM blocks, RFC 7468.
const (
	pemCertificate = "CERTIFICATE"
	pemRequest     = "CERTIFICATE REQUEST"
	pemPrivateKey  = "PRIVATE KEY"
)

// oneBlock returns the single PEM block of a file, which is to be of one of the kinds.
func oneBlock(data []byte, kinds ...string) (*pem.Block, error) {
	block, rest := pem.Decode(data)
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("the file is empty")
	case block == nil && len(data) > 0 && data[0] == 0x30:
		return nil, fmt.Errorf("wanted PEM (-----BEGIN %s-----), found DER", kinds[0])
	case block == nil:
		return nil, fmt.Errorf("wanted PEM (-----BEGIN %s-----), found none", kinds[0])
	}
	if more, _ := pem.Decode(rest); more != nil {
		return nil, fmt.Errorf("wanted one PEM block, found another one, %s, behind it", quote(more.Type))
	}
	for _, k := range kinds {
		if block.Type == k {
			return block, nil
		}
	}
	return nil, fmt.Errorf("wanted a PEM block %q, found %s", kinds[0], quote(block.Type))
}

func parseCertificatePEM(data []byte) (*Certificate, error) {
	block, err := oneBlock(data, pemCertificate, "X509 CERTIFICATE")
	if err != nil {
		return nil, err
	}
	return ParseCertificate(block.Bytes)
}

func parseRequestPEM(data []byte) (*Request, error) {
	block, err := oneBlock(data, pemRequest, "NEW CERTIFICATE REQUEST")
	if err != nil {
		return nil, err
	}
	return ParseRequest(block.Bytes)
}

var errEncrypted = errors.New("the private key is encrypted")

// parseKeyPEM reads a private key: PKCS#8, or what older OpenSSL writes (PKCS#1 for RSA, SEC 1 for EC).
func parseKeyPEM(data []byte) (crypto.Signer, error) {
	// openssl ecparam -genkey writes the curve before the key, which names it again.
	if parameters, rest := pem.Decode(data); parameters != nil && parameters.Type == "EC PARAMETERS" {
		data = rest
	}
	block, err := oneBlock(data, pemPrivateKey, "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["Proc-Type"] != "" {
		return nil, errEncrypted
	}
	key, err := parseKey(block)
	if err != nil {
		// The libraries' messages could quote the key.
		return nil, fmt.Errorf("the PEM block %q holds no private key that can be read", block.Type)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case *ecdsa.PrivateKey:
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, errors.New("wanted an RSA, EC or Ed25519 key, found another kind")
}

func parseKey(block *pem.Block) (any, error) {
	switch block.Type {
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	}
	return x509.ParsePKCS8PrivateKey(block.Bytes)
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

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
