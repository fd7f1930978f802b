package x509v3

import (
	"crypto/x509"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// define reads a section of these lines, as [req] does, or as the module that openssl_conf names.
func define(t *testing.T, defined map[string]x509.OID, lines string, module bool) error {
	t.Helper()
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader("[oids]\n"+lines), opensslconf.System{})
	require.NoError(t, err)
	section, _ := conf.Section("oids")
	return DefineObjects(defined, section, module)
}

func TestDefinedObjects(t *testing.T) {
	defined := map[string]x509.OID{}
	require.NoError(t, define(t, defined, "mine=1.2.3.4\nhis=1.2.3.5", false))
	require.NoError(t, define(t, defined, "hers=her own object , 1.2.3.6\nours=,1.2.3.7", true))

	got, err := requested("extendedKeyUsage=mine,his,her own object,ours\nhers=DER:00", Options{Objects: defined})
	require.NoError(t, err)
	assert.Equal(t, "301406032a030406032a030506032a030606032a0307 00", got)

	n, err := parseName(t, "mine=x", Options{Objects: defined})
	require.NoError(t, err)
	assert.Equal(t, "1.2.3.4=x", n.String())
}

func TestObjectsThatCannotBeDefined(t *testing.T) {
	for _, tc := range []struct {
		lines, want string
		module      bool
	}{
		{"mine=1", `mine: "1" is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1`, false},
		{"mine=", "mine: wanted an OID, found nothing", false},
		{"mine=serverAuth", `mine: "serverAuth" is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1`, false},
		{"mine=a name, 1.2.3", `mine: "a name, 1.2.3" is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1`, false},
		{"CN=1.2.3", `CN: there is an object of the name "CN" already; choose another one`, false},
		{"mine=Code Signing, 1.2.3", `mine: there is an object of the name "Code Signing" already; choose another one`, true},
		{"mine=2.5.4.3", "mine: the OID 2.5.4.3 has a name already", false},
		{"old2=1.9.9", "old2: the OID 1.9.9 has a name already", false},
		{"old=1.9.8", `old: there is an object of the name "old" already; choose another one`, false},
	} {
		t.Run(tc.lines, func(t *testing.T) {
			defined := map[string]x509.OID{"old": mustOID("1.9.9")}
			assert.EqualError(t, define(t, defined, tc.lines, tc.module), "x.cnf:2: [oids] "+tc.want)
		})
	}
}

func TestNearest(t *testing.T) {
	known := []string{"keyUsage", "extendedKeyUsage", "serverAuth", "a"}
	for name, want := range map[string]string{
		"keyusage": "keyUsage", "keyUsge": "keyUsage", "serverAuht": "serverAuth", "extendedKeyUsages": "extendedKeyUsage",
		"b": "", "": "", "nothing": "", strings.Repeat("k", 50): "",
	} {
		assert.Equal(t, want, nearest(name, known), name)
	}
}
