package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// requestOf writes a request that asks for so many names.
func requestOf(t *testing.T, dir, name string, names int) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.CertificateRequest{}
	template.Subject.CommonName = "node"
	for i := range names {
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("node%d.%s.example.com", i, strings.Repeat("x", 30)))
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	require.NoError(t, err)
	writeText(t, dir, name, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})))
}

// TestSignIsBounded: a request that asks for much fills neither the screen nor the memory.
func TestSignIsBounded(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	requestOf(t, dir, "many.csr", 700)
	out := milvusCerts(t, dir, "sign", "server", "many.csr")
	assert.Less(t, strings.Count(out, "\n"), 110)
	assert.Contains(t, out, "and 680 more")

	var report struct {
		NotGranted []struct{ What, Flag string } `json:"not_granted"`
	}
	require.NoError(t, json.Unmarshal([]byte(milvusCerts(t, dir, "sign", "server", "many.csr", "--out", "again.pem", "-o", "json")), &report))
	assert.Len(t, report.NotGranted, 700)
	assert.Equal(t, "--san "+report.NotGranted[699].What, report.NotGranted[699].Flag)

	requestOf(t, dir, "huge.csr", 2000)
	assertRefusal(t, 1, command(dir, program(t), "sign", "server", "huge.csr"))
	c := command(dir, program(t), "sign", "server", "-", "--out", "x.pem")
	c.Stdin = bytes.NewReader(make([]byte, 10<<20))
	assertRefusal(t, 1, c)
}

// TestSignSideBySide: whoever signs at once, and wherever to, no serial number is given twice.
func TestSignSideBySide(t *testing.T) {
	const each = 4
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	requestOf(t, dir, "r.csr", 0)
	program := program(t)
	outs := []string{dir, t.TempDir(), t.TempDir()}
	var all sync.WaitGroup
	for _, out := range outs {
		for i := range each {
			all.Go(func() {
				got, err := command(dir, program, "sign", "server", "r.csr", "--out", filepath.Join(out, fmt.Sprintf("node%d.pem", i))).CombinedOutput()
				assert.NoError(t, err, string(got))
			})
		}
	}
	all.Wait()
	seen, highest := map[string]bool{}, new(big.Int)
	for _, out := range outs {
		for i := range each {
			data, err := os.ReadFile(filepath.Join(out, fmt.Sprintf("node%d.pem", i)))
			require.NoError(t, err)
			certs, _, err := certset.ParseCertificates(data)
			require.NoError(t, err)
			serial := certs[0].SerialNumber
			assert.False(t, seen[serial.String()])
			seen[serial.String()] = true
			if serial.Cmp(highest) > 0 {
				highest = serial
			}
		}
	}
	assert.Equal(t, string(certset.FormatSerial(highest)), readText(t, dir, "ca.srl"))
}
