package x509v3

import (
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// reasonNames are the reasons of RFC 5280, 4.2.1.13, from bit 0 on.
var reasonNames = []string{
	"unused", "keyCompromise", "CACompromise", "affiliationChanged", "superseded",
	"cessationOfOperation", "certificateHold", "privilegeWithdrawn", "AACompromise",
}

// distributionPoint is the structure of RFC 5280, 4.2.1.13.
type distributionPoint struct {
	name    []byte // the DER of DistributionPointName, nil where there is none
	reasons *Bits
	issuer  []GeneralName
}

// parseCRLDistributionPoints reads crlDistributionPoints and freshestCRL: each item is a name, or a section's.
func parseCRLDistributionPoints(p *parser, at opensslconf.Value, text string) (Value, error) {
	return p.sequence(at, text, func(b *cryptobyte.Builder, i item) error {
		point, err := p.distributionPoint(i)
		if err == nil {
			point.add(b)
		}
		return err
	})
}

func (p *parser) distributionPoint(i item) (point distributionPoint, err error) {
	if i.hasValue {
		name, err := p.generalName(i)
		point.name = fullName([]GeneralName{name})
		return point, err
	}
	values, err := p.section(i.at, i.name)
	if err != nil {
		return point, err
	}
	for _, v := range values {
		if named, err := p.setPointName(&point.name, v); named || err != nil {
			if err != nil {
				return point, err
			}
			continue
		}
		switch v.Key {
		case "reasons":
			err = parseReasons(&point.reasons, v)
		case "CRLissuer":
			point.issuer, err = p.generalNames(v)
		default:
			err = nil // OpenSSL passes other keys over
		}
		if err != nil {
			return point, err
		}
	}
	return point, nil
}

// setPointName reads fullname or relativename, of which there may be one.
func (p *parser) setPointName(name *[]byte, v opensslconf.Value) (named bool, err error) {
	var der []byte
	switch v.Key {
	case "fullname":
		var names []GeneralName
		names, err = p.generalNames(v)
		der = fullName(names)
	case "relativename":
		der, err = p.relativeName(v)
	default:
		return false, nil
	}
	if err == nil && *name != nil {
		err = v.Errorf("a distribution point has one name, found a second one")
	}
	*name = der
	return true, err
}

func fullName(names []GeneralName) []byte {
	var b cryptobyte.Builder
	addNames(&b, asn1.Tag(0).ContextSpecific().Constructed(), names)
	return b.BytesOrPanic() // nothing in names can fail
}

// relativeName reads a section as the single RDN that is relative to the issuer's name.
func (p *parser) relativeName(v opensslconf.Value) ([]byte, error) {
	name, err := p.nameSection(v, v.Text)
	if err != nil {
		return nil, err
	}
	if len(name) != 1 {
		return nil, v.Errorf("wanted one relative distinguished name in [%s] (further attributes are joined by +), found %d", excerpt(v.Text), len(name))
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { addRDN(b, name[0], p.Mask) })
	der, err := b.Bytes()
	if err != nil {
		return nil, v.Errorf("%v", err)
	}
	return der, nil
}

// parseReasons reads a list of reasons. In an inline list there is no place for one, so it is a section's.
func parseReasons(reasons **Bits, v opensslconf.Value) error {
	if *reasons != nil {
		return v.Errorf("reasons are set twice")
	}
	items, err := parseList(v, v.Text)
	if err != nil {
		return err
	}
	var bits Bits
	for _, i := range items {
		n := slices.Index(reasonNames, i.name)
		if n < 0 {
			return v.Errorf("unknown reason %q; wanted %s", excerpt(i.name), strings.Join(reasonNames, ", "))
		}
		bits |= 1 << n
	}
	*reasons = &bits
	return nil
}

func (d distributionPoint) add(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addPointName(b, d.name)
		addReasons(b, 1, d.reasons)
		if d.issuer != nil {
			addNames(b, asn1.Tag(2).ContextSpecific().Constructed(), d.issuer)
		}
	})
}

// addPointName adds DistributionPointName, which as a CHOICE is tagged explicitly.
func addPointName(b *cryptobyte.Builder, name []byte) {
	if name != nil {
		b.AddASN1(asn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(name) })
	}
}

func addReasons(b *cryptobyte.Builder, number uint8, reasons *Bits) {
	if reasons != nil {
		b.AddASN1(asn1.Tag(number).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(reasons.content()) })
	}
}

// parseIssuingDistributionPoint reads issuingDistributionPoint (RFC 5280, 5.2.5), which OpenSSL writes into certificates too.
func parseIssuingDistributionPoint(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var (
		name    []byte
		reasons *Bits
		flags   = map[string]bool{}
	)
	for _, i := range items {
		v := i.at
		v.Key, v.Text = i.name, i.value
		named, err := p.setPointName(&name, v)
		switch {
		case named || err != nil:
		case i.name == "onlysomereasons":
			err = parseReasons(&reasons, v)
		case pointFlags[i.name] != 0:
			flags[i.name], err = i.boolean()
		default:
			err = i.at.Errorf("wanted fullname, relativename, onlyuser, onlyCA, onlyAA, indirectCRL or onlysomereasons, found %q", excerpt(i.name))
		}
		if err != nil {
			return nil, err
		}
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addPointName(b, name)
		addFlag(b, "onlyuser", flags)
		addFlag(b, "onlyCA", flags)
		addReasons(b, 3, reasons)
		addFlag(b, "indirectCRL", flags)
		addFlag(b, "onlyAA", flags)
	})
	der, err := b.Bytes()
	return Raw(der), err
}

// pointFlags are the booleans of IssuingDistributionPoint and their tags.
var pointFlags = map[string]uint8{"onlyuser": 1, "onlyCA": 2, "indirectCRL": 4, "onlyAA": 5}

func addFlag(b *cryptobyte.Builder, name string, flags map[string]bool) {
	if flags[name] {
		b.AddASN1(asn1.Tag(pointFlags[name]).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddUint8(0xff) })
	}
}
