package sets

import "fmt"

// named is a set whose server is for these names.
func named(name string, names ...string) Set {
	return with(name, server(extended(san(names...))))
}

// unnamed is a set without subjectAltName, and with these CommonNames.
func unnamed(name string, commonNames ...string) Set {
	return with(name, server(without(oidSubjectAltName), subjectOf(common(commonNames...))))
}

// names are sets by the names of the server.
func names() []Set {
	return []Set{
		named("san-localhost-only", "DNS:localhost"),
		named("ip-san-only", "IP:127.0.0.1"),
		named("ip-as-dns-san", "DNS:127.0.0.1"),
		named("ip-as-dns-san-and-localhost", "DNS:127.0.0.1", "DNS:localhost"),
		named("ipv6-san-only", "IP:::1").as("::1"),
		named("email-san-only", "email:milvus@localhost"),
		named("uri-san-only", "URI:https://localhost/"),
		named("san-upper-case", "DNS:LOCALHOST", "IP:127.0.0.1").as("LOCALHOST"),
		named("san-differs-from-cn", "DNS:db.example.com").as("db.example.com"),
		named("san-idn", "DNS:xn--mller-kva.example.com").as("xn--mller-kva.example.com"),
		named("san-raw-utf8", "DNS:localhost", "DNS:müller.example.com"),
		named("san-trailing-dot", "DNS:localhost.").as("localhost."),
		named("san-without-dot-dialled-with", "DNS:localhost", "IP:127.0.0.1").as("localhost."),
		named("san-underscore", "DNS:localhost", "DNS:my_milvus").as("my_milvus"),
		named("san-80-names", many(80)...).as("host79.example.com"),
		unnamed("no-san", "localhost"),
		unnamed("no-san-cn-upper-case", "LOCALHOST"),
		unnamed("no-san-cn-wildcard", "*.example.com").as("m.example.com"),
		unnamed("no-san-two-cns-localhost-first", "localhost", "milvus"),
		unnamed("no-san-two-cns-localhost-last", "milvus", "localhost"),
		unnamed("no-san-cn-ip", "127.0.0.1"),
		with("empty-subject-critical-san", server(subjectOf(name()), extended(critical(san("DNS:localhost", "IP:127.0.0.1"))))),
		with("empty-subject-non-critical-san", server(subjectOf(name()))),
	}
}

func many(n int) []string {
	names := []string{"DNS:localhost", "IP:127.0.0.1"}
	for len(names) < n {
		names = append(names, fmt.Sprintf("DNS:host%d.example.com", len(names)))
	}
	return names
}

// wildcards are sets by the wildcard in the name of the server.
func wildcards() []Set {
	return []Set{
		named("wildcard", "DNS:*.example.com").as("m.example.com", "M.EXAMPLE.COM", "a.b.example.com", "example.com"),
		named("wildcard-partial", "DNS:f*.example.com").as("foo.example.com"),
		named("wildcard-in-the-middle", "DNS:a.*.example.com").as("a.b.example.com"),
		named("wildcard-bare", "DNS:*"),
		named("wildcard-two-labels", "DNS:*.localdomain").as("m.localdomain"),
		named("wildcard-idn", "DNS:xn--*.example.com").as("xn--mller-kva.example.com"),
		named("wildcard-before-idn", "DNS:*.example.com").as("xn--mller-kva.example.com"),
	}
}

// constraints are sets by the nameConstraints of the CA.
func constraints() []Set {
	return []Set{
		with("name-constraints-permit", ca(extended(permitted(generalName("DNS:localhost"))))),
		with("name-constraints-permit-another-name", ca(extended(permitted(generalName("DNS:example.com"))))),
		with("name-constraints-exclude", ca(extended(excluded(generalName("DNS:localhost"))))),
		with("name-constraints-permit-ip", ca(extended(permitted(generalName("IP:127.0.0.0/8"))))),
		with("name-constraints-permit-another-ip", ca(extended(permitted(generalName("IP:10.0.0.0/8"))))),
		with("name-constraints-directory-name", ca(extended(permitted(directoryName(name("C=CN", "O=milvus")))))),
		with("name-constraints-another-directory-name", ca(extended(permitted(directoryName(name("C=CN", "O=other")))))),
		with("name-constraints-permit-no-san", ca(extended(permitted(generalName("DNS:example.com")))), server(without(oidSubjectAltName))),
	}
}
