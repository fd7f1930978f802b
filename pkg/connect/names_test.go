package connect_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/connect"
)

func identity(commonName string, addresses []string, names ...string) certpath.Identity {
	id := certpath.Identity{DNS: names}
	if commonName != "" {
		id.CommonNames = []string{commonName}
	}
	for _, a := range addresses {
		id.Addresses = append(id.Addresses, netip.MustParseAddr(a))
	}
	return id
}

func TestOwnHost(t *testing.T) {
	for _, tc := range []struct {
		name string
		id   certpath.Identity
		want string
		of   string // wildcard
	}{
		{"the first name", identity("other", []string{"10.0.0.5"}, "localhost", "milvus.example.com"), "localhost", ""},
		{"names before addresses", identity("", []string{"10.0.0.5"}, "milvus"), "milvus", ""},
		{"an address", identity("localhost", []string{"10.0.0.5"}), "10.0.0.5", ""},
		{"the CommonName", identity("localhost", nil), "localhost", ""},
		{"a CommonName that is no host", identity("Milvus Server", nil), "", ""},
		{"a name that cannot be dialled", identity("", nil, "my milvus", "milvus"), "milvus", ""},
		{"no wildcard where there is a name", identity("", nil, "*.example.com", "db.example.com"), "db.example.com", ""},
		{"no wildcard where there is an address", identity("", []string{"::1"}, "*.example.com"), "::1", ""},
		{"a wildcard alone", identity("", nil, "*.example.com"), "milvus.example.com", "*.example.com"},
		{"a wildcard as CommonName", identity("*.example.com", nil), "milvus.example.com", "*.example.com"},
		{"nothing", identity("", nil), "", ""},
	} {
		host, of := connect.OwnHost(tc.id)
		assert.Equal(t, []string{tc.want, tc.of}, []string{host, of}, tc.name)
	}
}

func TestServerName(t *testing.T) {
	for _, tc := range []struct {
		name string
		id   certpath.Identity
		host string
		want string
	}{
		{"covered", identity("", nil, "localhost"), "localhost", ""},
		{"covered in other case", identity("", nil, "localhost"), "LOCALHOST", ""},
		{"covered by a wildcard", identity("", nil, "*.example.com"), "a.example.com", ""},
		{"an address that is covered", identity("", []string{"127.0.0.1"}, "localhost"), "127.0.0.1", ""},
		{"an address that is not", identity("", []string{"127.0.0.1"}, "localhost"), "10.0.0.5", "localhost"},
		{"too deep for the wildcard", identity("", nil, "*.example.com"), "a.b.example.com", "milvus.example.com"},
		{"the CommonName, where nothing else is there", identity("localhost", nil), "localhost", ""},
		{"not the CommonName, where an address is there", identity("localhost", []string{"10.0.0.5"}), "localhost", "10.0.0.5"},
		{"another than the CommonName", identity("localhost", nil), "milvus", "localhost"},
		{"no name at all", identity("", nil), "localhost", ""},
	} {
		assert.Equal(t, tc.want, connect.ServerName(tc.id, tc.host), tc.name)
	}
}
