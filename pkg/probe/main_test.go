package probe_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
)

// Steps: plenty for what answers, some where an answer and a silence are waited for, and little for what never will.
const (
	plenty = 20 * time.Second
	some   = 2 * time.Second
	little = 500 * time.Millisecond
)

// authority is a CA of a test.
type authority struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func newCA(t testing.TB, name string) authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return authority{c, key}
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate)
	return pool
}

// leaf issues a certificate.
func (a authority) leaf(t testing.TB, usage x509.ExtKeyUsage, edit func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, DNSNames: []string{"localhost"},
	}
	if edit != nil {
		edit(template)
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, key.Public(), a.key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// party is a CA with its two leaves.
type party struct {
	ca             authority
	server, client tls.Certificate
}

func newParty(t testing.TB) party {
	t.Helper()
	ca := newCA(t, "a CA")
	return party{ca, ca.leaf(t, x509.ExtKeyUsageServerAuth, nil), ca.leaf(t, x509.ExtKeyUsageClientAuth, nil)}
}

// oneWay and twoWay are what Milvus sets.
func (p party) oneWay() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{p.server}, NextProtos: []string{"h2"}}
}

func (p party) twoWay() *tls.Config {
	c := p.oneWay()
	c.ClientAuth, c.ClientCAs, c.MinVersion = tls.RequireAndVerifyClientCert, p.ca.pool(), tls.VersionTLS13
	return c
}

// listen serves each connection with handle, which owns it. They all end with the test.
func listen(t testing.TB, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended, end := context.WithCancel(context.Background())
	var handling sync.WaitGroup
	t.Cleanup(func() { end(); _ = listener.Close(); handling.Wait() })
	handling.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ended, func() { _ = conn.Close() })
			handling.Go(func() { defer conn.Close(); handle(conn) })
		}
	})
	return listener.Addr().String()
}

// overTLS handles what comes after a handshake.
func overTLS(config *tls.Config, handle func(*tls.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		c := tls.Server(conn, config)
		if c.Handshake() == nil {
			handle(c)
		}
	}
}

// hold keeps a connection until the other side ends it.
func hold(conn io.Reader) { _, _ = io.Copy(io.Discard, conn) }

func holdTLS(conn *tls.Conn) { hold(conn) }

// serveHTTP serves a handler, over TLS where there is a config, else without and by these protocols.
func serveHTTP(t testing.TB, handler http.Handler, config *tls.Config, protocols func(*http.Protocols)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: handler, TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0)}
	if protocols != nil {
		server.Protocols = &http.Protocols{}
		protocols(server.Protocols)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if config == nil {
			_ = server.Serve(listener)
		} else {
			_ = server.ServeTLS(listener, "", "")
		}
	})
	t.Cleanup(func() { _ = server.Close(); serving.Wait() })
	return listener.Addr().String()
}

// look looks for as long as a step may take, times four.
func look(t testing.TB, address string, own *tls.Certificate, step time.Duration) *probe.Server {
	t.Helper()
	const steps = 4
	ctx, cancel := context.WithTimeout(context.Background(), steps*step)
	defer cancel()
	return probe.Look(ctx, probe.Options{Address: address, ServerName: "localhost", Certificate: own, Step: step})
}

var errNever = errors.New("never")
