package profile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// TestExactCompletesNothing: what the conf states, as it states it, and nothing to be said about it.
func TestExactCompletesNothing(t *testing.T) {
	p := mustResolve(t, "[v3_ca]\nbasicConstraints=CA:TRUE\n[v3_req]\nkeyUsage=digitalSignature\n", profile.Asked{Exact: true})
	assert.True(t, p.Exact())
	assert.Equal(t, "basicConstraints=CA:true", render(p.CA().Extensions))
	assert.Equal(t, "keyUsage=0x1", render(p.Server().Extensions))
	assert.Equal(t, "keyUsage=0x1", render(p.Client().Extensions))
	assert.Empty(t, p.Notes())

	p = mustResolve(t, "", profile.Asked{Exact: true})
	assert.Empty(t, p.CA().Extensions)
	assert.Empty(t, p.Server().Extensions)
	assert.Empty(t, p.Client().Extensions)
}

// TestExactIgnores what gen.sh's commands set on their own: -subj and the size of the keys.
func TestExactIgnores(t *testing.T) {
	for _, tc := range []struct{ name, conf string }{
		{"the conf's subject", statedName},
		{"a subject that is wrong", "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nC=DEU\nnonsense=1\n"},
		{"an empty one", "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\n"},
		{"default_bits", "[req]\ndefault_bits=3072\n"},
		{"default_bits too small", "[req]\ndefault_bits=1024\n"},
		{"default_bits that is no number", "[req]\ndefault_bits=many\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustResolve(t, tc.conf, profile.Asked{Exact: true})
			assert.Equal(t, "C=CN, ST=Shanghai, L=Shanghai, O=milvus, OU=milvus, CN=localhost", p.CA().Subject.String())
			assert.Equal(t, "rsa-2048", p.CA().Key.String())
			assert.Empty(t, p.Warnings())
		})
	}
}

func TestExactHeedsWhatIsAskedFor(t *testing.T) {
	days := 7
	p := mustResolve(t, "", profile.Asked{Exact: true, KeyType: flag("ec-p384"), CommonName: flag("m"), Days: &days})
	assert.Equal(t, "ec-p384", p.Server().Key.String())
	assert.Equal(t, "C=CN, O=milvus, OU=milvus, CN=m", p.Client().Subject.String())
	assert.Equal(t, 7, p.Server().Days)
	assert.Equal(t, profile.DefaultDays, p.CA().Days)
	refused(t, "", profile.Asked{Exact: true, SANs: []string{"a"}}, "--san and --san-for add names, and --exact adds nothing to what the conf states")
}

// TestExactReadsLatin1: without utf8 = yes OpenSSL takes every byte of -subj for a character.
func TestExactReadsLatin1(t *testing.T) {
	const warning = "exact: OpenSSL reads the subject as Latin-1, which spoils letters beyond ASCII; set utf8 = yes in [req]"
	for _, tc := range []struct {
		name, conf   string
		exact        bool
		organization string
		want         string
		warnings     []string
	}{
		{"spoilt", "", true, "Zoë", "Zo\u00c3\u00ab", []string{warning}},
		{"utf8 = no", "[req]\nutf8=no", true, "Zoë", "Zo\u00c3\u00ab", []string{warning}},
		{"utf8 = yes", "[req]\nutf8=yes", true, "Zoë", "Zoë", nil},
		{"utf8 = yes in the default section", "utf8=yes\n[req]", true, "Zoë", "Zoë", nil},
		{"ASCII", "", true, "Zoe", "Zoe", nil},
		{"not exact", "", false, "Zoë", "Zoë", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustResolve(t, tc.conf, profile.Asked{Exact: tc.exact, Organization: flag(tc.organization)})
			for _, c := range []profile.Certificate{p.CA(), p.Server(), p.Client()} {
				organization, _ := c.Subject.Get(x509v3.OIDOrganization)
				assert.Equal(t, tc.want, organization)
			}
			assert.Equal(t, tc.warnings, warnings(p))
		})
	}
	_, err := resolve("", profile.Asked{Exact: true, CommonName: flag(strings.Repeat("ë", 33))})
	assert.ErrorContains(t, err, "wanted 64 characters at most, found 66")
}
