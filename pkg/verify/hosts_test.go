package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

func TestParseHost(t *testing.T) {
	for text, want := range map[string]string{
		"localhost": "localhost", "LOCALHOST": "LOCALHOST", "m.example.com.": "m.example.com.", "my_milvus": "my_milvus",
		"müller.example.com": "xn--mller-kva.example.com", "MÜLLER.example.com": "xn--mller-kva.example.com", "xn--mller-kva.example.com": "xn--mller-kva.example.com",
		"127.0.0.1": "127.0.0.1", "::1": "::1", "[::1]": "::1", "0:0:0:0:0:0:0:1": "::1", "FD00::A": "fd00::a", "::ffff:127.0.0.1": "::ffff:127.0.0.1",
	} {
		host, err := verify.ParseHost(text)
		assert.NoError(t, err, text)
		assert.Equal(t, want, host, text)
	}
	for text, want := range map[string]string{
		"localhost:19530":         `wanted a name or an address, found "localhost:19530"; give localhost alone`,
		"127.0.0.1:19530":         `wanted a name or an address, found "127.0.0.1:19530"; give 127.0.0.1 alone`,
		"[::1]:19530":             `wanted a name or an address, found "[::1]:19530"; give ::1 alone`,
		"https://localhost":       `wanted a name or an address, found "https://localhost"; give localhost alone`,
		"https://localhost:9091/": `wanted a name or an address, found "https://localhost:9091/"; give localhost alone`,
		"localhost:":              `wanted a name or an address, found "localhost:"; give localhost alone`,
		"":                        `wanted a name or an address that can be dialled, found ""`,
		"*.example.com":           `wanted a name or an address that can be dialled, found "*.example.com"`,
		"a b":                     `wanted a name or an address that can be dialled, found "a b"`,
		"milvus, first of three":  `wanted a name or an address that can be dialled, found "milvus, first of three"`,
		"[localhost]":             `wanted a name or an address that can be dialled, found "[localhost]"`,
		"https://":                `wanted a name or an address that can be dialled, found "https://"`,
		"a/b":                     `wanted a name or an address, found "a/b"; give a alone`,
		"user@example.com":        `wanted a name or an address; give example.com alone`,
		"10.0.0.0/8":              `wanted a name or an address, found "10.0.0.0/8"; give 10.0.0.0 alone`,
		"\u2603\u202e.example":    "wanted a name or an address that can be dialled, found \"\u2603\\u202e.example\"",
		"line\nbreak.example.com": `wanted a name or an address that can be dialled, found "line\nbreak.example.com"`,
	} {
		_, err := verify.ParseHost(text)
		assert.EqualError(t, err, want)
	}
}

// called is the subject and the names of a server.
func called(commonName string, names ...string) edit {
	return func(c *x509.Certificate) {
		c.Subject, c.DNSNames = pkix.Name{CommonName: commonName}, nil
		for _, n := range names {
			if ip := net.ParseIP(n); ip != nil {
				c.IPAddresses = append(c.IPAddresses, ip)
			} else {
				c.DNSNames = append(c.DNSNames, n)
			}
		}
	}
}

// TestOwnHost: without --host a server is asked for as its CommonName says, or else by the first of its names that can be
// dialled; the report says which.
func TestOwnHost(t *testing.T) {
	const cn, san = "the CommonName of server.pem", "the subjectAltName of server.pem"
	for _, tc := range []struct {
		name       string
		server     edit
		host, from string
	}{
		{"the CommonName", called("m.example.com", "localhost", "m.example.com"), "m.example.com", cn},
		{"an address in it", called("10.0.0.1", "10.0.0.1"), "10.0.0.1", cn},
		{"a wildcard in it", called("*.example.com", "*.example.com", "m.example.com"), "m.example.com", san},
		{"wildcards alone", called("*.example.com", "*.example.com"), "any.example.com", "for *.example.com"},
		{"none", called("", "m.example.com"), "m.example.com", san},
		{"addresses alone", called("", "10.0.0.1"), "10.0.0.1", san},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := check(family{server: []edit{tc.server}}.input(t))
			require.Len(t, r.Hosts, 1)
			assert.Equal(t, []string{tc.host, tc.from}, []string{r.Hosts[0].Host, r.Hosts[0].From})
			assert.Empty(t, found(r))
		})
	}
	r := check(family{server: []edit{called("Milvus, first of three", "m.example.com")}}.input(t))
	assert.Equal(t, []verify.Host{{Host: "m.example.com", From: san, CommonNameIs: "Milvus, first of three", AltName: true, AltNameThatIs: "DNS:m.example.com"}}, r.Hosts)
	r = check(family{server: []edit{called("Milvus, first of three")}}.input(t))
	assert.Equal(t, []string{"failure host server.pem: has no name that could be dialled"}, found(r))
	assert.Empty(t, r.Hosts)
	assert.Equal(t, "issue it with one: --common-name, --san", r.Findings[0].WayOut)
}

// hostCase is a server, a host that it is asked for, and what is found then.
type hostCase struct {
	name   string
	server edit
	host   verify.Host
	want   []string
}

// TestHosts: CommonName and subjectAltName are held against each host, each by itself.
func TestHosts(t *testing.T) {
	for _, tc := range hostCases {
		t.Run(tc.name, func(t *testing.T) {
			r := check(family{server: []edit{tc.server}}.input(t), hosts(tc.host.Host))
			tc.host.From = "--host"
			assert.Equal(t, []verify.Host{tc.host}, r.Hosts)
			assert.Equal(t, tc.want, found(r))
		})
	}
}

