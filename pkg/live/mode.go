package live

import (
	"bytes"
	"crypto/tls"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
)

// Mode is tlsMode as it shows from outside.
type Mode string

// The modes.
const (
	Unknown  Mode = ""
	Plain    Mode = "0"
	OneWay   Mode = "1"
	TwoWay   Mode = "2"
	Optional Mode = "optional" // none of Milvus's: it takes certificates, and wants none
)

var modeWords = map[Mode]string{
	Plain: "no TLS (tlsMode 0)", OneWay: "one-way (tlsMode 1)", TwoWay: "two-way (tlsMode 2)", Optional: "two-way or one-way, as the client likes",
	Unknown: "not known",
}

// Words say what a mode is.
func (m Mode) Words() string { return modeWords[m] }

// Mode is that in which the server was seen to be.
func (r *Report) Mode() Mode {
	switch without := r.Seen.Without; {
	case r.Seen.Trouble == probe.Plaintext:
		return Plain
	case r.Seen.Trouble != "":
		return Unknown
	case !r.Seen.Asks:
		return OneWay
	case without == nil:
		return Unknown
	case without.Taken:
		return Optional
	}
	return TwoWay
}

// admitted tells whether a request could be answered: no certificate is wanted, or one was taken.
func (r *Report) admitted() bool {
	return r.Mode() == OneWay || r.Mode() == Optional || r.Seen.With != nil && r.Seen.With.Taken
}

// Unshown tells whether the server wants a certificate, and was shown none.
func (r *Report) Unshown() bool {
	return r.Mode() == TwoWay && r.Seen.With == nil && !slices.Contains(r.o.Ways, clients.TwoWay)
}

// BeforeMilvus tells whether it is not Milvus that ends TLS: two-way it takes TLS 1.3 alone.
func (r *Report) BeforeMilvus() bool {
	return r.Mode() == TwoWay && len(r.Seen.Versions) > 0 && r.Seen.Versions[0] < tls.VersionTLS13
}

// tooOld tells whether the server takes no version that a client takes.
func (r *Report) tooOld() bool {
	versions := r.Seen.Versions
	return len(versions) > 0 && versions[len(versions)-1] < tls.VersionTLS12
}

// verdictsHold tells whether what clients make of the certificate is what becomes of them. It is not where they do not get
// to see it, where they have to show one that is not there, and where the root that they have is not what was asked about.
func (r *Report) verdictsHold() bool {
	asksForMore := r.Seen.Asks && r.Mode() != Optional && !slices.Contains(r.o.Ways, clients.TwoWay)
	otherRoot := slices.Contains(r.o.Ways, clients.RootServer) && r.Relation.Kind == Current && !r.sendsTheFile()
	return !r.tooOld() && !asksForMore && !otherRoot
}

// sendsTheFile tells whether the server sends what the set's server.pem has, and nothing besides.
func (r *Report) sendsTheFile() bool {
	own, _, _ := certset.ParseCertificates(r.in.Set.Files[certset.ServerCertificate].Data) // what is wrong with it, verify says
	return slices.EqualFunc(own, r.Seen.Chain, func(c *certset.Certificate, der []byte) bool { return bytes.Equal(c.Raw, der) })
}

// ways are those in which clients can reach a server of this mode with what is there. The server's certificate as a root is
// asked about where clients have it, for what is sent is asked about in its place: it is the set's file, or there is nothing
// else to trust.
func (r *Report) ways() (ways []clients.Way) {
	haveCA := r.in.has(certset.CACertificate)
	canShow := haveCA && r.in.has(certset.ClientCertificate) && r.in.has(certset.ClientKey)
	mode := r.Mode()
	if canShow && (mode == TwoWay || mode == Unknown) {
		return []clients.Way{clients.TwoWay}
	}
	if !haveCA || r.sendsTheFile() {
		ways = append(ways, clients.RootServer)
	}
	if haveCA {
		ways = append(ways, clients.RootCA)
	}
	if mode == Optional && canShow {
		ways = append(ways, clients.TwoWay)
	}
	return ways
}
