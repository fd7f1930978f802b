package cli

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// profileFlags say what is to be issued. Each command has those of them that it can heed.
type profileFlags struct {
	config, fromGenSh string
	subject           [8]string // in the order of subjectFlags
	sans              []string
	days, caDays      int
	keyType           string
	sections          [3]string // for both roles, the server, the client
	exact             bool
}

// subjectFlags say what goes into the subjects.
var subjectFlags = [8]struct{ name, usage string }{
	{"country", `country, C, two letters (default "CN")`},
	{"state", `state or province, ST, of the CA (default "Shanghai")`},
	{"locality", `locality, L, of the CA (default "Shanghai")`},
	{"organization", `organization, O (default "milvus")`},
	{"organizational-unit", `organizational unit, OU (default "milvus")`},
	{"common-name", `CommonName: the host name of the server (default "localhost")`},
	{"client-common-name", "CommonName of the client (default that of the server)"},
	{"ca-common-name", "CommonName of the CA (default that of the server)"},
}

func (p *profileFlags) confFlag(f *pflag.FlagSet) {
	f.StringVarP(&p.config, "config", "c", "", "conf to use, in OpenSSL's format")
}

// subjectFlag adds a flag of subjectFlags; a usage replaces its own.
func (p *profileFlags) subjectFlag(f *pflag.FlagSet, name, usage string) {
	for i, s := range subjectFlags {
		if s.name == name {
			if usage == "" {
				usage = s.usage
			}
			f.StringVar(&p.subject[i], name, "", usage)
		}
	}
}

func (p *profileFlags) keyTypeFlag(f *pflag.FlagSet, usual string) {
	f.StringVar(&p.keyType, "key-type", "", "key type: "+strings.Join(profile.KeyTypes(), ", ")+" ("+usual+")")
}

// sectionFlags name the sections of the leaves: for both roles, for the server, for the client.
func sectionFlags(f *pflag.FlagSet, sections *[3]string) {
	f.StringVar(&sections[0], "extensions", "", `section with the extensions of the leaves (default "v3_req")`)
	f.StringVar(&sections[1], "server-extensions", "", "section with the extensions of the server alone")
	f.StringVar(&sections[2], "client-extensions", "", "section with the extensions of the client alone")
}

// confAsked tells whether the flags name a conf, or sections of one.
func confAsked(f *pflag.FlagSet) bool {
	for _, name := range []string{"config", "extensions", "server-extensions", "client-extensions"} {
		if f.Changed(name) {
			return true
		}
	}
	return false
}

// asked gathers what the flags and gen.sh ask for. A flag that was not given asks for nothing.
func (p *profileFlags) asked(f *pflag.FlagSet, now time.Time) (profile.Asked, error) {
	asked := profile.Asked{
		SANs: p.sans, Now: now, Exact: p.exact,
		Extensions: p.sections[0], ServerExtensions: p.sections[1], ClientExtensions: p.sections[2],
	}
	settings := []*profile.Setting{
		&asked.Country, &asked.State, &asked.Locality, &asked.Organization, &asked.OrganizationalUnit,
		&asked.CommonName, &asked.ClientCommonName, &asked.CACommonName,
	}
	if f.Changed("from-gen-sh") {
		v, err := readGenSh(p.fromGenSh)
		if err != nil {
			return asked, err
		}
		for i, s := range []profile.Setting{
			{Value: v.Country, From: "Country"}, {Value: v.State, From: "State"}, {Value: v.Location, From: "Location"},
			{Value: v.Organization, From: "Organization"}, {Value: v.Organizational, From: "Organizational"},
			{Value: v.CommonName, From: "CommonName"},
		} {
			s.From = p.fromGenSh + ": " + s.From
			*settings[i] = s
		}
	}
	for i, s := range subjectFlags {
		if f.Changed(s.name) {
			*settings[i] = profile.Setting{Value: p.subject[i], From: "--" + s.name}
		}
	}
	if f.Changed("key-type") {
		asked.KeyType = profile.Setting{Value: p.keyType, From: "--key-type"}
	}
	if f.Changed("days") {
		asked.Days = &p.days
	}
	if f.Changed("ca-days") {
		asked.CADays = &p.caDays
	}
	return asked, nil
}
