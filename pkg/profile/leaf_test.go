package profile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// TestLeaf: a further leaf is as the set's of its role, but for its names.
func TestLeaf(t *testing.T) {
	const stated = "[v3_req]\nkeyUsage=digitalSignature\n"
	for _, tc := range []struct {
		name, conf    string
		role          profile.Role
		leaf          profile.Leaf
		subject, want string
		notes         []string
	}{
		{"client", stated, profile.ClientRole, profile.Leaf{CommonName: flag("alice")}, "C=CN, O=milvus, OU=milvus, CN=alice",
			"keyUsage=0x1; subjectAltName=DNS:alice; extendedKeyUsage=clientAuth",
			[]string{"alice.pem: added subjectAltName DNS:alice; extendedKeyUsage clientAuth; subjectKeyIdentifier; authorityKeyIdentifier"}},
		{"server with further names", stated, profile.ServerRole, profile.Leaf{CommonName: flag("node"), SANs: []string{"IP:10.0.0.5", "node"}}, "C=CN, O=milvus, OU=milvus, CN=node",
			"keyUsage=0x1; subjectAltName=DNS:node,IP:10.0.0.5; extendedKeyUsage=serverAuth",
			[]string{"alice.pem: added subjectAltName DNS:node, IP:10.0.0.5; extendedKeyUsage serverAuth; subjectKeyIdentifier; authorityKeyIdentifier"}},
		{"no host name", "", profile.ClientRole, profile.Leaf{CommonName: flag("Alice Example")}, "C=CN, O=milvus, OU=milvus, CN=Alice Example",
			"extendedKeyUsage=clientAuth", []string{"alice.pem: added extendedKeyUsage clientAuth; subjectKeyIdentifier; authorityKeyIdentifier"}},
		{"names that the conf states stay", "[v3_req]\nsubjectAltName=DNS:x\n", profile.ServerRole, profile.Leaf{CommonName: flag("node"), SANs: []string{"y"}}, "C=CN, O=milvus, OU=milvus, CN=node",
			"subjectAltName=DNS:x,DNS:node,DNS:y; extendedKeyUsage=serverAuth",
			[]string{"alice.pem: added subjectAltName DNS:node, DNS:y; extendedKeyUsage serverAuth; subjectKeyIdentifier; authorityKeyIdentifier"}},
		{"a client gets what is stated", "[v3_req]\nsubjectAltName=DNS:x\n", profile.ClientRole, profile.Leaf{CommonName: flag("alice")}, "C=CN, O=milvus, OU=milvus, CN=alice",
			"subjectAltName=DNS:x; extendedKeyUsage=clientAuth", []string{"alice.pem: added extendedKeyUsage clientAuth; subjectKeyIdentifier; authorityKeyIdentifier"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustResolve(t, tc.conf, profile.Asked{SANs: []string{"only.the.sets"}})
			server, client := render(p.Server().Extensions), render(p.Client().Extensions)
			tc.leaf.File = "alice.pem"
			c, notes, err := p.Leaf(tc.role, tc.leaf)
			require.NoError(t, err)
			assert.Equal(t, tc.subject, c.Subject.String())
			assert.Equal(t, tc.want, render(c.Extensions))
			assert.Equal(t, tc.want, render(c.Requested))
			assert.Equal(t, tc.notes, notes)
			assert.Equal(t, server, render(p.Server().Extensions), "the set's are as before")
			assert.Equal(t, client, render(p.Client().Extensions))
		})
	}
}

func TestLeafExact(t *testing.T) {
	p := mustResolve(t, "[v3_req]\nkeyUsage=digitalSignature\n", profile.Asked{Exact: true})
	c, notes, err := p.Leaf(profile.ServerRole, profile.Leaf{CommonName: flag("node")})
	require.NoError(t, err)
	assert.Equal(t, "keyUsage=0x1", render(c.Extensions))
	assert.Empty(t, notes)
	_, _, err = p.Leaf(profile.ServerRole, profile.Leaf{CommonName: flag("node"), SANs: []string{"x"}})
	assert.EqualError(t, err, "further names and --exact exclude each other: exact adds nothing to what the conf states")
}

