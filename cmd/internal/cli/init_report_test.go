package cli

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The address that the report tells to connect to is one that the server's certificate is good for.
func TestAddress(t *testing.T) {
	for _, test := range []struct {
		names []string
		want  string
	}{
		{[]string{"DNS:localhost", "IP:127.0.0.1"}, "localhost:8080"},
		{[]string{"IP:10.0.0.5", "DNS:milvus.example.com"}, "milvus.example.com:8080"},
		{[]string{"DNS:*.example.com", "DNS:milvus.example.com"}, "milvus.example.com:8080"},
		{[]string{"DNS:*.example.com", "IP:10.0.0.5"}, "10.0.0.5:8080"},
		{[]string{"IP:2001:db8::1"}, "[2001:db8::1]:8080"},
		{[]string{"email:ops@example.com", "URI:https://milvus.example.com"}, "localhost:8080"},
		{nil, "localhost:8080"},
	} {
		assert.Equal(t, test.want, address(test.names), test.names)
	}
}