var hostCases = []hostCase{
	{"both", called("localhost", "localhost"),
		verify.Host{Host: "localhost", CommonName: true, CommonNameIs: "localhost", AltName: true, AltNameThatIs: "DNS:localhost"}, nil},
	{"both, in another case", called("localhost", "localhost"),
		verify.Host{Host: "LocalHost", CommonName: true, CommonNameIs: "localhost", AltName: true, AltNameThatIs: "DNS:localhost"}, nil},
	{"a wildcard", called("*.example.com", "*.example.com"),
		verify.Host{Host: "m.example.com", CommonName: true, CommonNameIs: "*.example.com", AltName: true, AltNameThatIs: "DNS:*.example.com"}, nil},
	{"an A-label", called("xn--mller-kva.example", "xn--mller-kva.example"),
		verify.Host{Host: "xn--mller-kva.example", CommonName: true, CommonNameIs: "xn--mller-kva.example", AltName: true, AltNameThatIs: "DNS:xn--mller-kva.example"}, nil},
	{"an address", called("::1", "::1"),
		verify.Host{Host: "::1", CommonName: true, CommonNameIs: "::1", AltName: true, AltNameThatIs: "IP:::1"}, nil},
	{"no CommonName", called("", "localhost"),
		verify.Host{Host: "localhost", AltName: true, AltNameThatIs: "DNS:localhost"}, nil},
	{"another CommonName", called("milvus", "localhost"),
		verify.Host{Host: "localhost", CommonNameIs: "milvus", AltName: true, AltNameThatIs: "DNS:localhost"},
		[]string{"warning common-name server.pem: its CommonName is not what is dialled; subjectAltName is, and that counts"}},
	{"in CommonName alone", called("localhost", "milvus"),
		verify.Host{Host: "localhost", CommonName: true, CommonNameIs: "localhost"},
		[]string{"failure host server.pem: subjectAltName does not cover localhost: refused by every client"}},
	{"in CommonName, with no subjectAltName", called("localhost"),
		verify.Host{Host: "localhost", CommonName: true, CommonNameIs: "localhost"},
		[]string{"failure host server.pem: no name or address in subjectAltName: refused by Go SDK, requests"}},
	{"in neither", called("milvus", "db.example.com"),
		verify.Host{Host: "10.0.0.1", CommonNameIs: "milvus"},
		[]string{"failure host server.pem: subjectAltName does not cover 10.0.0.1: refused by every client"}},
	{"an address in CommonName alone", called("10.0.0.1"),
		verify.Host{Host: "10.0.0.1", CommonName: true, CommonNameIs: "10.0.0.1"},
		[]string{"failure host server.pem: no name or address in subjectAltName: refused by pymilvus, Go SDK, Node SDK, Java SDK, " + strict}},
	{"a partial wildcard", called("", "f*.example.com"),
		verify.Host{Host: "foo.example.com"},
		[]string{"failure host server.pem: subjectAltName does not cover foo.example.com: refused by pymilvus, Go SDK, curl, Python 3.13, requests"}},
	{"a dot at the end", called("localhost", "localhost"),
		verify.Host{Host: "localhost.", CommonName: true, CommonNameIs: "localhost", AltName: true, AltNameThatIs: "DNS:localhost"},
		[]string{"failure host-with-dot server.pem: Milvus takes the dot at the end of localhost. for an error, and these clients send it: refused by Milvus"}},
}

// TestSeveralHosts: each is asked about, and a client is served where all of them are.
func TestSeveralHosts(t *testing.T) {
	in := family{server: []edit{called("localhost", "localhost", "10.0.0.1")}}.input(t)
	r := check(in, hosts("localhost", "10.0.0.1"))
	assert.Empty(t, found(r), "the CommonName is one of them")
	assert.True(t, r.OK)
	r = check(in, hosts("localhost", "m.example.com", "10.0.0.2"))
	assert.Equal(t, []string{"failure host server.pem: subjectAltName does not cover m.example.com, 10.0.0.2: refused by every client"}, found(r))
	assert.Len(t, r.Hosts, 3)
	host := r.Findings[0]
	assert.Equal(t, []string{"DNS:localhost, IP:10.0.0.1", "milvus-certs renew server --san m.example.com --san 10.0.0.2, or dial a name that it has"}, []string{host.Found, host.WayOut})
	host = check(in, hosts("m.example.com")).Findings[0]
	assert.Equal(t, "milvus-certs renew server --san m.example.com, or dial a name that it has", host.WayOut)
}

// TestManyNames: of many names the first are told.
func TestManyNames(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	r := check(family{server: []edit{called("a", names...)}}.input(t), hosts("z"))
	assert.Equal(t, "DNS:a, DNS:b, DNS:c, DNS:d, DNS:e, DNS:f, DNS:g, DNS:h, …", r.Findings[0].Found)
	r = check(family{server: []edit{called("a")}}.input(t), hosts("z"))
	assert.Equal(t, "CommonName a", r.Findings[0].Found)
	r = check(family{server: []edit{called("")}}.input(t), hosts("z"))
	assert.Equal(t, "no names", r.Findings[0].Found)
}
