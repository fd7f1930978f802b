package probe_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
)

// The alerts of RFC 8446, 6.2, by their numbers.
const (
	handshakeFailure    = 40
	badCertificate      = 42
	certificateExpired  = 45
	unknownCA           = 48
	certificateRequired = 116
)

// TestClientCertificates: who is asked for one, and what is made of none, and of which.
func TestClientCertificates(t *testing.T) {
	p, other := newParty(t), newParty(t)
	expired := p.ca.leaf(t, x509.ExtKeyUsageClientAuth, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	taken := func() *probe.Answer { return &probe.Answer{Taken: true} }
	refused := func(alert tls.AlertError) *probe.Answer { return &probe.Answer{Alert: alert} }
	for _, tc := range []struct {
		name          string
		edit          func(*tls.Config) // of one-way
		own           *tls.Certificate
		without, with *probe.Answer
		asks          bool
	}{
		{"one-way", nil, &p.client, taken(), nil, false},
		{"two-way, none", demanding(p), nil, refused(certificateRequired), nil, true},
		{"two-way, the right one", demanding(p), &p.client, refused(certificateRequired), taken(), true},
		{"two-way, of another CA", demanding(p), &other.client, refused(certificateRequired), refused(unknownCA), true},
		{"two-way, for servers", demanding(p), &p.server, refused(certificateRequired), refused(badCertificate), true},
		{"two-way, expired", demanding(p), &expired, refused(certificateRequired), refused(certificateExpired), true},
		{"not demanded", func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, p.ca.pool() }, &p.client, taken(), taken(), true},
		{"not demanded, and refused", func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, p.ca.pool() }, &other.client, taken(), refused(unknownCA), true},
		{"TLS 1.2", until12(demanding(p)), &p.client, refused(handshakeFailure), taken(), true},
		{"TLS 1.2, of another CA", until12(demanding(p)), &other.client, refused(handshakeFailure), refused(unknownCA), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config := p.oneWay()
			if tc.edit != nil {
				tc.edit(config)
			}
			got := look(t, serveHTTP(t, grpcHandler("0", "v2.6.2"), config, nil), tc.own, plenty)
			assert.Empty(t, got.Trouble, got.Detail)
			assert.Equal(t, p.server.Certificate, got.Chain)
			assert.Equal(t, tc.asks, got.Asks)
			for _, answers := range [][2]*probe.Answer{{tc.without, got.Without}, {tc.with, got.With}} {
				want, found := answers[0], answers[1]
				if want == nil {
					assert.Nil(t, found)
					continue
				}
				require.NotNil(t, found)
				assert.Equal(t, want.Taken, found.Detail == "")
				found.Detail = ""
				assert.Equal(t, want, found)
			}
			if tc.asks {
				assert.Equal(t, [][]byte{p.ca.RawSubject}, got.CAs)
			}
			admitted := !tc.asks || tc.own == nil && tc.without.Taken || tc.own != nil && tc.with.Taken
			assert.Equal(t, admitted, got.Service == probe.GRPC, got.Unanswered)
		})
	}
}

func demanding(p party) func(*tls.Config) {
	return func(c *tls.Config) {
		next := c.NextProtos
		*c = *p.twoWay()
		c.NextProtos = next
	}
}

func until12(edit func(*tls.Config)) func(*tls.Config) {
	return func(c *tls.Config) { edit(c); c.MinVersion, c.MaxVersion = 0, tls.VersionTLS12 }
}

// TestRefusalIsNotLost: a server that refuses resets what it did not read, and the alert that says why would be lost if the
// prober had spoken too early.
func TestRefusalIsNotLost(t *testing.T) {
	p := newParty(t)
	address := listen(t, overTLS(p.twoWay(), holdTLS))
	for range 50 {
		got := look(t, address, nil, plenty)
		require.NotNil(t, got.Without)
		require.EqualValues(t, certificateRequired, got.Without.Alert, got.Without.Detail)
	}
}

func TestVersions(t *testing.T) {
	p := newParty(t)
	for _, tc := range []struct {
		least, most uint16
		want        []uint16
	}{
		{0, 0, []uint16{tls.VersionTLS12, tls.VersionTLS13}},
		{tls.VersionTLS13, 0, []uint16{tls.VersionTLS13}},
		{0, tls.VersionTLS12, []uint16{tls.VersionTLS12}},
		{tls.VersionTLS10, tls.VersionTLS11, []uint16{tls.VersionTLS11}},
		{tls.VersionTLS10, tls.VersionTLS10, []uint16{tls.VersionTLS10}},
		{tls.VersionTLS11, tls.VersionTLS12, []uint16{tls.VersionTLS11, tls.VersionTLS12}},
		{tls.VersionTLS10, 0, []uint16{tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13}},
	} {
		t.Run(fmt.Sprintf("%x-%x", tc.least, tc.most), func(t *testing.T) {
			config := p.oneWay()
			config.MinVersion, config.MaxVersion = tc.least, tc.most
			got := look(t, listen(t, overTLS(config, func(*tls.Conn) {})), nil, plenty)
			assert.Equal(t, tc.want, got.Versions, got.Detail)
			assert.NotZero(t, got.Cipher)
			assert.Equal(t, []string{"h2"}, got.Protocols)
		})
	}
}

