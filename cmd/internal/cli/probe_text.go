package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
)

func (a *app) printProbe(o *probeOptions, r *probeReport) error {
	if o.format == formatJSON {
		return writeJSON(a.stdout, r.json(o))
	}
	if o.target.assumed {
		a.say(o.output, "%s has no port: %s is probed", o.target.host, r.Target)
	}
	if o.quiet || r.leaf == nil { // why, the error says
		return nil
	}
	v := verifyText{r.Target, false, r.Report}
	parts := []string{v.verdict(), r.head()}
	for _, part := range []string{v.tree(), v.hosts(), findingsText(v.Findings), v.table()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	_, err := io.WriteString(a.stdout, paint(printable(strings.Join(parts, "\n")), isTerminal(a.stdout)))
	return err
}

// head is what was seen.
func (r *probeReport) head() string {
	tls := strings.Join(append(r.versions(), r.alpn()...), ", ")
	return line("server", r.service()) +
		line("mode", modeNames[r.mode()]+r.clientsTaken()) +
		line("TLS", tls) +
		line("sends", r.sends())
}

func (r *probeReport) alpn() []string {
	if len(r.seen.Protocols) == 0 {
		return []string{"no ALPN"}
	}
	return []string{"ALPN " + oneLine(strings.Join(r.seen.Protocols, ", "))}
}

// service is what answers. Where nothing could, for want of a certificate, ALPN tells: Milvus's port for gRPC takes h2 alone.
func (r *probeReport) service() string {
	at := ", at " + r.seen.Address
	if r.seen.Auth {
		at += ", with users and passwords"
	}
	switch {
	case r.seen.Service == probe.GRPC:
		return milvusName(r.seen) + ", gRPC" + at
	case r.seen.Service == probe.REST:
		return milvusName(r.seen) + ", REST" + at
	case r.seen.Service == "" && len(r.seen.Protocols) == 1 && r.seen.Protocols[0] == "h2":
		return "unknown, by its ALPN for gRPC" + at
	}
	return serviceID(r.seen) + at
}

func (r *probeReport) clientsTaken() string {
	switch with := r.seen.With; {
	case with == nil:
		return ""
	case with.Taken:
		return ", the certificate of the client is taken"
	}
	return ", the certificate of the client is refused"
}

func (r *probeReport) sends() string {
	what := map[string]string{
		isCurrent: "the set's server.pem", isIssued: "that of " + r.SetCertificate.File, isReplaced: "the one that was replaced", isSameCA: "one of the set's CA",
		isOtherCA: "one of another CA than the set's", isUnknown: "a certificate",
	}[r.SetCertificate.Relation]
	if r.SetCertificate.Relation == isReplaced && r.SetCertificate.File != "" {
		what += " (" + r.SetCertificate.File + ")"
	}
	left := fmt.Sprintf("%s left", days(r.leaf.NotAfter.Sub(r.At)))
	if r.leaf.NotAfter.Before(r.At) {
		left = "expired"
	}
	return oneLine(what) + ", until " + r.leaf.NotAfter.Format(time.DateOnly) + ", " + left
}
