package cli

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// troubles are what is wrong and what to do where nothing of TLS was to be seen. {detail}, {timeout} and {port} are filled in.
var troubles = map[probe.Trouble][2]string{
	probe.UnknownHost: {"the name cannot be looked up: {detail}", "see how it is written, and whether it is known on this machine; an address needs no look-up"},
	probe.Refused:     {"connection refused: nothing listens on port {port}", "see whether Milvus runs, and whether its container publishes the port"},
	probe.NoRoute:     {"there is no way to this host: {detail}", "see whether the address is right, and the network up"},
	probe.NoAnswer:    {"nobody answers on port {port}: the connection did not come about in {step}", "see whether the address is right and no firewall drops it; --timeout waits longer"},
	probe.Unreachable: {"no connection: {detail}", "see whether the address is right"},
	probe.Silent:      {"it accepts connections and says nothing in {step}, with TLS and without", "see whether it is the port of Milvus, and Milvus has come up; --timeout waits longer"},
	probe.Slow:        {"it begins to answer, and does not come to an end in {step}", "--timeout waits longer"},
	probe.Closed:      {"it accepts connections and closes them without a word", "see whether it is the port of Milvus, and something behind a load balancer or published port listens"},
	probe.Reset:       {"it accepts connections and resets them", "see whether it is the port of Milvus, and something behind a load balancer or published port listens"},
	probe.Handshake:   {"it speaks TLS, and no handshake comes about: {detail}", "see Milvus's log, or what stands before it"},
}

// otherPort is what to do where a port is not one of Milvus's for clients.
const otherPort = "see whether it is the right port: Milvus has 19530 for gRPC, and for REST what proxy.http.port says"

// trouble is why there is nothing to judge: a trouble of the server, or certificates that cannot be read.
func (o *probeOptions) trouble(seen *probe.Server, unreadable error) verify.Finding {
	f := verify.Finding{Severity: verify.Failure, Check: string(seen.Trouble)}
	switch seen.Trouble {
	case "":
		f.Check, f.Problem = "unreadable-certificate", oneLine(unreadable.Error())
		f.WayOut = "issue it anew, and then restart Milvus; openssl s_client -showcerts -connect " + o.target.String() + " shows what it sends"
	case probe.Plaintext:
		f.Problem, f.WayOut = plaintext(seen)
	case probe.NotTLS:
		f.Problem, f.WayOut = fmt.Sprintf("it speaks something that is neither TLS nor HTTP: %q", seen.Greeting), otherPort
	default:
		words := troubles[seen.Trouble]
		f.Problem = strings.NewReplacer("{detail}", oneLine(seen.Detail), "{port}", fmt.Sprint(o.target.port), "{step}", o.step().String()).Replace(words[0])
		f.WayOut = words[1]
	}
	return f
}

func plaintext(seen *probe.Server) (problem, wayOut string) {
	const on = "milvus-certs setup milvus milvus.yaml turns it on"
	switch seen.Service {
	case probe.GRPC:
		return "TLS is off (tlsMode 0): " + milvusName(seen) + " answers over gRPC without it", on
	case probe.REST:
		return "TLS is off (tlsMode 0): " + milvusName(seen) + " answers over REST without it", on
	case probe.Health:
		return "this is Milvus's port for metrics and health, which has no TLS in any mode", "probe that of gRPC, usually 19530, or that of proxy.http.port"
	case probe.HTTP:
		return "there is no TLS: an HTTP server answers without it, and nothing of Milvus" + software(seen), otherPort
	case probe.OtherGRPC:
		return "there is no TLS: gRPC answers without it, and does not know Milvus's service", otherPort
	}
	return "there is no TLS: HTTP/2 answers without it, and no request in time: " + oneLine(seen.Unanswered), otherPort
}

// milvusName is Milvus with its version where that is known.
func milvusName(seen *probe.Server) string {
	if seen.Version == "" {
		return "Milvus"
	}
	return "Milvus " + oneLine(seen.Version)
}

func software(seen *probe.Server) string {
	if seen.Software == "" {
		return ""
	}
	return fmt.Sprintf(" (it calls itself %s)", cut(oneLine(seen.Software), 60)) //nolint:mnd // characters
}

// modeFindings are about who is asked for a certificate.
func (o *probeOptions) modeFindings(r *probeReport) (findings []verify.Finding) {
	mode := r.mode()
	if o.mode != "" && mode != serverMode(o.mode) {
		findings = append(findings, verify.Finding{Severity: verify.Failure, Check: "mode", Problem: "another mode than is wanted",
			Wanted: modeNames[serverMode(o.mode)], Found: modeNames[mode], WayOut: "milvus-certs setup milvus milvus.yaml --mode " + o.mode + ", and then restart Milvus"})
	}
	if mode == unknownMode {
		findings = append(findings, verify.Finding{Severity: verify.NotChecked, Check: "mode", Problem: "whether clients have to show a certificate was not to be found out in time", WayOut: "--timeout waits longer"})
	}
	if mode == optional {
		findings = append(findings, verify.Finding{Severity: verify.Advice, Check: "optional-client-certificate",
			Problem: "asks for a client certificate and serves those who show none, which Milvus does in no mode", WayOut: "see what stands before Milvus"})
	}
	return findings
}

