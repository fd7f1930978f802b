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

// start does with the files what Milvus does with them in its two modes: internal/distributed/proxy/service.go of Milvus 2.6
// calls tls.LoadX509KeyPair, and in two-way mode AppendCertsFromPEM.
func start(o Observation) (oneWay, twoWay server) {
	if o.Running {
		s := server{sent: goCertificates(o.Files[certset.ServerCertificate]), trusted: goCertificates(o.Files[certset.CACertificate])}
		return s, s
	}
	oneWay = startOneWay(o)
	if oneWay.refusal != nil {
		return oneWay, oneWay
	}
	switch data := o.Files[certset.CACertificate]; {
	case data == nil:
		twoWay.refusal = noSuchFile(certset.CACertificate)
	case !x509.NewCertPool().AppendCertsFromPEM(data):
		twoWay.refusal = noStart(certset.CACertificate, errors.New("fail to append ca to cert"))
	default:
		twoWay = server{sent: oneWay.sent, trusted: goRoots(data)}
	}
	return oneWay, twoWay
}

func startOneWay(o Observation) server {
	for _, name := range []string{certset.ServerCertificate, certset.ServerKey} {
		if o.Files[name] == nil {
			return server{refusal: noSuchFile(name)}
		}
	}
	cert := o.Files[certset.ServerCertificate]
	pair, err := tls.X509KeyPair(cert, o.Files[certset.ServerKey])
	if err != nil {
		return server{refusal: noStart(faultyFile(cert), err)}
	}
	var s server
	for _, der := range pair.Certificate {
		c, err := certset.ParseCertificate(der)
		if err != nil {
			return server{refusal: noStart(certset.ServerCertificate, err)}
		}
		s.sent = append(s.sent, c)
	}
	return s
}

func noSuchFile(name string) *Reason {
	return noStart(name, errors.New("open "+name+": no such file or directory"))
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

// unreachable is why no client sees a certificate of it.
func (s server) unreachable() *Reason {
	if s.refusal == nil && len(s.sent) == 0 {
		return &Reason{Cause: Unreadable, File: certset.ServerCertificate, Detail: "it holds no certificate"}
	}
	return s.refusal
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

// accept is what Milvus makes of a client's certificates in two-way mode: what it was seen to, for a reason that its files give
// where they do. It tells the client no more than an alert, if that.
func (a attempt) accept(chain []*certset.Certificate) (*Reason, alert) {
	reason, foretold := a.foretell(chain)
	switch seen := a.Answer; {
	case seen == nil, reason != nil && alert(seen.Alert) == foretold:
		return reason, foretold
	case seen.Taken:
		return nil, 0
	default:
		said := alert(seen.Alert)
		return &Reason{Cause: RefusedLive, By: MilvusID, File: certset.ClientCertificate, Place: 1, Detail: said.String()}, said
	}
}

// foretell is crypto/tls, processCertsFromClient.
func (a attempt) foretell(chain []*certset.Certificate) (*Reason, alert) {
	if chain[0].X509 != nil && !usableKey(chain[0]) {
		return &Reason{
			Cause: certpath.UnsupportedKey, By: MilvusID, File: certset.ClientCertificate, Place: 1, Detail: noSignature(chain[0]), Shown: didNotProvide,
		}, certificateRequired
	}
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
	if r := a.server.unreachable(); r != nil {
		return r
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
