package cli

import (
	"crypto/tls"
	"math"

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
		Schema: probeSchema, Target: r.Target, PortAssumed: o.target.assumed, Address: seen.Address, Reachable: seen.Address != "", TLS: seen.Trouble == "", Mode: r.Mode(),
		Versions: versions(seen), ALPN: append([]string{}, seen.Protocols...), Service: serviceID(seen), MilvusVersion: oneLine(seen.Version), Auth: seen.Auth,
		ClientCAs: r.ClientCAs(), Strict: o.strict, Report: r.Report,
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
