package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/live"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

func (a *app) printProbe(o *probeOptions, r *live.Report) error {
	if o.format == formatJSON {
		return writeJSON(a.stdout, o.json(r))
	}
	if o.target.assumed {
		a.say(o.output, "%s has no port: %s is probed", o.target.host, r.Target)
	}
	if o.quiet || r.Leaf == nil { // why, the error says
		return nil
	}
	v := verifyText{r.Target, false, r.Report}
	parts := []string{firstLine(r, v), head(r)}
	for _, part := range []string{v.tree(), v.hosts(), findingsText(v.Findings), clientsText(v)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	_, err := io.WriteString(a.stdout, paint(printable(strings.Join(parts, "\n")), isTerminal(a.stdout)))
	return err
}

// firstLine does not say that all holds where clients need what was not there.
func firstLine(r *live.Report, v verifyText) string {
	if !r.OK || !r.Unshown() {
		return v.verdict()
	}
	return fmt.Sprintf("%s %s: what could be checked holds, %s\n", markWarning, r.Target, countOf(v.Count(verify.Warning), "warning", "warnings"))
}

func clientsText(v verifyText) string {
	table := v.table()
	if table == "" {
		return ""
	}
	return "clients: what each makes of the certificate\n" + table
}

// head is what was seen.
func head(r *live.Report) string {
	tls := strings.Join(append(versions(r.Seen), alpn(r.Seen)...), ", ")
	return line("server", service(r.Seen)) +
		line("mode", mode(r)+clientsTaken(r.Seen)) +
		line("TLS", tls) +
		line("sends", sends(r))
}

func mode(r *live.Report) string {
	if r.BeforeMilvus() {
		return "two-way"
	}
	return r.Mode().Words()
}

func alpn(seen *probe.Server) []string {
	if len(seen.Protocols) == 0 {
		return []string{"no ALPN"}
	}
	return []string{"ALPN " + oneLine(strings.Join(seen.Protocols, ", "))}
}

// service is what answers. Where nothing could, for want of a certificate, ALPN tells: Milvus's port for gRPC takes h2 alone.
func service(seen *probe.Server) string {
	at := ", at " + seen.Address
	if seen.Auth {
		at += ", with users and passwords"
	}
	switch {
	case seen.Service == probe.GRPC:
		return live.MilvusName(seen) + ", gRPC" + at
	case seen.Service == probe.REST:
		return live.MilvusName(seen) + ", REST" + at
	case seen.Service == "" && len(seen.Protocols) == 1 && seen.Protocols[0] == "h2":
		return "unknown, by its ALPN for gRPC" + at
	}
	return serviceID(seen) + at
}

func clientsTaken(seen *probe.Server) string {
	switch with := seen.With; {
	case with == nil:
		return ""
	case with.Taken:
		return ", the certificate of the client is taken"
	}
	return ", the certificate of the client is refused"
}

func sends(r *live.Report) string {
	what := map[live.Kind]string{
		live.Current: "the set's server.pem", live.Issued: "that of " + r.Relation.File, live.Replaced: "the one that was replaced", live.SameCA: "one of the set's CA",
		live.OtherCA: "one of another CA than the set's", live.Unrelated: "a certificate",
	}[r.Relation.Kind]
	if r.Relation.Kind == live.Replaced && r.Relation.File != "" {
		what += " (" + r.Relation.File + ")"
	}
	left := fmt.Sprintf("%s left", days(r.Leaf.NotAfter.Sub(r.At)))
	if r.Leaf.NotAfter.Before(r.At) {
		left = "expired"
	}
	return oneLine(what) + ", until " + r.Leaf.NotAfter.Format(time.DateOnly) + ", " + left
}
