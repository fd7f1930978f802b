package sets

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // RFC 5280, 4.2.1.2, and a defect to make
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"time"
)

// cert is a certificate to be. It is encoded here, for crypto/x509 makes none that is amiss.
type cert struct {
	version    int
	serial     []byte // content of the INTEGER
	subject    []byte
	issuerName []byte // nil: the subject of the issuer
	issuer     *cert  // nil: itself
	from, to   time.Time
	kind       string
	signed     string // sha256, sha1 or pss
	extensions []pkix.Extension
	noIDs      bool   // neither subjectKeyIdentifier nor authorityKeyIdentifier
	issuerID   []byte // nil: the subjectKeyIdentifier of the issuer
	spoil      bool   // the signature

	key key
	der []byte
}

type tbsCertificate struct {
	Version    int `asn1:"optional,explicit,default:0,tag:0"`
	Serial     asn1.RawValue
	Algorithm  pkix.AlgorithmIdentifier
	Issuer     asn1.RawValue
	Validity   struct{ From, To time.Time }
	Subject    asn1.RawValue
	Key        asn1.RawValue
	Extensions []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
}

// issue makes the key and the certificate, and those of its issuers first.
func (c *cert) issue() (err error) {
	if c.der != nil {
		return nil
	}
	if c.key, err = newKey(c.kind); err != nil {
		return err
	}
	by := c
	if c.issuer != nil {
		by = c.issuer
		if err := by.issue(); err != nil {
			return err
		}
	}
	algorithm := signatureAlgorithm(by.key.signer, c.signed)
	tbs := tbsCertificate{
		Version:   c.version - 1,
		Serial:    asn1.RawValue{Tag: asn1.TagInteger, Bytes: c.serial},
		Algorithm: algorithm,
		Issuer:    asn1.RawValue{FullBytes: by.subject},
		Validity:  struct{ From, To time.Time }{c.from, c.to},
		Subject:   asn1.RawValue{FullBytes: c.subject},
		Key:       asn1.RawValue{FullBytes: c.key.public},
	}
	if c.issuerName != nil {
		tbs.Issuer.FullBytes = c.issuerName
	}
	if tbs.Extensions = c.extensions; !c.noIDs {
		tbs.Extensions = append(slices.Clone(c.extensions), c.identifiers(by)...)
	}
	c.der, err = c.seal(der(tbs), by.key.signer, algorithm)
	return err
}

// seal puts the signature under a certificate.
func (c *cert) seal(tbs []byte, signer crypto.Signer, algorithm pkix.AlgorithmIdentifier) ([]byte, error) {
	signature, err := sign(signer, tbs, c.signed)
	if err != nil {
		return nil, err
	}
	if c.spoil {
		signature[len(signature)-1] ^= 1
	}
	return der(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}}), nil
}

func (c *cert) identifiers(by *cert) []pkix.Extension {
	issuerID := c.issuerID
	if issuerID == nil {
		issuerID = by.key.id()
	}
	return []pkix.Extension{
		{Id: oidSubjectKeyID, Value: der(c.key.id())},
		{Id: oidAuthorityKeyID, Value: der(struct {
			ID []byte `asn1:"tag:0"`
		}{issuerID})},
	}
}

// id is method 1 of RFC 5280, 4.2.1.2.
func (k key) id() []byte {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(k.public, &info); err != nil {
		panic(err)
	}
	sum := sha1.Sum(info.Key.Bytes) //nolint:gosec // no security rests on it
	return sum[:]
}

// pssParameters are those of RFC 4055 for SHA-256, and a salt of 32 octets.
var pssParameters = der([]asn1.RawValue{
	explicit(0, der(pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue})),
	explicit(1, der(pkix.AlgorithmIdentifier{
		Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8},
		Parameters: asn1.RawValue{FullBytes: der(pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue})},
	})),
	explicit(2, der(32)),
})

var oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}

func explicit(tag int, content []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: content}
}

func signatureAlgorithm(signer crypto.Signer, signed string) pkix.AlgorithmIdentifier {
	_, isRSA := signer.(*rsa.PrivateKey)
	_, isEd25519 := signer.(ed25519.PrivateKey)
	switch {
	case isEd25519:
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}}
	case signed == "pss":
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, Parameters: asn1.RawValue{FullBytes: pssParameters}}
	case isRSA && signed == "sha1":
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, Parameters: asn1.NullRawValue}
	case isRSA:
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: asn1.NullRawValue}
	case signed == "sha1":
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}}
	}
	return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
}

func sign(signer crypto.Signer, message []byte, signed string) ([]byte, error) {
	if _, ok := signer.(ed25519.PrivateKey); ok {
		return signer.Sign(rand.Reader, message, crypto.Hash(0))
	}
	var options crypto.SignerOpts = crypto.SHA256
	if signed == "sha1" {
		options = crypto.SHA1
	}
	hash := options.HashFunc().New()
	hash.Write(message)
	if signed == "pss" {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	}
	return signer.Sign(rand.Reader, hash.Sum(nil), options)
}

// name encodes a subject of attributes such as CN=localhost, in the types that OpenSSL gives them.
func name(attributes ...string) []byte {
	ids := map[string]int{"CN": 3, "C": 6, "O": 10, "OU": 11}
	dn := pkix.RDNSequence{}
	for _, attribute := range attributes {
		id, value, _ := strings.Cut(attribute, "=")
		text := asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(value)}
		if id == "C" {
			text.Tag = asn1.TagPrintableString
		}
		dn = append(dn, pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, ids[id]}, Value: text}})
	}
	return der(dn)
}

// common is the subject of gen.sh with these CommonNames.
func common(names ...string) []byte {
	attributes := []string{"C=CN", "O=milvus", "OU=milvus"}
	for _, cn := range names {
		attributes = append(attributes, "CN="+cn)
	}
	return name(attributes...)
}
