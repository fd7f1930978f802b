package certset

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
)

// derForm is what DER can be, with the PEM type that it has as PEM and the command that makes it so.
type derForm struct {
	kind   string
	is     func([]byte) bool
	wayOut string
}

// pkcs8 is RFC 5958's OneAsymmetricKey, as far as it is needed.
type pkcs8 struct {
	Version   int
	Algorithm struct {
		ID         asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	Key  []byte
	Rest asn1.RawValue `asn1:"optional"`
}

// The forms of DER, the likelier ones first. openssl pkey opens its output before it reads, so that it needs another file.
var derForms = []derForm{
	{pemCertificate, func(der []byte) bool { return parses[certificateInfo](der) }, "openssl x509 -inform DER -in FILE -out FILE"},
	{pemRequest, func(der []byte) bool { return parses[requestInfo](der) }, "openssl req -inform DER -in FILE -out FILE"},
	{pemPrivateKey, isPKCS8, pkeyDER},
	{pemRSAKey, parses[pkcs1Key], pkeyDER},
	{pemECKey, isSEC1, pkeyDER},
	{pemEncryptedKey, isEncryptedPKCS8, pkeyDER},
	{pemPublicKey, parses[publicKeyInfo], ""},
	{"X509 CRL", func(der []byte) bool { _, err := x509.ParseRevocationList(der); return err == nil }, ""},
}

const pkeyDER = "openssl pkey -inform DER -in FILE -out NEW"

type (
	// pkcs1Key is RFC 8017's RSAPrivateKey, A.1.2, with its numbers raw.
	pkcs1Key struct {
		Version                     int
		N, E, D, P, Q, Dp, Dq, Qinv asn1.RawValue
		More                        asn1.RawValue `asn1:"optional"`
	}
	// sec1Key is RFC 5915's ECPrivateKey.
	sec1Key struct {
		Version    int
		Key        []byte
		Parameters asn1.RawValue `asn1:"optional,explicit,tag:0"`
		Public     asn1.RawValue `asn1:"optional,explicit,tag:1"`
	}
	// encryptedPKCS8 is RFC 5958's EncryptedPrivateKeyInfo.
	encryptedPKCS8 struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key []byte
	}
)

func parses[T any](der []byte) bool {
	var into T
	return unmarshal(der, &into) == nil
}

func isPKCS8(der []byte) bool {
	var key pkcs8
	return unmarshal(der, &key) == nil && len(key.Algorithm.ID) > 0
}

func isSEC1(der []byte) bool {
	var key sec1Key
	return unmarshal(der, &key) == nil && key.Version == 1
}

func isEncryptedPKCS8(der []byte) bool { return parses[encryptedPKCS8](der) }

// formOf returns what DER is, or nil.
func formOf(der []byte) *derForm {
	if len(der) == 0 || der[0] != derSequence {
		return nil
	}
	for i := range derForms {
		if derForms[i].is(der) {
			return &derForms[i]
		}
	}
	return nil
}

const derSequence = 0x30

// foreignForms are what a file without PEM blocks can be besides DER.
var foreignForms = []struct {
	is           func([]byte) bool
	what, wayOut string
}{
	{starts("\xff\xfe", "\xfe\xff", "-\x00", "\x00-"), "UTF-16, as PowerShell's > writes it", "save it as ASCII: Out-File -Encoding ascii"},
	{starts("\xfe\xed\xfe\xed", "\xce\xce\xce\xce"), "a Java key store", "keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 makes PKCS#12 of it"},
	{contains("\x02\x01\x03\x30", "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), "PKCS#12 (.pfx, .p12)", "openssl pkcs12 -in FILE -nodes -out NEW takes it apart"},
	{contains("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), "PKCS#7 (.p7b)", "openssl pkcs7 -inform DER -print_certs -in FILE -out NEW"},
	{starts("\x30"), "DER of another kind, or damaged", ""},
	{starts("LS0tLS1CRUdJTi"), "base64 of PEM, as it stands in a Kubernetes Secret", "base64 -d FILE > NEW"},
	{starts("ssh-", "ecdsa-sha2-"), "a public key of SSH", ""},
	{starts("PuTTY-User-Key-File"), "a private key in PuTTY's form", "PuTTYgen exports it as OpenSSH key"},
	{starts("-----BEGIN", "---- BEGIN", "--BEGIN"), "a -----BEGIN line that is not right", "wanted five hyphens on both sides, and line breaks"},
	{func(data []byte) bool { return bytes.IndexByte(data, 0) >= 0 }, "binary data of an unknown kind", ""},
}

func starts(prefixes ...string) func([]byte) bool {
	return func(data []byte) bool {
		for _, p := range prefixes {
			if bytes.HasPrefix(data, []byte(p)) {
				return true
			}
		}
		return false
	}
}

// contains looks for parts near the beginning of something in DER or BER.
func contains(parts ...string) func([]byte) bool {
	const head = 64
	return func(data []byte) bool {
		if data[0] != derSequence {
			return false
		}
		for _, p := range parts {
			if !bytes.Contains(data[:min(head, len(data))], []byte(p)) {
				return false
			}
		}
		return true
	}
}

// foreign says what a file without PEM blocks is. It is not empty.
func foreign(data []byte, want wanted) error {
	if form := formOf(data); form != nil {
		err := fmt.Errorf("wanted PEM (-----BEGIN %s-----), found DER of %s", want.kind, kindName(form.kind))
		if form.wayOut != "" && kindName(form.kind) == want.name {
			err = fmt.Errorf("%w; convert it: %s", err, form.wayOut)
		}
		return err
	}
	for _, f := range foreignForms {
		if !f.is(data) {
			continue
		}
		if f.wayOut == "" {
			return fmt.Errorf("wanted PEM (-----BEGIN %s-----), found %s", want.kind, f.what)
		}
		return fmt.Errorf("wanted PEM (-----BEGIN %s-----), found %s; %s", want.kind, f.what, f.wayOut)
	}
	return fmt.Errorf("wanted PEM (-----BEGIN %s-----), found none", want.kind)
}
