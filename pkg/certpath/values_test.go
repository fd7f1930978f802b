package certpath

import (
	"net/netip"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The values of extensions, as DER.

func basicConstraints(ca bool, pathLen ...int64) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		if ca {
			b.AddASN1Boolean(true)
		}
		for _, n := range pathLen {
			b.AddASN1Int64(n)
		}
	})
}

func usages(bits ...int) []byte {
	var octets [2]byte
	last := -1
	for _, n := range bits {
		octets[n/8] |= 0x80 >> (n % 8)
		last = max(last, n)
	}
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.BIT_STRING, func(b *cryptobyte.Builder) {
			length := (last + 8) / 8
			b.AddUint8(uint8(length*8 - 1 - last))
			if last < 0 {
				return
			}
			b.AddBytes(octets[:length])
		})
	})
}

func extendedUsages(oids ...string) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		for _, oid := range oids {
			b.AddASN1ObjectIdentifier(mustOID(oid))
		}
	})
}

func octets(content []byte) []byte {
	return der(func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
}

// authority is an AuthorityKeyIdentifier; what is nil is left out.
func authority(keyID, issuer, serial []byte) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		if keyID != nil {
			b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(keyID) })
		}
		if issuer != nil {
			b.AddASN1(context(1).Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(directory(issuer)) })
		}
		if serial != nil {
			b.AddASN1(context(2), func(b *cryptobyte.Builder) { b.AddBytes(serial) })
		}
	})
}

func general(tag uint8, content string) []byte {
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(context(tag), func(b *cryptobyte.Builder) { b.AddBytes([]byte(content)) })
	})
}

func dns(name string) []byte   { return general(dnsTag, name) }
func email(name string) []byte { return general(emailTag, name) }
func uri(name string) []byte   { return general(uriTag, name) }

func address(text string) []byte {
	return general(ipTag, string(netip.MustParseAddr(text).AsSlice()))
}

// network is an address and its mask, as constraints have them.
func network(address, mask string) []byte {
	return general(ipTag, string(netip.MustParseAddr(address).AsSlice())+string(netip.MustParseAddr(mask).AsSlice()))
}

func directory(name []byte) []byte {
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(context(directoryTag).Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(name) })
	})
}

func otherName(oid, text string) []byte {
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(context(otherTag).Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(mustOID(oid))
			b.AddASN1(context(0).Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
			})
		})
	})
}

func alternatives(names ...[]byte) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		for _, n := range names {
			b.AddBytes(n)
		}
	})
}

// tree is a GeneralSubtree; least and most under 0 are left out.
func tree(name []byte, least, most int64) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		b.AddBytes(name)
		if least >= 0 {
			b.AddASN1Int64WithTag(least, context(0))
		}
		if most >= 0 {
			b.AddASN1Int64WithTag(most, context(1))
		}
	})
}

func constraints(permitted, excluded [][]byte) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		for i, trees := range [][][]byte{permitted, excluded} {
			if len(trees) == 0 {
				continue
			}
			b.AddASN1(context(uint8(i)).Constructed(), func(b *cryptobyte.Builder) {
				for _, t := range trees {
					b.AddBytes(t)
				}
			})
		}
	})
}

// rdn is one attribute of a name, in a set of its own.
type rdn struct {
	oid  string
	tag  cbasn1.Tag
	text string
}

func name(rdns ...rdn) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		for _, r := range rdns {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(mustOID(r.oid))
					b.AddASN1(r.tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(r.text)) })
				})
			})
		}
	})
}

const oidOrganization = "2.5.4.10"

// common is a name of an organization and a CommonName.
func common(text string) []byte {
	return name(rdn{oidOrganization, cbasn1.UTF8String, "Milvus"}, rdn{oidCommonName, cbasn1.UTF8String, text})
}

func sequence(build cryptobyte.BuilderContinuation) []byte {
	return der(func(b *cryptobyte.Builder) { b.AddASN1(cbasn1.SEQUENCE, build) })
}

func context(tag uint8) cbasn1.Tag { return cbasn1.Tag(tag).ContextSpecific() }
