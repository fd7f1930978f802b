package x509v3

import (
	"crypto/x509"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// The qualifiers of RFC 5280, 4.2.1.4.
var (
	oidCPS        = mustOID("1.3.6.1.5.5.7.2.1")
	oidUserNotice = mustOID("1.3.6.1.5.5.7.2.2")
)

// policy is one PolicyInformation; its qualifiers are DER already.
type policy struct {
	id         x509.OID
	hasID      bool
	qualifiers [][]byte
}

// parseCertificatePolicies reads a list of OIDs and of sections ("@name"). "ia5org" makes the organizations of the notices
// behind it IA5Strings.
func parseCertificatePolicies(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := parseList(at, text)
	if err != nil {
		return nil, err
	}
	organization := visibleString
	var policies []policy
	for _, i := range items {
		if i.hasValue {
			return nil, i.at.Errorf("wanted a policy's OID or @section, found %q", excerpt(i.String()))
		}
		section, inSection := strings.CutPrefix(i.name, "@")
		var one policy
		switch {
		case i.name == "ia5org":
			organization = asn1.IA5String
			continue
		case inSection:
			one, err = p.policySection(at, section, organization)
		default:
			one.id, err = p.object(i.name)
			err = i.located(err)
		}
		if err != nil {
			return nil, err
		}
		policies = append(policies, one)
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, one := range policies {
			one.add(b)
		}
	})
	der, err := b.Bytes()
	return Raw(der), err
}

const visibleString = asn1.Tag(26)

func (one policy) add(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, one.id)
		if one.qualifiers == nil {
			return
		}
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, q := range one.qualifiers {
				b.AddBytes(q)
			}
		})
	})
}

func (p *parser) policySection(at opensslconf.Value, name string, organization asn1.Tag) (one policy, err error) {
	values, err := p.section(at, name)
	if err != nil {
		return one, err
	}
	for _, v := range values {
		var qualifier []byte
		switch {
		case v.Key == "policyIdentifier":
			one.id, err = p.object(v.Text)
			one.hasID = true
			err = item{at: v}.located(err)
		case isKind(v.Key, "CPS"):
			qualifier, err = cps(v.Text)
		case isKind(v.Key, "userNotice"):
			qualifier, err = p.userNotice(v, organization)
		default:
			err = v.Errorf("wanted policyIdentifier, CPS or userNotice")
		}
		if err != nil {
			return one, err
		}
		if qualifier != nil {
			one.qualifiers = append(one.qualifiers, qualifier)
		}
	}
	if !one.hasID {
		return one, at.Errorf("the section [%s] has no policyIdentifier", excerpt(name))
	}
	return one, nil
}

func cps(uri string) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oidCPS)
		b.AddASN1(asn1.IA5String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(uri)) })
	})
	return b.Bytes()
}

// notice is a UserNotice.
type notice struct {
	organization, text *displayText
	numbers            []*big.Int
	hasReference       bool
}

type displayText struct {
	tag     asn1.Tag
	content string
}

func (p *parser) userNotice(at opensslconf.Value, organization asn1.Tag) ([]byte, error) {
	name, ok := strings.CutPrefix(at.Text, "@")
	if !ok {
		return nil, at.Errorf("wanted @ and the name of a section, found %q", excerpt(at.Text))
	}
	values, err := p.section(at, name)
	if err != nil {
		return nil, err
	}
	var n notice
	for _, v := range values {
		switch v.Key {
		case "explicitText":
			n.text = parseDisplayText(v.Text)
		case "organization":
			n.organization, n.hasReference = &displayText{organization, v.Text}, true
		case "noticeNumbers":
			n.hasReference = true
			err = n.parseNumbers(v)
		default:
			err = v.Errorf("wanted explicitText, organization or noticeNumbers")
		}
		if err != nil {
			return nil, err
		}
	}
	if n.hasReference && n.organization == nil {
		return nil, at.Errorf("the section [%s] has noticeNumbers but no organization", excerpt(name))
	}
	return n.encode()
}

