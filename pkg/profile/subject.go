package profile

import (
	"crypto/x509"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// setSubjects builds the subjects: gen.sh's, or the conf's distinguished_name, with what was asked for in place of either.
func (p *Profile) setSubjects(r *req, asked Asked) error {
	if r.subject != nil {
		p.setStatedSubjects(r, asked)
	} else {
		p.setDefaultSubjects(asked)
	}
	if asked.Exact && !r.utf8 {
		p.readAsLatin1()
	}
	if !asked.Exact && !asked.CAElsewhere {
		if err := p.partSubjects(); err != nil {
			return err
		}
	}
	for _, c := range []*Certificate{&p.ca, &p.server, &p.client} {
		if _, err := c.Subject.DER(p.mask); err != nil {
			return fmt.Errorf("subject %s: %w", c.Subject, err)
		}
	}
	return nil
}

// genShSubject is whom gen.sh makes certificates for.
var genShSubject = Subject{
	Country: "CN", State: "Shanghai", Locality: "Shanghai",
	Organization: "milvus", OrganizationalUnit: "milvus", CommonName: "localhost",
}

func (p *Profile) setDefaultSubjects(asked Asked) {
	usual := genShSubject
	if asked.Default != nil {
		usual = *asked.Default
	}
	country := x509v3.Attribute{Type: x509v3.OIDCountry, Value: asked.Country.or(usual.Country)}
	state := x509v3.Attribute{Type: x509v3.OIDState, Value: asked.State.or(usual.State)}
	locality := x509v3.Attribute{Type: x509v3.OIDLocality, Value: asked.Locality.or(usual.Locality)}
	organization := x509v3.Attribute{Type: x509v3.OIDOrganization, Value: asked.Organization.or(usual.Organization)}
	unit := x509v3.Attribute{Type: x509v3.OIDOrganizationalUnit, Value: asked.OrganizationalUnit.or(usual.OrganizationalUnit)}
	commonName := func(s Setting) x509v3.Attribute {
		return x509v3.Attribute{Type: x509v3.OIDCommonName, Value: s.or(asked.CommonName.or(usual.CommonName))}
	}
	p.ca.Subject = x509v3.NewName(country, state, locality, organization, unit, commonName(asked.CACommonName))
	p.server.Subject = x509v3.NewName(country, organization, unit, commonName(asked.CommonName))
	p.client.Subject = x509v3.NewName(country, organization, unit, commonName(asked.ClientCommonName))
}

// setStatedSubjects starts from the conf's distinguished_name. State and locality come to the leaves only where the conf
// gives them there.
func (p *Profile) setStatedSubjects(r *req, asked Asked) {
	for _, c := range []struct {
		subject    *x509v3.Name
		commonName Setting
		ca         bool
	}{
		{&p.ca.Subject, asked.CACommonName, true},
		{&p.server.Subject, Setting{}, false},
		{&p.client.Subject, asked.ClientCommonName, false},
	} {
		name := r.subject
		for _, a := range []struct {
			oid     x509.OID
			setting Setting
		}{
			{x509v3.OIDCountry, asked.Country}, {x509v3.OIDState, asked.State}, {x509v3.OIDLocality, asked.Locality},
			{x509v3.OIDOrganization, asked.Organization}, {x509v3.OIDOrganizationalUnit, asked.OrganizationalUnit},
			{x509v3.OIDCommonName, asked.CommonName}, {x509v3.OIDCommonName, c.commonName},
		} {
			_, stated := name.Get(a.oid)
			place := a.oid.Equal(x509v3.OIDState) || a.oid.Equal(x509v3.OIDLocality)
			if a.setting.IsSet() && (stated || c.ca || !place) {
				name = name.With(a.oid, a.setting.Value)
			}
		}
		*c.subject = name
	}
}

// maxCommonName is the bound of RFC 5280, appendix A.1.
const maxCommonName = 64

// partSubjects adds " CA" to the CA's CommonName where a leaf carries the CA's subject: without key identifiers clients
// would take the one for the other.
func (p *Profile) partSubjects() error {
	ca := p.ca.Subject.String()
	if !strings.EqualFold(ca, p.server.Subject.String()) && !strings.EqualFold(ca, p.client.Subject.String()) {
		return nil // names are compared without regard to case (RFC 5280, 7.1)
	}
	commonName, _ := p.ca.Subject.Get(x509v3.OIDCommonName)
	commonName = strings.TrimSpace(commonName + " CA")
	if n := utf8.RuneCountInString(commonName); n > maxCommonName {
		return fmt.Errorf(`CA and leaf would carry one and the same subject, and " CA" makes the CA's CommonName longer than %d characters; give --ca-common-name`, maxCommonName)
	}
	p.ca.Subject = p.ca.Subject.With(x509v3.OIDCommonName, commonName)
	p.note("ca.pem: CommonName %q, for CA and leaf would carry one and the same subject", commonName)
	return nil
}

// readAsLatin1 does what OpenSSL does without utf8 = yes.
func (p *Profile) readAsLatin1() {
	changed := false
	for _, c := range []*Certificate{&p.ca, &p.server, &p.client} {
		for i, rdn := range c.Subject {
			for j, a := range rdn {
				c.Subject[i][j].Value = x509v3.Latin1(a.Value)
				changed = changed || c.Subject[i][j].Value != a.Value
			}
		}
	}
	if changed {
		p.warnings = append(p.warnings, opensslconf.Warning{Msg: "exact: OpenSSL reads the subject as Latin-1, which spoils letters beyond ASCII; set utf8 = yes in [req]"})
	}
}

func (p *Profile) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}
