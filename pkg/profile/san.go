package profile

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// parseSAN reads a --san: "DNS:name", "IP:address", or either alone, which is an address where it reads as one.
func parseSAN(text string) (x509v3.GeneralName, error) {
	kind, value, found := strings.Cut(text, ":")
	switch {
	case found && strings.EqualFold(kind, "DNS"):
		return dnsName(value)
	case found && strings.EqualFold(kind, "IP"):
		addr, err := ipAddress(value)
		if err != nil {
			return x509v3.GeneralName{}, err
		}
		return x509v3.IPAddress(addr), nil
	}
	if addr, err := ipAddress(text); err == nil {
		return x509v3.IPAddress(addr), nil
	}
	return dnsName(text)
}

func ipAddress(text string) (netip.Addr, error) {
	inner, bracketed := strings.CutPrefix(text, "[")
	if bracketed {
		inner, bracketed = strings.CutSuffix(inner, "]")
	}
	if bracketed {
		text = inner
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" || bracketed && addr.Is4() {
		return netip.Addr{}, errors.New("wanted an IP address, without a prefix length, zone or port")
	}
	return addr.Unmap(), nil
}

// hostLabel admits the underscore, which no host name has and service names of Compose do.
var hostLabel = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$`) })

var errHostName = errors.New("wanted a host name such as milvus.example.com, without scheme, port or path")

// maxName bounds a host name (RFC 1035, 2.3.4), maxTyped one in the letters of any script: punycode shortens none below a
// quarter.
const (
	maxName  = 253
	maxTyped = 4 * maxName
)

// dnsName turns a host name into a dNSName: in A-labels, lower case, without a trailing dot. One wildcard may be its first
// label.
func dnsName(text string) (x509v3.GeneralName, error) {
	if _, err := ipAddress(text); err == nil {
		return x509v3.GeneralName{}, errors.New("an IP address is no host name; write IP: before it")
	}
	if len(text) > maxTyped || !utf8.ValidString(text) {
		return x509v3.GeneralName{}, errHostName
	}
	rest, wildcard := strings.CutPrefix(strings.TrimSuffix(text, "."), "*.")
	name, err := lookup.ToASCII(rest)
	if err != nil {
		return x509v3.GeneralName{}, errHostName
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if !hostLabel().MatchString(l) {
			return x509v3.GeneralName{}, errHostName
		}
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return x509v3.GeneralName{}, errHostName
	}
	if wildcard {
		name = "*." + name
	}
	if len(name) > maxName {
		return x509v3.GeneralName{}, errHostName
	}
	return x509v3.DNSName(name), nil
}

// lookup maps names as idna.Lookup does, but leaves the judging of ASCII letters to hostLabel.
var lookup = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

// NamesFor returns the names of a CommonName: the address or the host name that it is, or none. The local host goes by
// its addresses as well.
func NamesFor(commonName string) x509v3.SubjectAltName {
	if addr, err := ipAddress(commonName); err == nil {
		return x509v3.SubjectAltName{x509v3.IPAddress(addr)}
	}
	name, err := dnsName(commonName)
	if err != nil {
		return nil
	}
	names := x509v3.SubjectAltName{name}
	if name == x509v3.DNSName("localhost") {
		names = append(names, x509v3.IPAddress(netip.AddrFrom4([4]byte{127, 0, 0, 1})), x509v3.IPAddress(netip.IPv6Loopback()))
	}
	return names
}

// ParseSANs reads names that were asked for, in the form of Asked.SANs; from says where, for errors.
func ParseSANs(texts []string, from string) (x509v3.SubjectAltName, error) {
	var names x509v3.SubjectAltName
	for _, text := range texts {
		name, err := parseSAN(text)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", from, quote(text), err)
		}
		names = append(names, name)
	}
	return names, nil
}
