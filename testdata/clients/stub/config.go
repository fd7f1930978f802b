package stub

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Mode is common.security.tlsMode.
type Mode int

const (
	Plain  Mode = 0 // no TLS
	OneWay Mode = 1 // the server shows a certificate, and asks for none
	TwoWay Mode = 2 // both show one, over TLS 1.3 at least
)

// Config is what milvus.yaml says.
type Config struct {
	Dir        string // where server.pem, server.key and ca.pem are
	Mode       Mode
	User       User // that clients have to be; empty: no matter
	SharedPort bool // proxy.http.port is empty, or that of gRPC

	Log io.Writer // gets what net/http logs, a line a write; nil: nobody does
}

// tls is the tls.Config of both listeners, but for ALPN; nil: none. Milvus sets no more than this: no minimum version in mode 1.
func (c Config) tls() (*tls.Config, error) {
	if c.Mode == Plain {
		return nil, nil
	}
	if c.SharedPort {
		return nil, errors.New("proxy server(http) and external grpc server share the same port, tls mode must be 0")
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(c.Dir, "server.pem"), filepath.Join(c.Dir, "server.key"))
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	if c.Mode == TwoWay {
		if config.ClientCAs, err = c.clientCAs(); err != nil {
			return nil, err
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.MinVersion = tls.VersionTLS13
	}
	return config, nil
}

func (c Config) clientCAs() (*x509.CertPool, error) {
	data, err := os.ReadFile(filepath.Join(c.Dir, "ca.pem"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("fail to append ca to cert")
	}
	return pool, nil
}
