package x509v3

import (
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// parseNameConstraints reads nameConstraints (RFC 5280, 4.2.1.10): "permitted;KIND:VALUE" and "excluded;KIND:VALUE".
func parseNameConstraints(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	trees := [2][]GeneralName{}
	for _, i := range items {
		tree, kind := constraintTree(i.name)
		if tree < 0 {
			return nil, i.at.Errorf("wanted permitted;KIND:VALUE or excluded;KIND:VALUE, found %q", excerpt(i.String()))
		}
		base := i
		base.name = kind
		name, err := p.constraint(base)
		if err != nil {
			return nil, err
		}
		trees[tree] = append(trees[tree], name)
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for number, tree := range trees {
			if tree != nil {
				b.AddASN1(asn1.Tag(number).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { addSubtrees(b, tree) })
			}
		}
	})
	der, err := b.Bytes()
	return Raw(der), err
}

// constraintTree cuts the tree's name and one separator, whatever it is, off a key. It returns -1 where there are none.
func constraintTree(key string) (tree int, kind string) {
	for tree, name := range []string{"permitted", "excluded"} {
		if rest, ok := strings.CutPrefix(key, name); ok && rest != "" {
			return tree, rest[1:]
		}
	}
	return -1, ""
}

// constraint reads a base name. An IP address comes with its mask.
func (p *parser) constraint(i item) (GeneralName, error) {
	if !isKind(i.name, "IP") || !i.hasValue {
		return p.generalName(i)
	}
	address, mask, ok := strings.Cut(i.value, "/")
	if ok {
		a, err := parseIP(address)
		m, maskErr := parseIP(mask)
		if err == nil && maskErr == nil && len(a) == len(m) {
			return GeneralName{IP, string(a) + string(m)}, nil
		}
	}
	return GeneralName{}, i.at.Errorf("%s: wanted ADDRESS/MASK such as 10.0.0.0/255.0.0.0, found %q", i.name, excerpt(i.value))
}

func addSubtrees(b *cryptobyte.Builder, names []GeneralName) {
	for _, n := range names {
		b.AddASN1(asn1.SEQUENCE, n.add)
	}
}
