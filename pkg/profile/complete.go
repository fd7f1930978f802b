package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// complete adds what the conf leaves open, and notes it.
func (p *Profile) complete(asked Asked) error {
	names, err := ParseSANs(asked.SANs, "--san")
	if err != nil {
		return err
	}
	p.askedNames = names
	if !asked.CAElsewhere {
		p.completeCA()
	}
	for _, leaf := range []struct {
		file  string
		cert  *Certificate
		role  Role
		asked x509v3.SubjectAltName
	}{
		{"server.pem", &p.server, ServerRole, names},
		{"client.pem", &p.client, ClientRole, nil},
	} {
		note, err := completeLeaf(leaf.file, leaf.cert, leaf.role, leaf.asked)
		if err != nil {
			return err
		}
		p.notes = append(p.notes, note...)
	}
	return nil
}

// caExtensions are what a CA certificate gets unless the conf states it: RFC 5280, 4.2.1.9 and 4.2.1.3 want the first two,
// critical, and strict clients insist.
var caExtensions = []x509v3.Extension{
	{ID: x509v3.OIDBasicConstraints, Critical: true, Value: x509v3.BasicConstraints{CA: true}},
	{ID: x509v3.OIDKeyUsage, Critical: true, Value: x509v3.KeyCertSign | x509v3.CRLSign},
	{ID: x509v3.OIDSubjectKeyIdentifier, Value: x509v3.SubjectKeyIdentifier{Hash: true}},
	{ID: x509v3.OIDAuthorityKeyIdentifier, Value: x509v3.AuthorityKeyIdentifier{KeyID: x509v3.Always}},
}

// CAExtensions returns what a CA certificate gets unless it has it.
func CAExtensions() []x509v3.Extension { return slices.Clone(caExtensions) }

func (p *Profile) completeCA() {
	c := &p.ca
	if stated := x509v3.Find(c.Extensions, x509v3.OIDBasicConstraints); stated != nil && !stated.Critical {
		if bc, ok := stated.Value.(x509v3.BasicConstraints); ok && bc.CA {
			stated.Critical = true
			p.note("ca.pem: basicConstraints made critical, as RFC 5280 demands and strict clients require")
		}
	}
	var added []string
	for _, e := range caExtensions {
		if x509v3.Find(c.Extensions, e.ID) != nil || e.ID.Equal(x509v3.OIDAuthorityKeyIdentifier) && !namesItsKey(c.Extensions) {
			continue
		}
		c.Extensions = append(c.Extensions, e)
		if e.Critical {
			added = append(added, e.Name()+" critical "+e.Describe())
		} else {
			added = append(added, e.Name())
		}
	}
	p.notes = append(p.notes, noteAdded("ca.pem", added)...)
}

// namesItsKey tells whether there is an identifier of the key that others could name.
func namesItsKey(exts []x509v3.Extension) bool {
	ski, ok := x509v3.Find(exts, x509v3.OIDSubjectKeyIdentifier).Value.(x509v3.SubjectKeyIdentifier)
	return !ok || ski.Hash || len(ski.ID) > 2
}

// completeLeaf adds names and use, to certificate and request alike, and returns what is to be noted. The key identifiers come
// at signing, as they do with OpenSSL.
func completeLeaf(file string, c *Certificate, role Role, asked x509v3.SubjectAltName) ([]string, error) {
	more := completion{names: c.commonNames(), asked: asked, role: role}
	var err error
	var added []string
	if c.Requested, _, err = more.complete(c.Requested); err != nil {
		return nil, err
	}
	if c.Extensions, added, err = more.complete(c.Extensions); err != nil {
		return nil, err
	}
	for _, id := range []struct {
		name   string
		absent bool
	}{
		{"subjectKeyIdentifier", x509v3.Find(c.Extensions, x509v3.OIDSubjectKeyIdentifier) == nil},
		{"authorityKeyIdentifier", x509v3.Find(c.Extensions, x509v3.OIDAuthorityKeyIdentifier) == nil},
	} {
		if id.absent {
			added = append(added, id.name)
		}
	}
	return noteAdded(file, added), nil
}

// completion is what a leaf gets unless the conf states it, and the names that it gets in any case.
type completion struct {
	names, asked x509v3.SubjectAltName
	role         Role
}

// complete returns the extensions with what they lack, and says what that was.
func (more completion) complete(exts []x509v3.Extension) (_ []x509v3.Extension, added []string, err error) {
	exts = slices.Clone(exts)
	if stated := x509v3.Find(exts, x509v3.OIDSubjectAltName); stated != nil {
		if added, err = appendNames(stated, more.asked); err != nil {
			return nil, nil, err
		}
	} else if san := appendNew(more.names, more.asked); len(san) > 0 {
		exts = append(exts, x509v3.Extension{ID: x509v3.OIDSubjectAltName, Value: san})
		added = append(added, "subjectAltName "+list(san))
	}
	if x509v3.Find(exts, x509v3.OIDExtKeyUsage) == nil {
		exts = append(exts, more.role.Extension())
		added = append(added, "extendedKeyUsage "+more.role.Usage())
	}
	return exts, added, nil
}

func (c *Certificate) commonNames() x509v3.SubjectAltName {
	commonName, _ := c.Subject.Get(x509v3.OIDCommonName)
	return NamesFor(commonName)
}

// appendNames adds the names that were asked for to those that the conf states, and returns what is to be noted.
func appendNames(stated *x509v3.Extension, asked x509v3.SubjectAltName) ([]string, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	san, ok := stated.Value.(x509v3.SubjectAltName)
	if !ok {
		return nil, stated.From.Errorf("--san cannot add to names that are given as DER: or ASN1:; state them by kind, such as DNS:name")
	}
	longer := appendNew(san, asked)
	if len(longer) == len(san) {
		return nil, nil
	}
	stated.Value = longer
	return []string{"subjectAltName " + list(longer[len(san):])}, nil
}

func appendNew(names, more x509v3.SubjectAltName) x509v3.SubjectAltName {
	names = slices.Clone(names)
	for _, n := range more {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

func list(names x509v3.SubjectAltName) string { return strings.Join(texts(names), ", ") }

func texts(names x509v3.SubjectAltName) []string {
	var out []string
	for _, n := range names {
		out = append(out, n.String())
	}
	return out
}

func noteAdded(file string, added []string) []string {
	if len(added) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: added %s", file, strings.Join(added, "; "))}
}