// absentFindings say what is not checked, for want of a file.
func (o *probeOptions) absentFindings(set verify.Input, r *probeReport) (findings []verify.Finding) {
	add := func(check, name, problem string) {
		if !has(set, name) {
			findings = append(findings, verify.Finding{Severity: verify.NotChecked, Check: check, File: name, Problem: "is not in " + o.dir + ": " + problem})
		}
	}
	add("no-ca", certset.CACertificate, "who issued the certificate is not checked, and clients are asked as if they trusted the certificate itself")
	if !r.seen.Asks {
		return findings
	}
	before := len(findings)
	for _, name := range []string{certset.ClientCertificate, certset.ClientKey} {
		if len(findings) == before {
			add("no-client-certificate", name, "whether the server takes it is not checked, and clients are asked about the certificate of the server alone")
		}
	}
	return findings
}

// alertWaysOut are what to do about an alert that the certificate of the client met with, where the files say nothing against it.
var alertWaysOut = map[tls.AlertError]string{
	45: "look at the server's clock",
	48: "where ca.pem was replaced since Milvus started, restart it; or take a certificate of a CA that it takes: --cert",
}

// explainRefusal says whose certificates the server takes, where it refuses the client's and no file tells why.
func (r *probeReport) explainRefusal() {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Check != string(clients.RefusedLive) {
			continue
		}
		f.WayOut = cmp.Or(alertWaysOut[r.seen.With.Alert], "see Milvus's log")
		if len(r.seen.CAs) > 0 {
			f.Found = "it takes those of " + strings.Join(r.caNames(), "; ")
		}
	}
}

// restartFindings are about a server that was started before its files became what they are.
func (r *probeReport) restartFindings(set verify.Input) (findings []verify.Finding) {
	const restart = "restart Milvus: it reads its files when it starts, and never again"
	own := firstIn(set.Files[certset.ServerCertificate].Data)
	switch relation := r.SetCertificate.Relation; {
	case relation == isReplaced:
		f := verify.Finding{Severity: verify.Warning, Check: "restart-due", File: r.Target, Problem: "still sends the certificate that was replaced", WayOut: restart,
			Found: "number " + serialText(r.leaf.SerialNumber)}
		if own != nil {
			f.Wanted = "number " + serialText(own.SerialNumber)
		}
		findings = append(findings, f)
	case relation == isSameCA && own != nil:
		f := verify.Finding{Severity: verify.Warning, Check: "other-certificate", File: r.Target, Problem: "sends a newer certificate of this CA than server.pem",
			Wanted: "number " + serialText(own.SerialNumber), Found: "number " + serialText(r.leaf.SerialNumber), WayOut: "-d names the set that Milvus was started with"}
		if olderThan(r.leaf, own) {
			f.Problem = "sends an older certificate of this CA than server.pem, and for something else"
			f.WayOut = "a restart is due if server.pem is this server's; if not, " + f.WayOut
		}
		findings = append(findings, f)
	}
	var unnamed []string
	for _, ca := range casOf(set) {
		named := slices.ContainsFunc(r.seen.CAs, func(name []byte) bool { return bytes.Equal(name, ca.RawSubject) })
		if !named && certpath.IsCA(ca) {
			unnamed = append(unnamed, ca.Subject())
		}
	}
	if len(r.seen.CAs) > 0 && len(unnamed) > 0 {
		findings = append(findings, verify.Finding{Severity: verify.Warning, Check: "restart-due", File: certset.CACertificate,
			Problem: "the server does not take certificates of all the CAs in it", Wanted: strings.Join(unnamed, "; "), Found: strings.Join(r.caNames(), "; "),
			WayOut: "where this ca.pem is the server's too, " + restart})
	}
	return findings
}

// serverFindings are about what answers, and over which TLS.
func (r *probeReport) serverFindings() (findings []verify.Finding) {
	warn := func(check, problem, wayOut string) {
		findings = append(findings, verify.Finding{Severity: verify.Warning, Check: check, Problem: problem, WayOut: wayOut})
	}
	if lowest := r.seen.Versions[0]; lowest < tls.VersionTLS12 {
		warn("old-version", "speaks "+tls.VersionName(lowest)+", which Milvus and its clients do not", "see what stands before Milvus")
	}
	switch {
	case r.seen.Service == probe.HTTP:
		warn("service", "an HTTP server answers over TLS, and nothing of Milvus"+software(r.seen), otherPort)
	case r.seen.Service == probe.OtherGRPC:
		warn("service", "gRPC answers, and does not know Milvus's service", otherPort)
	case r.seen.Service == "" && r.admitted():
		warn("service", "TLS is in order, and no request is answered: "+oneLine(r.seen.Unanswered), "see whether Milvus has come up, and whether it is the right port")
	}
	return findings
}
