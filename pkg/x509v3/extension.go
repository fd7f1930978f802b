package x509v3

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"maps"
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
	OIDNameConstraints        = asn1.ObjectIdentifier{2, 5, 29, 30}
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
	// AltNames is the content of the CA's subjectAltName, for issuerAltName = issuer:copy. For a self-signed certificate
	// Encode finds it.
	AltNames []byte
}

// family reads the values of one kind of extension.
type family struct {
	id    asn1.ObjectIdentifier
	parse func(p *parser, at opensslconf.Value, text string) (Value, error)
}

// families maps the short names, which a conf has to use, to what reads their values.
var families = map[string]family{
	"basicConstraints":         {OIDBasicConstraints, parseBasicConstraints},
	"keyUsage":                 {OIDKeyUsage, keyUsageBits.parse},
	"extendedKeyUsage":         {OIDExtKeyUsage, parseExtKeyUsage},
	"subjectAltName":           {OIDSubjectAltName, parseSubjectAltName},
	"issuerAltName":            {asn1.ObjectIdentifier{2, 5, 29, 18}, parseIssuerAltName},
	"subjectKeyIdentifier":     {OIDSubjectKeyIdentifier, parseSubjectKeyIdentifier},
	"authorityKeyIdentifier":   {OIDAuthorityKeyIdentifier, parseAuthorityKeyIdentifier},
	"crlDistributionPoints":    {asn1.ObjectIdentifier{2, 5, 29, 31}, parseCRLDistributionPoints},
	"freshestCRL":              {asn1.ObjectIdentifier{2, 5, 29, 46}, parseCRLDistributionPoints},
	"issuingDistributionPoint": {asn1.ObjectIdentifier{2, 5, 29, 28}, parseIssuingDistributionPoint},
	"authorityInfoAccess":      {asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}, parseInfoAccess},
	"subjectInfoAccess":        {asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 11}, parseInfoAccess},
	"certificatePolicies":      {asn1.ObjectIdentifier{2, 5, 29, 32}, parseCertificatePolicies},
	"policyConstraints":        {asn1.ObjectIdentifier{2, 5, 29, 36}, parsePolicyConstraints},
	"policyMappings":           {asn1.ObjectIdentifier{2, 5, 29, 33}, parsePolicyMappings},
	"inhibitAnyPolicy":         {asn1.ObjectIdentifier{2, 5, 29, 54}, parseIntegerValue},
	"nameConstraints":          {OIDNameConstraints, parseNameConstraints},
	"ct_precert_poison":        {asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 3}, parseNull},
	"noCheck":                  {asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, parseNull},
	"tlsfeature":               {asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, parseTLSFeature},
	"proxyCertInfo":            {asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 14}, parseProxyCertInfo},
	"nsCertType":               {netscape(1), nsCertTypeBits.parse},
	"nsBaseUrl":                {netscape(2), parseIA5String},
	"nsRevocationUrl":          {netscape(3), parseIA5String},
	"nsCaRevocationUrl":        {netscape(4), parseIA5String},
	"nsRenewalUrl":             {netscape(7), parseIA5String},
	"nsCaPolicyUrl":            {netscape(8), parseIA5String},
	"nsSslServerName":          {netscape(12), parseIA5String},
	"nsComment":                {netscape(13), parseIA5String},
}

func netscape(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, n} }

// Options is what names in extensions depend on besides the section.
type Options struct {
	// Mask has the string types that names may use. It has to be set; UTF8Only is the usual one.
	Mask StringMask
	// Objects are names of OIDs that the conf defines.
	Objects map[string]x509.OID
	// Latin1 tells that the bytes of a name are characters of ISO 8859-1, which in an extension they always are.
	Latin1 bool
}

// parser reads the extension sections of one conf.
type parser struct {
	conf *opensslconf.Conf
	Options
	generated int // bytes that ASN1: and policy files have brought so far
	referred  int // settings of sections that were referred to so far
}

