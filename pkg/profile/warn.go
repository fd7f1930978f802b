package profile

import (
	"net/netip"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// warn gathers what is legal to OpenSSL and of no use to a client.
func (p *Profile) warn(conf *opensslconf.Conf) {
	seen := map[opensslconf.Warning]bool{}
	add := func(w opensslconf.Warning) {
		if !seen[w] { // server and client mostly share a section
			seen[w] = true
			p.warnings = append(p.warnings, w)
		}
	}
	for _, c := range []*Certificate{&p.ca, &p.server, &p.client} {
		for _, e := range c.Extensions {
			if san, ok := e.Value.(x509v3.SubjectAltName); ok {
				warnNames(e.From, san, add)
			}
		}
	}
	if e := x509v3.Find(p.ca.Extensions, x509v3.OIDBasicConstraints); e != nil && p.exact {
		if bc, ok := e.Value.(x509v3.BasicConstraints); ok && bc.CA && !e.Critical {
			add(e.From.Warnf("a CA's basicConstraints should be critical (RFC 5280, 4.2.1.9); write critical, CA:TRUE"))
		}
	}
	warnUnused(conf, add)
}

// nameWarnings are the names that no client will ever match, or that one refuses.
var nameWarnings = []struct {
	applies func(name string) bool
	message string
}{
	{func(n string) bool { return strings.IndexFunc(n, func(r rune) bool { return r > 0x7f }) >= 0 },
		"is written as it stands; Go, and so Milvus, refuses the whole certificate; write the name in A-labels (xn--…)"},
	{func(n string) bool { return strings.ContainsAny(n, ";,") },
		"is one name to OpenSSL, separators and all; write one name a line, as DNS.1, DNS.2"},
	{func(n string) bool { return strings.ContainsAny(n, " \t") }, "has a blank in it, which no host name has"},
	{func(n string) bool { _, err := netip.ParseAddr(n); return err == nil }, "is an address, which clients look for under IP"},
	{func(n string) bool { return strings.ContainsAny(n, ":/") }, "is no host name; write it without scheme, port and path"},
}

func warnNames(at opensslconf.Value, san x509v3.SubjectAltName, add func(opensslconf.Warning)) {
	for _, n := range san {
		if n.Kind != x509v3.DNS {
			continue
		}
		for _, w := range nameWarnings {
			if w.applies(n.Content) {
				add(at.Warnf("%s %s", n, w.message))
				break
			}
		}
	}
}

// warnUnused finds lists of names that no value refers to: an "@alt_names" was forgotten, or is spelt differently.
func warnUnused(conf *opensslconf.Conf, add func(opensslconf.Warning)) {
	referred := map[string]bool{}
	for _, section := range conf.Sections() {
		values, _ := conf.Section(section)
		for _, v := range values {
			for word := range strings.FieldsFuncSeq(v.Text, func(r rune) bool { return strings.ContainsRune("@,:; \t", r) }) {
				referred[word] = true
			}
		}
	}
	for _, section := range conf.Sections() {
		values, _ := conf.Section(section)
		if len(values) > 0 && !referred[section] && isNameList(values) {
			add(opensslconf.Warning{Pos: conf.Start(section), Section: section,
				Msg: "nothing refers to these names; write subjectAltName = @" + section + " where they belong"})
		}
	}
}

// isNameList tells a section whose keys are all kinds of names, such as DNS.1 and IP.1.
func isNameList(values []opensslconf.Value) bool {
	for _, v := range values {
		kind, _, _ := strings.Cut(v.Key, ".")
		if kind != "DNS" && kind != "IP" {
			return false
		}
	}
	return true
}
