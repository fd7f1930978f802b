package profile

import (
	"fmt"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// The sections of gen.sh's conf.
const (
	caSection   = "v3_ca"
	leafSection = "v3_req"
)

// stated are the extensions that the conf states for one certificate and for its request.
type stated struct {
	section              Section
	certificate, request []x509v3.Extension
}

// sections are the extensions that the conf states for all three.
type sections struct{ ca, server, client stated }

// readSections reads the sections that are used, and like each run of req(1) those that [req] names besides.
func readSections(conf *opensslconf.Conf, r *req, asked Asked) (*sections, error) {
	for _, named := range []*opensslconf.Value{r.x509Extensions, r.reqExtensions} {
		if named == nil {
			continue
		}
		if !conf.Has(named.Text) {
			return nil, named.Errorf("there is no section [%s]", named.Text)
		}
		if _, err := x509v3.Parse(conf, named.Text, r.options); err != nil {
			return nil, err
		}
	}
	var s sections
	for _, use := range []struct {
		into     *stated
		asked    Setting
		usual    string
		fallback *opensslconf.Value
	}{
		{&s.ca, Setting{}, caSection, r.x509Extensions},
		{&s.server, leafSetting("--server-extensions", asked.ServerExtensions, asked.Extensions), leafSection, r.reqExtensions},
		{&s.client, leafSetting("--client-extensions", asked.ClientExtensions, asked.Extensions), leafSection, r.reqExtensions},
	} {
		section, err := chooseSection(conf, use.asked, use.usual, use.fallback)
		if err != nil {
			return nil, err
		}
		if *use.into, err = r.readSection(conf, section, use.into == &s.ca); err != nil {
			return nil, err
		}
	}
	return &s, nil
}

// leafOptions are for the certificates of leaves: openssl x509 -extfile heeds neither string_mask nor oid_section.
var leafOptions = x509v3.Options{Mask: x509v3.UTF8Only}

func (r *req) readSection(conf *opensslconf.Conf, section Section, ca bool) (s stated, err error) {
	s.section = section
	if section.Name == "" {
		return s, nil
	}
	name := section.Name
	if s.request, err = x509v3.Parse(conf, name, r.options); err != nil || ca {
		s.certificate = s.request
		return s, err
	}
	s.certificate, err = x509v3.Parse(conf, name, leafOptions)
	if err != nil {
		return s, fmt.Errorf("%w (names from oid_section hold for the CA and for requests, not for leaves: write the OID)", err)
	}
	return s, nil
}

// leafSetting is what was asked for one role, or else for both.
func leafSetting(flag, role, both string) Setting {
	switch {
	case role != "":
		return Setting{role, flag}
	case both != "":
		return Setting{both, "--extensions"}
	}
	return Setting{}
}

// chooseSection returns the section to use: what was asked for, the usual one where it is there, what [req] names, or none.
func chooseSection(conf *opensslconf.Conf, asked Setting, usual string, fallback *opensslconf.Value) (Section, error) {
	choose := func(name, why string) (Section, error) { return Section{name, why, conf.Start(name)}, nil }
	switch {
	case asked.IsSet() && !conf.Has(asked.Value):
		return Section{}, fmt.Errorf("%s: there is no section [%s] in %s", asked.From, asked.Value, conf.Name())
	case asked.IsSet():
		return choose(asked.Value, asked.From)
	case conf.Has(usual):
		return choose(usual, "the usual section")
	case fallback != nil:
		return choose(fallback.Text, fmt.Sprintf("%s in [%s], line %d", fallback.Key, fallback.Section, fallback.Pos.Line))
	}
	return Section{}, nil
}
