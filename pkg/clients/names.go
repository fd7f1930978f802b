package clients

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

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
	return len(names)+id.Others == 0 && !address && len(id.CommonNames) > 0 && matchGRPCName(id.CommonNames[0], host)
}

// looksLikeAddress is looks_like_ip_address of the same file: numbers before a colon, or four of them with dots between. It
// takes fd00::1 for a name.
func looksLikeAddress(host string) bool {
	const mostDigits, mostDots = 4, 4
	dots, digits := 0, 0
	for _, c := range host {
		switch {
		case c == ':':
			return true
		case c >= '0' && c <= '9' && digits < mostDigits:
			digits++
		case c == '.' && digits > 0 && dots < mostDots:
			dots, digits = dots+1, 0
		default:
			return false
		}
	}
	return dots >= mostDots-1 && digits > 0
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
	return slices.Contains(id.Addresses, address)
}

func matchNodeName(pattern, host string) bool {
	unprintable := func(r rune) bool { return r < '!' || r > '\x7f' }
	patterns, labels := nodeLabels(pattern), nodeLabels(host)
	if slices.Contains(patterns, "") || strings.ContainsFunc(pattern, unprintable) || !slices.Equal(patterns[1:], labels[1:]) {
		return false
	}
	prefix, suffix, wildcard := strings.Cut(patterns[0], "*")
	if !wildcard || strings.Contains(patterns[0], "xn--") {
		return labels[0] == patterns[0]
	}
	const fewest = 3 // labels
	return !strings.Contains(suffix, "*") && len(patterns) >= fewest &&
		len(labels[0]) >= len(prefix)+len(suffix) && strings.HasPrefix(labels[0], prefix) && strings.HasSuffix(labels[0], suffix)
}

func nodeLabels(name string) []string {
	return strings.Split(strings.ToLower(strings.TrimSuffix(name, ".")), ".")
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
		return slices.ContainsFunc(id.Addresses, func(a netip.Addr) bool { return a.Unmap() == address.Unmap() })
	}
	for _, n := range id.DNS {
		if isASCII(n) && matchJSSEName(n, host) {
			return true
		}
	}
	if len(id.DNS) > 0 || len(id.CommonNames) == 0 {
		return false
	}
	return matchJSSEName(id.CommonNames[len(id.CommonNames)-1], host)
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

// matchJSSEName compares in Unicode, so that no wildcard stands for a part of an A-label.
func matchJSSEName(pattern, host string) bool {
	last := strings.LastIndex(pattern, "*")
	if illegalForJSSE(host) || illegalForJSSE(strings.ReplaceAll(pattern, "*", "z")) || last >= 0 && !strings.Contains(pattern[last:], ".") {
		return false
	}
	patterns, labels := strings.Split(inUnicode(pattern), "."), strings.Split(inUnicode(host), ".")
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

// illegalForJSSE: SNIHostName takes labels of letters, digits and hyphens inside (IDN.USE_STD3_ASCII_RULES), and no dot at the
// end.
func illegalForJSSE(name string) bool {
	const most = 63
	for label := range strings.SplitSeq(strings.ToLower(name), ".") {
		illegal := func(r rune) bool {
			return r <= unicode.MaxASCII && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
		}
		if label == "" || len(label) > most || label[0] == '-' || strings.HasSuffix(label, "-") || strings.ContainsFunc(label, illegal) {
			return true
		}
	}
	return false
}

// inUnicode is IDN.toUnicode, in lower case.
func inUnicode(name string) string {
	labels := strings.Split(strings.ToLower(name), ".")
	for i, l := range labels {
		if u, err := idna.Lookup.ToUnicode(l); err == nil {
			labels[i] = u
		}
	}
	return strings.Join(labels, ".")
}

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
		if containsAddress(id, address) {
			return "IP:" + address.String(), true
		}
		return "", false
	}
	for _, n := range id.DNS {
		if matchCurlName(n, host) {
			return "DNS:" + n, true
		}
	}
	return "", false
}
