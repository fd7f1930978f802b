package x509v3

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// The extensions of RFC 5280 that the program itself has to do with.
var (
	OIDSubjectKeyIdentifier   = asn1.ObjectIdentifier{2, 5, 29, 14}
	OIDKeyUsage               = asn1.ObjectIdentifier{2, 5, 29, 15}
	OIDSubjectAltName         = asn1.ObjectIdentifier{2, 5, 29, 17}
	OIDBasicConstraints       = asn1.ObjectIdentifier{2, 5, 29, 19}
	OIDAuthorityKeyIdentifier = asn1.ObjectIdentifier{2, 5, 29, 35}
	OIDExtKeyUsage            = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// Extension is an extension that was stated in a conf, or added to what was. It is not encoded yet.
type Extension struct {
	ID       asn1.ObjectIdentifier
	Critical bool
	Value    Value
	From     opensslconf.Value // where it was stated; its place is zero for an extension that was added
}

// Value is the typed content of an extension.
type Value interface {
	// encode returns the DER of extnValue's content, or nothing where the extension is left out in this context.
	encode(ctx *Context) ([]byte, error)
}

// Context is what extensions depend on besides their values.
type Context struct {
	// Request tells that the extensions are a request's; it knows no issuer.
	Request bool
	// Subject is the subject's name, which subjectAltName = email:copy takes addresses from.
	Subject Name
	// PublicKey holds the bits of subjectPublicKey, without the algorithm.
	PublicKey []byte
	Issuer    Issuer
}

// Issuer is what of the CA certificate goes into those that it signs.
type Issuer struct {
	// SelfSigned tells that the certificate signs itself: its subjectKeyIdentifier, where it comes first, is the issuer's.
	SelfSigned bool
	// Name and Serial are the issuer name and the serial number of the CA's own certificate.
	Name   []byte
	Serial *big.Int
	// KeyID is the CA's subjectKeyIdentifier, nil where it has none. For a self-signed certificate Encode finds it.
	KeyID []byte
}

// family reads the values of one kind of extension.
type family struct {
	id    asn1.ObjectIdentifier
	parse func(p *parser, at opensslconf.Value, text string) (Value, error)
}

// families maps the short names, which a conf has to use, to what reads their values.
var families = map[string]family{
	"basicConstraints":       {OIDBasicConstraints, parseBasicConstraints},
	"keyUsage":               {OIDKeyUsage, keyUsageBits.parse},
	"extendedKeyUsage":       {OIDExtKeyUsage, parseExtKeyUsage},
	"subjectAltName":         {OIDSubjectAltName, parseSubjectAltName},
	"subjectKeyIdentifier":   {OIDSubjectKeyIdentifier, parseSubjectKeyIdentifier},
	"authorityKeyIdentifier": {OIDAuthorityKeyIdentifier, parseAuthorityKeyIdentifier},
	"nsCertType":             {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 1}, nsCertTypeBits.parse},
	"nsBaseUrl":              {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 2}, parseIA5String},
	"nsRevocationUrl":        {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 3}, parseIA5String},
	"nsCaRevocationUrl":      {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 4}, parseIA5String},
	"nsRenewalUrl":           {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 7}, parseIA5String},
	"nsCaPolicyUrl":          {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 8}, parseIA5String},
	"nsSslServerName":        {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 12}, parseIA5String},
	"nsComment":              {asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 13}, parseIA5String},
}

// parser reads the extension sections of one conf.
type parser struct{ conf *opensslconf.Conf }

// Parse reads the extensions of a section, in order. Errors are *opensslconf.Error with the place.
func Parse(conf *opensslconf.Conf, section string) ([]Extension, error) {
	values, ok := conf.Section(section)
	if !ok {
		return nil, fmt.Errorf("%s: there is no section [%s]", conf.Name(), excerpt(section))
	}
	p := &parser{conf}
	var exts []Extension
	for _, v := range values {
		e, err := p.extension(v)
		if err != nil {
			return nil, err
		}
		exts = append(exts, e)
	}
	return exts, nil
}