func (n *notice) parseNumbers(v opensslconf.Value) error {
	items, err := parseList(v, v.Text)
	if err != nil {
		return err
	}
	for _, i := range items {
		number, err := parseInteger(i.name)
		if err != nil {
			return v.Errorf("%v", err)
		}
		n.numbers = append(n.numbers, number)
	}
	return nil
}

// displayTypes are the prefixes that choose the type of explicitText.
var displayTypes = map[string]asn1.Tag{
	"UTF8": asn1.UTF8String, "UTF8String": asn1.UTF8String,
	"BMP": asn1.Tag(30), "BMPSTRING": asn1.Tag(30),
	"VISIBLE": visibleString, "VISIBLESTRING": visibleString,
}

func parseDisplayText(text string) *displayText {
	prefix, rest, _ := strings.Cut(text, ":")
	if tag, ok := displayTypes[prefix]; ok && prefix != text {
		return &displayText{tag, rest}
	}
	return &displayText{visibleString, text}
}

func (d *displayText) add(b *cryptobyte.Builder) {
	b.AddASN1(d.tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(d.content)) })
}

func (n *notice) encode() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oidUserNotice)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if n.hasReference {
				b.AddASN1(asn1.SEQUENCE, n.addReference)
			}
			if n.text != nil {
				n.text.add(b)
			}
		})
	})
	return b.Bytes()
}

func (n *notice) addReference(b *cryptobyte.Builder) {
	n.organization.add(b)
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, number := range n.numbers {
			b.AddASN1BigInt(number)
		}
	})
}

// parsePolicyConstraints reads policyConstraints (RFC 5280, 4.2.1.11).
func parsePolicyConstraints(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var numbers [2]*big.Int
	for _, i := range items {
		switch i.name {
		case "requireExplicitPolicy":
			numbers[0], err = i.integer()
		case "inhibitPolicyMapping":
			numbers[1], err = i.integer()
		default:
			err = i.at.Errorf("wanted requireExplicitPolicy:NUMBER or inhibitPolicyMapping:NUMBER, found %q", excerpt(i.String()))
		}
		if err != nil {
			return nil, err
		}
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for i, n := range numbers {
			if n != nil {
				addTaggedInteger(b, asn1.Tag(i).ContextSpecific(), n)
			}
		}
	})
	der, err := b.Bytes()
	return Raw(der), err
}

// addTaggedInteger adds an INTEGER under another tag.
func addTaggedInteger(b *cryptobyte.Builder, tag asn1.Tag, n *big.Int) {
	content, err := contentOfDER(func(b *cryptobyte.Builder) { b.AddASN1BigInt(n) })
	if err != nil {
		b.SetError(err)
		return
	}
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(content) })
}

// parsePolicyMappings reads policyMappings (RFC 5280, 4.2.1.5): pairs of policies.
func parsePolicyMappings(p *parser, at opensslconf.Value, text string) (Value, error) {
	return p.sequence(at, text, p.addMapping)
}

func (p *parser) addMapping(b *cryptobyte.Builder, i item) error {
	if !i.hasValue {
		return i.at.Errorf("wanted ISSUER'S-POLICY:SUBJECT'S-POLICY, found %q", excerpt(i.name))
	}
	issuer, err := p.object(i.name)
	if err != nil {
		return i.located(err)
	}
	subject, err := p.object(i.value)
	if err != nil {
		return i.located(err)
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, issuer)
		addOID(b, subject)
	})
	return nil
}

// parseIntegerValue reads inhibitAnyPolicy (RFC 5280, 4.2.1.14) and other extensions that are one INTEGER.
func parseIntegerValue(_ *parser, at opensslconf.Value, text string) (Value, error) {
	n, err := parseInteger(text)
	if err != nil {
		return nil, at.Errorf("%v", err)
	}
	var b cryptobyte.Builder
	b.AddASN1BigInt(n)
	der, err := b.Bytes()
	return Raw(der), err
}