func TestLeafRefused(t *testing.T) {
	p := mustResolve(t, "", profile.Asked{})
	for _, tc := range []struct {
		leaf profile.Leaf
		want string
	}{
		{profile.Leaf{CommonName: flag("")}, "--flag: wanted a name, found nothing"},
		{profile.Leaf{CommonName: flag(strings.Repeat("a", 65))}, `--flag: a CommonName has 64 printable characters at most, found "` + strings.Repeat("a", 65) + `"; give a shorter one, and the long name as a further one`},
		{profile.Leaf{CommonName: flag("a\x1bb")}, `--flag: a CommonName has 64 printable characters at most, found "a\x1bb"; give a shorter one, and the long name as a further one`},
		{profile.Leaf{CommonName: flag("a"), SANs: []string{"http://x"}, SANsFrom: "names:3:"}, `names:3: "http://x": wanted a host name such as milvus.example.com, without scheme, port or path`},
	} {
		_, _, err := p.Leaf(profile.ClientRole, tc.leaf)
		assert.EqualError(t, err, tc.want)
	}
}

// TestLeafFor: a subject that someone else chose stays whole, and its CommonName gives the names.
func TestLeafFor(t *testing.T) {
	p := mustResolve(t, "", profile.Asked{})
	subject := x509v3.NewName(x509v3.Attribute{Type: x509v3.OIDOrganization, Value: "theirs"}, x509v3.Attribute{Type: x509v3.OIDCommonName, Value: "node"})
	c, _, err := p.LeafFor(profile.ServerRole, subject, profile.Leaf{SANs: []string{"more"}})
	require.NoError(t, err)
	assert.Equal(t, "O=theirs, CN=node", c.Subject.String())
	assert.Equal(t, "subjectAltName=DNS:node,DNS:more; extendedKeyUsage=serverAuth", render(c.Extensions))
}

// TestDefaultSubject: it takes gen.sh's place, not the conf's nor a setting's.
func TestDefaultSubject(t *testing.T) {
	theirs := &profile.Subject{Organization: "acme", CommonName: "x"}
	assert.Equal(t, "O=acme, CN=x", mustResolve(t, "", profile.Asked{Default: theirs}).Server().Subject.String())
	assert.Equal(t, "C=DE, O=acme, CN=y", mustResolve(t, "", profile.Asked{Default: theirs, Country: flag("DE"), CommonName: flag("y")}).Server().Subject.String())
	const conf = "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nCN=stated\n"
	assert.Equal(t, "CN=stated", mustResolve(t, conf, profile.Asked{Default: theirs}).Server().Subject.String())
}

func TestReadNames(t *testing.T) {
	leaf := func(line, name string, sans ...string) profile.Leaf {
		return profile.Leaf{CommonName: profile.Setting{Value: name, From: "names:" + line}, SANs: sans, SANsFrom: "names:" + line + ":"}
	}
	for _, tc := range []struct {
		name, text string
		want       []profile.Leaf
	}{
		{"nothing", "", nil},
		{"comments and empty lines", "# a\n\n   \n\t# b\n", nil},
		{"names", "a\nb\n", []profile.Leaf{leaf("1", "a"), leaf("2", "b")}},
		{"no newline at the end", "a", []profile.Leaf{leaf("1", "a")}},
		{"CR LF and a byte order mark", "\ufeffa\r\nb\r\n", []profile.Leaf{leaf("1", "a"), leaf("2", "b")}},
		{"further names", "a DNS:b,IP:::1\tc # d\n", []profile.Leaf{leaf("1", "a", "DNS:b", "IP:::1", "c")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := profile.ReadNames("names", strings.NewReader(tc.text))
			require.NoError(t, err)
			require.Len(t, got, len(tc.want))
			for i := range got {
				assert.Equal(t, tc.want[i].CommonName, got[i].CommonName)
				assert.ElementsMatch(t, tc.want[i].SANs, got[i].SANs)
				assert.Equal(t, tc.want[i].SANsFrom, got[i].SANsFrom)
			}
		})
	}
	_, err := profile.ReadNames("names", strings.NewReader("a\n"+strings.Repeat("x", 70_000)))
	assert.EqualError(t, err, "names:2: wanted lines of 65536 bytes at most, found a longer one")
}
