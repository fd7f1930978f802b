package live_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/live"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

const (
	caPEM     = certset.CACertificate
	serverPEM = certset.ServerCertificate
	clientPEM = certset.ClientCertificate
	clientKey = certset.ClientKey
)

// made is a certificate with its key.
type made struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

func (m made) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.Raw})
}

// issue has the issuer, or itself, sign a certificate.
func issue(t *testing.T, issuer *made, template x509.Certificate) made {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template.NotBefore, template.NotAfter, template.BasicConstraintsValid = now.Add(-time.Hour), now.AddDate(1, 0, 0), true
	parent, by := &template, key
	if issuer != nil {
		parent, by = issuer.Certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, key.Public(), by)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return made{c, key}
}

func newCA(t *testing.T, name string) made {
	return issue(t, nil, x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign})
}

// leaf issues a certificate for localhost, or for other names. A lower number is an older one.
func (m made) leaf(t *testing.T, number int64, usage x509.ExtKeyUsage, names ...string) made {
	return issue(t, &m, x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "localhost"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{usage}, DNSNames: append([]string{"localhost"}, names...),
	})
}

func (m made) server(t *testing.T, number int64, names ...string) made {
	return m.leaf(t, number, x509.ExtKeyUsageServerAuth, names...)
}

// set is ca.pem and server.pem, where they are given, and further files.
func set(ca, server *made, further ...func(map[string][]byte)) verify.Input {
	files := map[string][]byte{}
	if ca != nil {
		files[caPEM] = ca.pem()
	}
	if server != nil {
		files[serverPEM] = server.pem()
	}
	for _, add := range further {
		add(files)
	}
	in := verify.Input{Files: map[string]certset.File{}, Errors: map[string]error{}}
	for name, data := range files {
		in.Files[name] = certset.File{Name: name, Data: data}
	}
	return in
}

// withClient adds a client's certificate and its key.
func withClient(t *testing.T, client made) func(map[string][]byte) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(client.key)
	require.NoError(t, err)
	return func(files map[string][]byte) {
		files[clientPEM], files[clientKey] = client.pem(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	}
}

// sending is a server of Milvus, one-way, that sends these certificates.
func sending(chain ...made) *probe.Server {
	s := &probe.Server{Address: "127.0.0.1:19530", Service: probe.GRPC, TLS: probe.TLS{Versions: []uint16{tls.VersionTLS12, tls.VersionTLS13}, Without: &probe.Answer{Taken: true}}}
	for _, c := range chain {
		s.Chain = append(s.Chain, c.Raw)
	}
	return s
}

// demanding is that server two-way.
func demanding(with *probe.Answer, chain ...made) *probe.Server {
	s := sending(chain...)
	s.Asks, s.Without, s.With = true, &probe.Answer{Alert: 116}, with
	return s
}

func files(all map[string][]byte) live.Files { return maps.All(all) }

func judge(seen *probe.Server, in live.Input) *live.Report { return judgeFor(seen, in, live.Unknown) }

func judgeFor(seen *probe.Server, in live.Input, wanted live.Mode) *live.Report {
	in.Dir = "certs"
	return live.Judge(seen, in, live.Options{Options: verify.Options{At: now, Hosts: []string{"localhost"}}, Target: "localhost:19530", Step: 2 * time.Second, Mode: wanted})
}

// found are the findings of a check, by severity and what was wrong.
func found(r *live.Report, check string) (out []verify.Finding) {
	for _, f := range r.Findings {
		if f.Check == check {
			out = append(out, f)
		}
	}
	return out
}
