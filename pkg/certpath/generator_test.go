package certpath

import (
	"crypto"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// generated is a path with all that the two sides are asked about it.
type generated struct {
	Path
	settings         OpenSSL
	partialWildcards bool
	odd              []string // what is odd about it
}

func (g generated) String() string {
	place := func(certs []*certset.Certificate) string {
		var out []string
		for _, c := range certs {
			out = append(out, g.label(c))
		}
		return strings.Join(out, ", ")
	}
	return fmt.Sprintf("odd: %s\nsent: %s; trusted: %s\npurpose %s, host %q, at %s, strict %t, partial chain %t, level %d, never the CommonName %t",
		strings.Join(g.odd, "; "), place(g.Sent), place(g.Trusted), g.Purpose.Usage(), g.Host, g.At.Format(time.DateTime), g.settings.Strict, g.settings.PartialChain, g.settings.SecurityLevel, g.settings.NeverCommonName)
}

// label names a certificate in a message.
func (g generated) label(c *certset.Certificate) string {
	if c == nil {
		return "none"
	}
	print := c.Fingerprint()
	return fmt.Sprintf("%v %x", commonNames(c.RawSubject), print[:2])
}

// generator makes paths from one stream of numbers.
type generator struct {
	*rand.Rand
	drafts []*draft // the leaf first, the root last
	out    generated
}

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// now is the time of generated paths.
var now = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// generate returns a path that is right but for one or two oddities, mostly.
func generate(t *testing.T, seed, n uint64) generated {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, n))}
	g.draft(2 + pick(g, 0, 0, 0, 1, 1, 1, 2, 3))
	g.configure()
	for range pick(g, 0, 1, 1, 1, 1, 2, 2, 3) {
		o := oddities[g.IntN(len(oddities))]
		at := g.IntN(len(g.drafts))
		o.change(g, g.drafts[at])
		g.odd("%s of %d", o.name, at)
	}
	g.arrange(g.parse(t))
	return g.out
}

func (g *generator) odd(format string, args ...any) {
	g.out.odd = append(g.out.odd, fmt.Sprintf(format, args...))
}

// draft makes a chain that no side objects to, whatever its settings are.
func (g *generator) draft(length int) {
	kinds := []string{"P-256", "P-256", "P-256", "P-384", "RSA 2048", "Ed25519"}
	for i := range length {
		key := keyPool()[pick(g, kinds...)][i]
		d := &draft{
			version: 3, serial: []byte{byte(i) + 1}, subject: common(fmt.Sprintf("CA %d", i)),
			notBefore: utcTime(now.AddDate(-1, 0, 0)), notAfter: utcTime(now.AddDate(1, 0, 0)),
			key: key, info: key.info, hash: pick(g, crypto.SHA256, crypto.SHA384, crypto.SHA512),
		}
		d.set(oidSubjectKeyID, false, octets(key.id))
		if i == 0 {
			d.subject = common("db.example.com")
			d.set(oidKeyUsage, true, usages(digitalSignature, keyEncipherment))
			d.set(oidExtKeyUsage, false, extendedUsages("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"))
			d.set(oidSubjectAltName, false, alternatives(dns("db.example.com"), address("192.0.2.7")))
		} else {
			d.set(oidBasic, true, basicConstraints(true))
			d.set(oidKeyUsage, true, usages(keyCertSign, cRLSign))
		}
		g.drafts = append(g.drafts, d)
	}
	for i, d := range g.drafts {
		above := g.above(i)
		d.issuer, d.by = above.subject, above.key
		d.set(oidAuthorityKeyID, false, authority(above.key.id, nil, nil))
	}
}

// above is the one that issues a draft.
func (g *generator) above(i int) *draft { return g.drafts[min(i+1, len(g.drafts)-1)] }

func (g *generator) indexOf(d *draft) int {
	for i := range g.drafts {
		if g.drafts[i] == d {
			return i
		}
	}
	return 0
}

// rename gives a draft another subject, which those that it issues know.
func (g *generator) rename(d *draft, subject []byte) {
	at := g.indexOf(d)
	d.subject = subject
	for i := range g.drafts {
		if g.above(i) == g.drafts[at] {
			g.drafts[i].issuer = subject
		}
	}
}

// rekey gives a draft another key, with which it signs.
func (g *generator) rekey(d *draft, kind string) {
	at := g.indexOf(d)
	d.key = keyPool()[kind][at]
	d.info = d.key.info
	d.set(oidSubjectKeyID, false, octets(d.key.id))
	for i := range g.drafts {
		if g.above(i) == g.drafts[at] {
			g.drafts[i].by = d.key
			g.drafts[i].set(oidAuthorityKeyID, false, authority(d.key.id, nil, nil))
		}
	}
}

// configure chooses what is asked.
func (g *generator) configure() {
	g.out.Path = Path{Purpose: pick(g, Server, Server, Client), At: now}
	if g.chance(3) {
		g.out.Host = pick(g, "db.example.com", "db.example.com", "192.0.2.7", "db.example.org", "192.0.2.8", "DB.Example.com", "x.db.example.com", ".example.com", "2001:db8::1", "db")
	}
	g.out.partialWildcards = g.chance(2)
	g.out.settings = OpenSSL{
		Strict: g.chance(2), PartialChain: g.chance(3), SecurityLevel: pick(g, 0, 0, 1, 2, 2, 3, 4, 5), NeverCommonName: g.chance(4),
	}
	if g.out.settings.SecurityLevel > 2 && !g.chance(4) {
		g.out.settings.SecurityLevel = 2
	}
	g.out.settings.Host = OpenSSLHost(!g.out.settings.NeverCommonName, g.out.partialWildcards)
}

