package profile_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// noNames keeps a CommonName from adding names of its own.
var noNames = flag("no host name")

var label63 = strings.Repeat("a", 63)

func TestSAN(t *testing.T) {
	for _, tc := range []struct{ san, want string }{
		{"milvus.example.com", "DNS:milvus.example.com"},
		{"DNS:milvus.example.com", "DNS:milvus.example.com"},
		{"dns:localhost", "DNS:localhost"},
		{"MILVUS.Example.COM", "DNS:milvus.example.com"},
		{"milvus.example.com.", "DNS:milvus.example.com"},
		{"*.example.com", "DNS:*.example.com"},
		{"*.com", "DNS:*.com"},
		{"milvus_standalone", "DNS:milvus_standalone"},
		{"_srv.example.com", "DNS:_srv.example.com"},
		{"4.example.com", "DNS:4.example.com"},
		{"1.2.3.4a", "DNS:1.2.3.4a"},
		{"a--b", "DNS:a--b"},
		{"ip", "DNS:ip"},
		{"müller.example", "DNS:xn--mller-kva.example"},
		{"DNS:MÜLLER.example", "DNS:xn--mller-kva.example"},
		{"*.müller.example", "DNS:*.xn--mller-kva.example"},
		{"faß.example", "DNS:xn--fa-hia.example"},
		{"例え。jp", "DNS:xn--r8jz45g.jp"},
		{label63 + ".example", "DNS:" + label63 + ".example"},
		{strings.Repeat(label63+".", 3) + strings.Repeat("b", 61), "DNS:" + strings.Repeat(label63+".", 3) + strings.Repeat("b", 61)},
		{"10.0.0.1", "IP:10.0.0.1"},
		{"IP:10.0.0.1", "IP:10.0.0.1"},
		{"ip:10.0.0.1", "IP:10.0.0.1"},
		{"::1", "IP:::1"},
		{"IP:::1", "IP:::1"},
		{"[::1]", "IP:::1"},
		{"IP:[2001:db8::1]", "IP:2001:db8::1"},
		{"2001:DB8:0:0::1", "IP:2001:db8::1"},
		{"::ffff:10.0.0.1", "IP:10.0.0.1"},
	} {
		t.Run(tc.san, func(t *testing.T) {
			p := mustResolve(t, "", profile.Asked{CommonName: noNames, SANs: []string{tc.san}})
			assert.Equal(t, tc.want, renderNames(names(t, p.Server())))
			assert.Nil(t, names(t, p.Client()), "--san is the server's")
		})
	}
}

func TestSANRefused(t *testing.T) {
	const (
		host    = "wanted a host name such as milvus.example.com, without scheme, port or path"
		address = "wanted an IP address, without a prefix length, zone or port"
		noHost  = "an IP address is no host name; write IP: before it"
	)
	for _, tc := range []struct{ san, want string }{
		{"", host}, {".", host}, {"DNS:", host}, {" ", host}, {"a b", host}, {"a..b", host}, {".a", host}, {"a..", host},
		{"https://milvus.example.com", host}, {"milvus.example.com:19530", host}, {"milvus.example.com/x", host},
		{"10.0.0.1:19530", host}, {"10.0.0.0/8", host}, {"10.0.0.256", host}, {"1.2.3", host}, {"127.1", host}, {"１.２.３.４", host},
		{"*", host}, {"*.", host}, {"*.*.example.com", host}, {"a.*.example.com", host}, {"a*.example.com", host},
		{"-a", host}, {"a-.example.com", host}, {"a,b", host}, {"a\nb", host}, {"a\x00b", host}, {"URI:x", host}, {"email:a@b.c", host},
		{"ops@example.com", host}, {label63 + "a", host}, {strings.Repeat(label63+".", 3) + strings.Repeat("b", 62), host},
		{"*." + strings.Repeat(label63+".", 3) + strings.Repeat("b", 60), host},
		{"IP:", address}, {"IP:localhost", address}, {"IP:10.0.0.0/8", address}, {"IP:fe80::1%eth0", address}, {"IP:[::1]:19530", address}, {"IP:010.0.0.1", address},
		{"DNS:10.0.0.1", noHost}, {"DNS:::1", noHost},
	} {
		t.Run(tc.san, func(t *testing.T) {
			_, err := resolve("", profile.Asked{SANs: []string{"good.example.com", tc.san}})
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), "--san "), err.Error())
			assert.True(t, strings.HasSuffix(err.Error(), ": "+tc.want), err.Error())
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	refused(t, "", profile.Asked{SANs: []string{"a\nb"}}, `--san "a\nb": `+host)
}

