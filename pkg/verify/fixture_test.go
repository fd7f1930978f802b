package verify_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// made is a certificate that crypto/x509 made, and its key.
type made struct {
	t    testing.TB
	der  []byte
	x509 *x509.Certificate
	key  crypto.Signer
}

// edit changes what a certificate is made from.
type edit func(*x509.Certificate)

func (m made) pem() []byte { return block("CERTIFICATE", m.der) }

func newKey(t testing.TB, kind string) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch kind {
	case "rsa-1024":
		key, err = rsa.GenerateKey(rand.Reader, 1024)
	case "rsa-2048":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ec-p224":
		key, err = ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	require.NoError(t, err)
	return key
}

// makeOf has the issuer, or itself, sign a certificate for the key.
func makeOf(t testing.TB, issuer *made, key crypto.Signer, template *x509.Certificate, edits ...edit) made {
	t.Helper()
	for _, e := range edits {
		e(template)
	}
	parent, by := template, key
	if issuer != nil {
		parent, by = issuer.x509, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return made{t, der, parsed, key}
}

// makeCA makes a CA that everyone takes, or one that is edited; of itself, or below another.
func makeCA(t testing.TB, issuer *made, name string, edits ...edit) made {
	return makeOf(t, issuer, newKey(t, ""), &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now, NotAfter: now.AddDate(0, 0, 20),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, edits...)
}

// makeLeaf makes a server or client certificate for localhost.
func makeLeaf(t testing.TB, issuer *made, usage x509.ExtKeyUsage, edits ...edit) made {
	serial := map[x509.ExtKeyUsage]int64{x509.ExtKeyUsageServerAuth: 2, x509.ExtKeyUsageClientAuth: 3}[usage]
	return makeOf(t, issuer, newKey(t, ""), &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: now, NotAfter: now.AddDate(0, 0, 10),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, DNSNames: []string{"localhost"},
	}, edits...)
}

// family is a CA with its two leaves, each edited.
type family struct{ ca, server, client []edit }

func (f family) make(t testing.TB) (ca, server, client made) {
	t.Helper()
	ca = makeCA(t, nil, "a CA", f.ca...)
	return ca, makeLeaf(t, &ca, x509.ExtKeyUsageServerAuth, f.server...), makeLeaf(t, &ca, x509.ExtKeyUsageClientAuth, f.client...)
}

// input makes the files of the family.
func (f family) input(t testing.TB) verify.Input {
	t.Helper()
	return inputOf(f.make(t))
}

// inputOf is the nine files of three certificates. Others can stand behind them.
func inputOf(ca, server, client made) verify.Input {
	in := verify.Input{Files: map[string]certset.File{}}
	add := func(name string, data []byte) { in.Files[name] = certset.File{Name: name, Mode: 0o600, Data: data} }
	for _, p := range []struct {
		made
		certificate, key, request string
	}{{ca, caPEM, caKey, ""}, {server, serverPEM, serverKey, serverCSR}, {client, clientPEM, clientKey, clientCSR}} {
		add(p.certificate, p.pem())
		key, err := x509.MarshalPKCS8PrivateKey(p.made.key)
		require.NoError(p.t, err)
		add(p.key, block("PRIVATE KEY", key))
		if p.request != "" {
			request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: p.x509.Subject}, p.made.key)
			require.NoError(p.t, err)
			add(p.request, block("CERTIFICATE REQUEST", request))
		}
	}
	last := server.x509.SerialNumber
	if n := client.x509.SerialNumber; n.Cmp(last) > 0 {
		last = n
	}
	add(caSerial, certset.FormatSerial(last))
	return in
}

// resigned is the certificate with other bytes in what is signed, and signed again by a P-256 key.
func resigned(t testing.TB, m made, by crypto.Signer, change func(tbs []byte) []byte) made {
	t.Helper()
	var c struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	_, err := asn1.Unmarshal(m.der, &c)
	require.NoError(t, err)
	c.TBS = asn1.RawValue{FullBytes: change(c.TBS.FullBytes)}
	sum := sha256.Sum256(c.TBS.FullBytes)
	c.Signature.Bytes, err = by.Sign(rand.Reader, sum[:], crypto.SHA256)
	require.NoError(t, err)
	c.Signature.BitLength = 8 * len(c.Signature.Bytes)
	m.der, err = asn1.Marshal(c)
	require.NoError(t, err)
	return m
}
