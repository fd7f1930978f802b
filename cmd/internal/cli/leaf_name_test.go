package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"alice": "alice", "Alice Example": "Alice Example", "node1.example.com": "node1.example.com", "alice@example.com": "alice@example.com",
		"*.example.com": "_wildcard.example.com", "10.0.0.5": "10.0.0.5", "2001:db8::1": "2001_db8__1", "müller": "müller", "_x": "_x",
	} {
		got, err := fileName(name)
		assert.NoError(t, err, name)
		assert.Equal(t, want, got)
	}
	for _, name := range []string{
		"", " ", ".", "..", ".x", "-x", "a/b", `a\b`, "a:b", "a*b", "x.", " x", "x ", "a\nb", "a\x00b", "a\x1b[2Jb", "con?", "a|b", "\xff",
		"ca", "CA", "server", "Client", "x.pem", "x.KEY", "x.csr", strings.Repeat("x", 201),
	} {
		_, err := fileName(name)
		assert.Error(t, err, "%q", name)
	}
}
