package cli

import (
	"crypto/tls"
	"math"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// probeSchema names the form of the report. A change that could break a reader changes the number.
const probeSchema = "milvus-certs/probe/v1"

// probeReport is what was seen, and what it means.
type probeReport struct {
	*verify.Report
	Target         string
	SetCertificate relation

	seen *probe.Server
	leaf *certset.Certificate // that it sends; nil: none
	dir  string
}

// serverMode is tlsMode as it shows from outside.
type serverMode string

// The modes.
const (
	unknownMode serverMode = ""
	plainMode   serverMode = "0"
	oneWay      serverMode = "1"
	twoWay      serverMode = "2"
	optional    serverMode = "optional" // none of Milvus's: it takes certificates, and wants none
)

var modeNames = map[serverMode]string{
	plainMode: "no TLS (tlsMode 0)", oneWay: "one-way (tlsMode 1)", twoWay: "two-way (tlsMode 2)", optional: "two-way or one-way, as the client likes",
	unknownMode: "not known",
}

func (r *probeReport) mode() serverMode {
	switch without := r.seen.Without; {
	case r.seen.Trouble == probe.Plaintext:
		return plainMode
	case r.seen.Trouble != "":
		return unknownMode
	case !r.seen.Asks:
		return oneWay
	case without == nil:
		return unknownMode
	case without.Taken:
		return optional
	}
	return twoWay
}

// admitted tells whether a request could be answered: no certificate is wanted, or one was taken.
func (r *probeReport) admitted() bool {
	return r.mode() == oneWay || r.mode() == optional || r.seen.With != nil && r.seen.With.Taken
}

// probeJSON is the report for programs.
type probeJSON struct {
	Schema            string       `json:"schema"`
	Target            string       `json:"target"`
	PortAssumed       bool         `json:"port_assumed"`
	Address           string       `json:"address,omitempty"`
	Reachable         bool         `json:"reachable"`
	TLS               bool         `json:"tls"`
	Mode              serverMode   `json:"mode"`
	Versions          []string     `json:"versions"`
	Cipher            string       `json:"cipher,omitempty"`
	ALPN              []string     `json:"alpn"`
	Service           string       `json:"service"`
	MilvusVersion     string       `json:"milvus_version,omitempty"`
	Auth              bool         `json:"user_authentication"`
	SetCertificate    *relation    `json:"set_certificate,omitempty"`
	DaysLeft          *int         `json:"days_left,omitempty"`
	ClientCAs         []string     `json:"client_cas"`
	ClientCertificate *clientTaken `json:"client_certificate,omitempty"`
	Strict            bool         `json:"strict"`
	*verify.Report
}

// clientTaken is what the server made of the client's certificate that it was shown.
type clientTaken struct {
	Taken  bool   `json:"taken"`
	Alert  int    `json:"alert,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func (r *probeReport) json(o *probeOptions) probeJSON {
	seen := r.seen
	out := probeJSON{
		Schema: probeSchema, Target: r.Target, PortAssumed: o.target.assumed, Address: seen.Address, Reachable: seen.Address != "", TLS: seen.Trouble == "", Mode: r.mode(),
		Versions: r.versions(), ALPN: append([]string{}, seen.Protocols...), Service: serviceID(seen), MilvusVersion: oneLine(seen.Version), Auth: seen.Auth,
		ClientCAs: r.caNames(), Strict: o.strict, Report: r.Report,
	}
	if r.leaf != nil {
		left := r.daysLeft()
		out.SetCertificate, out.DaysLeft = &r.SetCertificate, &left
	}
	if seen.Trouble == "" {
		out.Cipher = tls.CipherSuiteName(seen.Cipher)
	}
	if seen.With != nil {
		out.ClientCertificate = &clientTaken{seen.With.Taken, int(seen.With.Alert), oneLine(seen.With.Detail)}
	}
	return out
}

func serviceID(seen *probe.Server) string {
	if seen.Service == "" {
		return "unknown"
	}
	return string(seen.Service)
}

func (r *probeReport) daysLeft() int {
	return int(math.Floor(r.leaf.NotAfter.Sub(r.At).Hours() / day.Hours()))
}

func (r *probeReport) versions() []string {
	out := []string{}
	for _, v := range r.seen.Versions {
		out = append(out, tls.VersionName(v))
	}
	return out
}

// caNames are those whose certificates the server says that it takes.
func (r *probeReport) caNames() []string {
	out := []string{}
	for _, name := range r.seen.CAs {
		out = append(out, oneLine(orNone(certset.DescribeSubject(name))))
	}
	return out
}
