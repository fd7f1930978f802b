package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io/fs"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

func at(when time.Time) func(*verify.Options) { return func(o *verify.Options) { o.At = when } }

func expiresIn(d time.Duration) func(*verify.Options) {
	return func(o *verify.Options) { o.ExpiresIn = d }
}

func until(when time.Time) edit { return func(c *x509.Certificate) { c.NotAfter = when } }

func since(when time.Time) edit { return func(c *x509.Certificate) { c.NotBefore = when } }

func serial(n int64) edit { return func(c *x509.Certificate) { c.SerialNumber = big.NewInt(n) } }

// TestAt: leaves last for ten days and the CA for twenty.
func TestAt(t *testing.T) {
	in := family{}.input(t)
	for _, tc := range []struct {
		name string
		at   time.Time
		want []string
	}{
		{"the second before", now.Add(-time.Second), []string{
			"failure not-yet-valid ca.pem: is not valid before 2026-01-02T03:04:05Z: refused by pymilvus, Node SDK, curl, " + strict,
			"failure not-yet-valid server.pem: is not valid before 2026-01-02T03:04:05Z: refused by every client",
			"failure not-yet-valid client.pem: is not valid before 2026-01-02T03:04:05Z: refused by Milvus",
		}},
		{"the first second", now, nil},
		{"the second before the last", now.Add(10*day - time.Second), nil},
		{"the last second, which OpenSSL does not count", now.Add(10 * day), []string{
			"failure expired server.pem: expired on 2026-01-12T03:04:05Z: refused by " + openssls,
		}},
		{"the second after", now.Add(10*day + time.Second), []string{
			"failure expired server.pem: expired on 2026-01-12T03:04:05Z: refused by every client",
			"failure expired client.pem: expired on 2026-01-12T03:04:05Z: refused by Milvus",
		}},
		{"after all", now.Add(21 * day), []string{
			"failure expired ca.pem: expired on 2026-01-22T03:04:05Z: refused by pymilvus, Node SDK, curl, " + strict,
			"failure expired server.pem: expired on 2026-01-12T03:04:05Z: refused by every client",
			"failure expired client.pem: expired on 2026-01-12T03:04:05Z: refused by Milvus",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.want, found(check(in, at(tc.at))))
		})
	}
}

// TestOneInTime: each certificate has its own time.
func TestOneInTime(t *testing.T) {
	for _, tc := range []struct {
		name   string
		family family
		want   []string
	}{
		{"the server's is over", family{server: []edit{since(now.Add(-2 * day)), until(now.Add(-day))}}, []string{"failure expired server.pem: expired on 2026-01-01T03:04:05Z: refused by every client"}},
		{"the client's is over", family{client: []edit{since(now.Add(-2 * day)), until(now.Add(-day))}}, []string{"failure expired client.pem: expired on 2026-01-01T03:04:05Z: refused by Milvus"}},
		{"the client's is to come", family{client: []edit{since(now.Add(day))}}, []string{"failure not-yet-valid client.pem: is not valid before 2026-01-03T03:04:05Z: refused by Milvus"}},
	} {
		t.Run(tc.name, func(t *testing.T) { assert.Equal(t, tc.want, found(check(tc.family.input(t)))) })
	}
}

// TestExpiresIn: a certificate has to last the time that is given, to the second, and what is over is not said to end soon.
func TestExpiresIn(t *testing.T) {
	in := family{}.input(t)
	soon := []string{"failure expires-soon server.pem: expires on 2026-01-12, in 10 days", "failure expires-soon client.pem: expires on 2026-01-12, in 10 days"}
	all := append([]string{"failure expires-soon ca.pem: expires on 2026-01-22, in 20 days"}, soon...)
	for d, want := range map[time.Duration][]string{
		0: nil, time.Second: nil, 10*day - time.Second: nil, 10 * day: nil, 10*day + time.Second: soon, 20 * day: soon, 20*day + time.Second: all,
	} {
		r := check(in, expiresIn(d))
		assert.Equal(t, want, found(r), d)
		assert.Equal(t, want == nil, r.OK, d)
	}
	assert.NotContains(t, strings.Join(found(check(in, at(now.Add(11*day)), expiresIn(day))), "\n"), "expires-soon")
	assert.Equal(t, []string{"failure expires-soon client.pem: expires on 2026-01-02, in 0 days"}, found(check(family{client: []edit{until(now.Add(time.Hour))}}.input(t), expiresIn(day))))
}

