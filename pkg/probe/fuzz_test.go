package probe_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
)

// FuzzAnswer lets servers say anything, and then close. Whatever it is, the prober comes to an end and knows little.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{\"code\":0}", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
		"\x16\x03\x03\x00\x04\x02\x00\x00\x00", "\x15\x03\x03\x00\x02\x02\x28", "\x00\x00\x00\x04\x00\x00\x00\x00\x00", "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		got := probe.Look(t.Context(), probe.Options{Address: "milvus:19530", ServerName: "milvus", Step: plenty, Dial: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				go func() { _, _ = io.Copy(io.Discard, theirs) }()
				_, _ = theirs.Write(said)
				_ = theirs.Close()
			}()
			return ours, nil
		}})
		assert.NotEmpty(t, got.Trouble)
		assert.LessOrEqual(t, len(got.Greeting), 64)
		assert.LessOrEqual(t, len(got.Version), 64)
		assert.LessOrEqual(t, len(got.Software), 64)
	})
}