// extension reads one setting: "critical," in just these letters, then a value.
func (p *parser) extension(v opensslconf.Value) (Extension, error) {
	text, critical := strings.CutPrefix(v.Text, "critical,")
	if critical {
		text = strings.TrimLeft(text, spaces)
	}
	f, ok := families[v.Key]
	switch {
	case strings.HasPrefix(text, "DER:"), strings.HasPrefix(text, "ASN1:"):
		return Extension{}, v.Errorf("values given as DER: or ASN1: are not supported")
	case !ok:
		return Extension{}, v.Errorf("extension not known or not supported")
	}
	value, err := f.parse(p, v, text)
	if err != nil {
		return Extension{}, err
	}
	return Extension{ID: f.id, Critical: critical, Value: value, From: v}, nil
}

// Find returns the extension of that kind, or nil.
func Find(exts []Extension, id asn1.ObjectIdentifier) *Extension {
	for i := range exts {
		if exts[i].ID.Equal(id) {
			return &exts[i]
		}
	}
	return nil
}

// Encode writes the extensions of one request or certificate in their order. In a certificate with any extension OpenSSL
// wants both key identifiers: where one is absent it is added at the end (the authority's not in a self-signed one), and
// where one was stated as "none" it is left out.
func Encode(exts []Extension, ctx Context) ([]pkix.Extension, error) {
	var out []pkix.Extension
	for _, e := range exts {
		der, err := e.Value.encode(&ctx)
		if err != nil {
			return nil, e.From.Errorf("%v", err)
		}
		if der == nil {
			continue
		}
		if e.ID.Equal(OIDSubjectKeyIdentifier) && ctx.Issuer.SelfSigned {
			ctx.Issuer.KeyID = octets(der)
		}
		out = append(out, pkix.Extension{Id: e.ID, Critical: e.Critical, Value: der})
	}
	if ctx.Request || len(exts) == 0 {
		return out, nil
	}
	return adaptKeyIdentifiers(out, &ctx)
}

// octets returns the content of a DER OCTET STRING, or nil where der is something else.
func octets(der []byte) []byte {
	s := cryptobyte.String(der)
	var content cryptobyte.String
	if !s.ReadASN1(&content, cryptobyteasn1.OCTET_STRING) {
		return nil
	}
	return content
}

func adaptKeyIdentifiers(out []pkix.Extension, ctx *Context) ([]pkix.Extension, error) {
	out, err := adaptKeyIdentifier(out, OIDSubjectKeyIdentifier, SubjectKeyIdentifier{Hash: true}, true, ctx)
	if err != nil {
		return nil, err
	}
	authority := AuthorityKeyIdentifier{KeyID: WherePossible, Issuer: WherePossible}
	return adaptKeyIdentifier(out, OIDAuthorityKeyIdentifier, authority, !ctx.Issuer.SelfSigned, ctx)
}

// adaptKeyIdentifier adds the identifier, or takes an empty one out.
func adaptKeyIdentifier(out []pkix.Extension, id asn1.ObjectIdentifier, value Value, add bool, ctx *Context) ([]pkix.Extension, error) {
	i := slices.IndexFunc(out, func(e pkix.Extension) bool { return e.Id.Equal(id) })
	if i >= 0 {
		if isEmpty(out[i].Value) {
			out = slices.Delete(out, i, i+1)
		}
		return out, nil
	}
	if !add {
		return out, nil
	}
	der, err := value.encode(ctx)
	if err != nil {
		return nil, err
	}
	return append(out, pkix.Extension{Id: id, Value: der}), nil
}

// isEmpty tells an identifier without content: an empty OCTET STRING or SEQUENCE.
func isEmpty(der []byte) bool { return len(der) == 2 && bytes.HasSuffix(der, []byte{0}) }