// parse signs the drafts.
func (g *generator) parse(t *testing.T) []*certset.Certificate {
	var out []*certset.Certificate
	for _, d := range g.drafts {
		c, err := certset.ParseCertificate(d.sign())
		require.NoError(t, err, "%s", g.out.odd)
		out = append(out, c)
	}
	return out
}

// arrange decides what is sent and what is trusted: mostly all but the root, and the root.
func (g *generator) arrange(chain []*certset.Certificate) {
	leaf, root := chain[0], chain[len(chain)-1]
	g.out.Sent = append([]*certset.Certificate{leaf}, chain[1:len(chain)-1]...)
	g.out.Trusted = []*certset.Certificate{root}
	if g.chance(3) {
		a := sendings[g.IntN(len(sendings))]
		g.out.Sent = append([]*certset.Certificate{leaf}, a.choose(g, chain)...)
		g.odd("%s", a.name)
	}
	if g.chance(3) {
		a := trusts[g.IntN(len(trusts))]
		g.out.Trusted = a.choose(g, chain)
		g.odd("%s", a.name)
	}
}

type arrangement struct {
	name   string
	choose func(g *generator, chain []*certset.Certificate) []*certset.Certificate
}

// sendings are ways to send what lies above the leaf.
var sendings = []arrangement{
	{"root sent", func(_ *generator, chain []*certset.Certificate) []*certset.Certificate { return chain[1:] }},
	{"leaf sent twice", func(_ *generator, chain []*certset.Certificate) []*certset.Certificate { return chain[:len(chain)-1] }},
	{"nothing else sent", func(*generator, []*certset.Certificate) []*certset.Certificate { return nil }},
	{"out of order", func(g *generator, chain []*certset.Certificate) []*certset.Certificate { return shuffled(g, chain[1:]) }},
	{"one missing", func(g *generator, chain []*certset.Certificate) []*certset.Certificate {
		sent := shuffled(g, chain[1:])
		return sent[1:]
	}},
	{"a stranger sent", func(g *generator, chain []*certset.Certificate) []*certset.Certificate {
		return shuffled(g, append(chain[1:len(chain)-1:len(chain)-1], g.stranger()))
	}},
	{"a namesake sent", func(g *generator, chain []*certset.Certificate) []*certset.Certificate {
		return shuffled(g, append(chain[1:len(chain)-1:len(chain)-1], g.namesake()))
	}},
}

// trusts are ways to trust.
var trusts = []arrangement{
	{"nothing that fits trusted", func(g *generator, _ []*certset.Certificate) []*certset.Certificate { return one(g.stranger()) }},
	{"nothing trusted", func(*generator, []*certset.Certificate) []*certset.Certificate { return nil }},
	{"leaf trusted", func(_ *generator, chain []*certset.Certificate) []*certset.Certificate { return chain[:1] }},
	{"leaf and root trusted", func(_ *generator, chain []*certset.Certificate) []*certset.Certificate {
		return append(chain[len(chain)-1:len(chain):len(chain)], chain[0])
	}},
	{"all trusted", func(g *generator, chain []*certset.Certificate) []*certset.Certificate { return shuffled(g, chain) }},
	{"leaf's issuer trusted", func(_ *generator, chain []*certset.Certificate) []*certset.Certificate { return chain[1:2] }},
	{"one of the chain trusted", func(g *generator, chain []*certset.Certificate) []*certset.Certificate {
		return one(chain[g.IntN(len(chain))])
	}},
	{"a namesake trusted", func(g *generator, _ []*certset.Certificate) []*certset.Certificate { return one(g.namesake()) }},
	{"root and namesakes trusted", func(g *generator, chain []*certset.Certificate) []*certset.Certificate {
		return shuffled(g, []*certset.Certificate{chain[len(chain)-1], g.namesake(), g.namesake()})
	}},
	{"root and a stranger trusted", func(g *generator, chain []*certset.Certificate) []*certset.Certificate {
		return shuffled(g, []*certset.Certificate{chain[len(chain)-1], g.stranger()})
	}},
}

func one(c *certset.Certificate) []*certset.Certificate { return []*certset.Certificate{c} }

func shuffled(g *generator, chain []*certset.Certificate) []*certset.Certificate {
	out := append([]*certset.Certificate{}, chain...)
	g.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// stranger is a CA of another chain.
func (g *generator) stranger() *certset.Certificate {
	d := *g.drafts[len(g.drafts)-1]
	d.subject, d.issuer = common("stranger"), common("stranger")
	d.serial = []byte{0x55}
	return mustParse(d.sign())
}

// namesake is a CA of the name of one of the chain, with another key, and perhaps another key identifier or another time.
func (g *generator) namesake() *certset.Certificate {
	d := *g.drafts[1+g.IntN(len(g.drafts)-1)]
	d.extensions = append([]extension{}, d.extensions...)
	d.serial = []byte{0x56}
	d.key = keyPool()[pick(g, "P-256", "RSA 2048")][keysOfAKind-1]
	d.info, d.by, d.issuer, d.pss, d.inner, d.hash = d.key.info, d.key, d.subject, false, nil, crypto.SHA256
	if g.chance(2) {
		d.drop(oidSubjectKeyID)
		d.drop(oidAuthorityKeyID)
	}
	if g.chance(3) {
		d.notAfter = utcTime(now.AddDate(0, 0, -g.IntN(3)))
	}
	return mustParse(d.sign())
}

func mustParse(der []byte) *certset.Certificate {
	c, err := certset.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return c
}

// right is a generator with a chain of three that is right, of keys on P-256.
func right(seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	g.draft(3)
	for i, d := range g.drafts {
		g.rekey(d, "P-256")
		d.hash = crypto.SHA256
		d.set(oidSubjectKeyID, false, octets(keyPool()["P-256"][i].id))
	}
	return g
}
