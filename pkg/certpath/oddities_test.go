package certpath

import (
	"crypto"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oddity is one way in which a certificate is not as it should be, or at least not as usual.
type oddity struct {
	name   string
	change func(*generator, *draft)
}

// oddities are those of all kinds; each kind is as likely as the number of its entries.
var oddities = append(append(append(append([]oddity{}, useOddities...), fieldOddities...), nameOddities...), constraintOddities...)

// garbage is no DER of anything.
func garbage(g *generator) []byte {
	return pick(g, []byte{}, []byte{0x30, 5, 1}, []byte{2, 1, 0}, []byte{0x30, 3, 0x30, 1, 0xff}, []byte{4, 0}, []byte{0x30, 2, 0x0c, 0}, []byte{3, 1, 8})
}

const (
	serverAuth = "1.3.6.1.5.5.7.3.1"
	clientAuth = "1.3.6.1.5.5.7.3.2"
	strangeOID = "1.3.6.1.4.1.99999.1"
)

// useOddities are about what a certificate is for.
var useOddities = []oddity{
	{"no basicConstraints", func(_ *generator, d *draft) { d.drop(oidBasic) }},
	{"CA:FALSE", func(g *generator, d *draft) { d.set(oidBasic, g.chance(2), basicConstraints(false)) }},
	{"CA:TRUE", func(g *generator, d *draft) { d.set(oidBasic, g.chance(2), basicConstraints(true)) }},
	{"pathLen", func(g *generator, d *draft) { d.set(oidBasic, !g.chance(4), basicConstraints(true, g.Int64N(3))) }},
	{"pathLen 0", func(_ *generator, d *draft) { d.set(oidBasic, true, basicConstraints(true, 0)) }},
	{"pathLen without CA", func(g *generator, d *draft) { d.set(oidBasic, g.chance(2), basicConstraints(false, g.Int64N(3))) }},
	{"negative pathLen", func(_ *generator, d *draft) { d.set(oidBasic, true, basicConstraints(true, -1)) }},
	{"great pathLen", func(_ *generator, d *draft) { d.set(oidBasic, true, basicConstraints(true, 1<<40)) }},
	{"basicConstraints malformed", func(g *generator, d *draft) { d.set(oidBasic, true, garbage(g)) }},
	{"no keyUsage", func(_ *generator, d *draft) { d.drop(oidKeyUsage) }},
	{"keyUsage", func(g *generator, d *draft) { d.set(oidKeyUsage, g.chance(2), usages(g.IntN(9))) }},
	{"two keyUsages", func(g *generator, d *draft) {
		d.set(oidKeyUsage, true, usages(g.IntN(9), pick(g, digitalSignature, keyCertSign, cRLSign)))
	}},
	{"empty keyUsage", func(g *generator, d *draft) { d.set(oidKeyUsage, g.chance(2), usages()) }},
	{"keyUsage malformed", func(g *generator, d *draft) { d.set(oidKeyUsage, true, garbage(g)) }},
	{"neither basicConstraints nor keyUsage", func(_ *generator, d *draft) { d.drop(oidKeyUsage); d.drop(oidBasic) }},
	{"extendedKeyUsage", func(g *generator, d *draft) {
		d.set(oidExtKeyUsage, g.chance(3), extendedUsages(pick(g, serverAuth, clientAuth, anyExtendedKeyUsage, "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1", strangeOID, "1.3.6.1.5.5.7.3.4")))
	}},
	{"any and another extendedKeyUsage", func(g *generator, d *draft) {
		d.set(oidExtKeyUsage, false, extendedUsages(anyExtendedKeyUsage, pick(g, serverAuth, clientAuth, strangeOID)))
	}},
	{"empty extendedKeyUsage", func(g *generator, d *draft) { d.set(oidExtKeyUsage, g.chance(2), extendedUsages()) }},
	{"no extendedKeyUsage", func(_ *generator, d *draft) { d.drop(oidExtKeyUsage) }},
	{"extendedKeyUsage malformed", func(g *generator, d *draft) { d.set(oidExtKeyUsage, false, garbage(g)) }},
	{"nsCertType", func(g *generator, d *draft) { d.set(oidNetscape, g.chance(3), usages(g.IntN(8))) }},
	{"nsCertType alone", func(g *generator, d *draft) {
		d.drop(oidKeyUsage)
		d.drop(oidBasic)
		d.set(oidNetscape, false, usages(nsSSLCA+g.IntN(3)))
	}},
	{"empty nsCertType", func(_ *generator, d *draft) { d.set(oidNetscape, false, usages()) }},
	{"nsCertType malformed", func(g *generator, d *draft) { d.set(oidNetscape, false, garbage(g)) }},
	{"no key identifiers", func(_ *generator, d *draft) { d.drop(oidSubjectKeyID); d.drop(oidAuthorityKeyID) }},
	{"no subjectKeyIdentifier", func(_ *generator, d *draft) { d.drop(oidSubjectKeyID) }},
	{"no authorityKeyIdentifier", func(_ *generator, d *draft) { d.drop(oidAuthorityKeyID) }},
	{"wrong subjectKeyIdentifier", func(_ *generator, d *draft) { d.set(oidSubjectKeyID, false, octets([]byte("wrong"))) }},
	{"wrong authorityKeyIdentifier", func(_ *generator, d *draft) { d.set(oidAuthorityKeyID, false, authority([]byte("wrong"), nil, nil)) }},
	{"critical key identifier", func(g *generator, d *draft) {
		if e := d.extension(pick(g, oidSubjectKeyID, oidAuthorityKeyID)); e != nil {
			e.critical = true
		}
	}},
	{"key identifier malformed", func(g *generator, d *draft) { d.set(pick(g, oidSubjectKeyID, oidAuthorityKeyID), false, garbage(g)) }},
	{"authority by issuer and serial number", func(g *generator, d *draft) {
		above := g.above(g.indexOf(d))
		d.set(oidAuthorityKeyID, false, authority(pick(g, nil, above.key.id), pick(g, nil, above.issuer, above.issuer, common("wrong")), pick(g, nil, above.serial, above.serial, []byte{0x41})))
	}},
	{"empty authorityKeyIdentifier", func(_ *generator, d *draft) { d.set(oidAuthorityKeyID, false, authority(nil, nil, nil)) }},
	{"unknown extension", func(g *generator, d *draft) { d.set(strangeOID, g.chance(2), []byte{5, 0}) }},
	{"critical unknown extension first", func(_ *generator, d *draft) {
		d.extensions = append([]extension{{strangeOID, true, []byte{5, 0}}}, d.extensions...)
	}},
	{"known extension", func(g *generator, d *draft) {
		policies := sequence(func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(mustOID(strangeOID)) })
		})
		d.set(pick(g, "2.5.29.32", "2.5.29.36", "2.5.29.33", "2.5.29.54", "1.3.6.1.5.5.7.48.1.5", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.24"), g.chance(2), policies)
	}},
	{"an extension twice", func(g *generator, d *draft) {
		if len(d.extensions) > 0 {
			d.extensions = append(d.extensions, d.extensions[g.IntN(len(d.extensions))])
		}
	}},
	{"all extensions critical", func(_ *generator, d *draft) {
		for i := range d.extensions {
			d.extensions[i].critical = true
		}
	}},
	{"no extension critical", func(_ *generator, d *draft) {
		for i := range d.extensions {
			d.extensions[i].critical = false
		}
	}},
}

