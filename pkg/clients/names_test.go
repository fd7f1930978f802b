package clients

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
)

// matchers are the rules of the clients that look at names themselves, and RFC 6125's, by which reports speak of names.
var matchers = []struct {
	name    string
	matches matcher
}{
	{"grpc", matchGRPC}, {"node", matchNode}, {"curl", matchCurl}, {"java", matchJSSE},
	{"rfc", func(id certpath.Identity, host string) bool { _, ok := MatchingAltName(id, host); return ok }},
}

const (
	everyone = "grpc node curl java rfc"
	byCN     = "grpc node curl java" // who takes a CommonName
	nobody   = ""
)

// identity reads names such as "DNS:localhost IP:::1 CN:milvus".
func identity(text string) (id certpath.Identity) {
	for _, word := range strings.Fields(text) {
		kind, name, _ := strings.Cut(word, ":")
		switch kind {
		case "DNS":
			id.DNS = append(id.DNS, name)
		case "IP":
			id.Addresses = append(id.Addresses, netip.MustParseAddr(name))
		case "email":
			id.Emails = append(id.Emails, name)
		case "URI":
			id.URIs = append(id.URIs, name)
		case "CN":
			id.CommonNames = append(id.CommonNames, name)
		}
	}
	return id
}

// nameCases say who takes a certificate for the host. Those of docs/clients.md were measured.
var nameCases = []struct{ names, host, want string }{
	{"DNS:localhost", "localhost", everyone},
	{"DNS:localhost", "LOCALHOST", everyone},
	{"DNS:LOCALHOST", "localhost", everyone},
	{"DNS:localhost", "localhost2", nobody},
	{"DNS:localhost", "127.0.0.1", nobody},
	{"DNS:db.example.com CN:localhost", "localhost", nobody},
	{"DNS:db.example.com DNS:localhost", "localhost", everyone},
	{"DNS:xn--mller-kva.example.com", "xn--mller-kva.example.com", everyone},
	{"DNS:xn--mller-kva.example.com", "XN--MLLER-KVA.example.com", everyone},
	{"DNS:m\u00fcller.example.com", "xn--mller-kva.example.com", nobody},

	// The dot at the end: JSSE takes it off the host alone.
	{"DNS:localhost.", "localhost", "grpc node curl rfc"},
	{"DNS:localhost.", "localhost.", "grpc node curl rfc"},
	{"DNS:localhost", "localhost.", everyone},
	{"DNS:*.example.com", "m.example.com.", everyone},
	{"DNS:*.example.com.", "m.example.com", "grpc node curl rfc"},

	{"DNS:*.example.com", "m.example.com", everyone},
	{"DNS:*.example.com", "M.EXAMPLE.COM", everyone},
	{"DNS:*.EXAMPLE.com", "m.example.COM", everyone},
	{"DNS:*.example.com", "a.b.example.com", nobody},
	{"DNS:*.example.com", "example.com", nobody},
	{"DNS:*.example.com", "*.example.com", "grpc node curl rfc"},
	{"DNS:*.xn--mller-kva.example", "a.xn--mller-kva.example", everyone},
	{"DNS:*.example.com", "xn--mller-kva.example.com", everyone},
	{"DNS:*.example.com", "mexample.com", nobody},
	{"DNS:f*.example.com", "foo.example.com", "node java"},
	{"DNS:f*.example.com", "goo.example.com", nobody},
	{"DNS:f*o.example.com", "foo.example.com", "node java"},
	{"DNS:f*oo.example.com", "fo.example.com", nobody},
	{"DNS:*o.example.com", "foo.example.com", "node java"},
	{"DNS:*o*.example.com", "foo.example.com", "java"},
	{"DNS:a*b*c.example.com", "a1b2c.example.com", "java"},
	{"DNS:a*b*c.example.com", "a1c2b.example.com", nobody},
	{"DNS:a.*.example.com", "a.b.example.com", "java"},
	{"DNS:*.*.example.com", "a.b.example.com", "java"},
	{"DNS:a.b.*", "a.b.example", nobody},
	{"DNS:*", "localhost", nobody},
	{"DNS:*.", "localhost", nobody},
	{"DNS:*.localdomain", "m.localdomain", "java"},
	{"DNS:xn--*.example.com", "xn--mller-kva.example.com", nobody},
	{"DNS:*-kva.example.com", "xn--mller-kva.example.com", "node"},
	{"DNS:*.0.0.1", "127.0.0.1", nobody},
	{"DNS:..", "localhost", nobody},
	{"DNS:a..b", "a..b", "grpc curl rfc"},
	{"DNS:.", "localhost", nobody},
	{"DNS:", "localhost", nobody},
	{"DNS: CN:localhost", "localhost", nobody},

	// No host that JSSE would dial.
	{"DNS:my_milvus", "my_milvus", "grpc node curl rfc"},
	{"DNS:*.my_net.example", "a.my_net.example", "grpc node curl rfc"},
	{"DNS:-a.example", "-a.example", "grpc node curl rfc"},
	{"DNS:a-.example", "a-.example", "grpc node curl rfc"},

	{"IP:127.0.0.1", "127.0.0.1", everyone},
	{"IP:127.0.0.1", "127.0.0.2", nobody},
	{"DNS:127.0.0.1", "127.0.0.1", "grpc"},
	{"DNS:127.0.0.1 DNS:localhost", "localhost", everyone},
	{"IP:127.0.0.1 CN:localhost", "localhost", "node java"},
	{"IP:::1", "::1", everyone},
	{"IP:::1", "0:0:0:0:0:0:0:1", "node curl java rfc"},
	{"IP:::1 CN:localhost", "localhost", "node java"},
	{"IP:fd00::a", "FD00::A", everyone},
	{"IP:0:0:0:0:0:ffff:7f00:1", "127.0.0.1", "java"},
	{"IP:fd00::a", "fd00:0::000a", "node curl java rfc"},
	{"DNS:fd00::a", "fd00::a", "grpc"},
	{"IP:fd00::a CN:fd00::b", "fd00::b", nobody},
	{"CN:fd00::b", "fd00::b", "grpc curl"},
	{"DNS:*.2.3.999", "1.2.3.999", "node curl java rfc"},

	{"CN:localhost", "localhost", byCN},
	{"CN:LOCALHOST", "localhost", byCN},
	{"CN:localhost.", "localhost", "grpc node curl"},
	{"CN:*.example.com", "m.example.com", byCN},
	{"CN:127.0.0.1", "127.0.0.1", "curl"},
	{"CN:::1", "::1", "curl"},
	{"CN:localhost CN:milvus", "localhost", "grpc node"},
	{"CN:milvus CN:localhost", "localhost", "node curl java"},
	{"CN:milvus CN:localhost CN:last", "localhost", "node"},
	{"CN:m\u00fcller.example.com", "xn--mller-kva.example.com", "java"},
	{"CN:", "localhost", nobody},
	{"", "localhost", nobody},
	{"", "127.0.0.1", nobody},
	{"email:milvus@localhost CN:localhost", "localhost", "node curl java"},
	{"URI:https://localhost/ CN:localhost", "localhost", "node curl java"},
	{"email:localhost", "localhost", "grpc"},
	{"URI:localhost", "localhost", "grpc"},
}

