package profile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

func TestDigests(t *testing.T) {
	for _, tc := range []struct {
		conf string
		want profile.Digest
	}{
		{"", profile.SHA256},
		{"[req]\ndefault_md=sha256", profile.SHA256}, {"[req]\ndefault_md=SHA256", profile.SHA256}, {"[req]\ndefault_md=SHA2-256", profile.SHA256},
		{"[req]\ndefault_md=sha384", profile.SHA384}, {"[req]\ndefault_md=SHA512", profile.SHA512}, {"default_md=sha512\n[req]", profile.SHA512},
		{"[req]\ndefault_md=sha1", profile.SHA1}, {"[req]\ndefault_md=SHA-1", profile.SHA1},
	} {
		p := mustResolve(t, tc.conf, profile.Asked{})
		for _, c := range []profile.Certificate{p.CA(), p.Server(), p.Client()} {
			assert.Equal(t, tc.want, c.Digest, tc.conf)
		}
		assert.Equal(t, tc.want == profile.SHA1, len(p.Warnings()) == 1, tc.conf)
	}
	for _, name := range []string{"md5", "MD5", "sha257", "sha3-256", ""} {
		refused(t, "[req]\ndefault_md="+name, profile.Asked{},
			`x.cnf:2: [req] default_md: wanted sha256, sha384 or sha512, found "`+name+`", which this program cannot sign with`)
	}
}

func TestReqRefused(t *testing.T) {
	const dn = "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\n"
	for _, tc := range []struct{ name, conf, want string }{
		{"string_mask", "[req]\nstring_mask=utf8", `x.cnf:2: [req] string_mask: wanted utf8only, pkix, nombstr, default or MASK:number, found "utf8"`},
		{"empty subject", dn, "x.cnf:3: [req] distinguished_name: the section [dn] is empty, and prompt = no wants a subject in it"},
		{"unknown attribute", dn + "organisationName=x", `x.cnf:5: [dn] organisationName: "organisationName" is no attribute of a name; wanted one such as commonName, CN, or an OID`},
		{"country of three letters", dn + "C=DEU", "x.cnf:5: [dn] C: wanted 2 characters at most, found 3"},
		{"long CommonName", dn + "O=x\nCN=" + strings.Repeat("a", 65), "x.cnf:6: [dn] CN: wanted 64 characters at most, found 65"},
		{"not UTF-8", dn + "CN=a\xff", "x.cnf:5: [dn] CN: the value is not UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) { refused(t, tc.conf, profile.Asked{}, tc.want) })
	}
}

func TestWarnings(t *testing.T) {
	const name = " is written as it stands; Go, and so Milvus, refuses the whole certificate; write the name in A-labels (xn--…)"
	for _, tc := range []struct {
		name, conf string
		want       []string
	}{
		{"none", "[v3_req]\nsubjectAltName=DNS:xn--mller-kva.example", nil},
		{"sha1", "[req]\ndefault_md=sha1", []string{"x.cnf:2: [req] default_md: sha1 signs ca.pem and the requests; Go and current OpenSSL refuse such signatures; write sha256"}},
		{"raw bytes in a dNSName, once for both leaves", "[v3_req]\nsubjectAltName=DNS:müller.example", []string{"x.cnf:2: [v3_req] subjectAltName: DNS:müller.example" + name}},
		{"in each of two sections", "[v3_req]\nsubjectAltName=DNS:é\n[v3_ca]\nsubjectAltName=DNS:ö",
			[]string{"x.cnf:4: [v3_ca] subjectAltName: DNS:ö" + name, "x.cnf:2: [v3_req] subjectAltName: DNS:é" + name}},
		{"the conf's own", "[v3_req]\nnsComment=a\nnsComment=b", []string{"x.cnf:3: [v3_req] nsComment: set before in line 2; this last one counts, and takes its place here"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.want, warnings(mustResolve(t, tc.conf, profile.Asked{})))
		})
	}
}

// goodAndBad reads the confs that OpenSSL takes, or those that are wrong, and makes a profile of each.
func goodAndBad(t *testing.T, pattern string, judge func(t *testing.T, name string, err error)) {
	files, err := filepath.Glob("../../testdata/conf/" + pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			conf, err := opensslconf.Parse(name, strings.NewReader(string(text)), opensslconf.System{})
			if err == nil {
				_, err = profile.New(conf, profile.Asked{Now: now})
			}
			judge(t, name, err)
		})
	}
}

func TestGoodConfs(t *testing.T) {
	goodAndBad(t, "*.cnf", func(t *testing.T, name string, err error) {
		if name == "include.cnf" || name == "docs-like.cnf" {
			t.Skip("wants files or the environment")
		}
		assert.NoError(t, err)
	})
}

// TestBadConfs: each is refused in one line that begins with its name and a line in it.
func TestBadConfs(t *testing.T) {
	goodAndBad(t, "bad/*.cnf", func(t *testing.T, name string, err error) {
		if name == "include-loop.cnf" {
			t.Skip("read with files, or by others than New")
		}
		require.Error(t, err)
		assert.Regexp(t, `^`+name+`:\d+: [^\n]+$`, err.Error())
	})
}

// TestObjects: names from oid_section hold for the CA and for requests, not for leaves.
func TestObjects(t *testing.T) {
	const conf = "oid_section=oids\n[oids]\nmilvus=1.2.3.4\n"
	p := mustResolve(t, conf+"[v3_ca]\nextendedKeyUsage=milvus\n[v3_req]\nextendedKeyUsage=serverAuth\n", profile.Asked{Exact: true})
	assert.Equal(t, "extendedKeyUsage=1.2.3.4", render(p.CA().Extensions))
	assert.Equal(t, "extendedKeyUsage=serverAuth", render(p.Server().Requested))
	_, err := resolve(conf+"[v3_req]\nextendedKeyUsage=milvus\n", profile.Asked{})
	assert.ErrorContains(t, err, "(names from oid_section hold for the CA and for requests, not for leaves: write the OID)")
	refused(t, "oid_section=oids\n", profile.Asked{}, "x.cnf:1: [default] oid_section: there is no section [oids]")
}

// TestRequested: a request asks for what its certificate states, and for what was completed.
func TestRequested(t *testing.T) {
	p := mustResolve(t, "[v3_req]\nkeyUsage=digitalSignature\n", profile.Asked{SANs: []string{"a"}})
	assert.Equal(t, render(p.Server().Extensions), render(p.Server().Requested))
	assert.Equal(t, render(p.Client().Extensions), render(p.Client().Requested))
	assert.Empty(t, p.CA().Requested)
}
