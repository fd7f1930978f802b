package deploy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// subject is X509Subject of cert-manager's API.
type subject struct {
	Organizations       []string `yaml:"organizations,omitempty"`
	Countries           []string `yaml:"countries,omitempty"`
	OrganizationalUnits []string `yaml:"organizationalUnits,omitempty"`
	Localities          []string `yaml:"localities,omitempty"`
	Provinces           []string `yaml:"provinces,omitempty"`
}

// inOrder are the attributes that a Certificate has fields for, in the order in which crypto/x509/pkix, Name.ToRDNSequence, writes
// them.
var inOrder = []struct {
	oid string
	of  func(*certificateSpec, *subject, string)
}{
	{"2.5.4.6", func(_ *certificateSpec, s *subject, v string) { s.Countries = []string{v} }},
	{"2.5.4.10", func(_ *certificateSpec, s *subject, v string) { s.Organizations = []string{v} }},
	{"2.5.4.11", func(_ *certificateSpec, s *subject, v string) { s.OrganizationalUnits = []string{v} }},
	{"2.5.4.7", func(_ *certificateSpec, s *subject, v string) { s.Localities = []string{v} }},
	{"2.5.4.8", func(_ *certificateSpec, s *subject, v string) { s.Provinces = []string{v} }},
	{"2.5.4.3", func(c *certificateSpec, _ *subject, v string) { c.CommonName = v }},
}

// setSubject uses the fields where they give that very name, each attribute once and in their order, and else literalSubject.
func (s *certificateSpec) setSubject(name x509v3.Name) {
	plain, fields := certificateSpec{}, subject{}
	next := 0
	for _, rdn := range name {
		for next < len(inOrder) && inOrder[next].oid != rdn[0].Type.String() {
			next++
		}
		if len(rdn) > 1 || next == len(inOrder) {
			s.LiteralSubject = literalSubject(name)
			return
		}
		inOrder[next].of(&plain, &fields, rdn[0].Value)
		next++
	}
	s.CommonName, s.Subject = plain.CommonName, &fields
	if len(name) == 0 || len(name) == 1 && plain.CommonName != "" {
		s.Subject = nil
	}
}

// literalTypes are the attributes that literalSubject has names for: pkg/util/pki/subject.go of cert-manager. Others go by OID.
var literalTypes = map[string]string{
	"2.5.4.6": "C", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.3": "CN", "2.5.4.5": "SERIALNUMBER", "2.5.4.7": "L", "2.5.4.8": "ST",
	"2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}

// literalSubject writes a name as RFC 4514 does, the last RDN first.
func literalSubject(name x509v3.Name) string {
	var rdns []string
	for i := len(name) - 1; i >= 0; i-- {
		var parts []string
		for _, a := range name[i] {
			kind, ok := literalTypes[a.Type.String()]
			if !ok {
				kind = a.Type.String()
			}
			parts = append(parts, kind+"="+escaped(a.Value))
		}
		rdns = append(rdns, strings.Join(parts, "+"))
	}
	return strings.Join(rdns, ",")
}

// escaped is RFC 4514, 2.4, in which every character may be written so that begins or ends a value or has a meaning in it.
func escaped(value string) string {
	var out strings.Builder
	for i, r := range value {
		edge := i == 0 && (r == '#' || r == ' ') || i == len(value)-1 && r == ' '
		if edge || strings.ContainsRune(`"+,;<>=\`, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// checkSubject wants what cert-manager's validation and its writing of names let through.
func checkSubject(name x509v3.Name) error {
	const longest = 64 // ub-common-name of RFC 5280
	cn, _ := name.Get(x509v3.OIDCommonName)
	if len(cn) > longest {
		return fmt.Errorf("a CommonName of more than %d bytes", longest)
	}
	for _, rdn := range name {
		for _, a := range rdn {
			if CheckText(a.Value) != nil || a.Value == "" {
				return errors.New("a value that is empty, or has characters in it that are not to be seen")
			}
		}
	}
	return nil
}