func TestNames(t *testing.T) {
	for _, tc := range nameCases {
		t.Run(tc.names+" as "+tc.host, func(t *testing.T) {
			matching := []string{}
			for _, m := range matchers {
				if m.matches(identity(tc.names), tc.host) {
					matching = append(matching, m.name)
				}
			}
			assert.Equal(t, strings.Fields(tc.want), matching)
		})
	}
}

// TestMatchesAny: names without kinds go by the same rule, and an address by its letters.
func TestMatchesAny(t *testing.T) {
	for _, tc := range []struct {
		names, host string
		want        bool
	}{
		{"localhost", "localhost", true},
		{"localhost", "LocalHost.", true},
		{"milvus localhost", "localhost", true},
		{"milvus", "localhost", false},
		{"*.example.com", "m.example.com", true},
		{"f*.example.com", "foo.example.com", false},
		{"*.com", "example.com", false},
		{"*", "localhost", false},
		{"127.0.0.1", "127.0.0.1", true},
		{"*.0.0.1", "127.0.0.1", false},
		{"", "localhost", false},
	} {
		t.Run(tc.names+" as "+tc.host, func(t *testing.T) {
			assert.Equal(t, tc.want, MatchesAny(strings.Fields(tc.names), tc.host))
		})
	}
}

func TestMatchingAltName(t *testing.T) {
	for _, tc := range []struct{ names, host, want string }{
		{"DNS:a DNS:*.example.com", "M.example.com", "DNS:*.example.com"},
		{"DNS:localhost. DNS:localhost", "localhost", "DNS:localhost."},
		{"IP:127.0.0.1 IP:fd00::a", "FD00:0::A", "IP:fd00::a"},
		{"DNS:127.0.0.1", "127.0.0.1", ""},
		{"IP:127.0.0.1", "127.0.0.2", ""},
		{"DNS:a CN:b", "b", ""},
	} {
		t.Run(tc.names+" as "+tc.host, func(t *testing.T) {
			name, ok := MatchingAltName(identity(tc.names), tc.host)
			assert.Equal(t, tc.want, name)
			assert.Equal(t, tc.want != "", ok)
		})
	}
}

// FuzzNames: no name and no host is too much for a matcher, and a name that is the host is for it.
func FuzzNames(f *testing.F) {
	for _, tc := range nameCases {
		id := identity(tc.names)
		f.Add(strings.Join(id.DNS, " "), strings.Join(id.CommonNames, " "), tc.host)
	}
	f.Fuzz(func(t *testing.T, name, commonName, host string) {
		id := certpath.Identity{DNS: strings.Split(name, " "), CommonNames: strings.Split(commonName, " ")}
		for _, m := range matchers {
			for _, id := range []certpath.Identity{id, {DNS: id.DNS}, {CommonNames: id.CommonNames}, {Emails: id.DNS, URIs: id.DNS}} {
				m.matches(id, host)
			}
		}
		if plain := host != "" && len(host) <= 63 && strings.Trim(host, "abcdefghijklmnopqrstuvwxyz") == ""; plain {
			for _, m := range matchers {
				assert.True(t, m.matches(certpath.Identity{DNS: []string{host}}, host), m.name)
			}
		}
	})
}
