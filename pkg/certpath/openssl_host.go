package certpath

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// OpenSSLHost is X509_check_host(3) and X509_check_ip(3): an address has to be among the addresses, a name among the
// dNSNames or, where there are none, the CommonNames, unless those never count. Partial wildcards are ones like f*.example.com.
func OpenSSLHost(commonName, partialWildcards bool) func(*certset.Certificate, string) bool {
	return func(c *certset.Certificate, host string) bool {
		names := newCertificate(c).names
		if address, err := netip.ParseAddr(host); err == nil {
			wanted := generalName{ipTag, address.AsSlice()}
			return slices.ContainsFunc(names, wanted.equal)
		}
		var patterns []string
		stated := false
		for _, n := range names {
			if n.tag == dnsTag {
				stated = true
				patterns = append(patterns, string(n.bytes))
			}
		}
		if !stated && commonName {
			patterns = commonNames(c.RawSubject)
		}
		return slices.ContainsFunc(patterns, func(p string) bool { return isFor(p, host, partialWildcards) })
	}
}

func (n generalName) equal(o generalName) bool {
	return n.tag == o.tag && string(n.bytes) == string(o.bytes)
}

// isFor is equal_wildcard and equal_nocase. A host that begins with a dot is any name that ends with it.
func isFor(pattern, host string, partial bool) bool {
	if pattern == "" || host == "" {
		return false
	}
	subdomains := len(host) > 1 && host[0] == '.'
	if star := validStar(pattern, partial); star >= 0 && !subdomains {
		return wildcardMatches(pattern[:star], pattern[star+1:], host)
	}
	if subdomains && len(pattern) > len(host) && !strings.Contains(pattern[:len(pattern)-len(host)], "\x00") {
		pattern = pattern[len(pattern)-len(host):]
	}
	return !strings.Contains(pattern, "\x00") && foldEqual(pattern, host)
}

// idnPrefix begins a label of an internationalized name, RFC 5890, 2.3.2.1.
const idnPrefix = "xn--"

// validStar returns the place of the one wildcard in a pattern, or -1 where there is none or it is not valid: it begins or
// ends the first label, which is not internationalized, of three or more.
func validStar(pattern string, partial bool) int {
	const fewest = 3
	labels := strings.Split(pattern, ".")
	star := strings.IndexByte(labels[0], '*')
	switch {
	case star < 0, len(labels) < fewest, strings.Count(pattern, "*") > 1:
		return -1
	case !partial && labels[0] != "*", star > 0 && star < len(labels[0])-1:
		return -1
	case hasIDNPrefix(labels[0]):
		return -1
	}
	for i, l := range labels {
		if i == 0 {
			l = strings.Replace(l, "*", "a", 1) // counts as a letter
		}
		if l == "" || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, notInLabel) {
			return -1
		}
	}
	return star
}

func hasIDNPrefix(name string) bool {
	return len(name) >= len(idnPrefix) && foldEqual(name[:len(idnPrefix)], idnPrefix)
}

func notInLabel(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
}

// wildcardMatches is wildcard_match: what stands for the star is part of one label, and not nothing where the star is a
// whole label.
func wildcardMatches(prefix, suffix, host string) bool {
	if len(host) < len(prefix)+len(suffix) {
		return false
	}
	end := len(host) - len(suffix)
	middle := host[len(prefix):end]
	whole := prefix == "" && strings.HasPrefix(suffix, ".")
	switch {
	case !foldEqual(prefix, host[:len(prefix)]) || !foldEqual(suffix, host[end:]):
		return false
	case whole && middle == "", !whole && hasIDNPrefix(host):
		return false
	}
	return middle == "*" || !strings.ContainsFunc(middle, notInLabel)
}
