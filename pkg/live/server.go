package live

import (
	"crypto/tls"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// versionFindings are about the versions of TLS.
func (r *Report) versionFindings() (findings []verify.Finding) {
	const wayOut = "see what stands before Milvus"
	add := func(s verify.Severity, check, problem string) {
		findings = append(findings, verify.Finding{Severity: s, Check: check, Problem: problem, WayOut: wayOut})
	}
	versions := r.Seen.Versions
	switch {
	case len(versions) == 0:
	case r.tooOld():
		add(verify.Failure, "old-version", "takes "+tls.VersionName(versions[len(versions)-1])+" at most, with which no client connects")
	case versions[0] < tls.VersionTLS12:
		add(verify.Warning, "old-version", "speaks "+tls.VersionName(versions[0])+", which Milvus and its clients do not")
	}
	if r.BeforeMilvus() {
		add(verify.Advice, "before-milvus", "wants a client certificate and takes "+tls.VersionName(versions[0])+"; Milvus in tlsMode 2 takes TLS 1.3 alone")
	}
	return findings
}

// serviceFindings are about what answers over TLS. That nothing does in time may pass; that something else does will not.
func (r *Report) serviceFindings() []verify.Finding {
	f := verify.Finding{Severity: verify.Failure, Check: "service", WayOut: otherPort}
	switch seen := r.Seen; seen.Service {
	case probe.HTTP:
		f.Problem = "an HTTP server answers over TLS, and nothing of Milvus" + software(seen)
		if seen.Late {
			f.Severity, f.Problem = verify.Warning, "an HTTP server answers over TLS, and not in time what would tell whether it is Milvus"+software(seen)
		}
	case probe.Health:
		f.Problem = "what answers is like Milvus's port for metrics and health, and serves no client"
	case probe.OtherGRPC:
		f.Severity, f.Problem, f.WayOut = otherGRPC(seen)
	case "":
		if !r.admitted() {
			return nil
		}
		f.Problem, f.WayOut = "TLS is in order, and no request is answered: "+oneLine(seen.Unanswered), "see whether Milvus has come up, and whether it is the right port"
		if seen.Late {
			f.Severity = verify.Warning
		}
	default:
		return nil
	}
	return []verify.Finding{f}
}

// otherGRPC: that a service is not known is certain; other errors come from gateways too, and pass.
func otherGRPC(seen *probe.Server) (severity verify.Severity, problem, wayOut string) {
	const ok, unimplemented = "0", "12"
	switch seen.Status {
	case "":
		return verify.Failure, "gRPC answers without a status, and nothing of Milvus", otherPort
	case ok:
		return verify.Failure, "gRPC answers with something else than Milvus", otherPort
	case unimplemented:
		return verify.Failure, "gRPC answers, and does not know Milvus's service", otherPort
	}
	return verify.Warning, "gRPC answers with status " + oneLine(seen.Status) + ", and nothing of Milvus: a gateway whose Milvus is down answers so", "see whether Milvus has come up"
}

// speaks is what clients speak; what is not here does without either.
var speaks = map[string]probe.Service{
	"pymilvus": probe.GRPC, "go": probe.GRPC, "node": probe.GRPC, "java": probe.GRPC, "curl": probe.REST, "python": probe.REST, "requests": probe.REST,
}

// ports are what the ports of Milvus for clients are called, and which to probe.
var ports = map[probe.Service][2]string{probe.GRPC: {"gRPC", "usually 19530"}, probe.REST: {"REST", "proxy.http.port"}}

// portFindings are about clients that were asked for by name, and speak what this port does not.
func (r *Report) portFindings() (findings []verify.Finding) {
	here, known := ports[r.Seen.Service]
	for _, c := range r.o.Clients {
		wanted, told := speaks[c.ID]
		if !known || !told || wanted == r.Seen.Service {
			continue
		}
		there := ports[wanted]
		findings = append(findings, verify.Finding{Severity: verify.Warning, Check: "other-port", Problem: c.Name + " speaks " + there[0] + ", and this port is that of " + here[0],
			WayOut: "probe the port of " + there[0] + ", " + there[1]})
	}
	return findings
}
