package verify_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// newSet makes a set whose leaves last for ten days and whose CA for twenty.
func newSet(t *testing.T, text string, asked profile.Asked) *certset.Set {
	t.Helper()
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{})
	require.NoError(t, err)
	asked.Now, asked.Days, asked.CADays = now, new(10), new(20)
	if !asked.KeyType.IsSet() {
		asked.KeyType = profile.Setting{Value: "ec-p256", From: "--key-type"}
	}
	p, err := profile.New(conf, asked)
	require.NoError(t, err)
	set, _, err := issuance.NewSet(p, issuance.Options{Now: now})
	require.NoError(t, err)
	return set
}

func reasons(failures []verify.Finding) []string {
	var out []string
	for _, f := range failures {
		out = append(out, f.String())
	}
	return out
}

// damaged returns the certificate with the last byte of its signature changed.
func damaged(t *testing.T, c *certset.Certificate) *certset.Certificate {
	t.Helper()
	der := bytes.Clone(c.Raw)
	der[len(der)-1] ^= 1
	changed, err := certset.ParseCertificate(der)
	require.NoError(t, err)
	return changed
}

func TestSound(t *testing.T) {
	for name, set := range map[string]*certset.Set{
		"default":         newSet(t, "", profile.Asked{}),
		"exact":           newSet(t, "", profile.Asked{Exact: true}),
		"refused by Go":   newSet(t, "[v3_req]\nsubjectAltName=DNS:ü\n", profile.Asked{}),
		"signed by SHA-1": newSet(t, "[req]\ndefault_md=sha1\n", profile.Asked{}),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Empty(t, verify.Sound(set, now))
			assert.Empty(t, verify.Sound(set, now.AddDate(0, 0, 10)))
		})
	}
}

// TestMatching lists defects and all that they show.
func TestMatching(t *testing.T) {
	const notSigned = "does not chain to ca.pem: the signature is not that key's"
	other := newSet(t, "", profile.Asked{})
	renamed := newSet(t, "", profile.Asked{CACommonName: profile.Setting{Value: "x", From: "--ca-common-name"}})
	for _, tc := range []struct {
		name   string
		damage func(*certset.Set)
		want   []string
	}{
		{"keys swapped", func(s *certset.Set) { s.Server.Key, s.Client.Key = s.Client.Key, s.Server.Key },
			[]string{"server.key: is the key of client.pem, not of server.pem", "client.key: is the key of server.pem, not of client.pem"}},
		{"the CA's key for a leaf's", func(s *certset.Set) { s.Client.Key = s.CA.Key }, []string{"client.key: is the key of ca.pem, not of client.pem"}},
		{"another CA of the same name", func(s *certset.Set) { s.CA = other.CA }, []string{"server.pem: " + notSigned, "client.pem: " + notSigned}},
		{"another CA's key", func(s *certset.Set) { s.CA.Key = other.CA.Key }, []string{"ca.key: is not the key of ca.pem"}},
		{"another CA's name", func(s *certset.Set) { s.CA = renamed.CA },
			[]string{"server.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate", "client.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate"}},
		{"a leaf of another CA", func(s *certset.Set) { s.Server = other.Server }, []string{"server.pem: " + notSigned}},
		{"a leaf in the CA's place", func(s *certset.Set) { s.CA.Certificate = s.Server.Certificate },
			[]string{"ca.key: is not the key of ca.pem", "ca.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate",
				"server.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate", "client.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate"}},
		{"certificates swapped", func(s *certset.Set) {
			s.Server.Certificate, s.Client.Certificate = s.Client.Certificate, s.Server.Certificate
		},
			[]string{"server.key: is the key of client.pem, not of server.pem", "server.csr: is for another key than server.pem",
				"client.key: is the key of server.pem, not of client.pem", "client.csr: is for another key than client.pem"}},
		{"a request for another key", func(s *certset.Set) { s.Server.Request = other.Server.Request }, []string{"server.csr: is for another key than server.pem"}},
		{"a damaged request", func(s *certset.Set) { s.Client.Request = damagedRequest(t, s.Client.Request) }, []string{"client.csr: the signature is not that key's"}},
		{"a damaged leaf", func(s *certset.Set) { s.Client.Certificate = damaged(t, s.Client.Certificate) }, []string{"client.pem: " + notSigned}},
		{"a damaged CA", func(s *certset.Set) { s.CA.Certificate = damaged(t, s.CA.Certificate) }, []string{"ca.pem: its signature by itself is not by its key, so it was damaged"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := *newSet(t, "", profile.Asked{})
			tc.damage(&set)
			assert.Equal(t, tc.want, reasons(verify.Matching(&set)))
			assert.Equal(t, tc.want, reasons(verify.Sound(&set, now)))
			assert.Empty(t, verify.InTime(&set, now))
		})
	}
}

func damagedRequest(t *testing.T, r *certset.Request) *certset.Request {
	t.Helper()
	der := bytes.Clone(r.Raw)
	der[len(der)-1] ^= 1
	changed, err := certset.ParseRequest(der)
	require.NoError(t, err)
	return changed
}

// TestInTime: first and last second are in time.
func TestInTime(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	for _, tc := range []struct {
		name string
		at   time.Time
		want []string
	}{
		{"first second", now, nil},
		{"the second before", now.Add(-time.Second),
			[]string{"ca.pem: is not valid before 2026-01-02T03:04:05Z", "server.pem: is not valid before 2026-01-02T03:04:05Z", "client.pem: is not valid before 2026-01-02T03:04:05Z"}},
		{"last second", now.AddDate(0, 0, 10), nil},
		{"the second after", now.AddDate(0, 0, 10).Add(time.Second), []string{"server.pem: expired on 2026-01-12T03:04:05Z", "client.pem: expired on 2026-01-12T03:04:05Z"}},
		{"the CA too", now.AddDate(0, 0, 21), []string{"ca.pem: expired on 2026-01-22T03:04:05Z", "server.pem: expired on 2026-01-12T03:04:05Z", "client.pem: expired on 2026-01-12T03:04:05Z"}},
		{"in another zone", now.In(time.FixedZone("", -36000)), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.want, reasons(verify.InTime(set, tc.at)))
			assert.Equal(t, tc.want, reasons(verify.Sound(set, tc.at)))
		})
	}
}