// fieldOddities are about times, keys, signatures and what else is no extension.
var fieldOddities = []oddity{
	{"expired", func(g *generator, d *draft) { d.notAfter = utcTime(now.AddDate(0, 0, -1-g.IntN(3))) }},
	{"not yet valid", func(_ *generator, d *draft) { d.notBefore = utcTime(now.AddDate(0, 0, 1)) }},
	{"ends or begins now", func(g *generator, d *draft) {
		at := utcTime(now.Add(time.Duration(g.IntN(3)-1) * time.Second))
		if g.chance(2) {
			d.notAfter = at
		} else {
			d.notBefore = at
		}
	}},
	{"ends before it begins", func(_ *generator, d *draft) { d.notBefore, d.notAfter = d.notAfter, d.notBefore }},
	{"valid for long", func(_ *generator, d *draft) { d.notAfter = utcTime(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)) }},
	{"time without seconds", func(g *generator, d *draft) {
		from, to := asTime("2501011200Z"), asTime("2701011200Z")
		if g.chance(2) {
			d.notBefore = from
		} else {
			d.notAfter = to
		}
	}},
	{"signature damaged", func(_ *generator, d *draft) { d.damage = true }},
	{"signed with another key", func(g *generator, d *draft) {
		for kind, keys := range keyPool() {
			for i := range keys {
				if string(keys[i].info) == string(d.by.info) {
					d.by = keyPool()[kind][keysOfAKind-1]
					return
				}
			}
		}
	}},
	{"inner and outer algorithm differ", func(g *generator, d *draft) {
		d.inner = pick(g, identifier("1.2.840.10045.4.3.2", false), identifier("1.2.840.113549.1.1.12", true), identifier(ed25519Key, false), identifier(strangeOID, true))
	}},
	{"algorithm with and without NULL", func(_ *generator, d *draft) {
		d.inner = identifier(oidOf(d.algorithm()), d.by.kind != rsaKey)
	}},
	{"digest", func(g *generator, d *draft) { d.hash = pick(g, crypto.SHA1, crypto.SHA224, crypto.SHA1, crypto.SHA384) }},
	{"PSS", func(g *generator, d *draft) {
		if d.by.kind == rsaKey {
			d.pss, d.hash = true, pick(g, crypto.SHA1, crypto.SHA256, crypto.SHA384)
		}
	}},
	{"key", func(g *generator, d *draft) {
		g.rekey(d, pick(g, "RSA 1024", "RSA 1024", "RSA 2048", "RSA 3072", "P-224", "P-384", "P-521", "Ed25519"))
	}},
	{"RSA and PSS", func(g *generator, d *draft) {
		g.rekey(d, pick(g, "RSA 2048", "RSA 3072"))
		for _, other := range g.drafts {
			if string(other.by.info) == string(d.key.info) {
				other.pss, other.hash = true, pick(g, crypto.SHA1, crypto.SHA256, crypto.SHA512)
			}
		}
	}},
	{"explicit curve", func(g *generator, d *draft) {
		g.rekey(d, "P-256")
		d.info = d.key.explicit()
	}},
	{"key that cannot be read", func(g *generator, d *draft) {
		other := keyPool()["P-256"][keysOfAKind-1].info
		d.info = append([]byte{}, pick(g, other, keyPool()["RSA 2048"][keysOfAKind-1].info)...)
		if g.chance(2) || len(d.info) > len(other) {
			d.info[9]++ // of the OID
		} else {
			d.info[len(d.info)-1]++ // off the curve
		}
	}},
	{"old version", func(g *generator, d *draft) { d.version = 1 + g.IntN(2) }},
	{"old version, no extensions", func(g *generator, d *draft) {
		d.version = 1 + g.IntN(2)
		d.extensions = nil
	}},
	{"serial number", func(g *generator, d *draft) {
		d.serial = pick(g, []byte{0}, []byte{0xff}, append([]byte{0x7f}, make([]byte, 20)...))
	}},
}

func asTime(text string) []byte {
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.UTCTime, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
	})
}
