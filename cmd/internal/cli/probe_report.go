package cli

import (
	"crypto/tls"
	"math"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/live"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// probeSchema names the form of the report. A change that could break a reader changes the number.
const probeSchema = "milvus-certs/probe/v1"

// probeJSON is the report for programs.
type probeJSON struct {
	Schema            string         `json:"schema"`
	Target            string         `json:"target"`
	PortAssumed       bool           `json:"port_assumed"`
	Address           string         `json:"address,omitempty"`
	Reachable         bool           `json:"reachable"`
	TLS               bool           `json:"tls"`
	Mode              live.Mode      `json:"mode"`
	Versions          []string       `json:"versions"`
	Cipher            string         `json:"cipher,omitempty"`
	ALPN              []string       `json:"alpn"`
	Service           string         `json:"service"`
	MilvusVersion     string         `json:"milvus_version,omitempty"`
	Auth              bool           `json:"user_authentication"`
	SetCertificate    *live.Relation `json:"set_certificate,omitempty"`
	DaysLeft          *int           `json:"days_left,omitempty"`
	ClientCAs         []string       `json:"client_cas"`
	ClientCertificate *clientTaken   `json:"client_certificate,omitempty"`
	Strict            bool           `json:"strict"`
	*verify.Report
}

// clientTaken is what the server made of the client's certificate that it was shown.
type clientTaken struct {
	Taken  bool   `json:"taken"`
	Alert  int    `json:"alert,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func (o *probeOptions) json(r *live.Report) probeJSON {
	seen := r.Seen
	out := probeJSON{
		Schema: probeSchema, Target: r.Target, PortAssumed: o.target.assumed, Address: seen.Address, Reachable: seen.Address != "", TLS: speaksTLS(seen), Mode: r.Mode(),
		Versions: versions(seen), ALPN: append([]string{}, seen.Protocols...), Service: serviceID(seen), MilvusVersion: oneLine(seen.Version), Auth: seen.Auth,
		ClientCAs: r.ClientCAs(), Strict: o.strict, Report: harmless(r.Report),
	}
	if r.Leaf != nil {
		left := daysLeft(r)
		out.SetCertificate, out.DaysLeft = &r.Relation, &left
	}
	if seen.Trouble == "" {
		out.Cipher = tls.CipherSuiteName(seen.Cipher)
	}
	if seen.With != nil {
		out.ClientCertificate = &clientTaken{seen.With.Taken, int(seen.With.Alert), oneLine(seen.With.Detail)}
	}
	return out
}

// speaksTLS: a server does that refuses every handshake.
func speaksTLS(seen *probe.Server) bool {
	return seen.Trouble == "" || seen.Trouble == probe.Handshake || len(seen.Versions) > 0
}

// harmless is a report in which nothing that came from the network could act on a terminal.
func harmless(r *verify.Report) *verify.Report {
	out := *r
	out.Hosts, out.Certificates = slices.Clone(r.Hosts), slices.Clone(r.Certificates)
	out.Findings, out.Clients = slices.Clone(r.Findings), slices.Clone(r.Clients)
	clean := func(texts ...*string) {
		for _, text := range texts {
			*text = oneLine(*text)
		}
	}
	for i := range out.Hosts {
		h := &out.Hosts[i]
		clean(&h.CommonNameIs, &h.AltNameThatIs)
	}
	for i := range out.Certificates {
		c := &out.Certificates[i]
		c.Names = oneLineEach(c.Names)
		clean(&c.Subject, &c.KeyType)
	}
	for i := range out.Findings {
		f := &out.Findings[i]
		clean(&f.Problem, &f.Wanted, &f.Found, &f.WayOut)
	}
	for i := range out.Clients {
		v := &out.Clients[i]
		clean(&v.Problem, &v.Shown, &v.Behind)
	}
	return &out
}

func serviceID(seen *probe.Server) string {
	if seen.Service == "" {
		return "unknown"
	}
	return string(seen.Service)
}

func daysLeft(r *live.Report) int {
	return int(math.Floor(r.Leaf.NotAfter.Sub(r.At).Hours() / day.Hours()))
}

func versions(seen *probe.Server) []string {
	out := []string{}
	for _, v := range seen.Versions {
		out = append(out, tls.VersionName(v))
	}
	return out
}