// Parse reads the extensions of a section, in order. Errors are *opensslconf.Error with the place.
func Parse(conf *opensslconf.Conf, section string, o Options) ([]Extension, error) {
	values, ok := conf.Section(section)
	if !ok {
		return nil, fmt.Errorf("%s: there is no section [%s]", conf.Name(), excerpt(section))
	}
	p := &parser{conf: conf, Options: o}
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
	if raw, generic, err := p.generic(v, text); generic {
		if err != nil {
			return Extension{}, err
		}
		oid, err := p.object(v.Key)
		if err != nil {
			return Extension{}, v.Errorf("%v", err)
		}
		id, err := identifier(oid)
		if err != nil {
			return Extension{}, v.Errorf("%v", err)
		}
		return Extension{ID: id, Critical: critical, Value: raw, From: v}, nil
	}
	if !ok {
		return Extension{}, p.unknown(v)
	}
	value, err := f.parse(p, v, text)
	if err != nil {
		return Extension{}, err
	}
	return Extension{ID: f.id, Critical: critical, Value: value, From: v}, nil
}

// unknown says that there is no such extension, and which one was perhaps meant.
func (p *parser) unknown(v opensslconf.Value) error {
	if _, err := p.object(v.Key); err == nil {
		return v.Errorf("no value can be written for this extension; wanted one behind DER: or ASN1:")
	}
	if near := nearest(v.Key, slices.Collect(maps.Keys(families))); near != "" {
		return v.Errorf("unknown extension; did you mean %s?", near)
	}
	return v.Errorf("unknown extension")
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

// Encode writes the extensions of one request or certificate in their order. In a certificate an extension takes the place
// of an earlier one with its OID, at the end. A certificate with any extension is to have both key identifiers: where one is
// absent it is added at the end (the authority's not in a self-signed one), and where one was stated as "none" it is left
// out. All of this is what OpenSSL does.
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
		if !ctx.Request {
			out = slices.DeleteFunc(out, func(o pkix.Extension) bool { return o.Id.Equal(e.ID) })
		}
		if ctx.Issuer.SelfSigned {
			ctx.Issuer.learn(e.ID, der)
		}
		out = append(out, pkix.Extension{Id: e.ID, Critical: e.Critical, Value: der})
	}
	if ctx.Request || len(exts) == 0 {
		return out, nil
	}
	return adaptKeyIdentifiers(out, &ctx)
}

// EncodeOne writes one extension as it is, without what Encode adds.
func EncodeOne(e Extension, ctx Context) (pkix.Extension, error) {
	der, err := e.Value.encode(&ctx)
	if err != nil {
		return pkix.Extension{}, e.From.Errorf("%v", err)
	}
	return pkix.Extension{Id: e.ID, Critical: e.Critical, Value: der}, nil
}

// learn takes up what a self-signed certificate says of itself as its issuer.
func (i *Issuer) learn(id asn1.ObjectIdentifier, der []byte) {
	switch {
	case id.Equal(OIDSubjectKeyIdentifier):
		i.KeyID = content(der, cryptobyteasn1.OCTET_STRING)
	case id.Equal(OIDSubjectAltName):
		i.AltNames = content(der, cryptobyteasn1.SEQUENCE)
	}
}

// content returns the content of a DER element with that tag, or nil where der is something else.
func content(der []byte, tag cryptobyteasn1.Tag) []byte {
	s := cryptobyte.String(der)
	var content cryptobyte.String
	if !s.ReadASN1(&content, tag) {
		return nil
	}
	return content
}

// IssuerOf returns what a CA certificate gives to those that it signs.
func IssuerOf(name []byte, serial *big.Int, exts []pkix.Extension) Issuer {
	issuer := Issuer{Name: name, Serial: serial}
	for _, e := range exts {
		issuer.learn(e.Id, e.Value)
	}
	return issuer
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