// TestOutlivesCA: a leaf may outlive its CA by a day, and no more.
func TestOutlivesCA(t *testing.T) {
	end := now.Add(20 * day)
	for over, want := range map[time.Duration][]string{
		-day: nil, 0: nil, day: nil,
		day + time.Second: {"warning outlives-ca server.pem: is valid longer than the CA, with which it ends"},
	} {
		r := check(family{server: []edit{until(end.Add(over))}}.input(t))
		assert.Equal(t, want, found(r), over)
		assert.True(t, r.OK, over)
	}
	r := check(family{client: []edit{until(end.Add(2 * day))}}.input(t))
	assert.Equal(t, []string{"2026-01-24", "not after 2026-01-22", "renew the CA before 2026-01-22"}, []string{r.Findings[0].Found, r.Findings[0].Wanted, r.Findings[0].WayOut})
}

// TestSubjects: a leaf of its CA's name is taken for signed by itself where no key identifiers tell; with them, by nobody.
func TestSubjects(t *testing.T) {
	exact := profile.Asked{Exact: true, CommonName: flag("localhost"), Country: flag(""), State: flag(""), Locality: flag(""), Organization: flag(""), OrganizationalUnit: flag("")}
	const leaves = "[v3_req]\n" + names
	const same = "warning one-subject server.pem: has the subject of the CA, so that key identifiers alone tell that it is not signed by itself"
	r := check(input(t, newSet(t, "[v3_ca]\n"+goodCA+leaves, exact)))
	assert.Equal(t, []string{same, "warning one-subject client.pem: has the subject of the CA, so that key identifiers alone tell that it is not signed by itself"}, found(r))
	assert.True(t, r.OK)
	r = check(input(t, newSet(t, "[v3_ca]\n"+constraints+signs+"subjectKeyIdentifier=none\n"+leaves+"subjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n", exact)))
	assert.Equal(t, []string{
		"failure one-subject server.pem: has the subject of its CA and no key identifiers, so that these clients take it for signed by itself: refused by " + openssls,
		"warning one-subject client.pem: has the subject of the CA, so that key identifiers alone tell that it is not signed by itself",
	}, found(r))
}

// TestSameName: two CAs of one name, and no key identifiers that tell which of them issued.
func TestSameName(t *testing.T) {
	const noIDs = "subjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n"
	nameless := func() verify.Input {
		return input(t, newSet(t, "[v3_ca]\n"+constraints+signs+noIDs+"[v3_req]\n"+names+noIDs, profile.Asked{Exact: true, CACommonName: flag("a CA")}))
	}
	in, other := nameless(), nameless()
	own, new := in.Files[caPEM].Data, other.Files[caPEM].Data
	const weak = "failure no-subject-key-identifier ca.pem: no subjectKeyIdentifier: refused by " + strict
	const weakToo = "failure no-authority-key-identifier server.pem: no key identifier in authorityKeyIdentifier: refused by " + strict
	assert.Equal(t, []string{weak, weakToo}, found(check(put(in, caPEM, slices.Concat(own, new)))))
	assert.Equal(t, []string{
		weak,
		"failure cas-of-one-name server.pem: several CAs of one name are there, and these clients try the first alone: refused by " + openssls, weakToo,
	}, found(check(put(in, caPEM, slices.Concat(new, own)))))
}

// TestAnotherKeysIdentifier: a leaf that names another key of its CA than the one that signed it.
func TestAnotherKeysIdentifier(t *testing.T) {
	other := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: []byte{0x30, 3, 0x80, 1, 0}}
	in := family{server: []edit{func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{other} }}}.input(t)
	assert.Equal(t, []string{
		"failure key-identifier-mismatch server.pem: its authorityKeyIdentifier is not that of the CA that issued it: refused by pymilvus, Node SDK, Java SDK, curl, " + strict,
	}, found(check(in)))
}

