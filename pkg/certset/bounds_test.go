package certset_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// TestLongKeys: a key that nobody has only keeps those busy who verify with it. 16384 bits are what OpenSSL takes.
func TestLongKeys(t *testing.T) {
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for bits, read := range map[uint]bool{16384: true, 1 << 18: false} {
		modulus := new(big.Int).Lsh(big.NewInt(1), bits-1)
		key := &rsa.PublicKey{N: modulus.SetBit(modulus, 0, 1), E: 65537}
		template := &x509.Certificate{SerialNumber: big.NewInt(1)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key, signer)
		require.NoError(t, err)
		c, err := certset.ParseCertificate(der)
		require.NoError(t, err)
		assert.Equal(t, read, c.X509 != nil, bits)
		_, err = c.PublicKey()
		assert.Equal(t, read, err == nil, bits)
		if !read {
			assert.EqualError(t, c.X509Err, "the public key is longer than RSA of 16384 bits")
			assert.NotErrorIs(t, c.CheckSignature(c), certset.ErrBadSignature)
		}
	}
}

// TestTooMuch: what no real file holds is not looked at.
func TestTooMuch(t *testing.T) {
	_, _, err := certset.ParseKey(block("PRIVATE KEY", bytes.Repeat([]byte{0x30}, 17<<10)))
	assert.ErrorIs(t, err, certset.ErrTooMuch)
	chain := func(n int) certset.Reading {
		data := bytes.Repeat(block("CERTIFICATE", derOf(newMaterial(t).cert)), n)
		return certset.ReadEach(map[string]certset.File{certset.ServerCertificate: {Data: data}, certset.CACertificate: {Data: data}})
	}
	r := chain(33)
	assert.ErrorIs(t, r.Errors[certset.ServerCertificate], certset.ErrTooMuch)
	assert.Nil(t, r.Set.Server.Certificate)
	assert.Len(t, r.Set.CA.Chain, 32)
	assert.Len(t, chain(32).Set.Server.Chain, 31)
}
