package profile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

func TestAskedBounds(t *testing.T) {
	long := strings.Repeat("ä", 64)
	for _, asked := range []profile.Asked{
		{CommonName: flag(long), Organization: flag(long), OrganizationalUnit: flag(long), ClientCommonName: flag(long), CACommonName: flag(long)},
		{State: flag(long + long), Locality: flag(long + long)},
		{Country: flag("")}, {Country: flag("cn")},
	} {
		mustResolve(t, "", asked)
	}
}

// TestAskedRefused: what is wrong by itself is named by where it was asked for.
func TestAskedRefused(t *testing.T) {
	const country, text64, text128 = "a country code of two letters, such as CN", "64 printable characters at most", "128 printable characters at most"
	long := strings.Repeat("a", 65)
	quoted := `"` + long + `"`
	longer := `"` + strings.Repeat("a", 80) + `"… (129 bytes)`
	for _, tc := range []struct {
		name          string
		asked         profile.Asked
		wanted, found string
	}{
		{"country of three letters", profile.Asked{Country: flag("DEU")}, country, `"DEU"`},
		{"country of a digit", profile.Asked{Country: flag("D1")}, country, `"D1"`},
		{"country beyond ASCII", profile.Asked{Country: flag("DÉ")}, country, `"DÉ"`},
		{"CommonName", profile.Asked{CommonName: flag(long)}, text64, quoted},
		{"the client's", profile.Asked{ClientCommonName: flag(long)}, text64, quoted},
		{"the CA's", profile.Asked{CACommonName: flag(long)}, text64, quoted},
		{"organization", profile.Asked{Organization: flag(long)}, text64, quoted},
		{"organizational unit", profile.Asked{OrganizationalUnit: flag(long)}, text64, quoted},
		{"state", profile.Asked{State: flag(strings.Repeat("a", 129))}, text128, longer},
		{"locality", profile.Asked{Locality: flag(strings.Repeat("a", 129))}, text128, longer},
		{"control character", profile.Asked{Locality: flag("a\nb")}, text128, `"a\nb"`},
		{"escape sequence", profile.Asked{Organization: flag("\x1b[2J")}, text64, `"\x1b[2J"`},
		{"not UTF-8", profile.Asked{CommonName: flag("a\xff")}, text64, `"a\xff"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			refused(t, "", tc.asked, "--flag: wanted "+tc.wanted+", found "+tc.found)
		})
	}
	refused(t, "", profile.Asked{Country: variable("China")}, `gen.sh:3: wanted a country code of two letters, such as CN, found "China"`)
}

func TestDays(t *testing.T) {
	// From the second day of 2026 on; the last certificate ends within 31 December 9999.
	const last = 2912441
	require.Equal(t, time.Date(9999, 12, 31, 3, 4, 5, 0, time.UTC), now.AddDate(0, 0, last))
	for _, tc := range []struct {
		days, caDays *int
		leaf, ca     int
		refused      string
	}{
		{nil, nil, 3650, 3650, ""},
		{new(1), nil, 1, 3650, ""},
		{nil, new(30), 3650, 30, ""},
		{new(last), new(last), last, last, ""},
		{new(0), nil, 0, 0, "--days: wanted 1 to 2912441 days, for a certificate ends with the year 9999 at the latest, found 0"},
		{new(-1), nil, 0, 0, "--days: wanted 1 to 2912441 days, for a certificate ends with the year 9999 at the latest, found -1"},
		{nil, new(0), 0, 0, "--ca-days: wanted 1 to 2912441 days, for a certificate ends with the year 9999 at the latest, found 0"},
		{nil, new(last + 1), 0, 0, "--ca-days: wanted 1 to 2912441 days, for a certificate ends with the year 9999 at the latest, found 2912442"},
	} {
		asked := profile.Asked{Days: tc.days, CADays: tc.caDays}
		if tc.refused != "" {
			refused(t, "", asked, tc.refused)
			continue
		}
		p := mustResolve(t, "", asked)
		assert.Equal(t, []int{tc.leaf, tc.leaf, tc.ca}, []int{p.Server().Days, p.Client().Days, p.CA().Days})
		assert.LessOrEqual(t, now.AddDate(0, 0, p.CA().Days).Year(), 9999)
	}
}

func TestKeyTypes(t *testing.T) {
	assert.Equal(t, []string{"rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384", "ed25519"}, profile.KeyTypes())
	for _, name := range profile.KeyTypes() {
		p := mustResolve(t, "[req]\ndefault_bits=1024\n", profile.Asked{KeyType: flag(name)})
		for _, c := range []profile.Certificate{p.CA(), p.Server(), p.Client()} {
			assert.Equal(t, name, c.Key.String(), "what is asked for goes over default_bits, even wrong ones")
		}
	}
	const wanted = "--flag: wanted rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ed25519, found "
	for _, name := range []string{"", "rsa", "RSA-2048", "rsa-1024", "rsa-2049", "ec-p521", "ed448"} {
		refused(t, "", profile.Asked{KeyType: flag(name)}, wanted+`"`+name+`"`)
	}
}

func TestDefaultBits(t *testing.T) {
	for _, tc := range []struct{ conf, want string }{
		{"", "rsa-2048"}, {"[req]\ndefault_bits=2048", "rsa-2048"}, {"[req]\ndefault_bits=3072", "rsa-3072"},
		{"default_bits=4096\n[req]", "rsa-4096"}, {"[req]\ndefault_bits=8192", "rsa-8192"},
	} {
		assert.Equal(t, tc.want, mustResolve(t, tc.conf, profile.Asked{}).CA().Key.String())
	}
	for _, tc := range []struct{ bits, want string }{
		{"1024", "RSA keys under 2048 bits are refused by clients, found 1024; raise it, or give --key-type"},
		{"2047", "RSA keys under 2048 bits are refused by clients, found 2047; raise it, or give --key-type"},
		{"-4096", "RSA keys under 2048 bits are refused by clients, found -4096; raise it, or give --key-type"},
		{"8193", "wanted 8192 bits at most, found 8193"},
		{"many", `wanted a number of bits such as 2048, found "many"`},
		{"", `wanted a number of bits such as 2048, found ""`},
		{"99999999999999999999", `wanted a number of bits such as 2048, found "99999999999999999999"`},
	} {
		refused(t, "[req]\ndefault_bits="+tc.bits, profile.Asked{}, "x.cnf:2: [req] default_bits: "+tc.want)
	}
}

// TestBuiltin: the built-in conf has nothing to be warned of, and its CA nothing to be completed.
func TestBuiltin(t *testing.T) {
	conf, err := profile.Builtin()
	require.NoError(t, err)
	assert.Equal(t, profile.BuiltinName, conf.Name())
	p, err := profile.New(conf, profile.Asked{Now: now})
	require.NoError(t, err)
	assert.Empty(t, p.Warnings())
	assert.False(t, p.Exact())
	assert.Equal(t, "basicConstraints=critical,CA:true,pathlen:0; keyUsage=critical,0x60; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:2,issuer:0",
		render(p.CA().Extensions))
	assert.Equal(t, "basicConstraints=critical,CA:false; keyUsage=critical,0x5; subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1; extendedKeyUsage=serverAuth",
		render(p.Server().Extensions))
	again, err := opensslconf.Parse("openssl.cnf", strings.NewReader(profile.BuiltinText()), opensslconf.System{})
	require.NoError(t, err)
	assert.Equal(t, conf.Sections(), again.Sections())
}
