package certpath

import (
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// nameOddities are about subjects, issuers and alternative names.
var nameOddities = []oddity{
	{"empty subject", func(g *generator, d *draft) { g.rename(d, name()) }},
	{"empty subject of its own", func(_ *generator, d *draft) { d.subject = name() }},
	{"empty issuer", func(_ *generator, d *draft) { d.issuer = name() }},
	{"a subject without attributes", func(g *generator, d *draft) { g.rename(d, []byte{0x30, 2, 0x31, 0}) }},
	{"empty subject, critical alternatives", func(g *generator, d *draft) {
		d.subject = name()
		d.set(oidSubjectAltName, true, alternatives(dns("db.example.com")))
	}},
	{"another issuer", func(_ *generator, d *draft) { d.issuer = common("another") }},
	{"subject written otherwise", func(g *generator, d *draft) { d.subject = g.respelled(d.subject) }},
	{"issuer written otherwise", func(g *generator, d *draft) { d.issuer = g.respelled(d.issuer) }},
	{"subject of its issuer", func(g *generator, d *draft) { g.rename(d, d.issuer) }},
	{"one subject for all", func(g *generator, _ *draft) {
		for _, d := range g.drafts {
			d.subject, d.issuer = common("Milvus"), common("Milvus")
		}
	}},
	{"one subject for all, no key identifiers", func(g *generator, _ *draft) {
		for _, d := range g.drafts {
			d.subject, d.issuer = common("Milvus"), common("Milvus")
			d.drop(oidSubjectKeyID)
			d.drop(oidAuthorityKeyID)
		}
	}},
	{"no alternatives", func(_ *generator, d *draft) { d.drop(oidSubjectAltName) }},
	{"no alternatives, a CommonName", func(g *generator, d *draft) {
		d.drop(oidSubjectAltName)
		g.rename(d, common(pick(g, "db", "*.example.com", "db.example.com.", "192.0.2.7", "d*.example.com", "db.example.org", "-db.example.com", "db_1.example.com", "DB.EXAMPLE.COM")))
	}},
	{"two CommonNames", func(g *generator, d *draft) {
		d.drop(oidSubjectAltName)
		g.rename(d, name(rdn{oidCommonName, cbasn1.UTF8String, "db.example.org"}, rdn{oidCommonName, pick(g, cbasn1.PrintableString, cbasn1.T61String), "db.example.com"}))
	}},
	{"empty alternatives", func(g *generator, d *draft) { d.set(oidSubjectAltName, g.chance(2), alternatives()) }},
	{"alternatives", func(g *generator, d *draft) {
		var names [][]byte
		for range 1 + g.IntN(3) {
			names = append(names, g.alternative())
		}
		d.set(oidSubjectAltName, g.chance(3), alternatives(names...))
	}},
	{"alternatives malformed", func(g *generator, d *draft) {
		d.set(oidSubjectAltName, g.chance(3), pick(g, garbage(g), alternatives([]byte{0x8a, 0}), alternatives([]byte{0xa2, 0}), alternatives([]byte{0x42, 0}), alternatives([]byte{0xa4, 2, 5, 0}), alternatives([]byte{0x88, 0})))
	}},
	{"alternatives with something behind", func(_ *generator, d *draft) {
		d.set(oidSubjectAltName, false, append(alternatives(dns("db.example.com")), 5, 0))
	}},
}

// alternative is a GeneralName of any kind.
func (g *generator) alternative() []byte {
	return pick(g,
		dns(pick(g, "db.example.com", "*.example.com", "example.com", "db.example.org", "", "db.EXAMPLE.com", "d*.example.com", "xn--*.example.com", "*")),
		dns(pick(g, "db.example.com", "*.example.com", "a.b.example.com")),
		address(pick(g, "192.0.2.7", "192.0.2.8", "2001:db8::1")),
		general(ipTag, "\x01\x02\x03"),
		email(pick(g, "a@example.com", "a@b.example.com", "a@example.org", "example.com", "A@EXAMPLE.COM", "\"a@b\"@example.com", "a@.example.com")),
		uri(pick(g, "https://db.example.com/x", "https://db.example.com:19530", "https://db.example.org", "https:db", "https://", "urn:x:y://db.example.com", "https://db.example.com/a:b", "https://a@db.example.com/")),
		directory(common(pick(g, "db.example.com", "x"))),
		directory(name(rdn{oidOrganization, cbasn1.PrintableString, "milvus"})),
		otherName(pick(g, strangeOID, "1.3.6.1.5.5.7.8.9"), "a@example.com"),
		general(registeredTag, "\x2a\x03"),
	)
}

const numericString = 18 // of which OpenSSL makes no canonical form

// respelled writes a name of an organization and a CommonName otherwise.
func (g *generator) respelled(der []byte) []byte {
	text := "unknown"
	if found := commonNames(der); len(found) > 0 {
		text = found[0]
	}
	organization := rdn{oidOrganization, cbasn1.PrintableString, pick(g, "Milvus", "MILVUS", " Milvus ", "Mil vus", "Milvus", "Milvus")}
	switch g.IntN(6) {
	case 0: // BMPString
		wide := ""
		for _, c := range []byte(text) {
			wide += string([]byte{0, c})
		}
		return name(organization, rdn{oidCommonName, 30, wide})
	case 1:
		return name(organization, rdn{oidCommonName, cbasn1.T61String, text})
	case 2:
		return name(organization, rdn{oidCommonName, cbasn1.UTF8String, "  " + text + "\t"})
	case 3:
		return name(organization, rdn{oidCommonName, numericString, text})
	case 4:
		return name(rdn{oidCommonName, cbasn1.UTF8String, text}, organization)
	}
	return name(organization, rdn{oidCommonName, cbasn1.PrintableString, text})
}

// constraintOddities are about nameConstraints.
var constraintOddities = []oddity{
	{"permitted names", func(g *generator, d *draft) {
		g.constrain(d, constraints(g.trees(), nil))
	}},
	{"excluded names", func(g *generator, d *draft) {
		g.constrain(d, constraints(nil, g.trees()))
	}},
	{"permitted names, a subject that is none", func(g *generator, d *draft) {
		g.constrain(d, constraints([][]byte{tree(dns(pick(g, "example.com", "example.org")), -1, -1)}, nil))
		g.drafts[0].drop(oidSubjectAltName)
		g.rename(g.drafts[0], common(pick(g, "db.example.com", "db", "db.example.com\x00", "db\x00.example.com", "-.example.com", "db..example.com", "a b", "db-.example.com")))
	}},
	{"permitted and excluded names, any names", func(g *generator, d *draft) {
		g.constrain(d, constraints(g.trees(), g.trees()))
		g.drafts[0].set(oidSubjectAltName, false, alternatives(g.alternative(), g.alternative()))
	}},
	{"names constrained, an email address in the subject", func(g *generator, d *draft) {
		g.constrain(d, constraints([][]byte{g.mailTree()}, nil))
		g.rename(g.drafts[0], name(rdn{oidCommonName, cbasn1.UTF8String, "db.example.com"}, rdn{oidEmail, pick(g, cbasn1.IA5String, cbasn1.IA5String, cbasn1.UTF8String), pick(g, "a@example.com", "a@b.example.com", "b@example.com")}))
	}},
	{"names constrained, email addresses", func(g *generator, d *draft) {
		g.constrain(d, constraints([][]byte{g.mailTree()}, nil))
		g.drafts[0].set(oidSubjectAltName, false, alternatives(email(pick(g, "a@example.com", "a@b.example.com", "A@example.com", "a@EXAMPLE.com", "x@.com", "a", "\x00@example.com"))))
	}},
	{"names constrained, URIs", func(g *generator, d *draft) {
		g.constrain(d, constraints([][]byte{tree(uri(pick(g, ".example.com", "db.example.com", "example.com", "")), -1, -1)}, nil))
		g.drafts[0].set(oidSubjectAltName, false, alternatives(uri(pick(g, "https://db.example.com/x", "https://db.example.com:19530/", "db.example.com", "https:db", "https:///x", "x:y://db.example.com", "https://DB.example.com"))))
	}},
	{"names bounded", func(g *generator, d *draft) {
		g.constrain(d, constraints([][]byte{tree(dns("example.com"), g.Int64N(2), g.Int64N(3)-1)}, nil))
	}},
	{"nameConstraints malformed", func(g *generator, d *draft) {
		d.set(oidNameConstraints, g.chance(2), pick(g, garbage(g), constraints([][]byte{{5, 0}}, nil), constraints([][]byte{tree([]byte{0x30, 0}, -1, -1)}, nil)))
	}},
	{"no constraints in nameConstraints", func(_ *generator, d *draft) { d.set(oidNameConstraints, true, constraints(nil, nil)) }},
}

// constrain gives nameConstraints to a draft that has signed another, mostly.
func (g *generator) constrain(d *draft, value []byte) {
	if g.indexOf(d) == 0 && !g.chance(8) {
		d = g.drafts[1+g.IntN(len(g.drafts)-1)]
	}
	d.set(oidNameConstraints, !g.chance(4), value)
}

func (g *generator) mailTree() []byte {
	return tree(email(pick(g, "example.com", ".example.com", "a@example.com", "@example.com", ".com", "", "b@example.org", "\x00@example.com")), -1, -1)
}

func (g *generator) trees() (out [][]byte) {
	for range 1 + g.IntN(2) {
		out = append(out, pick(g,
			tree(dns(pick(g, "example.com", ".example.com", "db.example.com", "", "example.org", "EXAMPLE.com", "ample.com", "x.db.example.com")), -1, -1),
			tree(dns(pick(g, "example.com", "example.org")), -1, -1),
			tree(network("192.0.2.0", "255.255.255.0"), -1, -1),
			tree(network("192.0.2.7", pick(g, "255.255.255.255", "0.0.0.0", "255.0.255.0")), -1, -1),
			tree(network("2001:db8::", "ffff:ffff::"), -1, -1),
			tree(general(ipTag, "\x01\x02\x03"), -1, -1),
			g.mailTree(),
			tree(uri(pick(g, "example.com", ".example.com")), -1, -1),
			tree(directory(name(rdn{oidOrganization, cbasn1.PrintableString, pick(g, "milvus", "Milvus", "Zilliz")})), pick[int64](g, -1, -1, 0), -1),
			tree(directory(name()), -1, -1),
			tree(directory(common("db.example.com")), -1, -1),
			tree(otherName(pick(g, strangeOID, "1.3.6.1.5.5.7.8.9"), "a@example.com"), -1, -1),
			tree(general(registeredTag, "\x2a\x03"), -1, -1),
		))
	}
	return out
}
