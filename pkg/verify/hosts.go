package verify

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// ParseHost reads a name or address as one would dial it, without a port. Names become A-labels (RFC 5891), addresses their
// usual form; a dot at the end is kept, for not all clients drop it.
func ParseHost(text string) (string, error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if address, err := netip.ParseAddr(bare); err == nil && address.Zone() == "" {
		return address.String(), nil
	}
	if host := hostOf(text); host != text {
		_, err := ParseHost(host)
		switch {
		case err == nil && strings.Contains(text, "@"): // before which may be a password
			return "", fmt.Errorf("wanted a name or an address; give %s alone", host)
		case err == nil:
			return "", fmt.Errorf("wanted a name or an address, found %q; give %s alone", text, host)
		}
	}
	name, err := text, error(nil)
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		name, err = idna.Lookup.ToASCII(text)
	}
	noLabel := slices.Contains(strings.Split(strings.TrimSuffix(name, "."), "."), "")
	if err != nil || noLabel || strings.Trim(strings.ToLower(name), hostCharacters) != "" {
		return "", fmt.Errorf("wanted a name or an address that can be dialled, found %q", text)
	}
	return name, nil
}

// hostOf takes the host out of an address with a port, or out of a URL. Anything else is returned as it is.
func hostOf(text string) string {
	_, rest, isURL := strings.Cut(text, "://")
	if !isURL {
		rest = text
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest = rest[strings.LastIndex(rest, "@")+1:]
	if host, _, err := net.SplitHostPort(rest); err == nil {
		return host
	}
	return rest
}

// hostCharacters are in names of hosts. Underscores should not be, but Compose makes such names.
const hostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-._"

// checkHosts decides which hosts are asked for, and says of each whether the CommonName and subjectAltName are for it.
func (c *check) checkHosts() (findings []Finding) {
	for _, h := range c.Hosts {
		c.hosts = append(c.hosts, Host{Host: h, From: "--host"})
	}
	leaf := c.Set.Server.Certificate
	if leaf == nil {
		return nil
	}
	id := certpath.IdentityOf(leaf)
	if len(c.hosts) == 0 && !c.anyHost {
		if h, ok := ownHost(id); ok {
			c.hosts = append(c.hosts, h)
		} else {
			wayOut := "issue it with one: --common-name, --san"
			if c.HostFlag != "" {
				wayOut += "; or say what clients dial: " + c.HostFlag
			}
			findings = append(findings, Finding{Severity: Failure, Check: string(certpath.Host), File: certset.ServerCertificate, Problem: "has no name that could be dialled", WayOut: wayOut})
		}
	}
	for i := range c.hosts {
		h := &c.hosts[i]
		h.CommonNameIs = strings.Join(id.CommonNames, ", ")
		h.CommonName = clients.MatchesAny(id.CommonNames, h.Host)
		h.AltNameThatIs, h.AltName = clients.MatchingAltName(id, h.Host)
	}
	return append(findings, c.checkCommonName(id)...)
}

// checkCommonName warns where the CommonName is none of the hosts that subjectAltName has: some tools show it, and people
// read it.
func (c *check) checkCommonName(id certpath.Identity) []Finding {
	var covered []string
	for _, h := range c.hosts {
		switch {
		case h.CommonName || h.invented:
			return nil
		case h.AltName:
			covered = append(covered, h.Host)
		}
	}
	if len(id.CommonNames) == 0 || len(covered) == 0 {
		return nil
	}
	return []Finding{{Severity: Warning, Check: "common-name", File: certset.ServerCertificate, Problem: "its CommonName is not what is dialled; subjectAltName is, and that counts",
		Wanted: strings.Join(covered, ", "), Found: strings.Join(id.CommonNames, ", ")}}
}

// ownHost is what a certificate says that it is for: its CommonName, else the first of its names that can be dialled.
func ownHost(id certpath.Identity) (Host, bool) {
	for _, from := range []struct {
		name  string
		names []string
	}{
		{"the CommonName of server.pem", id.CommonNames},
		{"the subjectAltName of server.pem", append(append([]string{}, id.DNS...), addresses(id)...)},
	} {
		for _, n := range from.names {
			if host, err := ParseHost(n); err == nil {
				return Host{Host: host, From: from.name}, true
			}
		}
	}
	return coveredHost(id)
}

// coveredHost is a host that a wildcard is for.
func coveredHost(id certpath.Identity) (Host, bool) {
	for _, pattern := range slices.Concat(id.DNS, id.CommonNames) {
		domain, ok := strings.CutPrefix(pattern, "*.")
		if host, err := ParseHost("any." + domain); ok && err == nil {
			return Host{Host: host, From: "for " + pattern, invented: true}, true
		}
	}
	return Host{}, false
}

func addresses(id certpath.Identity) (out []string) {
	for _, a := range id.Addresses {
		out = append(out, a.String())
	}
	return out
}
