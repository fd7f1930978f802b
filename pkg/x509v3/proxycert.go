package x509v3

import (
	"crypto/x509"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// The policy languages of RFC 3820, 3.8.2, that go without a policy.
var (
	oidInheritAll  = mustOID("1.3.6.1.5.5.7.21.1")
	oidIndependent = mustOID("1.3.6.1.5.5.7.21.2")
)

// proxyCertInfo is the extension of RFC 3820, 3.8.
type proxyCertInfo struct {
	language  *x509.OID
	pathLen   *big.Int
	policy    []byte
	hasPolicy bool
}

// parseProxyCertInfo reads language, pathlen and policy, from the value or from the sections that it names by "@".
func parseProxyCertInfo(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := parseList(at, text)
	if err != nil {
		return nil, err
	}
	var info proxyCertInfo
	for _, i := range items {
		settings := []item{i}
		if section, ok := strings.CutPrefix(i.name, "@"); ok {
			if settings, err = p.sectionItems(at, section); err != nil {
				return nil, err
			}
		} else if !i.hasValue {
			return nil, i.at.Errorf("wanted language:OID, pathlen:NUMBER, policy:KIND:VALUE or @section, found %q", excerpt(i.name))
		}
		for _, s := range settings {
			if err := p.setProxy(&info, s); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case info.language == nil:
		return nil, at.Errorf("wanted language:OID, found none")
	case info.hasPolicy && (info.language.Equal(oidInheritAll) || info.language.Equal(oidIndependent)):
		return nil, at.Errorf("this policy language goes without a policy")
	}
	return info.encoded()
}

func (p *parser) setProxy(info *proxyCertInfo, i item) error {
	switch i.name {
	case "language":
		if info.language != nil {
			return i.at.Errorf("the policy language is set twice")
		}
		oid, err := p.object(i.value)
		info.language = &oid
		return i.located(err)
	case "pathlen":
		if info.pathLen != nil {
			return i.at.Errorf("pathlen is set twice")
		}
		var err error
		info.pathLen, err = i.integer()
		return err
	case "policy":
		content, err := p.proxyPolicy(i)
		info.policy, info.hasPolicy = append(info.policy, content...), true
		return err
	}
	return nil // OpenSSL passes other keys over
}

// proxyPolicy reads one piece of a policy: "text:…", "hex:…" or "file:path".
func (p *parser) proxyPolicy(i item) ([]byte, error) {
	kind, value, _ := strings.Cut(i.value, ":")
	switch kind {
	case "text":
		return []byte(value), nil
	case "hex":
		content, err := parseHexText(value)
		return content, i.located(err)
	case "file":
		content, err := p.conf.ReadFile(value)
		if err == nil {
			err = p.generate(len(content))
		}
		return content, i.located(err)
	}
	return nil, i.at.Errorf("policy: wanted text:, hex: or file:, found %q", excerpt(i.value))
}

func (info proxyCertInfo) encoded() (Value, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if info.pathLen != nil {
			b.AddASN1BigInt(info.pathLen)
		}
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, *info.language)
			if info.hasPolicy {
				b.AddASN1OctetString(info.policy)
			}
		})
	})
	der, err := b.Bytes()
	return Raw(der), err
}
