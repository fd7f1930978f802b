package issuance_test

import (
	"encoding/asn1"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// now has a fraction of a second, which no certificate can have, and a zone of its own.
var (
	now     = time.Date(2026, 1, 2, 3, 4, 5, 678, time.FixedZone("", 3600))
	seconds = time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC)
)

const day = 24 * time.Hour

// newProfile makes a profile with EC keys unless others are asked for.
func newProfile(t testing.TB, text string, asked profile.Asked) *profile.Profile {
	t.Helper()
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{})
	require.NoError(t, err)
	asked.Now = now
	if !asked.KeyType.IsSet() {
		asked.KeyType = flag("ec-p256")
	}
	p, err := profile.New(conf, asked)
	require.NoError(t, err)
	return p
}

func newSet(t testing.TB, text string, asked profile.Asked) *certset.Set {
	t.Helper()
	set, _, err := issuance.NewSet(newProfile(t, text, asked), issuance.Options{Now: now})
	require.NoError(t, err)
	return set
}

func flag(value string) profile.Setting { return profile.Setting{Value: value, From: "--flag"} }

// certificates returns the three of a set by the names of their files.
func certificates(set *certset.Set) map[string]*certset.Certificate {
	return map[string]*certset.Certificate{"ca.pem": set.CA.Certificate, "server.pem": set.Server.Certificate, "client.pem": set.Client.Certificate}
}

// extensionNames are x509v3_config(5)'s.
var extensionNames = map[string]string{
	"2.5.29.14": "SKI", "2.5.29.15": "keyUsage", "2.5.29.17": "SAN", "2.5.29.19": "basicConstraints", "2.5.29.35": "AKI", "2.5.29.37": "EKU",
}

// kinds lists the extensions of a certificate in their order, "!" behind critical ones.
func kinds(c *certset.Certificate) string {
	var out []string
	for _, e := range c.Extensions {
		name := extensionNames[e.Id.String()]
		if e.Critical {
			name += "!"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

var (
	oidSubjectKeyIdentifier   = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidAuthorityKeyIdentifier = asn1.ObjectIdentifier{2, 5, 29, 35}
)
