package certpath

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// draft is a certificate before it is signed. crypto/x509 refuses to make most of what the tests are about, so that its parts
// are put together here as they stand.
type draft struct {
	version    int
	serial     []byte // content of the INTEGER
	issuer     []byte // a Name
	subject    []byte
	notBefore  []byte // a Time
	notAfter   []byte
	key        signer
	info       []byte // SubjectPublicKeyInfo
	uniqueID   []byte // issuerUniqueID and subjectUniqueID, tags and all
	extensions []extension

	by     signer
	hash   crypto.Hash // of the signature, but for Ed25519
	pss    bool
	inner  []byte // AlgorithmIdentifier of the TBSCertificate; nil: that of the signature
	damage bool   // of the signature
}

type extension struct {
	oid      string
	critical bool
	value    []byte
}

// set puts an extension in the place of another of its kind, or behind all.
func (d *draft) set(oid string, critical bool, value []byte) {
	for i := range d.extensions {
		if d.extensions[i].oid == oid {
			d.extensions[i] = extension{oid, critical, value}
			return
		}
	}
	d.extensions = append(d.extensions, extension{oid, critical, value})
}

func (d *draft) drop(oid string) {
	var kept []extension
	for _, e := range d.extensions {
		if e.oid != oid {
			kept = append(kept, e)
		}
	}
	d.extensions = kept
}

// extension returns the one of that kind, or nil.
func (d *draft) extension(oid string) *extension {
	for i := range d.extensions {
		if d.extensions[i].oid == oid {
			return &d.extensions[i]
		}
	}
	return nil
}

// sign returns the certificate in DER.
func (d *draft) sign() []byte {
	algorithm := d.algorithm()
	inner := d.inner
	if inner == nil {
		inner = algorithm
	}
	tbs := der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if d.version > 1 {
				b.AddASN1(cbasn1.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(d.version) - 1) })
			}
			b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(d.serial) })
			b.AddBytes(inner)
			b.AddBytes(d.issuer)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(d.notBefore); b.AddBytes(d.notAfter) })
			b.AddBytes(d.subject)
			b.AddBytes(d.info)
			b.AddBytes(d.uniqueID)
			d.addExtensions(b)
		})
	})
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(tbs)
			b.AddBytes(algorithm)
			b.AddASN1BitString(d.signature(tbs))
		})
	})
}

func (d *draft) addExtensions(b *cryptobyte.Builder) {
	if len(d.extensions) == 0 {
		return
	}
	b.AddASN1(cbasn1.Tag(3).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, e := range d.extensions {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(mustOID(e.oid))
					if e.critical {
						b.AddASN1Boolean(true)
					}
					b.AddASN1OctetString(e.value)
				})
			}
		})
	})
}

func (d *draft) signature(tbs []byte) []byte {
	message := tbs
	var options crypto.SignerOpts = crypto.Hash(0)
	if d.by.kind != ed25519Key {
		h := d.hash.New()
		h.Write(tbs)
		message, options = h.Sum(nil), d.hash
	}
	if d.pss {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: d.hash}
	}
	signature, err := d.by.Sign(rand.Reader, message, options)
	if err != nil {
		panic(err)
	}
	if d.damage {
		if _, ok := d.by.Signer.(*ecdsa.PrivateKey); ok {
			signature[len(signature)-1] ^= 1
		} else {
			signature[len(signature)/2] ^= 1
		}
	}
	return signature
}

// algorithm is the AlgorithmIdentifier of the signature.
func (d *draft) algorithm() []byte {
	switch {
	case d.pss:
		return pssIdentifier(d.hash)
	case d.by.kind == ed25519Key:
		return identifier(ed25519Key, false)
	}
	for oid, a := range signatureAlgorithms {
		if a.key == d.by.kind && a.hash == d.hash {
			return identifier(oid, d.by.kind == rsaKey)
		}
	}
	panic(fmt.Sprintf("no algorithm with %s", d.hash))
}

func identifier(oid string, null bool) []byte {
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(mustOID(oid))
			if null {
				b.AddASN1NULL()
			}
		})
	})
}

// pssIdentifier is RFC 4055, 3.1.
func pssIdentifier(hash crypto.Hash) []byte {
	digest := ""
	for oid, a := range digests {
		if a.hash == hash {
			digest = oid
		}
	}
	explicit := func(b *cryptobyte.Builder, n uint8, build cryptobyte.BuilderContinuation) {
		b.AddASN1(cbasn1.Tag(n).Constructed().ContextSpecific(), build)
	}
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(mustOID(rsaPSSKey))
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				explicit(b, 0, func(b *cryptobyte.Builder) { b.AddBytes(identifier(digest, true)) })
				explicit(b, 1, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}) // mgf1
						b.AddBytes(identifier(digest, true))
					})
				})
				explicit(b, 2, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(hash.Size())) })
			})
		})
	})
}

func mustOID(dotted string) (oid asn1.ObjectIdentifier) {
	for _, part := range strings.Split(dotted, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			panic(err)
		}
		oid = append(oid, n)
	}
	return oid
}

// utcTime is a Time as RFC 5280, 4.1.2.5, has it.
func utcTime(t time.Time) []byte {
	return der(func(b *cryptobyte.Builder) {
		if t.Year() < 2050 {
			b.AddASN1UTCTime(t)
		} else {
			b.AddASN1GeneralizedTime(t)
		}
	})
}