// TestServerName: what is asked for decides what is shown.
func TestServerName(t *testing.T) {
	p, other := newParty(t), newParty(t)
	config := &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName == "localhost" {
			return &p.server, nil
		}
		return &other.server, nil
	}}
	got := look(t, listen(t, overTLS(config, func(*tls.Conn) {})), nil, plenty)
	assert.Equal(t, p.server.Certificate, got.Chain)
	assert.Empty(t, got.Protocols)
}

// TestBrokenAfterTheHandshake: TLS is in order, and what comes then is not.
func TestBrokenAfterTheHandshake(t *testing.T) {
	p := newParty(t)
	plain := func(c *tls.Config) { c.NextProtos = nil }
	endless := func(begin, again string) func(*tls.Conn) {
		return func(c *tls.Conn) {
			_, _ = c.Read(make([]byte, 1<<10))
			_, err := io.WriteString(c, begin)
			for block := strings.Repeat(again, 1<<12); err == nil; {
				_, err = io.WriteString(c, block)
			}
		}
	}
	ping := "\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678"
	settings := "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	for _, tc := range []struct {
		name   string
		step   time.Duration
		edit   func(*tls.Config)
		handle func(*tls.Conn)
		want   probe.Service
	}{
		{"silent", some, plain, holdTLS, ""},
		{"silent, HTTP/2", some, nil, holdTLS, ""},
		{"closes", plenty, plain, func(*tls.Conn) {}, ""},
		{"closes without a word", plenty, plain, func(c *tls.Conn) { _ = c.NetConn().Close() }, ""},
		{"nonsense", plenty, plain, func(c *tls.Conn) { _, _ = io.WriteString(c, "nonsense\r\n"); holdTLS(c) }, ""},
		{"a header without end", some, plain, endless("HTTP/1.1 200 OK\r\nX: ", "y"), ""},
		{"headers without end", some, plain, endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"), ""},
		{"a body without end", some, plain, endless("HTTP/1.1 200 OK\r\n\r\n", "y"), probe.HTTP},
		{"interim answers without end", some, plain, endless("", "HTTP/1.1 100 Continue\r\n\r\n"), ""},
		{"pings without end", some, nil, endless(settings, ping), ""},
		{"settings without end", some, nil, endless("", settings), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			config := p.oneWay()
			if tc.edit != nil {
				tc.edit(config)
			}
			got := look(t, listen(t, overTLS(config, tc.handle)), nil, tc.step)
			assert.Empty(t, got.Trouble)
			assert.Equal(t, p.server.Certificate, got.Chain)
			assert.Equal(t, tc.want, got.Service)
			assert.Equal(t, tc.want == "", got.Unanswered != "")
			if strings.HasPrefix(tc.name, "silent") {
				assert.True(t, got.Late, got.Unanswered)
			}
			if strings.HasPrefix(tc.name, "closes") || tc.name == "nonsense" {
				assert.False(t, got.Late, got.Unanswered)
			}
		})
	}
}

// asking is one-way but for a request for certificates, with these protocols.
func (p party) asking(protocols ...string) *tls.Config {
	c := p.oneWay()
	c.ClientAuth, c.NextProtos = tls.RequestClientCert, protocols
	return c
}

// TestSilence: over HTTP/2 the server speaks first, so that silence tells nothing; where it is the client's turn, and it has spoken,
// silence is consent. Who closes without an alert refuses.
func TestSilence(t *testing.T) {
	p := newParty(t)
	got := look(t, listen(t, overTLS(p.asking("h2"), holdTLS)), &p.client, some)
	assert.True(t, got.Asks)
	assert.Nil(t, got.Without)
	assert.Nil(t, got.With)
	got = look(t, listen(t, overTLS(p.asking(), holdTLS)), &p.client, some)
	assert.Equal(t, &probe.Answer{Taken: true}, got.Without)
	got = look(t, listen(t, overTLS(p.asking("h2"), func(c *tls.Conn) { _ = c.NetConn().Close() })), &p.client, plenty)
	require.NotNil(t, got.With)
	assert.False(t, got.With.Taken)
	assert.Zero(t, got.With.Alert)
	assert.Empty(t, got.CAs)
}

