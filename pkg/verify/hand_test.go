package verify_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// below is a CA below another one, with leaves of its own: the root is ca.pem, and the leaves' files have the intermediate in
// them where it is sent.
func below(t testing.TB, root, between []edit, sent bool) verify.Input {
	t.Helper()
	top := makeCA(t, nil, "a root", root...)
	middle := makeCA(t, &top, "an intermediate", between...)
	in := inputOf(top, makeLeaf(t, &middle, x509.ExtKeyUsageServerAuth), makeLeaf(t, &middle, x509.ExtKeyUsageClientAuth))
	if sent {
		for _, name := range []string{serverPEM, clientPEM} {
			in = put(in, name, append(bytes.Clone(in.Files[name].Data), middle.pem()...))
		}
	}
	return in
}

// keyed makes a family whose members have keys of these kinds.
func keyed(t testing.TB, ca, server, client string) verify.Input {
	t.Helper()
	top := makeCA(t, nil, "a CA")
	if ca != "" {
		top = makeOf(t, nil, newKey(t, ca), template(top))
	}
	s, c := makeLeaf(t, &top, x509.ExtKeyUsageServerAuth), makeLeaf(t, &top, x509.ExtKeyUsageClientAuth)
	return inputOf(top, makeOf(t, &top, newKey(t, server), template(s)), makeOf(t, &top, newKey(t, client), template(c)))
}

// template is what a certificate was made from, for another key.
func template(m made) *x509.Certificate {
	c := *m.x509
	c.SignatureAlgorithm, c.SubjectKeyId, c.AuthorityKeyId, c.PublicKey = 0, nil, nil, nil
	return &c
}

func sha1(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 }

func pathLen(n int) edit {
	return func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = n, n == 0 }
}

// nameless has its name in subjectAltName alone, which is not critical.
func nameless(t testing.TB) edit {
	value, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte("localhost")}})
	require.NoError(t, err)
	return func(c *x509.Certificate) {
		c.Subject, c.DNSNames = pkix.Name{}, nil
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: value}}
	}
}

// swapped has other bytes in a certificate, of the same length, and the signature of its CA.
func swapped(t testing.TB, file string, old, other []byte) verify.Input {
	t.Helper()
	ca, server, client := family{}.make(t)
	change := func(tbs []byte) []byte {
		require.Equal(t, 1, bytes.Count(tbs, old))
		return bytes.Replace(tbs, old, other, 1)
	}
	switch file {
	case caPEM:
		ca = resigned(t, ca, ca.key, change)
	case serverPEM:
		server = resigned(t, server, ca.key, change)
	case clientPEM:
		client = resigned(t, client, ca.key, change)
	}
	return inputOf(ca, server, client)
}

// Bytes of certificates: the version, the serial number and the algorithm inside.
var (
	version3  = []byte{0xa0, 3, 2, 1, 2, 2, 1}
	version1  = []byte{0xa0, 3, 2, 1, 0, 2, 1}
	serial2   = []byte{2, 1, 2, 2, 1, 2, 0x30}
	serial2m  = []byte{2, 1, 2, 2, 1, 0xfe, 0x30}
	withSHA2  = []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2}
	withSHA38 = []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3}
)
