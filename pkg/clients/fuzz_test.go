package clients_test

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

	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// patient is how long a judgement of any files may take; a usual one takes a hundredth.
const patient = 5 * time.Second

var everyWay = []clients.Way{clients.RootServer, clients.RootCA, clients.TwoWay, clients.Internal}

// judge asks everyone about everything. Whoever refuses says why.
func judge(t *testing.T, o clients.Observation) {
	t.Helper()
	began := time.Now()
	for _, v := range clients.Judge(o, clients.All(), everyWay) {
		if v.Reason == nil {
			continue
		}
		assert.NotEmpty(t, v.Reason.Cause, "%+v", v)
		assert.NotEmpty(t, v.Reason.By, "%+v", v)
		assert.NotEmpty(t, v.Reason.File, "%+v", v)
	}
	assert.Less(t, time.Since(began), patient)
}

// FuzzJudge: no files and no host make a client's judgement fail or last.
func FuzzJudge(f *testing.F) {
	good := files(f, made{})
	seed := func(changed map[string][]byte, host string, running bool) {
		all := with(good, changed)
		f.Add(all[caPEM], all[serverPEM], all[serverKey], all[clientPEM], all[clientKey], host, running)
	}
	seed(nil, "localhost", false)
	seed(nil, "", true)
	seed(map[string][]byte{serverPEM: append(slices.Clone(good[serverPEM]), good[caPEM]...)}, "::1", true)
	for _, name := range []string{caPEM, serverPEM, serverKey, clientPEM, clientKey} {
		seed(map[string][]byte{name: {}}, "localhost", true)
		seed(map[string][]byte{name: good[name][:len(good[name])/2]}, "localhost.", false)
		seed(map[string][]byte{name: derOf(good[name])}, "127.0.0.1", true)
	}
	f.Fuzz(func(t *testing.T, ca, server, key, client, ownKey []byte, host string, running bool) {
		judge(t, clients.Observation{
			Files: map[string][]byte{caPEM: ca, serverPEM: server, serverKey: key, clientPEM: client, clientKey: ownKey},
			Hosts: []string{host, ""}, InternalSNI: host, Running: running, At: now,
		})
	})
}

// FuzzCertificates is the same from inside the PEM: what is changed there is met more often so.
func FuzzCertificates(f *testing.F) {
	good := files(f, made{})
	f.Add(derOf(good[caPEM]), derOf(good[serverPEM]), derOf(good[clientPEM]), derOf(good[clientKey]), "localhost")
	f.Fuzz(func(t *testing.T, ca, server, client, key []byte, host string) {
		judge(t, clients.Observation{
			Files: map[string][]byte{
				caPEM: block("CERTIFICATE", ca), serverPEM: append(block("CERTIFICATE", server), block("CERTIFICATE", ca)...),
				clientPEM: block("CERTIFICATE", client), clientKey: block("PRIVATE KEY", key),
			},
			Hosts: []string{host}, InternalSNI: host, Running: true, At: now,
		})
	})
}

// TestNothing: an observation of nothing is refused, and no more.
func TestNothing(t *testing.T) {
	judge(t, clients.Observation{})
	judge(t, clients.Observation{Running: true})
	assert.Equal(t, clients.MilvusID+" "+everyone, refusers(t, clients.Observation{}, clients.RootCA))
}

// TestHostile: certificates of one name and key, each of which could have issued each other.
func TestHostile(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	var bundle []byte
	for n := range int64(100) {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(n + 1), Subject: pkix.Name{CommonName: "one of many"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0),
			BasicConstraintsValid: true, IsCA: n > 0, DNSNames: []string{"localhost"},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		require.NoError(t, err)
		bundle = append(bundle, block("CERTIFICATE", der)...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	private := block("PRIVATE KEY", der)
	for name, ca := range map[string][]byte{"trusted": bundle, "not trusted": files(t, made{})[caPEM]} {
		t.Run(name, func(t *testing.T) {
			o := observe(map[string][]byte{caPEM: ca, serverPEM: bundle, serverKey: private, clientPEM: bundle, clientKey: private})
			o.InternalSNI = "localhost"
			judge(t, o)
		})
	}
}
