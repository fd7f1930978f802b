package live

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"math/big"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// modeFindings are about who is asked for a certificate.
func (r *Report) modeFindings() (findings []verify.Finding) {
	mode := r.Mode()
	if r.o.Mode != Unknown && mode != r.o.Mode {
		findings = append(findings, verify.Finding{Severity: verify.Failure, Check: "mode", Problem: "another mode than is wanted",
			Wanted: r.o.Mode.Words(), Found: mode.Words(), WayOut: "milvus-certs setup milvus milvus.yaml --mode " + string(r.o.Mode) + ", and then restart Milvus"})
	}
	if mode == Unknown {
		findings = append(findings, verify.Finding{Severity: verify.NotChecked, Check: "mode", Problem: "whether clients have to show a certificate was not to be found out in time", WayOut: "--timeout waits longer"})
	}
	if mode == Optional {
		findings = append(findings, verify.Finding{Severity: verify.Advice, Check: "optional-client-certificate",
			Problem: "asks for a client certificate and serves those who show none, which Milvus does in no mode", WayOut: "see what stands before Milvus"})
	}
	if r.Unshown() {
		findings = append(findings, verify.Finding{Severity: verify.Warning, Check: "certificate-required", Problem: "clients need a certificate, and none was shown", WayOut: showOne})
	}
	return findings
}

const showOne = "--cert and --key name one; milvus-certs issue client NAME makes one"

// absentFindings say what is not checked, for want of a file.
func (r *Report) absentFindings() (findings []verify.Finding) {
	add := func(check, name, problem, wayOut string) {
		if !r.in.has(name) {
			findings = append(findings, verify.Finding{Severity: verify.NotChecked, Check: check, File: name, Problem: "is not in " + r.in.Dir + ": " + problem, WayOut: wayOut})
		}
	}
	add("no-ca", certset.CACertificate, "who issued the certificate is not checked, and clients are asked as if they trusted the certificate itself", "")
	if !r.Seen.Asks {
		return findings
	}
	before := len(findings)
	for _, name := range []string{certset.ClientCertificate, certset.ClientKey} {
		if len(findings) == before {
			add("no-client-certificate", name, "whether the server takes it is not checked, nor what becomes of clients", showOne)
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
func (r *Report) explainRefusal() {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Check != string(clients.RefusedLive) {
			continue
		}
		f.WayOut = cmp.Or(alertWaysOut[r.Seen.With.Alert], "see Milvus's log")
		if len(r.Seen.CAs) > 0 {
			f.Found = "it takes those of " + strings.Join(r.ClientCAs(), "; ")
		}
	}
}

// restartFindings are about a server that was started before its files became what they are.
func (r *Report) restartFindings() (findings []verify.Finding) {
	const restart = "restart Milvus: it reads its files when it starts, and never again"
	own := firstIn(r.in.Set.Files[certset.ServerCertificate].Data)
	switch relation := r.Relation.Kind; {
	case relation == Replaced:
		f := verify.Finding{Severity: verify.Warning, Check: "restart-due", File: r.Target, Problem: "still sends the certificate that was replaced", WayOut: restart,
			Found: "number " + serialText(r.Leaf.SerialNumber)}
		if own != nil {
			f.Wanted = "number " + serialText(own.SerialNumber)
		}
		findings = append(findings, f)
	case relation == SameCA && own != nil:
		f := verify.Finding{Severity: verify.Warning, Check: "other-certificate", File: r.Target, Problem: "sends a newer certificate of this CA than server.pem",
			Wanted: "number " + serialText(own.SerialNumber), Found: "number " + serialText(r.Leaf.SerialNumber), WayOut: "-d names the set that Milvus was started with"}
		if olderThan(r.Leaf, own) {
			f.Problem = "sends an older certificate of this CA than server.pem, and for something else"
			f.WayOut = "a restart is due if server.pem is this server's; if not, " + f.WayOut
		}
		findings = append(findings, f)
	}
	var unnamed []string
	for _, ca := range r.in.cas() {
		named := slices.ContainsFunc(r.Seen.CAs, func(name []byte) bool { return bytes.Equal(name, ca.RawSubject) })
		if !named && certpath.IsCA(ca) {
			unnamed = append(unnamed, ca.Subject())
		}
	}
	if len(r.Seen.CAs) > 0 && len(unnamed) > 0 {
		findings = append(findings, verify.Finding{Severity: verify.Warning, Check: "restart-due", File: certset.CACertificate,
			Problem: "the server does not take certificates of all the CAs in it", Wanted: strings.Join(unnamed, "; "), Found: strings.Join(r.ClientCAs(), "; "),
			WayOut: "where this ca.pem is the server's too, " + restart})
	}
	return findings
}

func serialText(n *big.Int) string { return strings.TrimSpace(string(certset.FormatSerial(n))) }

// ClientCAs are those whose certificates the server says that it takes.
func (r *Report) ClientCAs() []string {
	out := []string{}
	for _, name := range r.Seen.CAs {
		out = append(out, oneLine(cmp.Or(certset.DescribeSubject(name), "(empty)")))
	}
	return out
}
