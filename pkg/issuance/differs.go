package issuance

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Differences tells where a set is other than what was asked for: not than what the profile would make of a conf and of
// defaults, which may have changed since, but of what the user asks for now in so many words. ConfAsked tells whether that
// includes the conf.
func Differences(set *certset.Set, p *profile.Profile, asked profile.Asked, confAsked bool) ([]string, error) {
	var out []string
	for _, e := range []struct {
		file  string
		entry certset.Entry
		want  profile.Certificate
		days  *int
	}{
		{certset.CACertificate, set.CA, p.CA(), asked.CADays},
		{certset.ServerCertificate, set.Server, p.Server(), asked.Days},
		{certset.ClientCertificate, set.Client, p.Client(), asked.Days},
	} {
		if asked.CAElsewhere && e.file == certset.CACertificate {
			continue
		}
		c := &comparison{file: e.file, have: e.entry.Certificate, want: e.want}
		stated := profile.Stated{}
		if confAsked {
			stated = p.Stated()
		}
		c.subject(asked, stated.Subject)
		if asked.KeyType.IsSet() || stated.KeyType {
			c.keyType()
		}
		if e.days != nil {
			c.days(*e.days, set.CA.Certificate.NotAfter)
		}
		if e.file == certset.ServerCertificate {
			c.names(p.AskedNames())
		}
		if confAsked {
			if err := c.extensions(set); err != nil {
				return nil, err
			}
		}
		out = append(out, c.found...)
	}
	return out, nil
}

// comparison gathers where one certificate is not what is wanted.
type comparison struct {
	file  string
	have  *certset.Certificate
	want  profile.Certificate
	found []string
}

func (c *comparison) differ(what string, have, want any) {
	c.found = append(c.found, fmt.Sprintf("%s has %s %v, not %v", c.file, what, have, want))
}

// subject compares the attributes that were asked for, by the value that they have in the profile. " CA" and a year behind a
// CommonName are this program's own doing.
func (c *comparison) subject(asked profile.Asked, stated bool) {
	for _, a := range []struct {
		name string
		oid  x509.OID
		set  bool
	}{
		{"country", x509v3.OIDCountry, asked.Country.IsSet()},
		{"state", x509v3.OIDState, asked.State.IsSet()},
		{"locality", x509v3.OIDLocality, asked.Locality.IsSet()},
		{"organization", x509v3.OIDOrganization, asked.Organization.IsSet()},
		{"organizational unit", x509v3.OIDOrganizationalUnit, asked.OrganizationalUnit.IsSet()},
		{"CommonName", x509v3.OIDCommonName, c.commonNameAsked(asked)},
	} {
		have, _ := c.have.Attribute(a.oid)
		want, _ := c.want.Subject.Get(a.oid)
		if a.oid.Equal(x509v3.OIDCommonName) && c.file == certset.CACertificate {
			have = withoutYear(have)
			want = withoutYear(want)
			if have == want+" CA" {
				continue
			}
		}
		if (a.set || stated) && have != want {
			c.differ(a.name, fmt.Sprintf("%q", have), fmt.Sprintf("%q", want))
		}
	}
}

func (c *comparison) keyType() {
	key, err := c.have.PublicKey()
	if have := KeyTypeOf(key); err != nil || have != c.want.Key {
		c.differ("key type", have, c.want.Key)
	}
}

func (c *comparison) commonNameAsked(asked profile.Asked) bool {
	switch c.file {
	case certset.CACertificate:
		return asked.CommonName.IsSet() || asked.CACommonName.IsSet()
	case certset.ClientCertificate:
		return asked.CommonName.IsSet() || asked.ClientCommonName.IsSet()
	}
	return asked.CommonName.IsSet()
}

// days compares the lifetime. A leaf's that was cut short by the CA's is as wanted.
func (c *comparison) days(want int, end time.Time) {
	lifetime := c.have.NotAfter.Sub(c.have.NotBefore).Round(24 * time.Hour)
	wanted := c.have.NotBefore.AddDate(0, 0, want).Sub(c.have.NotBefore)
	cut := lifetime < wanted && c.have.NotAfter.Equal(end) && c.file != certset.CACertificate
	if lifetime != wanted && !cut {
		c.differ("a lifetime of", fmt.Sprintf("%d days", int(lifetime.Hours()/24)), want)
	}
}

// extensions compares what the conf states. The key identifiers are the keys'.
func (c *comparison) extensions(set *certset.Set) error {
	ctx := x509v3.Context{Subject: c.want.Subject, PublicKey: c.have.PublicKeyBits, Issuer: identity(set.CA.Certificate)}
	for _, e := range c.want.Extensions {
		isNames := e.ID.Equal(x509v3.OIDSubjectAltName)
		keyID := e.ID.Equal(x509v3.OIDSubjectKeyIdentifier) || e.ID.Equal(x509v3.OIDAuthorityKeyIdentifier)
		if keyID || e.From.Pos.IsZero() {
			continue
		}
		encoded, err := x509v3.Encode([]x509v3.Extension{e}, ctx)
		if err != nil {
			return err
		}
		have := c.have.Extension(e.ID)
		switch {
		case isNames:
			c.names(certset.DescribeNames(encoded[0].Value))
		case have == nil:
			c.found = append(c.found, fmt.Sprintf("%s has no extension %s", c.file, e.From.Key))
		case have.Critical != e.Critical || !bytes.Equal(have.Value, encoded[0].Value):
			c.found = append(c.found, fmt.Sprintf("%s has another %s", c.file, e.From.Key))
		}
	}
	return nil
}

// names asks for all names that are wanted; more of them do no harm.
func (c *comparison) names(wanted []string) {
	have := c.have.Names()
	for _, n := range wanted {
		if !slices.Contains(have, n) {
			c.found = append(c.found, fmt.Sprintf("%s lacks the name %s", c.file, n))
		}
	}
}
