package probe

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func framed(message string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
}

func TestVersionIn(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		body       []byte
	}{
		{"nothing", "", nil},
		{"an empty message", "", framed("")},
		{"a version", "v2.6.2", framed("\x12\x06v2.6.2")},
		{"behind a status", "v2.6.2", framed("\x0a\x03\x08\x80\x01\x12\x06v2.6.2")},
		{"behind fields of all kinds", "v", framed("\x18\xff\x01\x21--------\x2d----\x12\x01v")},
		{"before others", "v", framed("\x12\x01v\x18")},
		{"not of that kind", "", framed("\x10\x06")},
		{"longer than versions are", strings.Repeat("v", 64), framed("\x12\x7f" + strings.Repeat("v", 127))},
		{"longer than there is", "", framed("\x12\x07v2.6.2")},
		{"a length that overflows", "", framed("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01v")},
		{"a length without end", "", framed("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")},
		{"groups, which nobody uses", "", framed("\x13\x12\x01v")},
		{"a message cut off", "", framed("\x12\x06v2.6.2")[:8]},
		{"compressed", "", append([]byte{1}, framed("\x12\x06v2.6.2")[1:]...)},
		{"a prefix alone", "", []byte{0, 0, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			version, ok := versionIn(tc.body)
			assert.Equal(t, tc.want, version)
			assert.Equal(t, tc.want != "", ok)
		})
	}
	version, ok := versionIn(framed("\x0a\x00"))
	assert.Empty(t, version)
	assert.True(t, ok, "a status without a version is Milvus's too")
}

func FuzzVersionIn(f *testing.F) {
	f.Add([]byte("\x0a\x03\x08\x80\x01\x12\x06v2.6.2"))
	f.Add([]byte("\x18\xff\x01\x21--------\x2d----\x12\x01v"))
	f.Fuzz(func(t *testing.T, message []byte) {
		version, _ := versionIn(framed(string(message)))
		assert.LessOrEqual(t, len(version), mostVersion)
		assert.Contains(t, string(message), version)
	})
}

func TestIsSettings(t *testing.T) {
	for header, want := range map[string]bool{
		"\x00\x00\x00\x04\x00\x00\x00\x00\x00": true,
		"\x00\x00\x12\x04\x00\x00\x00\x00\x00": true,
		"\x00\x00\x00\x04\x01\x00\x00\x00\x00": false, // an acknowledgement
		"\x00\x00\x05\x04\x00\x00\x00\x00\x00": false, // half a setting
		"\x00\x00\x00\x04\x00\x00\x00\x00\x01": false, // of a stream
		"\x00\x00\x00\x07\x00\x00\x00\x00\x00": false, // GOAWAY
		"\x01\x00\x02\x04\x00\x00\x00\x00\x00": false, // longer than is allowed before it is agreed on
		"\x00\x00\x00\x04\x00\x00\x00\x00":     false,
		"HTTP/1.1 ":                            false,
	} {
		assert.Equal(t, want, isSettings([]byte(header)), "%q", header)
	}
}
