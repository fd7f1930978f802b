package certpath

import (
	"bytes"
	"slices"
)

// maxDepth is the greatest depth of a chain, unless its caller sets another.
const maxDepth = 100

// tooLong tells whether a chain is already longer than any that would be accepted, by one.
func (v *verification) tooLong() bool { return len(v.chain) > maxDepth+1 }

// build is build_chain: from the leaf to a trusted certificate, by way of the trusted ones first. It returns a certificate
// that has a trusted issuer and a key that cannot be read, for which OpenSSL gives up.
func (v *verification) build() (unreadable *certificate) {
	trusted, sent := newCertificates(v.path.Trusted), newCertificates(v.path.Sent[1:])
	v.untrusted = 1
	for !v.tooLong() {
		last := v.chain[len(v.chain)-1]
		issuer := v.bestIssuer(trusted, last, false)
		switch {
		case issuer == nil:
		case !last.keyIsReadable():
			return last
		case v.addTrusted(last, issuer):
			if v.isTrusted() {
				return nil
			}
			sent = nil // what is trusted is not issued by what was sent
			continue
		}
		issuer = v.bestIssuer(sent, last, true)
		if issuer == nil || last.selfSigned() {
			break
		}
		sent = slices.DeleteFunc(sent, func(c *certificate) bool { return c == issuer })
		v.chain = append(v.chain, issuer)
		v.untrusted++
	}
	if v.tooLong() || !v.trustLeaf() {
		v.refuseUntrusted()
	}
	return nil
}

// addTrusted puts a trusted certificate at the end of the chain. One that is signed by itself takes the place of its copy,
// and no other certificate does.
func (v *verification) addTrusted(last, issuer *certificate) bool {
	switch {
	case !last.selfSigned():
		v.chain = append(v.chain, issuer)
	case !bytes.Equal(last.Raw, issuer.Raw):
		return false
	default:
		v.chain[len(v.chain)-1] = issuer
		v.untrusted = min(v.untrusted, len(v.chain)-1)
	}
	return true
}

// isTrusted is check_trust: the chain ends with a trusted certificate, which is signed by itself unless partial chains are
// allowed.
func (v *verification) isTrusted() bool {
	return v.PartialChain || v.chain[len(v.chain)-1].selfSigned()
}

// trustLeaf finds the leaf itself among the trusted certificates.
func (v *verification) trustLeaf() bool {
	if !v.PartialChain || v.untrusted < len(v.chain) || !v.path.trusts(v.path.Sent[0]) {
		return false
	}
	v.untrusted = 0
	return true
}

// refuseUntrusted says once more what spoke against the leaf's key, where something did.
func (v *verification) refuseUntrusted() {
	last := v.chain[len(v.chain)-1]
	code := unableToGetIssuerCertLocally
	switch {
	case len(v.refusals) > 0:
		v.refuse(eeKeyTooSmall, last)
		return
	case v.tooLong():
		v.refuse(certChainTooLong, last)
	}
	switch { // after a chain that is too long, too
	case last.selfSigned() && len(v.chain) == 1:
		code = depthZeroSelfSignedCert
	case last.selfSigned():
		code = selfSignedCertInChain
	case v.untrusted < len(v.chain):
		code = unableToGetIssuerCert
	}
	v.refuseFor(v.path.untrustedCause(last), code, last)
}

// bestIssuer returns the issuer of a certificate, rather one that is in its time than not. New ones are not in the chain
// yet, but for a leaf that its own name has issued.
func (v *verification) bestIssuer(candidates []*certificate, subject *certificate, fresh bool) *certificate {
	if len(v.chain) == 1 && subject.selfIssued() {
		fresh = false
	}
	var best *certificate
	for _, c := range candidates {
		if !likelyIssued(c, subject) || fresh && v.holds(c) {
			continue
		}
		if v.inTime(c) {
			return c
		}
		if best == nil || c.NotAfter.After(best.NotAfter) {
			best = c
		}
	}
	return best
}

// holds tells whether a certificate is in the chain.
func (v *verification) holds(c *certificate) bool {
	return slices.ContainsFunc(v.chain, func(in *certificate) bool { return bytes.Equal(in.Raw, c.Raw) })
}

// likelyIssued is ossl_x509_likely_issued: names, key identifiers and kinds of keys fit. The signature is checked later.
func likelyIssued(issuer, subject *certificate) bool {
	return slices.Equal(issuer.subject, subject.issuer) && !issuer.invalid && !subject.invalid &&
		issuer.answersTo(subject.authority) && issuer.keyFits(subject)
}

// selfSigned is EXFLAG_SS, which nothing checks the signature for.
func (c *certificate) selfSigned() bool { return likelyIssued(c, c) }

func (c *certificate) selfIssued() bool { return slices.Equal(c.subject, c.issuer) }

// answersTo is X509_check_akid: whatever both state has to agree.
func (c *certificate) answersTo(a *authorityKeyID) bool {
	switch {
	case a == nil:
		return true
	case a.hasKeyID && c.has(oidSubjectKeyID) && !bytes.Equal(a.keyID, c.subjectKeyID):
		return false
	case len(a.serial) > 0 && !bytes.Equal(a.serial, c.serial):
		return false
	}
	return !a.hasIssuer || slices.Equal(a.issuer, c.issuer)
}
