package certset_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// FuzzParseSerial: what is read can be written and read again, and has a successor or is the last.
func FuzzParseSerial(f *testing.F) {
	for _, seed := range []string{"01\n", "ff", "00FF\r\n", "", "1", "xyz", "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "80" + strings.Repeat("00", 19)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		serial, err := certset.ParseSerial(data)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			assert.Less(t, len(err.Error()), 400)
			return
		}
		assert.LessOrEqual(t, serial.BitLen(), 159)
		written := certset.FormatSerial(serial)
		again, err := certset.ParseSerial(written)
		require.NoError(t, err)
		assert.Equal(t, written, certset.FormatSerial(again))
		assert.Zero(t, serial.Cmp(again))
		next, err := certset.NextSerial(serial)
		if errors.Is(err, certset.ErrSerialFull) {
			return
		}
		require.NoError(t, err)
		assert.Equal(t, 1, next.Cmp(serial))
	})
}

// FuzzParseCertificate: anything is a certificate or an error, and whatever is one can be described and judged.
func FuzzParseCertificate(f *testing.F) {
	set := newSet(f, profile.BuiltinText(), profile.Asked{})
	forbidden := newSet(f, readConf(f, "critical-forbidden.cnf"), profile.Asked{KeyType: flag("ed25519"), Exact: true})
	for _, c := range []*certset.Certificate{set.CA.Certificate, set.Server.Certificate, forbidden.CA.Certificate, forbidden.Server.Certificate} {
		f.Add(c.Raw)
	}
	f.Add(set.Server.Request.Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		if r, err := certset.ParseRequest(der); err == nil {
			_ = r.CheckSignature()
		}
		c, err := certset.ParseCertificate(der)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		assert.Equal(t, der, c.Raw)
		assert.NotNil(t, c.SerialNumber)
		assert.Equal(t, c.X509 == nil, c.X509Err != nil)
		_, _, _ = c.Subject(), c.Names(), c.KeyType()
		_ = c.SignedBy(c)
		_ = c.SignedBy(set.CA.Certificate)
	})
}

// FuzzParse reads the key of a set from any bytes. No error quotes the key.
func FuzzParse(f *testing.F) {
	all := files(f, newSet(f, "", profile.Asked{}))
	key := all["server.key"].Data
	for _, seed := range [][]byte{
		key, key[:len(key)/2], bytes.ReplaceAll(key, []byte("PRIVATE"), []byte("EC PRIVATE")), all["server.pem"].Data, nil,
		[]byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
		[]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := parseWith(all, "server.key", data)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			assert.Less(t, len(err.Error()), 400)
			assert.False(t, quotes(err.Error(), data), err.Error())
			return
		}
		assert.NotNil(t, set.Server.Key)
		_ = set.Server.HasKey()
	})
}

// quotes reports whether the message holds a piece of the base64 in the data.
func quotes(message string, data []byte) bool {
	const length = 32
	for _, line := range strings.Fields(string(data)) {
		if len(line) < length || strings.Contains(line, "-----") {
			continue
		}
		if _, err := base64.RawStdEncoding.DecodeString(line[:length]); err == nil && strings.Contains(message, line[:length]) {
			return true
		}
	}
	return false
}

// addFiles seeds a target with files of all kinds, as they should be and otherwise.
func addFiles(f *testing.F) {
	f.Helper()
	m := newMaterial(f)
	entries, err := os.ReadDir(otherFiles)
	require.NoError(f, err)
	for _, e := range entries {
		f.Add(readOther(f, e.Name()))
	}
	for _, seed := range [][]byte{
		nil, m.key, m.cert, m.request, join(m.cert, m.ca), join(m.key, m.cert), m.cert[:len(m.cert)/2], derOf(m.cert), derOf(m.key), inUTF16(m.cert),
		join([]byte("\xef\xbb\xbf# text\n"), m.cert), bytes.ReplaceAll(m.cert, []byte("\n"), []byte("\r\n")),
		block("EC PARAMETERS", []byte{6, 0}), block("RSA PRIVATE KEY", derOf(m.key)), block("X509 CRL", nil),
		inner("PRIVATE KEY", derOf(m.key), map[string]string{"Proc-Type": "4,ENCRYPTED"}),
	} {
		f.Add(seed)
	}
}

// checkMessages wants lines that quote nothing.
func checkMessages(t *testing.T, data []byte, err error, remarks []string) {
	t.Helper()
	if err != nil {
		assertQuotesNothing(t, err.Error(), data)
	}
	for _, r := range remarks {
		assertQuotesNothing(t, r, data)
	}
}

// FuzzParseCertificates: whatever is read has the same certificates as crypto/x509 and encoding/pem find in it.
func FuzzParseCertificates(f *testing.F) {
	addFiles(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		certs, remarks, err := certset.ParseCertificates(data)
		checkMessages(t, data, err, remarks)
		if errors.Is(err, certset.ErrKeyBeside) {
			return
		}
		assert.Equal(t, err == nil, len(certs) > 0)
		var found [][]byte
		for b, rest := pem.Decode(data); err == nil && b != nil; b, rest = pem.Decode(rest) {
			if b.Type == "CERTIFICATE" {
				found = append(found, b.Bytes)
			}
		}
		for i, c := range certs {
			require.Less(t, i, len(found))
			assert.Equal(t, found[i], c.Raw)
		}
		assert.Len(t, found, len(certs))
	})
}

// FuzzParseKey: a key that is read can sign for itself.
func FuzzParseKey(f *testing.F) {
	addFiles(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		key, remarks, err := certset.ParseKey(data)
		checkMessages(t, data, err, remarks)
		assert.Equal(t, err == nil, key != nil)
		if key != nil {
			_, err = x509.MarshalPKIXPublicKey(key.Public())
			assert.NoError(t, err)
		}
	})
}

// FuzzReadEach reads any bytes as each of the nine files, and as whatever they are.
func FuzzReadEach(f *testing.F) {
	addFiles(f)
	f.Add([]byte("01\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all := map[string]certset.File{}
		for _, name := range certset.Names() {
			all[name] = certset.File{Name: name, Data: data}
		}
		r := certset.ReadEach(all)
		for _, name := range certset.Names() {
			checkMessages(t, data, r.Errors[name], r.Remarks[name])
		}
		_, _ = r.Set.CA.HasKey(), r.Set.LastSerial()
		objects, remarks, err := certset.ParseObjects(data)
		checkMessages(t, data, err, remarks)
		for _, o := range objects {
			checkMessages(t, data, o.Err, nil)
			if o.Certificate != nil {
				_, _, _ = o.Certificate.Uses(), o.Certificate.Issuer(), o.Certificate.SignatureAlgorithm()
			}
			if o.Request != nil {
				_, _, _ = o.Request.Uses(), o.Request.Names(), certset.KeyTypeOf(o.Request.PublicKeyInfo)
			}
		}
	})
}
