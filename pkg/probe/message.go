package probe

import "encoding/binary"

// The wire types of protobuf that Milvus uses, and the fields of GetVersionResponse (milvus.proto).
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5

	statusField  = 1
	versionField = 2

	mostVersion = 64
	prefix      = 5 // of a message: whether it is compressed, and its length in four bytes
)

// versionIn reads the version out of a GetVersionResponse behind its prefix. Milvus always sends a status in it, and one that was
// built by hand no version.
func versionIn(body []byte) (version string, ok bool) {
	if len(body) < prefix || body[0] != 0 {
		return "", false
	}
	message := body[prefix:]
	if length := binary.BigEndian.Uint32(body[1:]); uint64(length) > uint64(len(message)) {
		return "", false
	} else {
		message = message[:length]
	}
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return "", false
		}
		value, rest, whole := field(message[n:], int(tag&7)) //nolint:mnd // three bits
		if !whole {
			return "", false
		}
		switch tag {
		case versionField<<3 | wireBytes:
			return string(value[:min(len(value), mostVersion)]), true
		case statusField<<3 | wireBytes:
			ok = true
		}
		message = rest
	}
	return "", ok
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
