package expiry_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// signer is a certificate with its key.
type signer struct {
	*certset.Certificate
	key *ecdsa.PrivateKey
}

var changing = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// certificate makes a certificate that lasts so many days; by nil: it is signed by itself.
func certificate(t *testing.T, name string, by *signer, days int) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: changing.AddDate(0, 0, -10), NotAfter: changing.AddDate(0, 0, days),
	}
	parent, with := template, key
	if by != nil {
		with = by.key
		parent, err = x509.ParseCertificate(by.Raw)
		require.NoError(t, err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, with)
	require.NoError(t, err)
	cert, err := certset.ParseCertificate(der)
	require.NoError(t, err)
	return &signer{cert, key}
}

func joined(all ...*signer) certset.Entry {
	e := certset.Entry{Certificate: all[0].Certificate}
	for _, s := range all[1:] {
		e.Chain = append(e.Chain, s.Certificate)
	}
	return e
}

// progress is where a change of the CA stands with leaves.
func progress(ca certset.Entry, leaves []certset.Leaf) *expiry.ChangeOver {
	c := expiry.Progress(ca)
	for _, l := range leaves {
		if c != nil {
			c.Await(l.Name+certset.CertificateEnding, l.Entry, changing)
		}
	}
	return c
}

func TestProgress(t *testing.T) {
	oldCA, newCA := certificate(t, "old", nil, 100), certificate(t, "new", nil, 100)
	between := certificate(t, "between", oldCA, 50)
	leaves := map[string]certset.Entry{
		"old":     joined(certificate(t, "a", oldCA, 5)),
		"expired": joined(certificate(t, "b", oldCA, -1)),
		"new":     joined(certificate(t, "c", newCA, 5)),
		"chained": joined(certificate(t, "d", between, 5), between),
		"broken":  joined(certificate(t, "e", between, 5)),
		"nothing": {},
	}
	bundle := joined(newCA, oldCA)
	tests := map[string]struct {
		ca      certset.Entry
		leaves  []string
		stage   expiry.Stage // empty: there is no change
		waiting []string
		says    string
	}{
		"no CA":             {certset.Entry{}, []string{"old"}, "", nil, ""},
		"one CA":            {joined(oldCA), []string{"old"}, "", nil, ""},
		"with intermediate": {joined(between, oldCA), []string{"old"}, "", nil, ""},
		"begun":             {bundle, []string{"old", "new", "chained"}, expiry.BothCAs, []string{"old.pem", "chained.pem"}, "2 leaves are still of the old one: old.pem, chained.pem"},
		"one is left":       {bundle, []string{"old", "expired"}, expiry.BothCAs, []string{"old.pem"}, "a leaf is still of the old one, old.pem"},
		"moved":             {bundle, []string{"new", "expired", "broken", "nothing"}, expiry.LeavesMoved, []string{}, "no leaf here is of the old one"},
		"no leaves":         {bundle, nil, expiry.LeavesMoved, []string{}, "no leaf here is of the old one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var all []certset.Leaf
			for _, l := range test.leaves {
				all = append(all, certset.Leaf{Name: l, Entry: leaves[l]})
			}
			got := progress(test.ca, all)
			if test.stage == "" {
				assert.Nil(t, got)
				return
			}
			require.NotNil(t, got)
			assert.Equal(t, newCA.Certificate, got.New)
			assert.Equal(t, oldCA.Certificate, got.Old)
			assert.Equal(t, test.stage, got.Stage())
			assert.Equal(t, test.waiting, got.Waiting)
			assert.Equal(t, "the CA is being changed: ca.pem holds both CAs, and "+test.says, got.String())
		})
	}
}

// TestProgressSameKey: where both CAs have one key and name, every leaf is of the new one too.
func TestProgressSameKey(t *testing.T) {
	ca := certificate(t, "ca", nil, 100)
	got := progress(joined(ca, ca), []certset.Leaf{{Name: "a", Entry: joined(certificate(t, "a", ca, 5))}})
	require.NotNil(t, got)
	assert.Empty(t, got.Waiting)
}

func TestIssuedByEndsInLoops(t *testing.T) {
	ca, other := certificate(t, "ca", nil, 100), certificate(t, "other", nil, 100)
	loop := joined(certificate(t, "a", ca, 5), ca, ca, ca)
	assert.True(t, expiry.IssuedBy(loop, ca.Certificate))
	assert.False(t, expiry.IssuedBy(loop, other.Certificate))
}

// TestNext: the commands are for the directory, and each stage has one.
func TestNext(t *testing.T) {
	c := &expiry.ChangeOver{Waiting: []string{"a.pem", "b.pem"}}
	assert.Contains(t, c.Next("-d certs"), "once it is everywhere: milvus-certs renew a b -d certs")
	assert.Contains(t, c.Next(""), "once it is everywhere: milvus-certs renew a b")
	c.Waiting = []string{"a b.pem"}
	assert.Contains(t, c.Next(""), "once it is everywhere: milvus-certs renew", "no name that a shell would part")
	c.Waiting = nil
	assert.Contains(t, c.Next("-d certs"), "once no side uses a certificate of the old CA: milvus-certs renew ca --finish -d certs")
}

func TestShortList(t *testing.T) {
	assert.Equal(t, "a, b", expiry.ShortList([]string{"a", "b"}))
	assert.Equal(t, "a, a, a, a, a, a, a, a and 2 more", expiry.ShortList(slices.Repeat([]string{"a"}, 10)))
}
