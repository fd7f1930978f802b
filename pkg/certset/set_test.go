package certset_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// TestFiles: the nine files in gen.sh's order, with their modes and PEM types.
func TestFiles(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	got, err := set.Files()
	require.NoError(t, err)
	want := []struct {
		name string
		mode fs.FileMode
		pem  string
	}{
		{"ca.key", 0o600, "PRIVATE KEY"}, {"ca.pem", 0o644, "CERTIFICATE"}, {"ca.srl", 0o644, ""},
		{"server.key", 0o600, "PRIVATE KEY"}, {"server.csr", 0o644, "CERTIFICATE REQUEST"}, {"server.pem", 0o644, "CERTIFICATE"},
		{"client.key", 0o600, "PRIVATE KEY"}, {"client.csr", 0o644, "CERTIFICATE REQUEST"}, {"client.pem", 0o644, "CERTIFICATE"},
	}
	require.Len(t, got, len(want))
	for i, w := range want {
		assert.Equal(t, w.name, got[i].Name)
		assert.Equal(t, w.name, certset.Names()[i])
		assert.Equal(t, w.mode, got[i].Mode, w.name)
		if w.pem == "" {
			continue
		}
		b, rest := pem.Decode(got[i].Data)
		require.NotNil(t, b, w.name)
		assert.Equal(t, w.pem, b.Type)
		assert.Empty(t, b.Headers)
		assert.Empty(t, rest)
	}
	assert.Equal(t, certset.FormatSerial(set.Serial), got[2].Data)
}

// TestParse reads what Files wrote, for every kind of key.
func TestParse(t *testing.T) {
	for _, keyType := range []string{"rsa-2048", "ec-p256", "ec-p384", "ed25519"} {
		t.Run(keyType, func(t *testing.T) {
			set := newSet(t, "", profile.Asked{KeyType: flag(keyType)})
			got, err := certset.Parse(files(t, set))
			require.NoError(t, err)
			assertSameSet(t, set, got)
			for _, e := range []certset.Entry{got.CA, got.Server, got.Client} {
				assert.True(t, e.HasKey())
				assert.Equal(t, keyType, e.Certificate.KeyType())
			}
			got.Server.Key = got.Client.Key
			assert.False(t, got.Server.HasKey())
		})
	}
}

// TestParseOlderForms: what others write into such files.
func TestParseOlderForms(t *testing.T) {
	ec, rsaSet := newSet(t, "", profile.Asked{}), newSet(t, "", profile.Asked{KeyType: flag("rsa-2048")})
	sec1, err := x509.MarshalECPrivateKey(ec.Server.Key.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	pkcs1 := x509.MarshalPKCS1PrivateKey(rsaSet.Server.Key.(*rsa.PrivateKey))
	for _, tc := range []struct {
		name string
		set  *certset.Set
		file string
		data []byte
	}{
		{"PKCS#1", rsaSet, "server.key", block("RSA PRIVATE KEY", pkcs1)},
		{"SEC 1", ec, "server.key", block("EC PRIVATE KEY", sec1)},
		{"SEC 1 behind its curve", ec, "server.key", append(block("EC PARAMETERS", []byte{6, 8}), block("EC PRIVATE KEY", sec1)...)},
		{"NEW CERTIFICATE REQUEST", ec, "server.csr", block("NEW CERTIFICATE REQUEST", ec.Server.Request.Raw)},
		{"text before and behind", ec, "ca.pem", append(append([]byte("Certificate:\n    Data:\n"), block("CERTIFICATE", ec.CA.Certificate.Raw)...), "\nbye\n"...)},
		{"no newline at the end", ec, "ca.srl", bytes.TrimSpace(certset.FormatSerial(ec.Serial))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parseWith(files(t, tc.set), tc.file, tc.data)
			require.NoError(t, err)
			assertSameSet(t, tc.set, got)
		})
	}
}

func TestParseMissing(t *testing.T) {
	all := files(t, newSet(t, "", profile.Asked{}))
	for _, name := range certset.Names() {
		f := all[name]
		delete(all, name)
		_, err := certset.Parse(all)
		all[name] = f
		if name == "ca.key" {
			assert.NoError(t, err, "it is better kept elsewhere")
			continue
		}
		assert.EqualError(t, err, name+": the file is missing")
		assert.ErrorIs(t, err, certset.ErrMissing)
	}
}

func TestSerial(t *testing.T) {
	const full = "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
	for _, tc := range []struct{ file, written, next string }{
		{"01\n", "01\n", "02\n"},
		{"00", "00\n", "01\n"},
		{"FF\n", "FF\n", "0100\n"},
		{"ff\n", "FF\n", "0100\n"},
		{"7F", "7F\n", "80\n"},
		{"0001", "01\n", "02\n"},
		{"01FF\r\n", "01FF\n", "0200\n"},
		{" \n 0A \n\n", "0A\n", "0B\n"},
		{"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE", "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE\n", full + "\n"},
		{full, full + "\n", ""},
	} {
		serial, err := certset.ParseSerial([]byte(tc.file))
		require.NoError(t, err, tc.file)
		assert.Equal(t, tc.written, string(certset.FormatSerial(serial)))
		next, err := certset.NextSerial(serial)
		if tc.next == "" {
			assert.ErrorIs(t, err, certset.ErrSerialFull)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, tc.next, string(certset.FormatSerial(next)))
	}
	last := big.NewInt(1)
	_, err := certset.NextSerial(last)
	require.NoError(t, err)
	assert.Equal(t, big.NewInt(1), last, "the last one is not changed")
}

func TestSerialRefused(t *testing.T) {
	const wanted = "wanted a hexadecimal serial number, two digits an octet, found "
	for _, tc := range []struct{ file, want string }{
		{"", wanted + "an empty file"},
		{" \r\n\t", wanted + "an empty file"},
		{"1", wanted + `"1"`}, {"123", wanted + `"123"`},
		{"0x01", wanted + `"0x01"`}, {"-01", wanted + `"-01"`}, {"01 02", wanted + `"01 02"`}, {"01\n02", wanted + `"01\n02"`}, {"01:02", wanted + `"01:02"`},
		{"zz", wanted + `"zz"`}, {"\x00\x01", wanted + `"\x00\x01"`},
		{"this is a text that is longer than what anyone would quote", wanted + "something else of 58 bytes"},
		{"-----BEGIN PRIVATE KEY-----\nMIIE\n", wanted + "PEM"},
		{"8000000000000000000000000000000000000000", "wanted a serial number of 20 octets at most, found 21"},
		{"010000000000000000000000000000000000000000", "wanted a serial number of 20 octets at most, found 21"},
		{"010000000000000000000000000000000000000000000000", "wanted a serial number of 20 octets at most, found 24"},
	} {
		_, err := certset.ParseSerial([]byte(tc.file))
		assert.EqualError(t, err, tc.want)
	}
}
