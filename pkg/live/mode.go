package live

import (
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

// ways are those in which clients can reach a server of this mode with what is there. The server's certificate as a root is
// asked about where clients have it: it is the set's, or there is nothing else to trust.
func (r *Report) ways() (ways []clients.Way) {
	haveCA := r.in.has(certset.CACertificate)
	canShow := haveCA && r.in.has(certset.ClientCertificate) && r.in.has(certset.ClientKey)
	mode := r.Mode()
	if mode == TwoWay && canShow {
		return []clients.Way{clients.TwoWay}
	}
	if !haveCA || r.Relation.Kind == Current {
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
