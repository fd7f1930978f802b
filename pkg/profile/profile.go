package profile

import (
	"time"

	"github.com/go-playground/validator/v10"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Profile is what will be issued, resolved and validated.
type Profile struct {
	ca, server, client Certificate
	stating            map[Role]stated // what the conf states for leaves
	check              *validator.Validate
	mask               x509v3.StringMask
	exact              bool
	askedNames         x509v3.SubjectAltName
	stated             Stated
	notes              []string
	warnings           []opensslconf.Warning
}

// Certificate is the profile of one certificate and, for a leaf, of its request.
type Certificate struct {
	Subject x509v3.Name
	Section Section
	// Extensions in the order in which they are written. The key identifiers that OpenSSL adds at signing are not among
	// them unless they were stated.
	Extensions []x509v3.Extension
	// Requested are the extensions of a leaf's request. They differ where string_mask or oid_section of the conf does,
	// which OpenSSL heeds in requests only.
	Requested []x509v3.Extension
	Key       KeyType
	// Digest signs the CA certificate and the requests. Leaves are signed with SHA-256.
	Digest Digest
	// Days of 24 hours from issuing to expiry.
	Days int
}

// Names are the names in subjectAltName, as "DNS:name" and so on; of one that is stated in DER they are not known.
func (c Certificate) Names() []string {
	e := x509v3.Find(c.Extensions, x509v3.OIDSubjectAltName)
	if e == nil {
		return nil
	}
	names, _ := e.Value.(x509v3.SubjectAltName)
	return texts(names)
}

// Section is where the extensions of a certificate are stated, and why there.
type Section struct {
	Name string // empty: nowhere
	Why  string
	Pos  opensslconf.Position
}

// CA returns the profile of the CA certificate.
func (p *Profile) CA() Certificate { return p.ca }

// Server returns the profile of the server's leaf.
func (p *Profile) Server() Certificate { return p.server }

// Client returns the profile of the client's leaf.
func (p *Profile) Client() Certificate { return p.client }

// StringMask returns the string types that names may use.
func (p *Profile) StringMask() x509v3.StringMask { return p.mask }

// Exact reports whether the result is to be OpenSSL's: a leaf may then outlive its CA.
func (p *Profile) Exact() bool { return p.exact }

// AskedNames returns the names that were asked for with --san, written as "DNS:name" and "IP:address".
func (p *Profile) AskedNames() []string { return texts(p.askedNames) }

// Stated tells which parts of a certificate the conf decides besides its extensions.
type Stated struct{ Subject, KeyType, Digest bool }

// Stated returns what the conf decides.
func (p *Profile) Stated() Stated { return p.stated }

// Notes returns what was completed or decided, a sentence each, beginning with the file that it is about.
func (p *Profile) Notes() []string { return p.notes }

// Warnings returns what the conf states and should not.
func (p *Profile) Warnings() []opensslconf.Warning { return p.warnings }

// New resolves a conf and what was asked for besides. Errors are one line each, about the conf or about what was asked.
func New(conf *opensslconf.Conf, asked Asked) (*Profile, error) {
	check := validator.New()
	if err := asked.validate(check); err != nil {
		return nil, err
	}
	req, err := readReq(conf, asked.Exact)
	if err != nil {
		return nil, err
	}
	sections, err := readSections(conf, req, asked)
	if err != nil {
		return nil, err
	}
	p := &Profile{check: check, mask: req.options.Mask, exact: asked.Exact, warnings: append(conf.Warnings(), req.warnings...)}
	p.stated = Stated{Subject: req.subject != nil, KeyType: req.defaultBits != nil && !asked.Exact, Digest: req.digestStated}
	key, err := asked.keyType(req)
	if err != nil {
		return nil, err
	}
	for _, c := range []*Certificate{&p.ca, &p.server, &p.client} {
		c.Key, c.Digest, c.Days = key, req.digest, days(asked.Days)
	}
	p.ca.Days = days(asked.CADays)
	if err := p.setSubjects(req, asked); err != nil {
		return nil, err
	}
	p.ca.state(sections.ca)
	p.server.state(sections.server)
	p.client.state(sections.client)
	p.stating = map[Role]stated{ServerRole: sections.server, ClientRole: sections.client}
	p.warn(conf)
	if !asked.Exact {
		if err := p.complete(asked); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// state takes what the conf states for the certificate.
func (c *Certificate) state(s stated) {
	c.Section, c.Extensions, c.Requested = s.section, s.certificate, s.request
}

// Asked is what the user asks for besides the conf. The zero value but for Now asks for nothing.
type Asked struct {
	Country, State, Locality, Organization, OrganizationalUnit Setting
	CommonName, ClientCommonName, CACommonName                 Setting

	// Default is who certificates are for where neither the conf nor a setting says; nil: as in gen.sh.
	Default *Subject

	// SANs are "DNS:name", "IP:address" or either without its prefix. They are added to the server's certificate.
	SANs []string

	// Days until a leaf and until the CA expires; nil asks for DefaultDays.
	Days, CADays *int
	// Now bounds the days: no certificate goes past the year 9999.
	Now time.Time

	// KeyType is a name such as "rsa-3072"; not set, it asks for what the conf states, else for RSA of 2048 bits.
	KeyType Setting

	// The sections with the leaves' extensions, where not the usual ones.
	Extensions, ServerExtensions, ClientExtensions string

	// CAElsewhere says that no CA is to be made: another one issues the leaves.
	CAElsewhere bool

	// Exact asks for what OpenSSL makes of the same conf with gen.sh's commands.
	Exact bool
}

// Subject is who a certificate is for. An empty attribute is left out.
type Subject struct {
	Country, State, Locality, Organization, OrganizationalUnit, CommonName string
}

// Setting is a text and where it was set, such as "--country", for messages. Without a place it was not set.
type Setting struct{ Value, From string }

// IsSet reports whether it was set, be it to nothing.
func (s Setting) IsSet() bool { return s.From != "" }

func (s Setting) or(value string) string {
	if s.IsSet() {
		return s.Value
	}
	return value
}
