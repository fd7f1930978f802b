package probe_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
)

// TestNoConnection names why there is none. The errors are those of package net.
func TestNoConnection(t *testing.T) {
	fail := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	system := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
	}
	for _, tc := range []struct {
		name string
		dial func(context.Context) error
		want probe.Trouble
	}{
		{"no such name", fail(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}), probe.UnknownHost},
		{"no answer about the name", fail(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), probe.UnknownHost},
		{"nobody listens", fail(system(syscall.ECONNREFUSED)), probe.Refused},
		{"no way there", fail(system(syscall.EHOSTUNREACH)), probe.NoRoute},
		{"no way out", fail(system(syscall.ENETUNREACH)), probe.NoRoute},
		{"nobody answers", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, probe.NoAnswer},
		{"something else", fail(system(syscall.EACCES)), probe.Unreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := probe.Look(t.Context(), probe.Options{Address: "milvus:19530", Step: little, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				assert.Equal(t, "tcp milvus:19530", network+" "+address)
				return nil, tc.dial(ctx)
			}})
			assert.Equal(t, tc.want, got.Trouble)
			assert.NotEmpty(t, got.Detail)
			assert.Empty(t, got.Address)
		})
	}
	t.Run("a port that was closed", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, listener.Close())
		assert.Equal(t, probe.Refused, look(t, listener.Addr().String(), nil, plenty).Trouble)
	})
}

// beginning reads the beginning of what the other side says, and all of it that is there.
func beginning(conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<16)) }

// dribble sends a text for ever, byte by byte.
func dribble(conn net.Conn, text string) {
	for i := 0; ; i++ {
		if _, err := io.WriteString(conn, text[i%len(text):i%len(text)+1]); err != nil {
			return
		}
		time.Sleep(little / 20)
	}
}

// TestNoTLS: servers that answer the beginning of TLS with something else, or with nothing.
func TestNoTLS(t *testing.T) {
	for _, tc := range []struct {
		name     string
		step     time.Duration
		handle   func(net.Conn)
		want     probe.Trouble
		greeting string
	}{
		{"silent", some, func(c net.Conn) { hold(c) }, probe.Silent, ""},
		{"closes", plenty, func(c net.Conn) { beginning(c) }, probe.Closed, ""},
		{"resets", plenty, func(c net.Conn) { beginning(c); _ = c.(*net.TCPConn).SetLinger(0) }, probe.Reset, ""},
		{"says its name first", plenty, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n"); hold(c) }, probe.NotTLS, "SSH-2.0-OpenSSH_9.2\r\n"},
		{"says its name late", plenty, func(c net.Conn) { beginning(c); _, _ = io.WriteString(c, "-ERR unknown command\r\n") }, probe.NotTLS, "-ERR unknown command\r\n"},
		{"says one byte", plenty, func(c net.Conn) { beginning(c); _, _ = io.WriteString(c, "?") }, probe.NotTLS, "?"},
		{"drips", some, func(c net.Conn) { dribble(c, "abc") }, probe.NotTLS, "abcab"},
		{"says more than is kept", plenty, func(c net.Conn) { _, _ = c.Write(make([]byte, 1<<20)); hold(c) }, probe.NotTLS, string(make([]byte, 64))},
		{"never ends", some, func(c net.Conn) {
			for {
				if _, err := c.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, probe.NotTLS, string(make([]byte, 64))},
		{"begins a record of TLS and drips", some, func(c net.Conn) { _, _ = io.WriteString(c, "\x16\x03\x03\x40\x00"); dribble(c, "\x02") }, probe.Slow, ""},
		{"begins a record of TLS and stops", some, func(c net.Conn) { _, _ = io.WriteString(c, "\x16\x03\x03\x40\x00"); hold(c) }, probe.Slow, ""},
		{"begins a record of TLS and closes", plenty, func(c net.Conn) { beginning(c); _, _ = io.WriteString(c, "\x16\x03\x03\x40\x00") }, probe.Closed, ""},
		{"answers TLS with nonsense in a record", plenty, func(c net.Conn) {
			beginning(c)
			_, _ = io.WriteString(c, "\x16\x03\x03\x00\x04\x02\xff\xff\xff")
			hold(c)
		}, probe.Handshake, ""},
		{"answers TLS with an alert", plenty, func(c net.Conn) { beginning(c); _, _ = io.WriteString(c, "\x15\x03\x03\x00\x02\x02\x70") }, probe.Handshake, ""},
		{"begins HTTP/2 and drips", some, func(c net.Conn) { beginning(c); dribble(c, "\x00") }, probe.NotTLS, "\x00\x00\x00\x00\x00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := look(t, listen(t, tc.handle), nil, tc.step)
			assert.Equal(t, tc.want, got.Trouble, got.Detail)
			assert.Equal(t, tc.greeting, string(got.Greeting))
			assert.NotEmpty(t, got.Address)
			assert.Empty(t, got.Service)
			assert.Nil(t, got.Chain)
		})
	}
}

// TestEndlessHTTP: what begins as HTTP without TLS is that, though it comes to no end.
func TestEndlessHTTP(t *testing.T) {
	for name, texts := range map[string][2]string{
		"headers without end": {"HTTP/1.1 200 OK\r\n", "X: y\r\n"}, "interim answers without end": {"", "HTTP/1.1 100 Continue\r\n\r\n"},
		"no more than a beginning": {"HTTP/1.1 200 OK\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := look(t, listen(t, func(c net.Conn) {
				beginning(c)
				_, err := io.WriteString(c, texts[0])
				for err == nil && texts[1] != "" {
					_, err = io.WriteString(c, texts[1])
				}
				hold(c)
			}), nil, some)
			assert.Equal(t, probe.Plaintext, got.Trouble)
			assert.NotEmpty(t, got.Unanswered)
			assert.Empty(t, got.Service)
			assert.Empty(t, got.Greeting)
		})
	}
}

