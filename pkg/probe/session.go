package probe

import (
	"context"
	"crypto/tls"
	"io"
	"net"
)

// The protocols that are offered (RFC 7301, 6).
const (
	http1 = "http/1.1"
	http2 = "h2"
)

// session is one connection, and the TLS over it.
type session struct {
	conn    *watched // nil: it did not come about
	tls     *tls.Conn
	reached bool                        // the server has chosen how to go on, and sent its certificate
	state   tls.ConnectionState         // as of then
	request *tls.CertificateRequestInfo // nil: the server asks for no certificate
	err     error                       // why there is no connection, or no end of the handshake
}

// open connects, and begins with TLS, in one step within the context. Where the server asks for a certificate, own is shown; nil:
// none is.
func (p prober) open(ctx context.Context, own *tls.Certificate, edit func(*tls.Config)) *session {
	s := &session{}
	ctx, cancel := context.WithTimeout(ctx, p.Step)
	defer cancel()
	if s.conn, s.err = p.connect(ctx); s.err != nil {
		return s
	}
	config := &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // it looks at what is sent, and sends nothing secret; package clients judges
		ServerName:         p.ServerName,
		NextProtos:         []string{http2, http1},
		MinVersion:         tls.VersionTLS10, // what is too old is to be seen
		VerifyConnection: func(state tls.ConnectionState) error {
			s.reached, s.state = true, state
			return nil
		},
		GetClientCertificate: func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			s.request = request
			if own == nil {
				return &tls.Certificate{}, nil
			}
			return own, nil // whether the server will take it or not: its refusal tells more than silence
		},
	}
	if edit != nil {
		edit(config)
	}
	s.tls = tls.Client(s.conn, config)
	s.err = s.tls.HandshakeContext(ctx)
	return s
}

// end closes the connection: there are servers that serve one after the other.
func (s *session) end() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

// chain is what the server sends.
func (s *session) chain() (chain [][]byte) {
	for _, c := range s.state.PeerCertificates {
		chain = append(chain, c.Raw)
	}
	return chain
}

// answer is what the server makes of the certificate that was shown, or of none; nil: that was not found out. In TLS 1.3 the
// client's handshake ends before the server has looked at it, so that a refusal comes with the first read (RFC 8446, 4.4.2.4
// and 4.6.1).
func (p prober) answer(s *session) *Answer {
	defer s.end()
	if s.conn == nil || s.err != nil && ranOut(s.err) {
		return nil
	}
	err := s.err
	if err == nil && s.request != nil && s.state.Version > tls.VersionTLS12 {
		err = p.exchange(s)
	}
	switch {
	case err == nil:
		return &Answer{Taken: true}
	case ranOut(err), alertOf(err) == 0 && p.life.Err() != nil: // it is the prober that ended it
		return nil
	}
	return &Answer{Alert: alertOf(err), Detail: err.Error()}
}

// exchange waits for a word of the server. A server whose turn it is not gets a greeting, but not at once: one that refuses
// resets what it has not read, and its alert is lost with it. Who refuses does not wait for more, so that silence after the
// greeting is consent; but not over HTTP/2, where a server speaks first, and not where there was no time to wait.
func (p prober) exchange(s *session) error {
	ctx, cancel := p.step()
	defer cancel()
	const part = 4
	pause, cancelPause := context.WithTimeout(ctx, p.Step/part)
	defer cancelPause()
	if err := s.hear(pause); !isTimeout(err) {
		return err
	}
	greeting := "GET / HTTP/1.1\r\nHost: " + p.ServerName + "\r\nConnection: close\r\n\r\n"
	if s.state.NegotiatedProtocol == http2 {
		greeting = http2Greeting
	}
	setDeadline(ctx, s.conn)
	if _, err := io.WriteString(s.tls, greeting); err != nil {
		return err
	}
	err := s.hear(ctx)
	if isTimeout(err) && s.state.NegotiatedProtocol != http2 && !p.cutsShort(ctx) {
		return nil
	}
	return err
}

// cutsShort tells whether a step ends with the look, before its own time is over.
func (p prober) cutsShort(step context.Context) bool {
	end, ends := p.life.Deadline()
	at, _ := step.Deadline()
	return ends && !at.Before(end)
}

// hear waits for a byte.
func (s *session) hear(ctx context.Context) error {
	setDeadline(ctx, s.conn)
	_, err := s.tls.Read(make([]byte, 1))
	return err
}

func setDeadline(ctx context.Context, conn net.Conn) {
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a connection that is closed says so when it is read
	}
}
