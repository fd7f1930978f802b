// Package milvus is the side of Milvus: what its configuration says of TLS, what it should say, whether that and a set fit
// together, and the names that a deployment goes by. It reads and returns bytes and values, and touches no file.
package milvus

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// The names of the page's Compose file.
const (
	ComposeService   = "standalone"
	ComposeContainer = "milvus-standalone"
)

// localhost is how the machine itself dials a published port.
var localhost = []string{"localhost", "127.0.0.1", "::1"}

// ComposeNames returns the names under which a service of a Compose file is dialled: by the other containers, and through the
// port that it publishes. Empty names are left out.
func ComposeNames(service, container string) []string {
	names := slices.Concat([]string{service, container}, localhost)
	return slices.Compact(slices.DeleteFunc(names, func(name string) bool { return name == "" }))
}

// dnsLabel is what Kubernetes takes for the name of a Service or namespace (RFC 1123, 2.1).
var dnsLabel = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// KubernetesNames returns the names under which a Service is dialled in a cluster: from its own namespace, from another, and in
// full, with the usual domain cluster.local. The error says which of the two is no name.
func KubernetesNames(service, namespace string) ([]string, error) {
	for _, part := range []struct{ what, name string }{{"Service", service}, {"namespace", namespace}} {
		if !dnsLabel.MatchString(part.name) {
			return nil, fmt.Errorf("wanted the name of a %s, in lower-case letters, digits and hyphens", part.what)
		}
	}
	inNamespace := service + "." + namespace
	return []string{service, inNamespace, inNamespace + ".svc", inNamespace + ".svc.cluster.local"}, nil
}

// DefaultNamespace is where kubectl works when nothing is said.
const DefaultNamespace = "default"

// NamesFor returns the names of a deployment: of "compose", as on the documentation's page, or of
// "kubernetes=SERVICE[.NAMESPACE]".
func NamesFor(deployment string) ([]string, error) {
	kind, name, named := strings.Cut(deployment, "=")
	switch {
	case kind == "compose" && !named:
		return ComposeNames(ComposeService, ComposeContainer), nil
	case kind == "kubernetes" && named:
		service, namespace, given := strings.Cut(name, ".")
		if !given {
			namespace = DefaultNamespace
		}
		return KubernetesNames(service, namespace)
	}
	return nil, errors.New("wanted compose or kubernetes=SERVICE[.NAMESPACE]")
}

// Missing returns those of the names that subjectAltName of a server's certificate does not cover, by RFC 6125.
func Missing(server *certset.Certificate, names []string) (missing []string) {
	id := certpath.IdentityOf(server)
	for _, name := range names {
		if _, ok := clients.MatchingAltName(id, name); !ok {
			missing = append(missing, name)
		}
	}
	return missing
}
