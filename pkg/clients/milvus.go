package clients

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// server is a Milvus that was started with the files, or that does not start.
type server struct {
	refusal *Reason
	sent    []*certset.Certificate // what clients get to see
	trusted []*certset.Certificate // what it takes client certificates from, in two-way mode
}

// start does with the files what Milvus does with them: internal/distributed/proxy/service.go of Milvus 2.6 calls
// tls.LoadX509KeyPair, and in two-way mode AppendCertsFromPEM.
func start(o Observation, twoWay bool) server {
	serverPEM, key := o.Files[certset.ServerCertificate], o.Files[certset.ServerKey]
	if o.Running {
		return server{sent: goCertificates(serverPEM), trusted: goCertificates(o.Files[certset.CACertificate])}
	}
	for _, name := range []string{certset.ServerCertificate, certset.ServerKey} {
		if o.Files[name] == nil {
			return server{refusal: noStart(name, errors.New("open "+name+": no such file or directory"))}
		}
	}
	pair, err := tls.X509KeyPair(serverPEM, key)
	if err != nil {
		return server{refusal: noStart(faultyFile(serverPEM), err)}
	}
	var s server
	for _, der := range pair.Certificate {
		c, err := certset.ParseCertificate(der)
		if err != nil {
			return server{refusal: noStart(certset.ServerCertificate, err)}
		}
		s.sent = append(s.sent, c)
	}
	if !twoWay {
		return s
	}
	switch data := o.Files[certset.CACertificate]; {
	case data == nil:
		return server{refusal: noStart(certset.CACertificate, errors.New("open "+certset.CACertificate+": no such file or directory"))}
	case !x509.NewCertPool().AppendCertsFromPEM(data):
		return server{refusal: noStart(certset.CACertificate, errors.New("fail to append ca to cert"))}
	default:
		s.trusted = goCertificates(data)
	}
	return s
}

// faultyFile tells which of two files crypto/tls refuses together.
func faultyFile(serverPEM []byte) string {
	if certs := goCertificates(serverPEM); len(certs) == 0 || certs[0].X509 == nil {
		return certset.ServerCertificate
	}
	return certset.ServerKey
}

func noStart(file string, err error) *Reason {
	return &Reason{Cause: NoStart, By: MilvusID, File: file, Detail: err.Error(), Shown: err.Error()}
}

// serve is Milvus's own part: it starts, and in two-way mode it takes the client's certificate, whoever shows it.
func serve(a attempt) *Reason {
	if a.server.refusal != nil || a.way != TwoWay {
		return a.server.refusal
	}
	chain := goCertificates(a.Files[certset.ClientCertificate])
	if len(chain) == 0 {
		return noClientCertificate(a)
	}
	reason, _ := a.accept(chain)
	return reason
}

// accept is what Milvus makes of a client's certificates in two-way mode: crypto/tls, processCertsFromClient. It tells the
// client no more than an alert.
func (a attempt) accept(chain []*certset.Certificate) (*Reason, alert) {
	refusals := certpath.Go(certpath.Path{Sent: chain, Trusted: a.server.trusted, Purpose: certpath.Client, At: a.At})
	if len(refusals) == 0 {
		return nil, 0
	}
	reason := a.reason(refusals[0], certset.ClientCertificate, certset.CACertificate)
	reason.By, reason.Shown = MilvusID, refusals[0].Text
	return reason, alertFor(refusals[0].Err)
}

// alertFor is what crypto/tls sends for an error of crypto/x509; without one the certificate could not be read.
func alertFor(err error) alert {
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		return decodeError
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return unknownCA
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return certificateExpired
	}
	return badCertificate
}

// connectInternally is one component of Milvus dialling another: internal/util/grpcclient of Milvus 2.6. It is Go to Go and
// one-way, and the name is internaltls.sni.
func connectInternally(a attempt) *Reason {
	if a.server.refusal != nil {
		return a.server.refusal
	}
	refusals := certpath.Go(certpath.Path{Sent: a.server.sent, Trusted: goCertificates(a.Files[certset.CACertificate]), Host: a.host, At: a.At})
	if len(refusals) == 0 {
		return nil
	}
	reason := a.reason(refusals[0], certset.ServerCertificate, certset.CACertificate)
	reason.Shown = refusals[0].Text
	return reason
}

// goCertificates are the certificates that crypto/tls and AppendCertsFromPEM find in a file. The latter passes over blocks
// with headers, and both over what is not called CERTIFICATE.
func goCertificates(data []byte) []*certset.Certificate {
	return certificates(data, func(b *pem.Block) bool { return b.Type == "CERTIFICATE" })
}

func goRoots(data []byte) []*certset.Certificate {
	return certificates(data, func(b *pem.Block) bool { return b.Type == "CERTIFICATE" && len(b.Headers) == 0 })
}

// certificates reads the blocks that are wanted.
func certificates(data []byte, wanted func(*pem.Block) bool) []*certset.Certificate {
	var out []*certset.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if !wanted(block) {
			continue
		}
		if c, err := certset.ParseCertificate(block.Bytes); err == nil {
			out = append(out, c)
		}
	}
	return out
}
