package live

import (
	"fmt"
	"net"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// troubles are what is wrong and what to do where nothing of TLS was to be seen. {detail}, {step} and {port} are filled in.
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
func (r *Report) trouble(unreadable error) verify.Finding {
	seen := r.Seen
	f := verify.Finding{Severity: verify.Failure, Check: string(seen.Trouble)}
	switch seen.Trouble {
	case "":
		f.Check, f.Problem = "unreadable-certificate", oneLine(unreadable.Error())
		f.WayOut = "issue it anew, and then restart Milvus; openssl s_client -showcerts -connect " + r.Target + " shows what it sends"
	case probe.Plaintext:
		f.Problem, f.WayOut = plaintext(seen)
	case probe.NotTLS:
		f.Problem, f.WayOut = fmt.Sprintf("it speaks something that is neither TLS nor HTTP: %q", seen.Greeting), otherPort
	default:
		words := troubles[seen.Trouble]
		_, port, _ := net.SplitHostPort(r.Target)
		f.Problem = strings.NewReplacer("{detail}", oneLine(seen.Detail), "{port}", port, "{step}", r.o.Step.String()).Replace(words[0])
		f.WayOut = words[1]
	}
	return f
}

func plaintext(seen *probe.Server) (problem, wayOut string) {
	const on = "milvus-certs setup milvus milvus.yaml turns it on"
	switch seen.Service {
	case probe.GRPC:
		return "TLS is off (tlsMode 0): " + MilvusName(seen) + " answers over gRPC without it", on
	case probe.REST:
		return "TLS is off (tlsMode 0): " + MilvusName(seen) + " answers over REST without it", on
	case probe.Health:
		return "this is Milvus's port for metrics and health, which has no TLS in any mode", "probe that of gRPC, usually 19530, or that of proxy.http.port"
	case probe.HTTP:
		return "there is no TLS: an HTTP server answers without it, and nothing of Milvus" + software(seen), otherPort
	case probe.OtherGRPC:
		_, problem, wayOut = otherGRPC(seen)
		return "there is no TLS, and " + problem, wayOut
	}
	return "there is no TLS: HTTP answers without it, and no answer comes to an end: " + oneLine(seen.Unanswered), otherPort
}

// MilvusName is Milvus with its version where that is known.
func MilvusName(seen *probe.Server) string {
	if seen.Version == "" {
		return "Milvus"
	}
	return "Milvus " + oneLine(seen.Version)
}

func software(seen *probe.Server) string {
	if seen.Software == "" {
		return ""
	}
	return fmt.Sprintf(" (it calls itself %s)", oneLine(seen.Software))
}
