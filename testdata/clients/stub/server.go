package stub

import (
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/milvus-io/milvus-proto/go-api/v2/milvuspb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Server is a running proxy.
type Server struct {
	GRPC, REST int // ports of loopback

	grpc    *grpc.Server
	rest    *http.Server
	serving sync.WaitGroup
}

// Refusal is why Milvus does not start, in its own words.
type Refusal struct{ error }

// Start starts a proxy on ports that the kernel chooses. The error is a Refusal where Milvus would not start either.
func Start(c Config) (*Server, error) {
	config, err := c.tls()
	if err != nil {
		return nil, Refusal{err}
	}
	// What a client thinks of the certificates is for the client to say.
	logged := io.Discard
	if c.Log != nil {
		logged = c.Log
	}
	s := &Server{rest: &http.Server{Handler: c.User.guard(restHandler()), ErrorLog: log.New(logged, "", 0)}} //nolint:gosec // no timeouts: it lives as long as a test
	options, serveREST := []grpc.ServerOption{grpc.UnaryInterceptor(c.User.check)}, s.rest.Serve
	if config != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
		s.rest.TLSConfig = config.Clone()
		s.rest.TLSConfig.NextProtos = []string{"h2", "http/1.1"}
		serveREST = func(l net.Listener) error { return s.rest.ServeTLS(l, "", "") }
	}
	s.grpc = grpc.NewServer(options...)
	milvuspb.RegisterMilvusServiceServer(s.grpc, proxy{})
	if s.GRPC, err = s.listen(s.grpc.Serve); err != nil {
		return nil, err
	}
	s.REST, err = s.listen(serveREST)
	return s, err
}

// Stop closes both listeners, and returns when nothing of the server is left.
func (s *Server) Stop() {
	s.grpc.Stop()
	_ = s.rest.Close()
	s.serving.Wait()
}

// listen serves 127.0.0.1, and ::1 where there is one, on one port: localhost is either.
func (s *Server) listen(serve func(net.Listener) error) (port int, err error) {
	listeners, err := loopback()
	if err != nil {
		return 0, err
	}
	for _, l := range listeners {
		s.serving.Go(func() { _ = serve(l) })
	}
	return listeners[0].Addr().(*net.TCPAddr).Port, nil
}

// attempts are how often a port of 127.0.0.1 is chosen anew because ::1 has it in use.
const attempts = 10

func loopback() (listeners []net.Listener, err error) {
	for range attempts {
		v4, failed := net.Listen("tcp", "127.0.0.1:0")
		if failed != nil || !hasIPv6() {
			return []net.Listener{v4}, failed
		}
		var v6 net.Listener
		v6, err = net.Listen("tcp", net.JoinHostPort("::1", strconv.Itoa(v4.Addr().(*net.TCPAddr).Port)))
		if err == nil {
			return []net.Listener{v4, v6}, nil
		}
		_ = v4.Close()
	}
	return nil, err
}

// hasIPv6 tells whether this machine has ::1; containers often lack it.
var hasIPv6 = sync.OnceValue(func() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	return l.Close() == nil
})
