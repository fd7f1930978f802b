package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// initOptions are the flags of init.
type initOptions struct {
	output
	dir, config, fromGenSh string
	subject                [8]string // in the order of subjectFlags
	sans                   []string
	days, caDays           int
	keyType                string
	sections               [3]string // for both roles, the server, the client
	exact, strict          bool
	force, ifNeeded        bool
	renewBefore            duration
	renewBeforeAsked       bool
	printConfig            bool
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

func (a *app) initCommand() *cobra.Command {
	o := &initOptions{renewBefore: duration(30 * day)}
	c := &cobra.Command{
		Use:   "init",
		Short: "Make a set: CA, server and client, nine files",
		Long: `Make a set of nine files: ca.key, ca.pem, ca.srl, server.key, server.csr,
server.pem, client.key, client.csr and client.pem, all of them or none.

The conf is the file that --config names, else openssl.cnf in the directory, else
a built-in one. What it states is kept, what it leaves out is completed, and every
completion is said. Values come from the flags, then from --from-gen-sh, then from
the conf, then from the defaults.

Exit status: 0 the set is there, 1 the work could not be done, 2 the command line
or the conf is wrong.`,
		Example: `  milvus-certs init
  milvus-certs init -d certs --common-name milvus.example.com --san IP:10.0.0.5
  milvus-certs init -d certs --if-needed          # in a Makefile or a pipeline
  milvus-certs init --from-gen-sh gen.sh --config openssl.cnf --exact`,
		Args: noArguments("; the directory is given with --dir"),
		RunE: func(c *cobra.Command, _ []string) error { return a.runInit(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *initOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set; it has to exist")
	f.StringVarP(&o.config, "config", "c", "", "conf to use, in OpenSSL's format")
	f.StringVar(&o.fromGenSh, "from-gen-sh", "", "take the six variables of this gen.sh as defaults")
	for i, s := range subjectFlags {
		f.StringVar(&o.subject[i], s.name, "", s.usage)
	}
	f.StringArrayVar(&o.sans, "san", nil, "further name of the server: DNS:name, IP:address, or either alone; repeatable")
	f.IntVar(&o.days, "days", profile.DefaultDays, "days until server and client expire")
	f.IntVar(&o.caDays, "ca-days", profile.DefaultDays, "days until the CA expires")
	f.StringVar(&o.keyType, "key-type", "", `key type: `+strings.Join(profile.KeyTypes(), ", ")+` (default "rsa-2048")`)
	sectionFlags(f, &o.sections)
	f.BoolVar(&o.exact, "exact", false, "complete nothing: what OpenSSL makes of the conf with gen.sh's commands")
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	f.BoolVar(&o.force, "force", false, "replace a set; the old one is kept in a dated folder")
	f.BoolVar(&o.ifNeeded, "if-needed", false, "keep a sound set, renew leaves that are due; never replace a CA")
	f.Var(&o.renewBefore, "renew-before", "with --if-needed: how long before its end a certificate is due; by default not before two thirds of its time")
	f.BoolVar(&o.printConfig, "print-config", false, "print the built-in conf and do nothing else")
	o.output.flags(f)
}

// sectionFlags name the sections of the leaves: for both roles, for the server, for the client.
func sectionFlags(f *pflag.FlagSet, sections *[3]string) {
	f.StringVar(&sections[0], "extensions", "", `section with the extensions of the leaves (default "v3_req")`)
	f.StringVar(&sections[1], "server-extensions", "", "section with the extensions of the server alone")
	f.StringVar(&sections[2], "client-extensions", "", "section with the extensions of the client alone")
}

func (o *initOptions) validate(f *pflag.FlagSet) error {
	switch {
	case o.force && o.ifNeeded:
		return usagef("--force and --if-needed exclude each other: the one replaces a set, the other keeps it")
	case f.Changed("renew-before") && !o.ifNeeded:
		return usagef("--renew-before goes with --if-needed")
	}
	if err := wantNames(f, "dir", "config", "from-gen-sh", "extensions", "server-extensions", "client-extensions"); err != nil {
		return err
	}
	o.renewBeforeAsked = f.Changed("renew-before")
	return o.output.validate()
}

// wantNames refuses flags that were given without a value.
func wantNames(f *pflag.FlagSet, flags ...string) error {
	for _, name := range flags {
		if f.Changed(name) && f.Lookup(name).Value.String() == "" {
			return usagef("--%s: wanted a name, found nothing", name)
		}
	}
	return nil
}

// asked gathers what the flags and gen.sh ask for. A flag that was not given asks for nothing.
func (o *initOptions) asked(f *pflag.FlagSet, now time.Time) (profile.Asked, error) {
	asked := profile.Asked{
		SANs: o.sans, Now: now, Exact: o.exact,
		Extensions: o.sections[0], ServerExtensions: o.sections[1], ClientExtensions: o.sections[2],
	}
	settings := []*profile.Setting{
		&asked.Country, &asked.State, &asked.Locality, &asked.Organization, &asked.OrganizationalUnit,
		&asked.CommonName, &asked.ClientCommonName, &asked.CACommonName,
	}
	if f.Changed("from-gen-sh") {
		v, err := readGenSh(o.fromGenSh)
		if err != nil {
			return asked, err
		}
		for i, s := range []profile.Setting{
			{Value: v.Country, From: "Country"}, {Value: v.State, From: "State"}, {Value: v.Location, From: "Location"},
			{Value: v.Organization, From: "Organization"}, {Value: v.Organizational, From: "Organizational"},
			{Value: v.CommonName, From: "CommonName"},
		} {
			s.From = o.fromGenSh + ": " + s.From
			*settings[i] = s
		}
	}
	for i, s := range subjectFlags {
		if f.Changed(s.name) {
			*settings[i] = profile.Setting{Value: o.subject[i], From: "--" + s.name}
		}
	}
	if f.Changed("key-type") {
		asked.KeyType = profile.Setting{Value: o.keyType, From: "--key-type"}
	}
	if f.Changed("days") {
		asked.Days = &o.days
	}
	if f.Changed("ca-days") {
		asked.CADays = &o.caDays
	}
	return asked, nil
}
