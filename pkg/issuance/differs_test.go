package issuance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// differences compares a set with what a conf and flags ask for.
func differences(t *testing.T, set *certset.Set, conf string, asked profile.Asked, confAsked bool) []string {
	t.Helper()
	got, err := issuance.Differences(set, newProfile(t, conf, asked), asked, confAsked)
	require.NoError(t, err)
	return got
}

// TestDifferencesOfFlags: each flag alone, against a set of the defaults. What the set has already is no difference.
func TestDifferencesOfFlags(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	for _, tc := range []struct {
		name  string
		asked profile.Asked
		want  []string
	}{
		{"nothing", profile.Asked{}, nil},
		{"exact", profile.Asked{Exact: true}, nil},
		{"everything as it is", profile.Asked{Country: flag("CN"), State: flag("Shanghai"), Locality: flag("Shanghai"), Organization: flag("milvus"),
			OrganizationalUnit: flag("milvus"), CommonName: flag("localhost"), ClientCommonName: flag("localhost"), CACommonName: flag("localhost"),
			KeyType: flag("ec-p256"), Days: new(3650), CADays: new(3650), SANs: []string{"localhost", "127.0.0.1"}}, nil},
		{"country", profile.Asked{Country: flag("DE")}, []string{`ca.pem has country "CN", not "DE"`, `server.pem has country "CN", not "DE"`, `client.pem has country "CN", not "DE"`}},
		{"state, the CA's", profile.Asked{State: flag("Hubei")}, []string{`ca.pem has state "Shanghai", not "Hubei"`}},
		{"locality, the CA's", profile.Asked{Locality: flag("")}, []string{`ca.pem has locality "Shanghai", not ""`}},
		{"organization", profile.Asked{Organization: flag("x")}, []string{`ca.pem has organization "milvus", not "x"`, `server.pem has organization "milvus", not "x"`, `client.pem has organization "milvus", not "x"`}},
		{"organizational unit", profile.Asked{OrganizationalUnit: flag("x")},
			[]string{`ca.pem has organizational unit "milvus", not "x"`, `server.pem has organizational unit "milvus", not "x"`, `client.pem has organizational unit "milvus", not "x"`}},
		{"CommonName", profile.Asked{CommonName: flag("x")}, []string{`ca.pem has CommonName "localhost", not "x"`, `server.pem has CommonName "localhost", not "x"`, `client.pem has CommonName "localhost", not "x"`}},
		{"the client's CommonName", profile.Asked{ClientCommonName: flag("x")}, []string{`client.pem has CommonName "localhost", not "x"`}},
		{"the CA's CommonName", profile.Asked{CACommonName: flag("x")}, []string{`ca.pem has CommonName "localhost", not "x"`}},
		{"key type", profile.Asked{KeyType: flag("ed25519")}, []string{"ca.pem has key type ec-p256, not ed25519", "server.pem has key type ec-p256, not ed25519", "client.pem has key type ec-p256, not ed25519"}},
		{"fewer days", profile.Asked{Days: new(30)}, []string{"server.pem has a lifetime of 3650 days, not 30", "client.pem has a lifetime of 3650 days, not 30"}},
		{"more days", profile.Asked{Days: new(9999)}, nil},
		{"fewer days for the CA", profile.Asked{CADays: new(30)}, []string{"ca.pem has a lifetime of 3650 days, not 30"}},
		{"more days for the CA", profile.Asked{CADays: new(9999)}, []string{"ca.pem has a lifetime of 3650 days, not 9999"}},
		{"a name", profile.Asked{SANs: []string{"localhost", "m.example.com", "10.0.0.1"}}, []string{"server.pem lacks the name DNS:m.example.com", "server.pem lacks the name IP:10.0.0.1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.want, differences(t, set, "", tc.asked, false))
		})
	}
}

// TestDifferencesOfDays: a leaf that its CA cut short is as wanted, one that ends before it is not.
func TestDifferencesOfDays(t *testing.T) {
	set := newSet(t, "", profile.Asked{Days: new(100), CADays: new(50)})
	assert.Empty(t, differences(t, set, "", profile.Asked{Days: new(100), CADays: new(50)}, false))
	assert.Len(t, differences(t, set, "", profile.Asked{Days: new(49)}, false), 2)
	set = newSet(t, "", profile.Asked{Days: new(40), CADays: new(50)})
	assert.Len(t, differences(t, set, "", profile.Asked{Days: new(50)}, false), 2)
}

// TestDifferencesOfNames: more names than were asked for do no harm.
func TestDifferencesOfNames(t *testing.T) {
	asked := profile.Asked{SANs: []string{"a.example.com"}}
	set := newSet(t, "", profile.Asked{SANs: []string{"a.example.com", "b.example.com"}})
	assert.Empty(t, differences(t, set, "", asked, false))
	bare := newSet(t, "", profile.Asked{Exact: true})
	assert.Contains(t, differences(t, bare, "", asked, false), "server.pem lacks the name DNS:a.example.com")
}

// TestDifferencesOfConf: with a conf asked for, everything that it states counts, and nothing that it does not.
func TestDifferencesOfConf(t *testing.T) {
	const was = "[v3_ca]\nbasicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n[v3_req]\nkeyUsage=digitalSignature\nsubjectAltName=DNS:a\n"
	set := newSet(t, was, profile.Asked{})
	for _, tc := range []struct {
		name, conf string
		want       []string
	}{
		{"the same", was, nil},
		{"in another order", "[v3_req]\nsubjectAltName=DNS:a\nkeyUsage=digitalSignature\n[v3_ca]\nkeyUsage=critical,keyCertSign\nbasicConstraints=critical,CA:TRUE,pathlen:0\n", nil},
		{"identifiers are the keys'", "[v3_req]\nsubjectAltName=DNS:a\nsubjectKeyIdentifier=01020304\nauthorityKeyIdentifier=issuer\n", nil},
		{"another value", "[v3_ca]\nbasicConstraints=critical,CA:TRUE\n[v3_req]\nsubjectAltName=DNS:a", []string{"ca.pem has another basicConstraints"}},
		{"critical", "[v3_req]\nsubjectAltName=DNS:a\nkeyUsage=critical,digitalSignature", []string{"server.pem has another keyUsage", "client.pem has another keyUsage"}},
		{"one more", "[v3_req]\nsubjectAltName=DNS:a\nnsComment=x", []string{"server.pem has no extension nsComment", "client.pem has no extension nsComment"}},
		{"a name", "[v3_req]\nsubjectAltName=DNS:a,DNS:b", []string{"server.pem lacks the name DNS:b", "client.pem lacks the name DNS:b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.want, differences(t, set, tc.conf, profile.Asked{}, true))
			assert.Empty(t, differences(t, set, tc.conf, profile.Asked{}, false), "where the conf is not asked for")
		})
	}
}
