package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var showTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// signFor makes a certificate from the template, signed by its own key.
func signFor(t *testing.T, template *x509.Certificate) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template.SerialNumber = big.NewInt(0x0102)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func show(name string, data []byte) *showReport {
	return newShowReport([]shownFile{newShownFile(name, data, nil)}, showTime)
}

// TestShowText is the whole text of a certificate, but for what is random.
func TestShowText(t *testing.T) {
	data := signFor(t, &x509.Certificate{
		Subject:   pkix.Name{Country: []string{"CN"}, Organization: []string{strings.Repeat("long name ", 6) + "end"}, CommonName: "milvus.example.com"},
		NotBefore: showTime.Add(-40 * day), NotAfter: showTime.Add(-3 * day),
		DNSNames:        []string{"milvus.example.com", "a-rather-long-name.of-a-host.example.com", "another.example.com"},
		KeyUsage:        x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		ExtraExtensions: []pkix.Extension{{Id: []int{1, 2, 3, 4}, Critical: true, Value: []byte{0x0c, 2, 'h', 'i'}}},
	})
	text := regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(show("server.pem", data).text(), "<64>")
	assert.Equal(t, `server.pem  certificate
  subject    C=CN, O=long name long name long name long name long name long name
             end, CN=milvus.example.com
  issuer     itself
  serial     0102
  names      DNS:milvus.example.com,
             DNS:a-rather-long-name.of-a-host.example.com,
             DNS:another.example.com
  usage      digitalSignature, keyEncipherment (critical)
  for        serverAuth, clientAuth
  from       2025-11-23 03:04:05 UTC
  until      2025-12-30 03:04:05 UTC, expired 3 days ago
  key        ec-p256
  key hash   <64>
  signed     ecdsa-with-SHA256
  SHA-256    <64>
  besides    1.2.3.4 (critical): "hi"
`, text)
}

// TestShowTimes: what is left, in days and in hours.
func TestShowTimes(t *testing.T) {
	for _, tc := range []struct {
		from, until time.Duration
		want, left  string
		days        int
	}{
		{-day, 10 * day, "", "10 days left", 10},
		{-day, day + time.Hour, "", "1 day left", 1},
		{-day, 5*time.Hour + time.Minute, "", "5 hours left", 0},
		{-day, time.Minute, "", "0 hours left", 0},
		{-2 * day, -time.Hour, "", "expired 1 hour ago", -1},
		{-20 * day, -10 * day, "", "expired 10 days ago", -10},
		{2 * day, 10 * day, ", in 2 days", "10 days left", 10},
	} {
		data := signFor(t, &x509.Certificate{NotBefore: showTime.Add(tc.from), NotAfter: showTime.Add(tc.until)})
		c := show("x.pem", data).Files[0].Objects[0].Certificate
		assert.Equal(t, tc.want, c.notYet())
		assert.Equal(t, tc.left, c.left())
		assert.Equal(t, tc.days, c.DaysLeft)
	}
}

// TestShowHostileNames: control characters reach neither the terminal nor a line of their own.
func TestShowHostileNames(t *testing.T) {
	const evil = "a\x1b[31mb\nserver.pem  certificate\u202e"
	data := signFor(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: evil}, NotBefore: showTime, NotAfter: showTime.Add(day), EmailAddresses: []string{"a\x1b[2J@x"},
		ExtraExtensions: []pkix.Extension{{Id: []int{1, 2, 3}, Value: append([]byte{0x0c, byte(len(evil))}, evil...)}},
	})
	r := show("evil\x1b\n.pem", data)
	text := printable(r.text())
	written, err := json.Marshal(r)
	require.NoError(t, err)
	for _, out := range []string{text, string(written)} {
		assert.NotContains(t, out, "\x1b")
		assert.NotContains(t, out, `\u001b`)
		assert.NotContains(t, out, "\u202e")
	}
	assert.NotContains(t, text, "\nserver.pem")
	assert.Equal(t, 1, strings.Count(text, "  certificate\n"))
}

// TestShowRequestOfAnother: a request that another key signed is told from others.
func TestShowRequestOfAnother(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "before"}}, key)
	require.NoError(t, err)
	request := func(der []byte) *showReport {
		return show("x.csr", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	}
	assert.True(t, request(der).Files[0].Objects[0].Request.SignatureValid)
	changed := []byte(strings.Replace(string(der), "before", "behind", 1))
	assert.False(t, request(changed).Files[0].Objects[0].Request.SignatureValid)
	assert.Contains(t, request(changed).text(), "  signed     ecdsa-with-SHA256, NOT with its own key\n")
}

// TestShortened: no extension fills the screen.
func TestShortened(t *testing.T) {
	assert.Equal(t, "SEQUENCE {1.2.3}", shortened("SEQUENCE {1.2.3}"))
	assert.Equal(t, "a "+strings.Repeat("f", 60)+"… b", shortened("a "+strings.Repeat("f", 90)+" b"))
	assert.Less(t, len(shortened(strings.Repeat("word ", 1000))), 300)
}
