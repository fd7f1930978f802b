package certset

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
)

// Object is what one PEM block of a file holds, or DER alone. One of Certificate, Request, Key and PublicKeyInfo is there, or
// Err says why not; an encrypted key is there by its form alone, and of parameters and the like there is but Kind.
type Object struct {
	Number int    // in the file, from 1
	Kind   string // what it is, such as "a certificate"

	Certificate *Certificate
	Request     *Request
	Key         crypto.Signer
	Form        string // of a private key: "PKCS#8", "PKCS#1" or "SEC 1"
	Encrypted   bool

	PublicKeyInfo []byte // the public key of whatever it is, in DER
	Err           error
}

// KeyHash returns the SHA-256 of the public key's SubjectPublicKeyInfo, which RFC 7469 calls its fingerprint: what belongs
// together has the same one.
func (o Object) KeyHash() [sha256.Size]byte { return sha256.Sum256(o.PublicKeyInfo) }

// ObjectOf is the object that a private key is once it is written.
func ObjectOf(key crypto.Signer) (Object, error) {
	info, err := x509.MarshalPKIXPublicKey(key.Public())
	return Object{Number: 1, Kind: wantKey.name, Key: key, Form: keyForms[pemPrivateKey].name, PublicKeyInfo: info}, err
}

// ParseObjects reads whatever there is in a file: certificates, requests, keys. Remarks and errors are those of
// ParseCertificates; DER is read too, with a remark.
func ParseObjects(data []byte) (objects []Object, remarks []string, err error) {
	s, err := scan(data)
	if err != nil {
		return nil, nil, err
	}
	if form := formOf(data); form != nil && len(s.blocks) == 0 {
		remark := "DER; Milvus and its clients want PEM"
		if form.wayOut != "" {
			remark += ": " + form.wayOut
		}
		return []Object{block{kind: form.kind, number: 1, der: data}.object()}, []string{remark}, nil
	}
	if len(s.blocks) == 0 {
		return nil, nil, foreign(data, wantCertificate)
	}
	for _, b := range s.blocks {
		objects = append(objects, b.object())
	}
	return objects, s.remarks, nil
}

// objectReaders fill an object from a block, by what it is.
var objectReaders = map[string]func(*Object, block) error{
	wantCertificate.name:    readCertificate,
	kindNames[pemOldName]:   readCertificate,
	kindNames[pemTrusted]:   readTrusted,
	wantRequest.name:        readRequest,
	wantKey.name:            readKey,
	kindNames[pemPublicKey]: readPublicKey,
}

func (b block) object() Object {
	o := Object{Number: b.number, Kind: kindName(b.kind)}
	read, ok := objectReaders[o.Kind]
	switch {
	case ok && (len(b.headers) == 0 || o.Kind == wantKey.name):
		o.Err = read(&o, b)
	case ok:
		o.Err = b.checkHeaders(wantCertificate)
	}
	return o
}

func readCertificate(o *Object, b block) (err error) {
	if o.Certificate, err = parseBlock(b, ParseCertificate); err == nil {
		o.PublicKeyInfo = o.Certificate.PublicKeyInfo
	}
	return err
}

// readTrusted reads a certificate behind which OpenSSL keeps what it is trusted for.
func readTrusted(o *Object, b block) error {
	var certificate asn1.RawValue
	if _, err := asn1.Unmarshal(b.der, &certificate); err == nil {
		b.der = certificate.FullBytes
	}
	return readCertificate(o, b)
}

func readRequest(o *Object, b block) (err error) {
	if o.Request, err = parseBlock(b, ParseRequest); err == nil {
		o.PublicKeyInfo = o.Request.PublicKeyInfo
	}
	return err
}

func readKey(o *Object, b block) (err error) {
	o.Form = keyForms[b.kind].name
	if b.kind == pemEncryptedKey {
		o.Form, o.Encrypted = keyForms[pemPrivateKey].name, true
		return nil
	}
	if err := b.checkHeaders(wantKey); err != nil {
		o.Encrypted = errors.Is(err, ErrEncrypted)
		if o.Encrypted {
			return nil
		}
		return err
	}
	if o.Key, err = b.key(); err == nil {
		o.PublicKeyInfo, err = x509.MarshalPKIXPublicKey(o.Key.Public())
	}
	return err
}

func readPublicKey(o *Object, b block) error {
	o.PublicKeyInfo = b.der
	if b.kind == pemPublicKey {
		_, err := x509.ParsePKIXPublicKey(b.der)
		return err
	}
	key, err := x509.ParsePKCS1PublicKey(b.der)
	if err == nil {
		o.PublicKeyInfo, err = x509.MarshalPKIXPublicKey(key)
	}
	return err
}
