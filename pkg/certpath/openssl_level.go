package certpath

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"math"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// levelBits are the bits of security that each level wants, from SSL_CTX_set_security_level(3).
var levelBits = []int{0, 80, 112, 128, 192, 256}

// checkSecurityLevel is check_auth_level: keys of all that sign, and the digests of all signatures but that of the trusted
// end.
func (v *verification) checkSecurityLevel() {
	for i, c := range v.chain {
		if i > 0 && !v.keyIsStrong(c) {
			v.refuse(caKeyTooSmall, c)
		}
		if i < len(v.chain)-1 && !v.signatureIsStrong(c) {
			v.refuse(caMDTooWeak, c)
		}
	}
}

// bits are how many the level asks for; 0 where it asks for nothing.
func (o OpenSSL) bits() int { return levelBits[min(max(o.SecurityLevel, 0), len(levelBits)-1)] }

func (v *verification) keyIsStrong(c *certificate) bool { return c.keyBits() >= v.bits() }

func (v *verification) signatureIsStrong(c *certificate) bool {
	a, _ := algorithmOf(c.outer)
	return a.bits >= v.bits()
}

// keyBits are the bits of security of a key; of one that cannot be read, none.
func (c *certificate) keyBits() int {
	switch key := c.publicKey().(type) {
	case *rsa.PublicKey:
		return rsaBits(key.N.BitLen())
	case *ecdsa.PublicKey:
		return ecBits(key.Params().N.BitLen())
	case ed25519.PublicKey:
		return signatureAlgorithms[ed25519Key].bits
	}
	if c.keyKind() == ecKey && c.keyIsReadable() { // a point has two coordinates, and an octet before
		const octet = 8
		return ecBits(len(c.PublicKeyBits) / 2 * octet)
	}
	return otherKeys[c.keyKind()]
}

// ecBits are half the bits of the order, and at most the next level below: OpenSSL's ossl_ec_key_security_bits.
func ecBits(order int) int {
	for _, step := range []struct{ order, bits int }{{512, 256}, {384, 192}, {256, 128}, {224, 112}, {160, 80}} {
		if order >= step.order {
			return step.bits
		}
	}
	return order / 2 //nolint:mnd // half
}

// rsaBits estimates the strength of a modulus by the cost of factoring it: NIST SP 800-56B revision 2, appendix D, rounded to
// eights as OpenSSL's ossl_ifc_ffc_compute_security_bits does. Common sizes have the figures of table 4.
func rsaBits(modulus int) int {
	if bits, ok := map[int]int{2048: 112, 3072: 128, 4096: 152, 6144: 176, 7680: 192, 8192: 200, 15360: 256}[modulus]; ok {
		return bits
	}
	limit := 1200
	for _, step := range []struct{ modulus, bits int }{{15360, 256}, {7680, 192}} {
		if modulus <= step.modulus {
			limit = step.bits
		}
	}
	x := float64(modulus) * math.Ln2
	estimate := (1.923*math.Cbrt(x*math.Log(x)*math.Log(x)) - 4.69) / math.Ln2
	const eight = 8
	return min(limit, (int(estimate)+eight/2)/eight*eight)
}

// OwnRefusal says why a certificate is not even taken for one's own: ssl_security_cert, which SSL_CTX_use_certificate(3)
// calls; ca says that it is one of the CAs behind one's own. Nil: it is taken.
func (o OpenSSL) OwnRefusal(c *certset.Certificate, ca bool) *Refusal {
	v, own := verification{OpenSSL: o}, newCertificate(c)
	switch {
	case ca && !v.keyIsStrong(own):
		return &Refusal{Cause: WeakKey, Certificate: c, Text: "ca key too small"}
	case !v.keyIsStrong(own):
		return &Refusal{Cause: WeakKey, Certificate: c, Text: "ee key too small"}
	case !own.selfSigned() && !v.signatureIsStrong(own):
		return &Refusal{Cause: WeakSignature, Certificate: c, Text: "ca md too weak"}
	}
	return nil
}

// HasWeakKey tells whether the key of a certificate is one that level 2 refuses, such as RSA under 2048 bits.
func HasWeakKey(c *certset.Certificate) bool {
	v := verification{OpenSSL: OpenSSL{SecurityLevel: 2}} //nolint:mnd // that of Debian's clients
	return !v.keyIsStrong(newCertificate(c))
}

// WeaklySigned tells whether a certificate is signed with a digest that level 1 refuses, such as SHA-1.
func WeaklySigned(c *certset.Certificate) bool {
	v := verification{OpenSSL: OpenSSL{SecurityLevel: 1}}
	return !v.signatureIsStrong(newCertificate(c))
}
