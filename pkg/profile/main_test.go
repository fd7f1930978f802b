package profile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// resolve makes a profile of a conf named x.cnf and of what is asked for.
func resolve(text string, asked profile.Asked) (*profile.Profile, error) {
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{})
	if err != nil {
		return nil, fmt.Errorf("not loaded: %w", err)
	}
	asked.Now = now
	return profile.New(conf, asked)
}

func mustResolve(t *testing.T, text string, asked profile.Asked) *profile.Profile {
	t.Helper()
	p, err := resolve(text, asked)
	require.NoError(t, err)
	return p
}

// refused asserts that there is an error of this text.
func refused(t *testing.T, text string, asked profile.Asked, want string) {
	t.Helper()
	_, err := resolve(text, asked)
	assert.EqualError(t, err, want)
}

// flag is a setting of the command line, variable one of a gen.sh.
func flag(value string) profile.Setting { return profile.Setting{Value: value, From: "--flag"} }

func variable(value string) profile.Setting { return profile.Setting{Value: value, From: "gen.sh:3"} }

// render writes extensions as a conf states them, parted by semicolons; keyUsage as its bits, in hexadecimal.
func render(exts []x509v3.Extension) string {
	var out []string
	for _, e := range exts {
		text := renderValue(e)
		if e.Critical {
			text = strings.Replace(text, "=", "=critical,", 1)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func renderValue(e x509v3.Extension) string {
	switch v := e.Value.(type) {
	case x509v3.BasicConstraints:
		if v.PathLen != nil {
			return fmt.Sprintf("basicConstraints=CA:%t,pathlen:%s", v.CA, v.PathLen)
		}
		return fmt.Sprintf("basicConstraints=CA:%t", v.CA)
	case x509v3.Bits:
		return fmt.Sprintf("keyUsage=%#x", int(v))
	case x509v3.ExtKeyUsage:
		return "extendedKeyUsage=" + renderUsages(v)
	case x509v3.SubjectAltName:
		return "subjectAltName=" + renderNames(v)
	case x509v3.SubjectKeyIdentifier:
		if v.Hash {
			return "subjectKeyIdentifier=hash"
		}
		return fmt.Sprintf("subjectKeyIdentifier=%x", v.ID)
	case x509v3.AuthorityKeyIdentifier:
		return fmt.Sprintf("authorityKeyIdentifier=keyid:%d,issuer:%d", v.KeyID, v.Issuer)
	}
	return e.ID.String() + "="
}

func renderUsages(usages x509v3.ExtKeyUsage) string {
	var out []string
	for _, oid := range usages {
		switch {
		case oid.Equal(x509v3.ServerAuth):
			out = append(out, "serverAuth")
		case oid.Equal(x509v3.ClientAuth):
			out = append(out, "clientAuth")
		default:
			out = append(out, oid.String())
		}
	}
	return strings.Join(out, ",")
}

func renderNames(names x509v3.SubjectAltName) string {
	var out []string
	for _, n := range names {
		out = append(out, n.String())
	}
	return strings.Join(out, ",")
}

// names returns the names in the subjectAltName of a certificate.
func names(t testing.TB, c profile.Certificate) x509v3.SubjectAltName {
	t.Helper()
	e := x509v3.Find(c.Extensions, x509v3.OIDSubjectAltName)
	if e == nil {
		return nil
	}
	require.IsType(t, x509v3.SubjectAltName{}, e.Value)
	return e.Value.(x509v3.SubjectAltName)
}

func warnings(p *profile.Profile) []string {
	var out []string
	for _, w := range p.Warnings() {
		out = append(out, w.String())
	}
	return out
}
