package profile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Role is what a leaf is for.
type Role string

// The roles of leaves.
const (
	ServerRole Role = "server"
	ClientRole Role = "client"
)

// Usage is the name of the extendedKeyUsage that a role wants.
func (r Role) Usage() string { return string(r) + "Auth" }

// Extension is the extendedKeyUsage that a role gets unless another one is stated.
func (r Role) Extension() x509v3.Extension {
	return x509v3.Extension{ID: x509v3.OIDExtKeyUsage, Value: r.usage()}
}

func (r Role) usage() x509v3.ExtKeyUsage {
	if r == ServerRole {
		return x509v3.ExtKeyUsage{x509v3.ServerAuth}
	}
	return x509v3.ExtKeyUsage{x509v3.ClientAuth}
}

// Leaf is who a further leaf is for.
type Leaf struct {
	File       string // what its certificate is called, in notes
	CommonName Setting
	// SANs are names besides that of the CommonName, in the form of Asked.SANs, and where they were asked for.
	SANs     []string
	SANsFrom string

	own x509v3.SubjectAltName // names that it gets whatever the conf states
}

var errExactNames = errors.New("further names and --exact exclude each other: exact adds nothing to what the conf states")

// Leaf returns the profile of a further leaf, which is as the server's or the client's but for its names, and notes about what
// was completed.
func (p *Profile) Leaf(role Role, leaf Leaf) (Certificate, []string, error) {
	cn := leaf.CommonName
	switch {
	case cn.Value == "":
		return Certificate{}, nil, fmt.Errorf("%s: wanted a name, found nothing", cn.From)
	case p.check.Var(cn.Value, commonNameRule) != nil:
		return Certificate{}, nil, fmt.Errorf("%s: a CommonName has %s, found %s; give a shorter one, and the long name as a further one", cn.From, wantCommonName, quote(cn.Value))
	case p.exact && len(leaf.SANs) > 0:
		return Certificate{}, nil, errExactNames
	}
	c := p.base(role)
	c.Subject = c.Subject.With(x509v3.OIDCommonName, cn.Value)
	if role == ServerRole {
		leaf.own = ownNames(c)
	}
	notes, err := p.named(&c, role, leaf)
	return c, notes, err
}

// ownNames are those of a server's CommonName: what the conf states are the names of the set's own server. To names that are stated in DER
// nothing can be added.
func ownNames(c Certificate) x509v3.SubjectAltName {
	if stated := x509v3.Find(c.Extensions, x509v3.OIDSubjectAltName); stated != nil {
		if _, ok := stated.Value.(x509v3.SubjectAltName); !ok {
			return nil
		}
	}
	return c.commonNames()
}

// LeafFor is Leaf for a subject that is given whole; the names are those of its CommonName.
func (p *Profile) LeafFor(role Role, subject x509v3.Name, leaf Leaf) (Certificate, []string, error) {
	if p.exact && len(leaf.SANs) > 0 {
		return Certificate{}, nil, errExactNames
	}
	c := p.base(role)
	c.Subject = subject
	notes, err := p.named(&c, role, leaf)
	return c, notes, err
}

// base is what the conf states for a role, before anything is completed.
func (p *Profile) base(role Role) Certificate {
	c := p.client
	if role == ServerRole {
		c = p.server
	}
	s := p.stating[role]
	c.Extensions, c.Requested = slices.Clone(s.certificate), slices.Clone(s.request)
	return c
}

// named completes a leaf with its names.
func (p *Profile) named(c *Certificate, role Role, leaf Leaf) ([]string, error) {
	if p.exact {
		return nil, nil
	}
	names, err := ParseSANs(leaf.SANs, leaf.SANsFrom)
	if err != nil {
		return nil, err
	}
	return completeLeaf(leaf.File, c, role, appendNew(leaf.own, names))
}
