package certpath

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// engines are all that validate a path.
var engines = map[string]func(Path) []Refusal{
	"Go":      Go,
	"OpenSSL": OpenSSL{SecurityLevel: 2, Strict: true, Host: OpenSSLHost(true, true)}.Refusals,
	"partial": OpenSSL{PartialChain: true, Host: OpenSSLHost(true, false)}.Refusals,
	"JSSE":    JSSE,
}

// namesakes are certificates of one name and key, which could all have issued one another.
func namesakes(n int) []*certset.Certificate {
	g := right(1)
	d := g.drafts[1]
	d.subject, d.issuer = common("Milvus"), common("Milvus")
	d.by = d.key
	d.drop(oidAuthorityKeyID)
	var out []*certset.Certificate
	for i := range n {
		d.serial = []byte{1, byte(i)}
		out = append(out, mustParse(d.sign()))
	}
	return out
}

// TestManyIssuers: none of the engines tries all the ways through a hundred certificates.
func TestManyIssuers(t *testing.T) {
	g := right(1)
	g.drafts[0].issuer = common("Milvus")
	g.drafts[0].drop(oidAuthorityKeyID)
	p := Path{Sent: append(one(mustParse(g.drafts[0].sign())), namesakes(100)...), Trusted: one(mustParse(g.drafts[2].sign())), At: now}
	for name, engine := range engines {
		begin := time.Now()
		assert.NotEmpty(t, engine(p), name)
		assert.Less(t, time.Since(begin), 2*time.Second, name)
	}
}

// TestLongChain: OpenSSL takes a hundred certificates between a leaf and its root, and no more.
func TestLongChain(t *testing.T) {
	peer := needLibcrypto(t)
	for _, length := range []int{101, 102, 103} {
		g := &generator{}
		key := keyPool()["P-256"][0]
		for i := range length {
			d := *right(1).drafts[min(i, 1)]
			d.key, d.info, d.by, d.subject, d.issuer = key, key.info, key, common(fmt.Sprint(i)), common(fmt.Sprint(min(i+1, length-1)))
			d.extensions = append([]extension{}, d.extensions...)
			d.drop(oidSubjectKeyID)
			d.drop(oidAuthorityKeyID)
			g.drafts = append(g.drafts, &d)
		}
		chain := g.parse(t)
		for _, trusted := range [][]*certset.Certificate{chain[length-1:], nil} {
			path := generated{Path: Path{Sent: chain[:length-1], Trusted: trusted, At: now}}
			assert.Empty(t, path.difference(peer.ask(t, path.question())), "%d certificates, %d trusted", length, len(trusted))
		}
	}
}

// TestManyNames: names and constraints that would take too many comparisons are refused.
func TestManyNames(t *testing.T) {
	g := right(1)
	const many = 1100
	var names, trees [][]byte
	for i := range many {
		names = append(names, dns(fmt.Sprintf("n%d.example.com", i)))
		trees = append(trees, tree(dns("example.com"), -1, -1))
	}
	g.drafts[0].set(oidSubjectAltName, false, alternatives(names...))
	g.drafts[1].set(oidNameConstraints, true, constraints(trees, nil))
	chain := g.parse(t)
	path := generated{Path: Path{Sent: chain[:2], Trusted: chain[2:], At: now}}
	require.NotEmpty(t, path.settings.Refusals(path.Path))
	peer := needLibcrypto(t)
	assert.Empty(t, path.difference(peer.ask(t, path.question())))
}

// FuzzPath: whatever certset reads as a certificate, no engine panics, as a leaf or as what has signed it.
func FuzzPath(f *testing.F) {
	for n := range uint64(100) {
		g := &generator{Rand: right(n).Rand}
		g.draft(2)
		o := oddities[n%uint64(len(oddities))]
		o.change(g, g.drafts[n%2])
		f.Add(g.drafts[0].sign(), g.drafts[1].sign(), "db.example.com")
	}
	f.Fuzz(func(t *testing.T, leaf, ca []byte, host string) {
		l, err := certset.ParseCertificate(leaf)
		if err != nil {
			return
		}
		c, err := certset.ParseCertificate(ca)
		if err != nil {
			c = l
		}
		IdentityOf(l)
		for _, purpose := range []Purpose{Server, Client} {
			for _, engine := range engines {
				engine(Path{Sent: []*certset.Certificate{l}, Trusted: []*certset.Certificate{c, l}, Purpose: purpose, Host: host, At: now})
				engine(Path{Sent: []*certset.Certificate{l, c, c, l}, Trusted: []*certset.Certificate{c}, Purpose: purpose, Host: host, At: now})
			}
		}
	})
}
