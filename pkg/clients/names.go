package clients

import (
	"net/netip"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
)

// matcher tells whether an identity is that of a host, by the rules of one client.
type matcher func(id certpath.Identity, host string) bool

// matchGRPC is tsi_ssl_peer_matches_name of gRPC C-core, src/core/tsi/ssl_transport_security.cc: any text in subjectAltName
// may match, the first CommonName where there is none, and an address to the letter.
func matchGRPC(id certpath.Identity, host string) bool {
	names := append(append(append([]string{}, id.DNS...), id.Emails...), id.URIs...)
	for _, a := range id.Addresses {
		names = append(names, a.String())
	}
	address := looksLikeAddress(host)
	for _, n := range names {
		if address && n == host || !address && matchGRPCName(n, host) {
			return true
		}
	}
	return len(names) == 0 && !address && len(id.CommonNames) > 0 && matchGRPCName(id.CommonNames[0], host)
}

// looksLikeAddress is looks_like_ip_address of the same file.
func looksLikeAddress(host string) bool {
	if strings.Contains(host, ":") {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

func matchGRPCName(pattern, host string) bool {
	host, pattern = strings.TrimSuffix(host, "."), strings.TrimSuffix(pattern, ".")
	if pattern == "" {
		return false
	}
	if strings.EqualFold(host, pattern) {
		return true
	}
	parent, ok := strings.CutPrefix(pattern, "*.")
	if !ok {
		return false
	}
	_, domain, _ := strings.Cut(host, ".")
	// A wildcard for a top-level domain is none.
	return parent != "" && strings.Contains(domain, ".") && strings.EqualFold(domain, parent)
}

// matchNode is checkServerIdentity of Node, lib/tls.js.
func matchNode(id certpath.Identity, host string) bool {
	host = strings.TrimSuffix(host, ".")
	if address, err := netip.ParseAddr(host); err == nil {
		return containsAddress(id, address)
	}
	patterns := id.DNS
	if len(patterns) == 0 {
		patterns = id.CommonNames
	}
	for _, p := range patterns {
		if matchNodeName(p, host) {
			return true
		}
	}
	return false
}

func containsAddress(id certpath.Identity, address netip.Addr) bool {
	for _, a := range id.Addresses {
		if a == address {
			return true
		}
	}
	return false
}

func matchNodeName(pattern, host string) bool {
	printable := func(r rune) bool { return r < '!' || r > '\x7f' }
	if pattern == "" || strings.IndexFunc(pattern, printable) >= 0 {
		return false
	}
	patternLabel, patternRest, _ := strings.Cut(strings.ToLower(strings.TrimSuffix(pattern, ".")), ".")
	label, rest, _ := strings.Cut(strings.ToLower(host), ".")
	if patternRest != rest || strings.HasPrefix(patternRest, ".") || strings.Contains(patternRest, "..") || patternLabel == "" {
		return false
	}
	prefix, suffix, wildcard := strings.Cut(patternLabel, "*")
	if !wildcard || strings.Contains(patternLabel, "xn--") {
		return label == patternLabel
	}
	return !strings.Contains(suffix, "*") && strings.Contains(patternRest, ".") &&
		len(label) >= len(prefix)+len(suffix) && strings.HasPrefix(label, prefix) && strings.HasSuffix(label, suffix)
}

// matchCurl is Curl_ossl_verifyhost and Curl_cert_hostcheck of curl 7.88: the last CommonName, where subjectAltName has
// neither names nor addresses.
func matchCurl(id certpath.Identity, host string) bool {
	if address, err := netip.ParseAddr(host); err == nil && len(id.DNS)+len(id.Addresses) > 0 {
		return containsAddress(id, address)
	}
	for _, n := range id.DNS {
		if matchCurlName(n, host) {
			return true
		}
	}
	if len(id.DNS)+len(id.Addresses) > 0 || len(id.CommonNames) == 0 {
		return false
	}
	return matchCurlName(id.CommonNames[len(id.CommonNames)-1], host)
}

func matchCurlName(pattern, host string) bool {
	host, pattern = strings.TrimSuffix(host, "."), strings.TrimSuffix(pattern, ".")
	_, err := netip.ParseAddr(host)
	if !strings.HasPrefix(pattern, "*.") || strings.Count(pattern, ".") == 1 || err == nil {
		return pattern != "" && strings.EqualFold(pattern, host)
	}
	_, parent, _ := strings.Cut(pattern, ".")
	_, domain, ok := strings.Cut(host, ".")
	return ok && strings.EqualFold(parent, domain)
}

// matchJSSE is HostnameChecker of the JDK, sun.security.util: wildcards in any label, the CommonName where there is no
// dNSName, and never for an address.
func matchJSSE(id certpath.Identity, host string) bool {
	host = strings.TrimSuffix(host, ".")
	if address, err := netip.ParseAddr(host); err == nil {
		return containsAddress(id, address)
	}
	patterns := id.DNS
	if len(patterns) == 0 && len(id.CommonNames) > 0 {
		patterns = id.CommonNames[len(id.CommonNames)-1:]
	}
	for _, p := range patterns {
		if matchJSSEName(p, host) {
			return true
		}
	}
	return false
}

func matchJSSEName(pattern, host string) bool {
	last := strings.LastIndex(pattern, "*")
	if illegalForJSSE(host) || pattern == "" || last >= 0 && strings.Contains(strings.ToLower(pattern), "xn--") || strings.HasSuffix(pattern, ".") || last >= 0 && !strings.Contains(pattern[last:], ".") {
		return false
	}
	patterns, labels := strings.Split(strings.ToLower(pattern), "."), strings.Split(strings.ToLower(host), ".")
	if len(patterns) != len(labels) {
		return false
	}
	for i, p := range patterns {
		if !matchWildcards(p, labels[i]) {
			return false
		}
	}
	return true
}

// illegalForJSSE: SNIHostName takes no underscores.
func illegalForJSSE(host string) bool { return strings.Contains(host, "_") }

// matchWildcards lets each * of a label stand for any text.
func matchWildcards(pattern, label string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(label, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	for _, middle := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, middle)
		if at < 0 {
			return false
		}
		rest = rest[at+len(middle):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// MatchesAny tells whether one of the names is a host, by RFC 6125: a wildcard is the whole first label.
func MatchesAny(names []string, host string) bool {
	for _, n := range names {
		if matchCurlName(n, host) {
			return true
		}
	}
	return false
}

// MatchingAltName returns the name in subjectAltName that is for a host, by RFC 6125.
func MatchingAltName(id certpath.Identity, host string) (string, bool) {
	if address, err := netip.ParseAddr(host); err == nil {
		return "IP:" + address.String(), containsAddress(id, address)
	}
	for _, n := range id.DNS {
		if matchCurlName(n, host) {
			return "DNS:" + n, true
		}
	}
	return "", false
}