// TestPlaintext tells what answers without TLS.
func TestPlaintext(t *testing.T) {
	h2c := func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }
	for _, tc := range []struct {
		name      string
		handler   http.Handler
		protocols func(*http.Protocols)
		want      probe.Server
	}{
		{"gRPC", grpcHandler("0", "v2.6.2"), h2c, probe.Server{Service: probe.GRPC, Version: "v2.6.2"}},
		{"gRPC for users", grpcHandler("16", ""), h2c, probe.Server{Service: probe.GRPC, Auth: true}},
		{"gRPC of others", grpcHandler("12", ""), h2c, probe.Server{Service: probe.OtherGRPC, Status: "12"}},
		{"REST", restHandler(http.StatusOK, `{"code":0,"data":[]}`), nil, probe.Server{Service: probe.REST}},
		{"REST for users", restHandler(http.StatusUnauthorized, `{"code":1800,"message":"user hasn't authenticated"}`), nil, probe.Server{Service: probe.REST, Auth: true}},
		{"health", answering("OK"), nil, probe.Server{Service: probe.Health}},
		{"ill health", answering("Not all components are healthy, 1/3"), nil, probe.Server{Service: probe.Health}},
		{"HTTP", http.NotFoundHandler(), nil, probe.Server{Service: probe.HTTP}},
		{"HTTP with a name", named("MinIO"), nil, probe.Server{Service: probe.HTTP, Software: "MinIO"}},
		{"HTTP/2", http.NotFoundHandler(), h2c, probe.Server{Service: probe.HTTP}},
		{"HTTP that redirects", http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound), nil, probe.Server{Service: probe.HTTP}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address := serveHTTP(t, tc.handler, nil, tc.protocols)
			tc.want.Address, tc.want.Trouble = address, probe.Plaintext
			assert.Equal(t, &tc.want, look(t, address, nil, plenty))
		})
	}
}
