package certpath

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// generalName is a GeneralName, RFC 5280, 4.2.1.6.
type generalName struct {
	tag   int
	bytes []byte // the content; of a directoryName the Name
}

const (
	otherTag      = 0
	emailTag      = 1
	dnsTag        = 2
	x400Tag       = 3
	directoryTag  = 4
	ediTag        = 5
	uriTag        = 6
	ipTag         = 7
	registeredTag = 8
)

// subtree is a GeneralSubtree, RFC 5280, 4.2.1.10.
type subtree struct {
	generalName
	bounded bool // a maximum is there, or a minimum other than 0
}

func (c *certificate) readNames(s cryptobyte.String) bool {
	var body cryptobyte.String
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) {
		return false
	}
	var ok bool
	c.names, ok = readGeneralNames(body)
	return ok
}

const constructedBit = 0x20 // of a tag

func readGeneralNames(s cryptobyte.String) (names []generalName, ok bool) {
	for !s.Empty() {
		name, ok := readGeneralName(&s)
		if !ok {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// readGeneralName wants a tag of the ten, and a Name in a directoryName.
func readGeneralName(s *cryptobyte.String) (generalName, bool) {
	const tagNumber, class, context = 0x1f, 0xc0, 0x80
	var content cryptobyte.String
	var tag cbasn1.Tag
	if !s.ReadAnyASN1(&content, &tag) || tag&class != context {
		return generalName{}, false
	}
	n := generalName{int(tag & tagNumber), content}
	constructed := tag&constructedBit != 0
	switch n.tag {
	case otherTag, x400Tag, ediTag:
		return n, constructed
	case directoryTag:
		_, ok := readName(content)
		return n, constructed && ok
	case emailTag, dnsTag, uriTag, ipTag:
		ok := true
		if constructed {
			n.bytes, ok = joined(content, 0)
		}
		return n, ok
	case registeredTag:
		return n, !constructed && len(content) > 0
	}
	return n, false
}

// joined puts together a string that comes in parts, as BER allows.
func joined(parts cryptobyte.String, depth int) (out []byte, ok bool) {
	const deepest = 5 // ASN1_MAX_STRING_NEST
	for !parts.Empty() {
		var content cryptobyte.String
		var tag cbasn1.Tag
		if depth > deepest || !parts.ReadAnyASN1(&content, &tag) {
			return nil, false
		}
		part := []byte(content)
		if tag&constructedBit != 0 {
			if part, ok = joined(content, depth+1); !ok {
				return nil, false
			}
		}
		out = append(out, part...)
	}
	return out, true
}

func (c *certificate) readNameConstraints(s cryptobyte.String) bool {
	var body, trees cryptobyte.String
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) {
		return false
	}
	for i, into := range []*[]subtree{&c.permitted, &c.excluded} {
		var there bool
		if !body.ReadOptionalASN1(&trees, &there, cbasn1.Tag(i).ContextSpecific().Constructed()) {
			return false
		}
		for there && !trees.Empty() {
			tree, ok := readSubtree(&trees)
			if !ok {
				return false
			}
			*into = append(*into, tree)
		}
	}
	return body.Empty()
}

func readSubtree(s *cryptobyte.String) (subtree, bool) {
	var body, least, most cryptobyte.String
	var hasLeast, hasMost bool
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) {
		return subtree{}, false
	}
	name, ok := readGeneralName(&body)
	ok = ok && body.ReadOptionalASN1(&least, &hasLeast, cbasn1.Tag(0).ContextSpecific()) &&
		body.ReadOptionalASN1(&most, &hasMost, cbasn1.Tag(1).ContextSpecific()) &&
		body.Empty() && (!hasLeast || minimal(least)) && (!hasMost || minimal(most))
	return subtree{name, hasMost || hasLeast && !bytes.Equal(least, []byte{0})}, ok
}
