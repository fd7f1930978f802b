package certpath

import (
	"bytes"
	"slices"
	"strings"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// checkNameConstraints is check_name_constraints: from the trusted end on, every certificate against the constraints of all
// above it. Those issued by themselves are exempt, but for the leaf.
func (v *verification) checkNameConstraints() {
	for i := len(v.chain) - 1; i >= 0; i-- {
		c := v.chain[i]
		if i != 0 && c.selfIssued() {
			continue
		}
		for j := len(v.chain) - 1; j > i; j-- {
			if code := v.chain[j].violatedBy(c, i == 0 && !v.NeverCommonName); code != 0 {
				v.refuseFor(NameConstraints, code, c)
			}
		}
	}
}

const (
	oidCommonName = "2.5.4.3"
	oidEmail      = "1.2.840.113549.1.9.1"
)

// violatedBy is NAME_CONSTRAINTS_check and NAME_CONSTRAINTS_check_CN: the first way in which the names of another certificate
// violate the constraints of this one, or 0.
func (c *certificate) violatedBy(subject *certificate, commonName bool) verifyError {
	if !c.has(oidNameConstraints) {
		return 0
	}
	const most = 1 << 20 // comparisons, NAME_CHECK_MAX
	names := subject.constrained()
	if len(names)*(len(c.permitted)+len(c.excluded)) > most {
		return unspecified
	}
	for _, n := range names {
		if n.tag == notIA5 {
			return unsupportedNameSyntax
		}
		if code := c.constrain(n); code != 0 {
			return code
		}
	}
	isDNS := func(n generalName) bool { return n.tag == dnsTag }
	if !commonName || slices.ContainsFunc(subject.names, isDNS) {
		return 0
	}
	return c.constrainCommonNames(subject)
}

// notIA5 is the tag of an emailAddress that is of another kind of string.
const notIA5 = -1

// constrained are the names that constraints hold for: the subject, its emailAddresses, and the subjectAltName.
func (c *certificate) constrained() (names []generalName) {
	if len(c.subject) > 0 {
		names = append(names, generalName{directoryTag, c.RawSubject})
	}
	for _, email := range attributesOf(c.RawSubject, oidEmail) {
		tag := emailTag
		if email.tag != cbasn1.IA5String {
			tag = notIA5
		}
		names = append(names, generalName{tag, email.value})
	}
	return append(names, c.names...)
}

// constrainCommonNames holds CommonNames that look like hosts against the constraints for dNSNames.
func (c *certificate) constrainCommonNames(subject *certificate) verifyError {
	for _, name := range commonNames(subject.RawSubject) {
		name = strings.TrimRight(name, "\x00")
		if strings.Contains(name, "\x00") {
			return unsupportedNameSyntax
		}
		if !looksLikeHost(name) {
			continue
		}
		if code := c.constrain(generalName{dnsTag, []byte(name)}); code != 0 {
			return code
		}
	}
	return 0
}

// constrain is nc_match: a name has to be in one of the permitted trees of its kind, where there are any, and in none of the
// excluded ones.
func (c *certificate) constrain(name generalName) verifyError {
	asked, permitted := false, false
	for _, tree := range c.permitted {
		if !tree.concerns(name) {
			continue
		}
		asked = true
		within, code := tree.holds(name, permitted)
		if code != 0 {
			return code
		}
		permitted = permitted || within
	}
	if asked && !permitted {
		return permittedViolation
	}
	for _, tree := range c.excluded {
		if !tree.concerns(name) {
			continue
		}
		within, code := tree.holds(name, false)
		if code != 0 {
			return code
		}
		if within {
			return excludedViolation
		}
	}
	return 0
}

// concerns tells whether a tree is of the kind of a name. An otherName is of the kind that its OID says.
func (t subtree) concerns(name generalName) bool {
	if name.isMailbox() {
		return t.tag == emailTag
	}
	return t.tag == name.tag && (t.tag != otherTag || t.otherKind() == name.otherKind())
}

// holds is nc_match_single, where the answer is not known yet.
func (t subtree) holds(name generalName, known bool) (bool, verifyError) {
	base, text := string(t.bytes), string(name.bytes)
	switch {
	case t.bounded:
		return false, subtreeMinMax
	case known:
		return true, 0
	case name.isMailbox():
		return mailboxWithin(name.bytes, base)
	}
	switch t.tag {
	case directoryTag:
		tree, within := canonical(t.bytes), canonical(name.bytes)
		return len(within) >= len(tree) && slices.Equal(tree, within[:len(tree)]), 0
	case dnsTag:
		return inDomain(text, base), 0
	case emailTag:
		return mailWithin(text, base)
	case uriTag:
		return uriWithin(text, base)
	case ipTag:
		return addressWithin(name.bytes, t.bytes)
	}
	return false, unsupportedConstraintType
}

// inDomain is nc_dns.
func inDomain(name, base string) bool {
	if base == "" {
		return true
	}
	if len(name) > len(base) {
		cut := len(name) - len(base)
		if base[0] != '.' && name[cut-1] != '.' {
			return false
		}
		name = name[cut:]
	}
	return foldEqual(name, base)
}

// mailWithin is nc_email. A base that begins with a dot is held against the whole address.
func mailWithin(name, base string) (bool, verifyError) {
	local, host, ok := cutLast(name, "@")
	if !ok {
		return false, unsupportedNameSyntax
	}
	baseLocal, baseHost, whole := cutLast(base, "@")
	switch {
	case !whole && strings.HasPrefix(base, "."):
		return len(name) > len(base) && foldEqual(name[len(name)-len(base):], base), 0
	case baseLocal == "":
	case len(baseLocal) != len(local):
		return false, 0
	case strings.Contains(baseLocal+local, "\x00"):
		return false, unsupportedNameSyntax
	case baseLocal != local:
		return false, 0
	}
	return foldEqual(host, baseHost), 0
}

// foldEqual is ia5ncasecmp for texts of one length: only ASCII has upper and lower case.
func foldEqual(a, b string) bool {
	return len(a) == len(b) && strings.Map(lower, a) == strings.Map(lower, b)
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return "", text, false
	}
	return text[:i], text[i+len(separator):], true
}

