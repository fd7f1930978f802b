package profile

import "github.com/milvus-certs/milvus-certs/pkg/x509v3"

// Request returns the profile of a leaf whose request alone is made, under a subject that is given whole, and notes about what
// was completed in the request. Extensions of a certificate are only decided when one is signed.
func (p *Profile) Request(role Role, subject x509v3.Name, leaf Leaf) (Certificate, []string, error) {
	c := p.base(role)
	c.Subject = subject
	switch {
	case p.exact && len(leaf.SANs) > 0:
		return Certificate{}, nil, errExactNames
	case p.exact:
		return c, nil, nil
	}
	asked, err := ParseSANs(leaf.SANs, leaf.SANsFrom)
	if err != nil {
		return Certificate{}, nil, err
	}
	var added []string
	c.Requested, added, err = completion{names: c.commonNames(), asked: asked, role: role}.complete(c.Requested)
	return c, noteAdded(leaf.File, added), err
}