// TestNamesOfCommonName: the names that a leaf gets where the conf states none.
func TestNamesOfCommonName(t *testing.T) {
	for _, tc := range []struct{ commonName, want string }{
		{"localhost", "DNS:localhost,IP:127.0.0.1,IP:::1"},
		{"LOCALHOST", "DNS:localhost,IP:127.0.0.1,IP:::1"},
		{"milvus.example.com", "DNS:milvus.example.com"},
		{"*.example.com", "DNS:*.example.com"},
		{"müller.example", "DNS:xn--mller-kva.example"},
		{"10.0.0.1", "IP:10.0.0.1"}, {"::1", "IP:::1"},
		{"Milvus Server", ""}, {"DNS:localhost", ""}, {"a@b.c", ""}, {"1.2.3.456", ""}, {"", ""},
	} {
		t.Run(tc.commonName, func(t *testing.T) {
			p := mustResolve(t, "", profile.Asked{CommonName: flag(tc.commonName)})
			assert.Equal(t, tc.want, renderNames(names(t, p.Server())))
			assert.Equal(t, tc.want, renderNames(names(t, p.Client())))
		})
	}
	p := mustResolve(t, "", profile.Asked{CommonName: flag("a"), ClientCommonName: flag("b")})
	assert.Equal(t, "DNS:a", renderNames(names(t, p.Server())))
	assert.Equal(t, "DNS:b", renderNames(names(t, p.Client())))
}

// hostName is RFC 1123's, with the underscore, and a wildcard in front.
var hostName = regexp.MustCompile(`^(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$`)

// FuzzSAN: whatever is accepted is an address, or a host name that Go takes in a certificate.
func FuzzSAN(f *testing.F) {
	for _, seed := range []string{"localhost", "DNS:*.müller.example", "IP:[::1]", "10.0.0.1", "xn--mller-kva.de", "a_b.c-d", "faß", "١.example", "a\u200db", "xn--a"} {
		f.Add(seed)
	}
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, san string) {
		p, err := resolve("", profile.Asked{CommonName: noNames, SANs: []string{san}})
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		got := names(t, p.Server())
		require.Len(t, got, 1)
		if got[0].Kind == x509v3.IP {
			assert.Contains(t, []int{4, 16}, len(got[0].Content))
			return
		}
		require.Equal(t, x509v3.DNS, got[0].Kind)
		assert.LessOrEqual(t, len(got[0].Content), 253)
		assert.Regexp(t, hostName, got[0].Content)
		acceptedByGo(t, key, p.Server())
	})
}

// acceptedByGo asserts that crypto/x509 reads a certificate with the names, and takes it for them.
func acceptedByGo(t *testing.T, key ed25519.PrivateKey, c profile.Certificate) {
	exts, err := x509v3.Encode([]x509v3.Extension{*x509v3.Find(c.Extensions, x509v3.OIDSubjectAltName)}, x509v3.Context{Request: true})
	require.NoError(t, err)
	require.Equal(t, asn1.ObjectIdentifier{2, 5, 29, 17}, exts[0].Id)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), ExtraExtensions: []pkix.Extension(exts)}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	require.Len(t, cert.DNSNames, 1)
	assert.NoError(t, cert.VerifyHostname(strings.Replace(cert.DNSNames[0], "*", "x", 1)))
}
