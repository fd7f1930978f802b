package certpath

import (
	"testing"

	"github.com/stretchr/testify/assert"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

func TestOpenSSLHost(t *testing.T) {
	partial, common := true, true
	for _, tc := range []struct {
		pattern, host   string
		partial, common bool
		wanted          bool
	}{
		{"db.example.com", "db.example.com", partial, common, true},
		{"db.example.com", "DB.example.COM", partial, common, true},
		{"db.example.com", "example.com", partial, common, false},
		{"db.example.com", "db.example.com.", partial, common, false},
		{"db.example.com", ".example.com", partial, common, true}, // any host of the domain
		{"*.example.com", "db.example.com", partial, common, true},
		{"*.example.com", "a.db.example.com", partial, common, false},
		{"*.example.com", "example.com", partial, common, false},
		{"*.com", "example.com", partial, common, false},
		{"*", "localhost", partial, common, false},
		{"d*.example.com", "db.example.com", partial, common, true},
		{"d*.example.com", "db.example.com", !partial, common, false},
		{"d*b.example.com", "db.example.com", partial, common, false},
		{"*.example.com", "xn--db.example.com", partial, common, true},
		{"x*.example.com", "xn--db.example.com", partial, common, false},
		{"192.0.2.7", "192.0.2.7", partial, common, false}, // a dNSName is no address
	} {
		leaf := hostLeaf(alternatives(dns(tc.pattern)), "unlike any")
		assert.Equal(t, tc.wanted, OpenSSLHost(tc.common, tc.partial)(leaf, tc.host), "%s for %s, partial wildcards: %t", tc.pattern, tc.host, tc.partial)
	}
	noNames := hostLeaf(nil, "db.example.com")
	assert.True(t, OpenSSLHost(true, true)(noNames, "db.example.com"), "the CommonName counts where there is no dNSName")
	assert.False(t, OpenSSLHost(false, true)(noNames, "db.example.com"))
	assert.True(t, OpenSSLHost(true, true)(hostLeaf(alternatives(address("192.0.2.7")), "db.example.com"), "db.example.com"), "nor do addresses hide it")
	assert.True(t, OpenSSLHost(true, true)(hostLeaf(alternatives(address("192.0.2.7")), "db.example.com"), "192.0.2.7"))
	assert.False(t, OpenSSLHost(true, true)(hostLeaf(nil, "192.0.2.7"), "192.0.2.7"), "no CommonName is an address")
}

// hostLeaf is a certificate with those alternative names, if any, and that CommonName.
func hostLeaf(names []byte, commonName string) *certset.Certificate {
	g := right(0)
	leaf := g.drafts[0]
	leaf.drop(oidSubjectAltName)
	if names != nil {
		leaf.set(oidSubjectAltName, false, names)
	}
	leaf.subject = common(commonName)
	return mustParse(leaf.sign())
}

// TestOpenSSLHostAgrees compares names put together at random with X509_check_host and X509_check_ip.
func TestOpenSSLHostAgrees(t *testing.T) {
	matched := 0
	peer := needLibcrypto(t)
	g := right(setting(t, "GENERATOR_SEED", 1))
	count := setting(t, "GENERATOR_COUNT", 4000)
	leaf := g.drafts[0]
	leaf.key = keyPool()["Ed25519"][0]
	for range count {
		leaf.drop(oidSubjectAltName)
		if g.chance(2) {
			leaf.set(oidSubjectAltName, false, alternatives(g.nameFor(), g.nameFor()))
		}
		leaf.subject = name(rdn{oidCommonName, pick(g, cbasn1.UTF8String, cbasn1.T61String), g.hostText(true)}, rdn{oidCommonName, cbasn1.UTF8String, g.hostText(true)})
		c := mustParse(leaf.sign())
		host := pick(g, "192.0.2.7", "2001:db8::1", g.hostText(false), g.hostText(false), g.hostText(false))
		commonName, partial := g.chance(2), g.chance(2)
		q := question{Certificates: [][]byte{c.Raw}, Names: true}
		q.setHost(host, commonName, partial)
		ours := OpenSSLHost(commonName, partial)(c, host)
		a := peer.ask(t, q)
		if a.Matches {
			matched++
		}
		if ours != a.Matches && len(a.Unreadable) == 0 {
			t.Fatalf("host %q, CommonName %t, partial wildcards %t, of %+v: OpenSSL %t, model %t", host, commonName, partial, IdentityOf(c), a.Matches, ours)
		}
	}
	assert.Greater(t, matched, int(count/100))
}

func (g *generator) nameFor() []byte {
	return pick(g, dns(g.hostText(true)), dns(g.hostText(true)), dns(g.hostText(true)), address(pick(g, "192.0.2.7", "2001:db8::1")), email("a@b.c"))
}

// hostText is a host name or, with wildcards, a pattern for some; few parts make many matches.
func (g *generator) hostText(wildcards bool) string {
	labels := []string{"a", "b", "ab", "A", "-a", "a-", "xn--a", "XN--b", "a_b", "", "*"}
	if wildcards {
		labels = append(labels, "*", "*", "a*", "*b", "a*b", "**", "xn--*", "*-a", "\x00", "a\x00")
	}
	text := pick(g, labels...)
	for range g.IntN(4) {
		text += "." + pick(g, labels[:3+g.IntN(len(labels)-3)]...)
	}
	return text
}
