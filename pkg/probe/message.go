package probe

import "encoding/binary"

// The wire types of protobuf that Milvus uses, and the field of GetVersionResponse (milvus.proto).
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5

	versionField = 2

	mostVersion = 64
	prefix      = 5 // of a message: whether it is compressed, and its length in four bytes
)

// versionIn reads the version out of a GetVersionResponse behind its prefix. What is not one has none.
func versionIn(body []byte) string {
	if len(body) < prefix || body[0] != 0 {
		return ""
	}
	message := body[prefix:]
	if length := binary.BigEndian.Uint32(body[1:]); uint64(length) > uint64(len(message)) {
		return ""
	} else if message = message[:length]; len(message) == 0 {
		return ""
	}
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return ""
		}
		value, rest, ok := field(message[n:], int(tag&7)) //nolint:mnd // three bits
		if !ok {
			return ""
		}
		if tag>>3 == versionField && tag&7 == wireBytes {
			return string(value[:min(len(value), mostVersion)])
		}
		message = rest
	}
	return ""
}

// field cuts off the value of a field.
func field(data []byte, wire int) (value, rest []byte, ok bool) {
	n, skip := uint64(0), 0
	switch wire {
	case wireVarint:
		_, skip = binary.Uvarint(data)
		ok = skip > 0
	case wireBytes:
		n, skip = binary.Uvarint(data)
		ok = skip > 0
	case wire64:
		n, ok = 8, true
	case wire32:
		n, ok = 4, true
	}
	if !ok || n > uint64(len(data)-skip) {
		return nil, nil, false
	}
	end := skip + int(n)
	return data[skip:end], data[end:], true
}
