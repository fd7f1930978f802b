package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
)

// http2Greeting is how a client begins with HTTP/2 (RFC 9113, 3.4): the preface, and SETTINGS without any.
const http2Greeting = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"

// lookWithoutTLS goes on where a server answers the beginning of TLS with something else, or not at all.
func (p prober) lookWithoutTLS(s *session) {
	var protocols http.Protocols
	overHTTP2, greeting := p.speaksHTTP2()
	if overHTTP2 {
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP1(true)
	}
	failure := p.ask("http", overHTTP2, &http.Transport{
		Protocols:   &protocols,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return p.connect(ctx) },
	})
	if len(s.conn.first) > 0 {
		greeting = s.conn.first
	}
	switch {
	case overHTTP2 || p.Service != "" || bytes.HasPrefix(greeting, []byte("HTTP/")):
		p.Trouble = Plaintext
		p.unanswered(failure)
	case len(greeting) > 0 && !ranOut(s.err):
		p.Trouble, p.Greeting = NotTLS, greeting
	default:
		p.Trouble, p.Detail = talkTrouble(s.err, s.conn), s.err.Error()
	}
}

// speaksHTTP2 begins with HTTP/2 without TLS. What comes back where that is not SETTINGS is the beginning of something else.
func (p prober) speaksHTTP2() (yes bool, other []byte) {
	ctx, cancel := p.step()
	defer cancel()
	conn, err := p.connect(ctx)
	if err != nil {
		return false, nil
	}
	defer conn.Close() //nolint:errcheck // all was said
	setDeadline(ctx, conn)
	if _, err := io.WriteString(conn, http2Greeting); err != nil {
		return false, nil
	}
	header := make([]byte, frameHeader)
	n, _ := io.ReadFull(conn, header)
	if isSettings(header[:n]) {
		return true, nil
	}
	return false, conn.first
}

const frameHeader = 9

// isSettings tells whether bytes begin a SETTINGS frame as a server has to send first (RFC 9113, 4.1 and 6.5).
func isSettings(header []byte) bool {
	if len(header) < frameHeader {
		return false
	}
	const settings, ack, setting, most = 4, 1, 6, 1 << 14
	length := binary.BigEndian.Uint32(header) >> 8 //nolint:mnd // of three bytes
	return length <= most && length%setting == 0 && header[3] == settings && header[4]&ack == 0 && binary.BigEndian.Uint32(header[5:]) == 0
}
