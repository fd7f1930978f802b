package connect

import (
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// OwnHost is what one dials where nothing else is said: the first name of a server's certificate that can be dialled, of
// subjectAltName before its CommonName, names before addresses. Where there is none but wildcards, it is made up of the first of
// them, which is returned too; otherwise that is empty, and both are where the certificate has no name.
func OwnHost(id certpath.Identity) (host, wildcard string) {
	names := slices.Clone(id.DNS)
	for _, address := range id.Addresses {
		names = append(names, address.String())
	}
	names = append(names, id.CommonNames...)
	for _, name := range names {
		if host, err := verify.ParseHost(name); err == nil {
			return host, ""
		}
	}
	for _, name := range names {
		domain, ok := strings.CutPrefix(name, "*.")
		if host, err := verify.ParseHost("milvus." + domain); ok && err == nil {
			return host, name
		}
	}
	return "", ""
}

// ServerName is the name that a client has to ask for when it dials a host: empty where the certificate is for the host itself,
// or has no name at all.
func ServerName(id certpath.Identity, host string) string {
	if _, covered := clients.MatchingAltName(id, host); covered || onlyCommonName(id) && clients.MatchesAny(id.CommonNames, host) {
		return ""
	}
	if own, _ := OwnHost(id); own != host {
		return own
	}
	return ""
}

// onlyCommonName: where subjectAltName has no host, some clients look at the CommonName.
func onlyCommonName(id certpath.Identity) bool { return len(id.DNS)+len(id.Addresses) == 0 }
