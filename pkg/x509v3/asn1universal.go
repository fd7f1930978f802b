package x509v3

import (
	"bytes"
	"errors"
)

// maxPieces bounds how deep the pieces of a string nest.
const maxPieces = 5

// universalChecks judge content under a tag of the universal class, by its number. All other types hold any octets.
var universalChecks = map[uint64]func(content []byte) bool{
	1:  func(c []byte) bool { return len(c) == 1 },
	2:  isInteger,
	3:  func(c []byte) bool { return len(c) > 0 && c[0] <= 7 },
	5:  func(c []byte) bool { return len(c) == 0 },
	6:  isObject,
	10: isInteger,
	28: func(c []byte) bool { return len(c)%4 == 0 },
	30: func(c []byte) bool { return len(c)%2 == 0 },
}

// primitiveOnly are the types that do not come in pieces.
var primitiveOnly = map[uint64]bool{1: true, 2: true, 5: true, 6: true, 10: true}

var errUniversal = errors.New("the value is none of the type that its tag of class U stands for")

// universal reads content back under a tag of the universal class, as OpenSSL does with all that was tagged: a string in
// pieces becomes one, and what does not fit its type is refused.
func universal(t tag, constructed bool, content []byte) ([]byte, error) {
	switch {
	case t.number == 16 || t.number == 17:
		if !constructed {
			return nil, errUniversal
		}
		return header(t, true, content), nil
	case constructed && primitiveOnly[t.number]:
		return nil, errUniversal
	case constructed:
		var ok bool
		if content, ok = joinPieces(content, 0); !ok {
			return nil, errUniversal
		}
	}
	if fits, judged := universalChecks[t.number]; judged && !fits(content) {
		return nil, errUniversal
	}
	if t.number == 3 {
		content = clearUnused(content)
	}
	return header(t, false, content), nil
}

// joinPieces returns what the elements in content hold together, whatever their tags.
func joinPieces(content []byte, depth int) (joined []byte, ok bool) {
	for len(content) > 0 {
		if depth == maxPieces || bytes.HasPrefix(content, endOfContents) {
			return nil, false
		}
		piece, constructed, rest := cutElement(content)
		if constructed {
			if piece, ok = joinPieces(piece, depth+1); !ok {
				return nil, false
			}
		}
		joined, content = append(joined, piece...), rest
	}
	return joined, true
}

var endOfContents = []byte{0, 0}

// cutElement cuts off the first element of what header wrote.
func cutElement(der []byte) (content []byte, constructed bool, rest []byte) {
	const longForm, more = 0x1f, 0x80
	first := der[0]
	i := 1
	if first&longForm == longForm {
		for der[i]&more != 0 {
			i++
		}
		i++
	}
	length := int(der[i])
	i++
	if octets := length &^ more; length > more {
		length = 0
		for range octets {
			length, i = length<<8|int(der[i]), i+1
		}
	}
	return der[i : i+length], first&0x20 != 0, der[i+length:]
}

// clearUnused clears the bits of a BIT STRING that its first octet declares unused.
func clearUnused(content []byte) []byte {
	if len(content) == 1 {
		return []byte{0}
	}
	content[len(content)-1] &= 0xff << content[0]
	return content
}

// isInteger tells the content of an INTEGER: at least one octet, and none that could be left out.
func isInteger(c []byte) bool {
	if len(c) < 2 {
		return len(c) == 1
	}
	repeated := byte(0) // what the sign of the second octet makes of the first one
	if c[1]&0x80 != 0 {
		repeated = 0xff
	}
	return c[0] != repeated
}

// isObject tells the content of an OBJECT IDENTIFIER: no number starts with zero bits, and the last one ends.
func isObject(c []byte) bool {
	start := true
	for _, octet := range c {
		if start && octet == 0x80 {
			return false
		}
		start = octet < 0x80
	}
	return start && len(c) > 0
}
