package x509v3

import (
	"crypto/sha1" //nolint:gosec // RFC 5280, 4.2.1.2 and OpenSSL name keys by SHA-1; nothing rests on its strength
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// KeyIdentifier returns the identifier of a public key by method (1) of RFC 5280, 4.2.1.2: the SHA-1 of the bits of
// subjectPublicKey.
func KeyIdentifier(publicKey []byte) []byte {
	sum := sha1.Sum(publicKey) //nolint:gosec // see the import
	return sum[:]
}

// SubjectKeyIdentifier is the extension of RFC 5280, 4.2.1.2. The zero value stands for "none".
type SubjectKeyIdentifier struct {
	Hash bool   // work it out from the key
	ID   []byte // else this
}

func parseSubjectKeyIdentifier(_ *parser, at opensslconf.Value, text string) (Value, error) {
	switch text {
	case "hash":
		return SubjectKeyIdentifier{Hash: true}, nil
	case "none":
		return SubjectKeyIdentifier{}, nil
	}
	id, err := parseHex(text)
	if err != nil {
		return nil, at.Errorf("wanted hash, none or pairs of hexadecimal digits, found %q", excerpt(text))
	}
	return SubjectKeyIdentifier{ID: id}, nil
}

// parseHex reads pairs of hexadecimal digits with any colons between pairs, as OPENSSL_hexstr2buf does.
func parseHex(text string) ([]byte, error) {
	if len(text) < 2 {
		return nil, errors.New("too short")
	}
	out := []byte{}
	for text != "" {
		if rest, ok := strings.CutPrefix(text, ":"); ok {
			text = rest
			continue
		}
		pair, err := hex.DecodeString(text[:min(2, len(text))])
		if err != nil {
			return nil, err
		}
		out = append(out, pair...)
		text = text[2:]
	}
	return out, nil
}

func (ski SubjectKeyIdentifier) encode(ctx *Context) ([]byte, error) {
	id := ski.ID
	if ski.Hash {
		id = KeyIdentifier(ctx.PublicKey)
	}
	var b cryptobyte.Builder
	b.AddASN1OctetString(id)
	return b.Bytes()
}

// Presence says whether a part of authorityKeyIdentifier is written.
type Presence int

// The presences, from the weakest.
const (
	Never Presence = iota
	WherePossible
	Always
)

// AuthorityKeyIdentifier is the extension of RFC 5280, 4.2.1.1. The zero value stands for "none".
type AuthorityKeyIdentifier struct {
	KeyID  Presence
	Issuer Presence // issuer name and serial number
}

func parseAuthorityKeyIdentifier(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var aki AuthorityKeyIdentifier
	if len(items) == 1 && items[0].name == "none" {
		return aki, nil
	}
	for _, i := range items {
		presence := WherePossible
		if i.value == "always" {
			presence = Always
		}
		switch i.name {
		case "keyid":
			aki.KeyID = presence
		case "issuer":
			aki.Issuer = presence
		default:
			return nil, i.at.Errorf("wanted keyid, keyid:always, issuer, issuer:always, or none alone, found %q", excerpt(i.String()))
		}
	}
	return aki, nil
}

var errNoIssuerKeyID = errors.New("the CA certificate has no subjectKeyIdentifier that could be named here")

// encode follows OpenSSL 3.0: a certificate that signs itself names its key only where that is demanded, and the issuer
// stands in for a key identifier that is not written. A request has no issuer, so it goes without; "none" is written, empty
// as it is.
func (aki AuthorityKeyIdentifier) encode(ctx *Context) ([]byte, error) {
	if ctx.Request && aki != (AuthorityKeyIdentifier{}) {
		return nil, nil
	}
	var keyID []byte
	if aki.KeyID == Always || aki.KeyID == WherePossible && !ctx.Issuer.SelfSigned {
		keyID = ctx.issuerKeyID()
		// OpenSSL takes two bytes or less for "none".
		if len(keyID) <= 2 && (aki.KeyID == Always || aki.Issuer == Never) {
			return nil, errNoIssuerKeyID
		}
	}
	withIssuer := aki.Issuer == Always || aki.Issuer == WherePossible && keyID == nil
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if keyID != nil {
			b.AddASN1(asn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(keyID) })
		}
		if withIssuer {
			addIssuerAndSerial(b, ctx.Issuer)
		}
	})
	return b.Bytes()
}

// issuerKeyID returns the CA's key identifier. A certificate that signs itself and states none so far has its key's.
func (ctx *Context) issuerKeyID() []byte {
	if ctx.Issuer.KeyID == nil && ctx.Issuer.SelfSigned {
		return KeyIdentifier(ctx.PublicKey)
	}
	return ctx.Issuer.KeyID
}

func addIssuerAndSerial(b *cryptobyte.Builder, issuer Issuer) {
	b.AddASN1(asn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.Tag(4).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(issuer.Name) })
	})
	addTaggedInteger(b, asn1.Tag(2).ContextSpecific(), issuer.Serial)
}