// TestSerials: RFC 5280, 4.1.2.2.
func TestSerials(t *testing.T) {
	long := func(c *x509.Certificate) { c.SerialNumber = new(big.Int).Lsh(big.NewInt(1), certset.MaxSerialBits) }
	longest := func(c *x509.Certificate) {
		c.SerialNumber.Sub(new(big.Int).Lsh(big.NewInt(1), certset.MaxSerialBits), big.NewInt(1))
	}
	for _, tc := range []struct {
		name   string
		family family
		srl    string
		want   []string
	}{
		{"usual", family{}, "03\n", nil},
		{"OpenSSL has given others since", family{}, "FF\n", nil},
		{"of 20 octets", family{client: []edit{longest}}, "", nil},
		{"equal", family{client: []edit{serial(2)}}, "", []string{"warning serial client.pem: has the serial number of server.pem, by the same CA"}},
		{"zero", family{server: []edit{serial(0)}}, "", []string{"warning serial server.pem: its serial number is 0; it has to be positive"}},
		{"the CA's zero", family{ca: []edit{serial(0)}}, "", []string{"warning serial ca.pem: its serial number is 0; it has to be positive"}},
		{"long", family{client: []edit{long}}, "02\n", []string{"warning serial client.pem: its serial number is longer than 20 octets"}},
		{"ca.srl lags", family{}, "02\n", []string{"warning serial ca.srl: lags behind the certificates, so that OpenSSL could give a serial number twice"}},
		{"the CA's own number does not count", family{ca: []edit{serial(1000)}}, "03\n", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := tc.family.input(t)
			if tc.srl != "" {
				in = put(in, caSerial, []byte(tc.srl))
			}
			r := check(in)
			assert.Equal(t, tc.want, found(r))
			assert.True(t, r.OK)
		})
	}
	assert.Equal(t, "write 03 into it", check(put(family{}.input(t), caSerial, []byte("02\n"))).Findings[0].WayOut)
}

// TestModes: keys are for their owner alone, the rest for its owner alone to change. Where modes mean nothing, none is said.
func TestModes(t *testing.T) {
	const shared, changeable = ": others than its owner can use this key", ": others than its owner can change it"
	for _, tc := range []struct {
		file string
		mode fs.FileMode
		want string
	}{
		{caKey, 0o400, ""}, {serverKey, 0o600, ""}, {serverKey, 0o700, ""},
		{caKey, 0o640, shared}, {serverKey, 0o604, shared}, {clientKey, 0o610, shared}, {clientKey, 0o777, shared},
		{caPEM, 0o444, ""}, {serverPEM, 0o644, ""}, {clientCSR, 0o600, ""},
		{caPEM, 0o664, changeable}, {serverPEM, 0o646, changeable}, {caSerial, 0o666, changeable}, {clientCSR, 0o622, changeable},
	} {
		in := family{}.input(t)
		f := in.Files[tc.file]
		f.Mode = tc.mode
		in.Files[tc.file] = f
		var want []string
		if tc.want != "" {
			want = []string{"warning mode " + tc.file + tc.want}
		}
		r := check(in)
		assert.Equal(t, want, found(r), "%s %o", tc.file, tc.mode)
		assert.True(t, r.OK)
		assert.Empty(t, found(check(in, func(o *verify.Options) { o.Modes = false })))
	}
}

// TestOwners: whoever owns a file can change it.
func TestOwners(t *testing.T) {
	in := family{}.input(t)
	in.Foreign = map[string]bool{serverKey: true, caPEM: true, clientPEM: false}
	in.Paths = map[string]string{serverKey: "'some where/server.key'"}
	r := check(in)
	assert.Equal(t, []string{"warning owner ca.pem: belongs to another user, who can use and change it", "warning owner server.key: belongs to another user, who can use and change it"}, found(r))
	assert.Equal(t, []string{"chown it: ca.pem", "chown it: 'some where/server.key'"}, []string{r.Findings[0].WayOut, r.Findings[1].WayOut})
}