// uriWithin is nc_uri.
func uriWithin(name, base string) (bool, verifyError) {
	_, rest, _ := strings.Cut(name, ":")
	host, ok := strings.CutPrefix(rest, "//")
	if !ok {
		return false, unsupportedNameSyntax
	}
	if before, _, ok := strings.Cut(host, ":"); ok {
		host = before // of a port, or of anything else with a colon
	} else {
		host, _, _ = strings.Cut(host, "/")
	}
	switch {
	case host == "":
		return false, unsupportedNameSyntax
	case strings.HasPrefix(base, "."):
		return len(host) > len(base) && foldEqual(host[len(host)-len(base):], base), 0
	}
	return foldEqual(host, base), 0
}

// addressWithin is nc_ip: the base is an address and a mask.
func addressWithin(address, base []byte) (bool, verifyError) {
	const v4, v6 = 4, 16
	switch {
	case len(address) != v4 && len(address) != v6, len(base) != 2*v4 && len(base) != 2*v6:
		return false, unsupportedNameSyntax
	case len(base) != 2*len(address):
		return false, 0 // the other family
	}
	masked := make([]byte, len(address))
	network, mask := base[:len(address)], base[len(address):]
	wanted := make([]byte, len(address))
	for i := range address {
		masked[i], wanted[i] = address[i]&mask[i], network[i]&mask[i]
	}
	return bytes.Equal(masked, wanted), 0
}

// looksLikeHost is cn2dnsid: letters, digits, hyphens and dots in their places, with a dot somewhere.
func looksLikeHost(name string) bool {
	dot := false
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_':
		case c == '-' && i > 0 && i < len(name)-1:
		case c == '.' && i > 0 && i < len(name)-1 && name[i+1] != '.' && name[i-1] != '-' && name[i+1] != '-':
			dot = true
		default:
			return false
		}
	}
	return dot
}
