package expiry_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// noon is when all certificates of these tests begin, unless they say otherwise.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func daysOn(n int) time.Time { return noon.AddDate(0, 0, n) }

// made is a certificate with its key.
type made struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// sign makes a certificate of so many days. Without an issuer it signs itself.
func sign(t testing.TB, cn string, days int, by *made, change ...func(*x509.Certificate)) *made {
	t.Helper()
	der, key := signDER(t, cn, days, by, change...)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &made{c, key}
}

// signDER makes a certificate that crypto/x509 need not be able to read.
func signDER(t testing.TB, cn string, days int, by *made, change ...func(*x509.Certificate)) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: cn}, NotBefore: noon, NotAfter: daysOn(days)}
	for _, do := range change {
		do(template)
	}
	if by == nil {
		by = &made{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.key)
	require.NoError(t, err)
	return der, key
}

func isCA(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }

func forUse(uses ...x509.ExtKeyUsage) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.ExtKeyUsage = uses }
}

// ofNoKeyID is the CA for leaves without an authorityKeyIdentifier, which Go copies from it.
func ofNoKeyID(ca *made) *made {
	bare := *ca.Certificate
	bare.SubjectKeyId = nil
	return &made{&bare, ca.key}
}

func pemOf(certs ...*made) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

func keyPEM(t testing.TB, m *made) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(m.key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

type file struct {
	name string
	data []byte
}

func report(at time.Time, rule expiry.Rule, files ...file) *expiry.Report {
	b := expiry.NewBuilder(expiry.Directory{Path: "certs", HasCAKey: true}, at, rule)
	for _, f := range files {
		b.Add(certset.File{Name: f.name, Data: f.data})
	}
	return b.Report()
}

// told writes rows in short.
func told(r *expiry.Report) (lines []string) {
	for _, c := range r.Certificates {
		lines = append(lines, fmt.Sprintf("%s|%s|%s|%s|%d|%s", c.Place(), c.Role, c.CommonName, c.IssuedBy, c.DaysLeft, c.Renew))
	}
	return lines
}

func TestReport(t *testing.T) {
	ca := sign(t, "CA", 3650, nil, isCA)
	root := sign(t, "Root", 7000, nil, isCA)
	middle := sign(t, "Middle", 700, root, isCA)
	server := sign(t, "host", 90, ca, forUse(x509.ExtKeyUsageServerAuth))
	client := sign(t, "user", 90, ca, forUse(x509.ExtKeyUsageClientAuth))
	alice := sign(t, "alice", 30, ca, forUse(x509.ExtKeyUsageClientAuth))
	far := sign(t, "far", 365, middle, forUse(x509.ExtKeyUsageServerAuth))

	got := report(noon, expiry.Rule{},
		file{"ca.pem", pemOf(ca)}, file{"alice.pem", pemOf(alice)}, file{"client.pem", pemOf(client)},
		file{"far.pem", pemOf(far, middle)}, file{"near.crt", pemOf(sign(t, "near", 365, middle), middle)},
		file{"root.crt", pemOf(root)}, file{"server.pem", pemOf(server)})
	assert.Empty(t, got.Problems)
	assert.Nil(t, got.ChangeOver)
	assert.Zero(t, got.Due())
	assert.Equal(t, []string{
		"alice.pem|client|alice|ca.pem|30|alice",
		"client.pem|client|user|ca.pem|90|client",
		"server.pem|server|host|ca.pem|90|server",
		"far.pem (1)|server|far|far.pem (2)|365|",
		"near.crt (1)||near|near.crt (2)|365|",
		"far.pem (2)|ca|Middle|root.crt|700|",
		"near.crt (2)|ca|Middle|root.crt|700|",
		"ca.pem|ca|CA|ca.pem|3650|ca",
		"root.crt|ca|Root|root.crt|7000|",
	}, told(got))

	row := got.Certificates[0]
	assert.Equal(t, "CN=alice", row.Subject)
	assert.Equal(t, alice.NotBefore, row.NotBefore)
	assert.Equal(t, alice.NotAfter, row.NotAfter)
	assert.False(t, row.SelfSigned)
	assert.True(t, got.Certificates[8].SelfSigned)
}

func TestRoles(t *testing.T) {
	ca := sign(t, "CA", 3650, nil, isCA)
	noCA := func(c *x509.Certificate) { c.BasicConstraintsValid = true }
	other := forUse(x509.ExtKeyUsageCodeSigning)
	both := forUse(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth)
	for _, c := range []struct {
		file string
		cert *made
		want expiry.Role
	}{
		{"x.pem", ca, expiry.RoleCA},
		{"server.pem", ca, expiry.RoleCA},
		{"x.pem", sign(t, "x", 9, ca, isCA, both), expiry.RoleCA},
		{"x.pem", sign(t, "x", 9, ca, both), expiry.RoleBoth},
		{"x.pem", sign(t, "x", 9, ca, forUse(x509.ExtKeyUsageAny)), expiry.RoleBoth},
		{"client.pem", sign(t, "x", 9, ca, forUse(x509.ExtKeyUsageServerAuth)), expiry.RoleServer},
		{"server.pem", sign(t, "x", 9, ca, forUse(x509.ExtKeyUsageClientAuth)), expiry.RoleClient},
		{"server.pem", sign(t, "x", 9, ca, other), expiry.RoleUnknown},
		{"server.pem", sign(t, "x", 9, ca), expiry.RoleServer},
		{"server.crt", sign(t, "x", 9, ca, noCA), expiry.RoleServer},
		{"client.pem", sign(t, "x", 9, ca), expiry.RoleClient},
		{"ca.crt", sign(t, "x", 9, nil), expiry.RoleCA},
		{"x.pem", sign(t, "x", 9, nil), expiry.RoleUnknown},
		{"server-2.pem", sign(t, "x", 9, ca), expiry.RoleUnknown},
	} {
		got := report(noon, expiry.Rule{}, file{c.file, pemOf(c.cert)})
		require.Len(t, got.Certificates, 1)
		assert.Equal(t, c.want, got.Certificates[0].Role, "%s %s", c.file, c.cert.Subject)
	}
	got := report(noon, expiry.Rule{}, file{"server.pem", pemOf(sign(t, "x", 1, ca), sign(t, "y", 2, ca))})
	assert.Equal(t, expiry.RoleUnknown, got.Certificates[1].Role, "the name of the file is that of its first certificate")
}

func TestDue(t *testing.T) {
	within := func(d time.Duration) expiry.Rule { return expiry.Rule{Before: &d} }
	const day = 24 * time.Hour
	for _, c := range []struct {
		name         string
		days         int
		rule         expiry.Rule
		at           time.Time
		due, expired bool
		left         int
	}{
		{"30 days before its end", 365, expiry.Rule{}, daysOn(335), false, false, 30},
		{"less than 30 days", 365, expiry.Rule{}, daysOn(335).Add(time.Second), true, false, 29},
		{"a short one begins", 20, expiry.Rule{}, noon, false, false, 20},
		{"two thirds of a short one", 21, expiry.Rule{}, daysOn(14), false, false, 7},
		{"more than two thirds", 21, expiry.Rule{}, daysOn(14).Add(time.Second), true, false, 6},
		{"as long as asked for", 20, within(20 * day), noon, false, false, 20},
		{"longer than asked for", 20, within(20*day + time.Second), noon, true, false, 20},
		{"no time before its end", 20, within(0), daysOn(20), false, false, 0},
		{"its last nanosecond", 20, expiry.Rule{}, daysOn(20).Add(-1), true, false, 0},
		{"over", 20, within(0), daysOn(20).Add(1), true, true, -1},
		{"long over", 20, expiry.Rule{}, daysOn(23), true, true, -3},
		{"not begun", 365, expiry.Rule{}, daysOn(-1), false, false, 366},
		{"a life of 7900 years", 7900 * 365, expiry.Rule{}, daysOn(-300 * 365), false, false, 8200 * 365},
	} {
		got := report(c.at, c.rule, file{"a.pem", pemOf(sign(t, "a", c.days, nil))}).Certificates
		require.Len(t, got, 1)
		assert.Equal(t, []any{c.due, c.expired, c.left}, []any{got[0].Due, got[0].Expired, got[0].DaysLeft}, c.name)
	}
	backwards := sign(t, "a", 20, nil, func(c *x509.Certificate) { c.NotBefore = daysOn(90) })
	assert.True(t, report(daysOn(21), expiry.Rule{}, file{"a.pem", pemOf(backwards)}).Certificates[0].Due, "ends before it begins")
}

// TestIssuers: by key identifiers, and where they are missing by signature.
func TestIssuers(t *testing.T) {
	old, ca := sign(t, "CA", 3650, nil, isCA), sign(t, "CA", 3650, nil, isCA)
	leaves := func(by *made) []byte { return pemOf(sign(t, "leaf", 90, by)) }
	for _, c := range []struct {
		name  string
		files []file
		want  string
		renew string
	}{
		{"key identifier", []file{{"ca.pem", pemOf(ca)}, {"a.pem", leaves(ca)}}, "ca.pem", "a"},
		{"key identifier of a namesake", []file{{"ca.pem", pemOf(ca)}, {"a.pem", leaves(old)}}, "", ""},
		{"signature", []file{{"ca.pem", pemOf(ca)}, {"a.pem", leaves(ofNoKeyID(ca))}}, "ca.pem", "a"},
		{"signature of a namesake", []file{{"ca.pem", pemOf(ca)}, {"a.pem", leaves(ofNoKeyID(old))}}, "", ""},
		{"the second of its name", []file{{"ca.pem", pemOf(ca, old)}, {"a.pem", leaves(ofNoKeyID(old))}}, "ca.pem (2)", "a"},
		{"a CA that is added later", []file{{"a.pem", leaves(ca)}, {"ca.crt", pemOf(ca)}}, "ca.crt", ""},
		{"the same, by signature", []file{{"a.pem", leaves(ofNoKeyID(ca))}, {"x.pem", pemOf(old, ca)}}, "x.pem (2)", ""},
		{"ca.pem before its own file", []file{{"ca.pem", pemOf(ca)}, {"a.pem", append(leaves(ca), pemOf(ca)...)}}, "ca.pem", "a"},
		{"a further leaf in a file", []file{{"ca.pem", pemOf(ca)}, {"z.pem", append(pemOf(sign(t, "z", 99, ca)), leaves(ca)...)}}, "ca.pem", ""},
		{"not called .pem", []file{{"ca.pem", pemOf(ca)}, {"a.crt", leaves(ca)}}, "ca.pem", ""},
		{"no name for a command", []file{{"ca.pem", pemOf(ca)}, {"-a.pem", leaves(ca)}}, "ca.pem", ""},
	} {
		row := report(noon, expiry.Rule{}, c.files...).Certificates[0]
		assert.Equal(t, []string{"leaf", c.want, c.renew}, []string{row.CommonName, row.IssuedBy, row.Renew}, c.name)
	}
}

// TestRenewable: no CA that another one signed, and none without its key.
func TestRenewable(t *testing.T) {
	root := sign(t, "Root", 3650, nil, isCA)
	middle := sign(t, "Middle", 3650, root, isCA)
	server := sign(t, "x", 90, middle)
	files := []file{{"ca.pem", pemOf(middle, root)}, {"server.pem", pemOf(server)}}
	assert.Equal(t, []string{
		"server.pem|server|x|ca.pem (1)|90|server", "ca.pem (1)|ca|Middle|ca.pem (2)|3650|", "ca.pem (2)|ca|Root|ca.pem (2)|3650|",
	}, told(report(noon, expiry.Rule{}, files...)))

	b := expiry.NewBuilder(expiry.Directory{Path: "certs"}, noon, expiry.Rule{})
	b.Add(certset.File{Name: "ca.pem", Data: pemOf(root)})
	b.Add(certset.File{Name: "server.pem", Data: pemOf(sign(t, "x", 90, root))})
	assert.Equal(t, []string{"server.pem|server|x|ca.pem|90|server", "ca.pem|ca|Root|ca.pem|3650|"}, told(b.Report()))
}

// TestProblems: a file in which a certificate may be that nobody sees is told; one of something else is passed over.
func TestProblems(t *testing.T) {
	ca := sign(t, "CA", 3650, nil, isCA)
	good := pemOf(ca)
	damaged := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw[:100]})
	for _, c := range []struct {
		name  string
		data  []byte
		certs int
		want  string
	}{
		{"a key", keyPEM(t, ca), 0, ""},
		{"a request", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: []byte{1}}), 0, ""},
		{"parameters", pem.EncodeToMemory(&pem.Block{Type: "DH PARAMETERS", Bytes: []byte{1}}), 0, ""},
		{"a key beside it", append(keyPEM(t, ca), good...), 1, ""},
		{"DER", ca.Raw, 1, ""},
		{"nothing", nil, 0, "the file is empty"},
		{"text", []byte("our CA\n"), 0, "wanted PEM (-----BEGIN CERTIFICATE-----), found none"},
		{"cut short", good[:200], 0, `the file is cut short: the block "CERTIFICATE" in line 1 has no -----END`},
		{"damaged", damaged, 0, "no certificate: asn1: "},
		{"damaged behind a good one", append(pemOf(ca), damaged...), 1, "block 2: no certificate: asn1: "},
		{"header lines", bytes.Replace(good, []byte("-----\n"), []byte("-----\nComment: x\n\n"), 1), 0, "block 1 has header lines"},
		{"PKCS#7", pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: []byte{1}}), 0, "PKCS#7, which"},
		{"more than anyone reads", bytes.Repeat(good, 201), 0, "too much: more than 200 PEM blocks"},
	} {
		got := report(noon, expiry.Rule{}, file{"x.pem", c.data})
		assert.Len(t, got.Certificates, c.certs, c.name)
		if c.want == "" {
			assert.Empty(t, got.Problems, c.name)
		} else if assert.Len(t, got.Problems, 1, c.name) {
			assert.Equal(t, "x.pem", got.Problems[0].File)
			assert.Contains(t, got.Problems[0].Error, c.want, c.name)
			assert.NotContains(t, got.Problems[0].Error, "\n", c.name)
		}
	}
	b := expiry.NewBuilder(expiry.Directory{Path: "certs", Interrupted: true}, noon, expiry.Rule{})
	b.AddProblem("z.pem", errors.New("cannot read it"))
	b.AddProblem("a.pem", errors.New("is a directory"))
	got := b.Report()
	assert.True(t, got.Interrupted)
	assert.Equal(t, []expiry.Problem{{File: "a.pem", Error: "is a directory"}, {File: "z.pem", Error: "cannot read it"}}, got.Problems)
}

