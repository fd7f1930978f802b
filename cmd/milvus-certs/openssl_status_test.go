package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStatusAgreesWithOpenSSL on when certificates end, for times before and after 2049, which changes their form, and on their
// serial numbers.
func TestStatusAgreesWithOpenSSL(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256", "--ca-days", "20000", "--days", "19000")
	issued := runIn(t, dir, program(t), "issue", "client", "alice", "-q", "--key-type", "ec-p256", "--days", "1")
	require.Zero(t, issued.status, issued.stderr)
	openssl(t, dir, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "theirs.key", "-out", "theirs.crt", "-days", "90", "-subj", "/CN=theirs")

	got := runIn(t, dir, program(t), "status", "-o", "json")
	require.Zero(t, got.status, got.stderr)
	var report struct {
		Directories []struct {
			Certificates []struct {
				File, Serial string
				NotBefore    time.Time `json:"not_before"`
				NotAfter     time.Time `json:"not_after"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	require.Len(t, report.Directories[0].Certificates, 5)
	for _, c := range report.Directories[0].Certificates {
		theirs := map[string]string{}
		for line := range strings.Lines(openssl(t, dir, "x509", "-noout", "-startdate", "-enddate", "-serial", "-in", filepath.Base(c.File))) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			theirs[key] = value
		}
		const form = "Jan _2 15:04:05 2006 GMT"
		assert.Equal(t, theirs["notBefore"], c.NotBefore.Format(form), c.File)
		assert.Equal(t, theirs["notAfter"], c.NotAfter.Format(form), c.File)
		assert.Equal(t, theirs["serial"], c.Serial, c.File)
	}
}
