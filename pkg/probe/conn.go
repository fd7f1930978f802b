package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
)

// connect dials, while the context lasts. The connection ends with the prober's life; it has no deadline until one is set.
func (p prober) connect(ctx context.Context) (*watched, error) {
	dial := p.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", p.Options.Address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(p.life, func() { _ = conn.Close() })
	return &watched{Conn: conn}, nil
}

// watched is a connection that remembers how the other side began.
type watched struct {
	net.Conn
	first []byte
}

const mostRemembered = 64

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.first = append(w.first, b[:min(n, mostRemembered-len(w.first))]...)
	return n, err
}

// spokeTLS tells whether the other side began with a record of TLS: part of a handshake, or an alert (RFC 8446, 5.1).
func (w *watched) spokeTLS() bool {
	const alert, handshake, major = 21, 22, 3
	return len(w.first) > 1 && (w.first[0] == alert || w.first[0] == handshake) && w.first[1] == major
}

// dialTrouble names the reason for which there is no connection.
func dialTrouble(err error) Trouble {
	_, noName := errors.AsType[*net.DNSError](err)
	switch {
	case noName:
		return UnknownHost
	case ranOut(err):
		return NoAnswer
	case isOneOf(err, refused):
		return Refused
	case isOneOf(err, noRoute):
		return NoRoute
	}
	return Unreachable
}

// talkTrouble names the reason for which a connection came to nothing.
func talkTrouble(err error, conn *watched) Trouble {
	switch {
	case ranOut(err) && len(conn.first) == 0:
		return Silent
	case ranOut(err):
		return Slow
	case isOneOf(err, reset):
		return Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Closed
	}
	return Handshake
}

// ranOut tells whether it was the prober that waited no longer: a deadline, or the end of the look, which closes connections.
func ranOut(err error) bool {
	return isTimeout(err) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.Canceled)
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func isOneOf[E error](err error, all []E) bool {
	return slices.ContainsFunc(all, func(one E) bool { return errors.Is(err, one) })
}

// alertOf is the alert by which the other side ended a connection; 0: it did not end by one. The library keeps its number to
// itself, and gives its name alone.
func alertOf(err error) tls.AlertError {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return 0
	}
	const last = 255
	for a := tls.AlertError(last); a > 0; a-- {
		if a.Error() == op.Err.Error() {
			return a
		}
	}
	return 0
}
