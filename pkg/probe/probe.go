// Package probe looks at a live server as the clients of Milvus meet it: where it is dialled goes in, what was seen comes out,
// that is, whether it speaks TLS and how, what it sends, whose certificates it takes, and which of Milvus's services answers. It
// judges nothing. Whatever a server does, it ends with its context and keeps little in memory.
package probe

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"time"
)

// Options say where to look, and how.
type Options struct {
	Address     string                                                               // HOST:PORT, as net.Dial takes it
	ServerName  string                                                               // that is asked for (SNI; RFC 6066, 3: of addresses nothing is sent)
	Certificate *tls.Certificate                                                     // shown where the server asks for one; nil: none is
	Step        time.Duration                                                        // has to be given: what a connection with its handshake, or a request, may take at most
	Dial        func(ctx context.Context, network, address string) (net.Conn, error) // nil: that of a net.Dialer
}

// Server is what was seen of a server. Texts and bytes in it are as they came from the network.
type Server struct {
	Address  string  // that was reached; empty: none was
	Trouble  Trouble // why there is nothing to see of its TLS; empty: there is
	Detail   string  // of the trouble, as the system or the library says it
	Greeting []byte  // its first bytes, where it speaks something unknown; no more than 64
	TLS
	Service    Service
	Version    string // of Milvus, as it says itself
	Auth       bool   // it wants a user and a password
	Software   string // of an HTTP server that is none of Milvus's, as it says itself; no more than 64 bytes
	Status     string // of gRPC, with which something answers that is none of Milvus's; no more than 16 bytes
	Unanswered string // why no request was answered, where TLS is in order
	Late       bool   // it was for want of time
}

// Trouble is why there is nothing to see of a server's TLS.
type Trouble string

// The troubles, in the order in which they come: looking the name up, connecting, speaking.
const (
	UnknownHost Trouble = "unknown-host"
	Refused     Trouble = "refused"     // nobody listens
	NoRoute     Trouble = "no-route"    // there is no way there
	NoAnswer    Trouble = "no-answer"   // nobody says yes or no
	Unreachable Trouble = "unreachable" // for another reason, which Detail has
	Silent      Trouble = "silent"      // it accepts, and says nothing
	Slow        Trouble = "slow"        // it begins to speak, and does not come to an end
	Closed      Trouble = "closed"      // it accepts, and closes
	Reset       Trouble = "reset"       // it accepts, and resets
	Plaintext   Trouble = "plaintext"   // gRPC or HTTP without TLS
	NotTLS      Trouble = "not-tls"     // something else
	Handshake   Trouble = "handshake"   // TLS, but no handshake comes about, and not for want of a certificate
)

// TLS is what was seen of a server's TLS.
type TLS struct {
	Chain     [][]byte // that it sends, in DER
	Versions  []uint16 // that it takes, the lowest first: the one that it chose, TLS 1.2, and the best one before that
	Cipher    uint16   // of the first connection
	Protocols []string // that it takes by ALPN (RFC 7301), of h2 and http/1.1, the one that it chose first
	Asks      bool     // it asks for a certificate
	CAs       [][]byte // the names of those whose certificates it takes, in DER, as it says
	Without   *Answer  // to a client that shows no certificate; nil: this was not found out
	With      *Answer  // to one that shows that of the options; nil: likewise, or it was not shown
}

// Answer is whether a server goes on after a client showed its certificate, or none.
type Answer struct {
	Taken  bool
	Alert  tls.AlertError // by which it refuses (RFC 8446, 6.2); 0: without one
	Detail string         // what the library says of that
}

// Look looks at a server, over a handful of connections. It waits no longer than the context and the steps last.
func Look(ctx context.Context, o Options) *Server {
	life, end := context.WithCancel(ctx)
	defer end()
	p := prober{o, life, &Server{}}
	s := p.open(life, nil, nil)
	if s.conn == nil {
		p.Trouble, p.Detail = dialTrouble(s.err), s.err.Error()
		return p.Server
	}
	p.Server.Address = s.conn.RemoteAddr().String()
	if s.reached {
		p.lookAtTLS(s)
		return p.Server
	}
	s.end()
	if s.conn.spokeTLS() {
		p.Trouble, p.Detail = talkTrouble(s.err, s.conn), s.err.Error()
	} else {
		p.lookWithoutTLS(s)
	}
	return p.Server
}

// prober is a look at one server.
type prober struct {
	Options
	life context.Context // which no connection outlives
	*Server
}

// step is the time of one step.
func (p prober) step() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.life, p.Step)
}

// lookAtTLS goes on where a server has sent its certificate.
func (p prober) lookAtTLS(s *session) {
	p.Chain, p.Cipher, p.Versions = s.chain(), s.state.CipherSuite, []uint16{s.state.Version}
	if s.request != nil {
		p.Asks, p.CAs = true, s.request.AcceptableCAs
	}
	p.Without = p.answer(s)
	switch {
	case !p.Asks && s.err != nil: // it lacks nothing that a client could show
		p.Trouble, p.Detail = talkTrouble(s.err, s.conn), s.err.Error()
		return
	case p.Asks && p.Certificate != nil:
		p.With = p.answer(p.open(p.life, p.Certificate, nil))
	}
	for _, most := range []uint16{tls.VersionTLS12, tls.VersionTLS11} {
		if most >= p.Versions[0] {
			continue
		}
		if older := p.try(func(c *tls.Config) { c.MaxVersion = most }); older.reached {
			p.Versions = slices.Insert(p.Versions, 0, older.state.Version)
		}
	}
	if chosen := s.state.NegotiatedProtocol; chosen != "" {
		p.Protocols = append([]string{chosen}, p.furtherProtocol(chosen)...)
	}
	p.askOverTLS()
}

// try tells how far another way of beginning leads.
func (p prober) try(edit func(*tls.Config)) *session {
	s := p.open(p.life, p.Certificate, edit)
	s.end()
	return s
}

// furtherProtocol is HTTP/1.1, where a server takes that too: one for gRPC alone does not.
func (p prober) furtherProtocol(chosen string) []string {
	if chosen == http1 {
		return nil
	}
	s := p.try(func(c *tls.Config) { c.NextProtos = []string{http1} })
	if !s.reached || s.state.NegotiatedProtocol != http1 {
		return nil
	}
	return []string{http1}
}