// TestGreeting: a server that waits for its client to speak gets to hear something, and what it makes of that counts.
func TestGreeting(t *testing.T) {
	p := newParty(t)
	heard := make(chan string, 16) // of which the first is from the connection without a certificate
	address := listen(t, overTLS(p.asking(), func(c *tls.Conn) {
		text := make([]byte, 1<<10)
		n, _ := c.Read(text)
		heard <- string(text[:n])
		_ = c.NetConn().Close()
	}))
	got := look(t, address, nil, some)
	assert.Contains(t, <-heard, "GET / HTTP/1.1\r\nHost: localhost\r\n")
	require.NotNil(t, got.Without)
	assert.False(t, got.Without.Taken)
}

// TestLateRefusal: a server far away, or a slow one, takes a good part of a step to refuse.
func TestLateRefusal(t *testing.T) {
	p := newParty(t)
	for _, protocols := range [][]string{nil, {"h2"}} {
		config := p.asking(protocols...)
		config.VerifyConnection = func(state tls.ConnectionState) error {
			time.Sleep(some / 2)
			if len(state.PeerCertificates) == 0 {
				return errNever
			}
			return nil
		}
		got := look(t, listen(t, overTLS(config, holdTLS)), nil, some)
		require.NotNil(t, got.Without, "%q", protocols)
		assert.False(t, got.Without.Taken, "%q", protocols)
	}
}

// TestLongChains: what is longer than crypto/tls reads is no handshake; what it reads is all there.
func TestLongChains(t *testing.T) {
	p := newParty(t)
	size := len(p.server.Certificate[0])
	for n, want := range map[int]probe.Trouble{50: "", 1<<18/size + 1: probe.Handshake} {
		config := p.oneWay()
		config.Certificates = []tls.Certificate{{Certificate: repeat(p.server.Certificate[0], n), PrivateKey: p.server.PrivateKey}}
		got := look(t, listen(t, overTLS(config, func(*tls.Conn) {})), nil, plenty)
		assert.Equal(t, want, got.Trouble, got.Detail)
		if want == "" {
			assert.Len(t, got.Chain, n)
		}
	}
}

func repeat(der []byte, n int) (all [][]byte) {
	for range n {
		all = append(all, bytes.Clone(der))
	}
	return all
}

// TestNoCertificate: a server that has none to show says so by an alert.
func TestNoCertificate(t *testing.T) {
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errNever }}
	got := look(t, listen(t, overTLS(config, func(*tls.Conn) {})), nil, plenty)
	assert.Equal(t, probe.Handshake, got.Trouble)
	assert.Contains(t, got.Detail, "internal error")
}

// TestConnectionsEnd: none is left when Look returns, whatever became of it.
func TestConnectionsEnd(t *testing.T) {
	p := newParty(t)
	for _, handle := range []func(net.Conn){
		func(c net.Conn) { hold(c) }, overTLS(p.oneWay(), holdTLS), overTLS(p.twoWay(), holdTLS), func(c net.Conn) { dribble(c, "abc") },
	} {
		var open atomic.Int32
		address := listen(t, func(c net.Conn) {
			open.Add(1)
			defer open.Add(-1)
			handle(c)
		})
		look(t, address, &p.client, little)
		assert.Eventually(t, func() bool { return open.Load() == 0 }, plenty, time.Millisecond)
	}
}

// TestCancelled: it ends with its context, though steps have all the time. That it ended tells nothing of the server.
func TestCancelled(t *testing.T) {
	t.Run("before the server answers", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		address := listen(t, func(c net.Conn) { beginning(c); cancel(); hold(c) })
		got := probe.Look(ctx, probe.Options{Address: address, Step: time.Hour})
		assert.Equal(t, probe.Silent, got.Trouble, got.Detail)
	})
	t.Run("after the handshake", func(t *testing.T) {
		p := newParty(t)
		for _, protocols := range [][]string{nil, {"h2"}} {
			ctx, cancel := context.WithCancel(t.Context())
			address := listen(t, overTLS(p.asking(protocols...), func(c *tls.Conn) { cancel(); holdTLS(c) }))
			got := probe.Look(ctx, probe.Options{Address: address, ServerName: "localhost", Step: time.Hour})
			assert.True(t, got.Asks)
			assert.Nil(t, got.Without)
		}
	})
}

// TestCutShort: what is left of the look is less than a step, and no time to draw conclusions from silence.
func TestCutShort(t *testing.T) {
	p := newParty(t)
	ctx, cancel := context.WithTimeout(t.Context(), some)
	defer cancel()
	address := listen(t, overTLS(p.asking(), holdTLS))
	got := probe.Look(ctx, probe.Options{Address: address, ServerName: "localhost", Certificate: &p.client, Step: 2 * some})
	assert.True(t, got.Asks)
	assert.Nil(t, got.Without)
}