// TestOddCertificates: what Go refuses to read ends all the same.
func TestOddCertificates(t *testing.T) {
	rawName := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte{0x30, 3, 0x82, 1, 0xe9}}
	der, _ := signDER(t, "odd", 9, nil, func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{rawName} })
	_, err := x509.ParseCertificate(der)
	require.Error(t, err)
	got := report(noon, expiry.Rule{}, file{"odd.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})})
	require.Empty(t, got.Problems)
	assert.Equal(t, []string{"odd.pem||odd|odd.pem|9|"}, told(got))
}

// TestChangeOverInReport: leaves that the old CA issued hold it up, as long as they are in their time.
func TestChangeOverInReport(t *testing.T) {
	old, ca := sign(t, "CA", 3650, nil, isCA), sign(t, "CA 2026", 3650, nil, isCA)
	bundle := file{"ca.pem", pemOf(ca, old)}
	waiting := file{"server.pem", pemOf(sign(t, "x", 90, old))}
	moved := file{"client.pem", pemOf(sign(t, "y", 90, ca))}

	got := report(noon, expiry.Rule{}, bundle, moved, waiting)
	require.NotNil(t, got.ChangeOver)
	assert.Equal(t, expiry.BothCAs, got.ChangeOver.Stage())
	assert.Equal(t, []string{"server.pem"}, got.ChangeOver.Waiting)
	assert.Equal(t, []string{
		"client.pem|client|y|ca.pem (1)|90|client", "server.pem|server|x|ca.pem (2)|90|server",
		"ca.pem (1)|ca|CA 2026|ca.pem (1)|3650|ca", "ca.pem (2)|ca|CA|ca.pem (2)|3650|",
	}, told(got))

	assert.Equal(t, expiry.LeavesMoved, report(noon, expiry.Rule{}, bundle, moved).ChangeOver.Stage())
	assert.Equal(t, expiry.LeavesMoved, report(daysOn(91), expiry.Rule{}, bundle, moved, file{"x.pem", waiting.data}).ChangeOver.Stage())
	assert.Nil(t, report(noon, expiry.Rule{}, file{"ca.pem", pemOf(ca)}, waiting).ChangeOver)
}

func TestHoldsCertificates(t *testing.T) {
	for name, want := range map[string]bool{
		"ca.pem": true, "tls.crt": true, "CA.PEM": true, "a.b.Crt": true, ".pem": true,
		"ca.key": false, "ca.srl": false, "pem": false, "ca.pem.bak": false, "crt": false,
	} {
		assert.Equal(t, want, expiry.HoldsCertificates(name), name)
	}
}

// BenchmarkReport is a directory of ten thousand leaves, without the disk.
func BenchmarkReport(b *testing.B) {
	ca := sign(b, "CA", 3650, nil, isCA)
	leaf := pemOf(sign(b, "leaf", 365, ca, forUse(x509.ExtKeyUsageClientAuth)))
	b.ReportAllocs()
	for b.Loop() {
		files := expiry.NewBuilder(expiry.Directory{Path: "certs"}, noon, expiry.Rule{})
		files.Add(certset.File{Name: "ca.pem", Data: pemOf(ca)})
		for i := range 10_000 {
			files.Add(certset.File{Name: fmt.Sprintf("leaf%d.pem", i), Data: leaf})
		}
		require.Len(b, files.Report().Certificates, 10_001)
	}
}
