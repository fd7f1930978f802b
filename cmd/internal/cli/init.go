package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// initOptions are the flags of init.
type initOptions struct {
	output
	profileFlags
	caFlags
	dir             string
	strict          bool
	force, ifNeeded bool
	renewBefore     renewBefore
	encryptCAKey    bool
	printConfig     bool
}

func (a *app) initCommand() *cobra.Command {
	o := &initOptions{}
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
	o.confFlag(f)
	f.StringVar(&o.fromGenSh, "from-gen-sh", "", "take the six variables of this gen.sh as defaults")
	for _, s := range subjectFlags {
		o.subjectFlag(f, s.name, "")
	}
	o.sanFlags(f, "further name of the server")
	f.IntVar(&o.days, "days", profile.DefaultDays, "days until server and client expire")
	f.IntVar(&o.caDays, "ca-days", profile.DefaultDays, "days until the CA expires")
	o.keyTypeFlag(f, `default "rsa-2048"`)
	sectionFlags(f, &o.sections)
	f.BoolVar(&o.exact, "exact", false, "complete nothing: what OpenSSL makes of the conf with gen.sh's commands")
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	f.BoolVar(&o.force, "force", false, "replace a set; the old one is kept in a dated folder")
	f.BoolVar(&o.ifNeeded, "if-needed", false, "keep a sound set, renew leaves that are due; never replace a CA")
	o.renewBefore.flag(f)
	o.caFlags.flags(f)
	f.BoolVar(&o.encryptCAKey, "encrypt-ca-key", false, "encrypt ca.key with a pass phrase, which is asked for on a terminal")
	f.BoolVar(&o.printConfig, "print-config", false, "print the built-in conf and do nothing else")
	o.output.flags(f)
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
	if err := o.validateCA(f); err != nil {
		return err
	}
	return o.output.validate()
}

// validateCA refuses flags about a CA that is to be made where another one issues.
func (o *initOptions) validateCA(f *pflag.FlagSet) error {
	if err := o.caFlags.validate(f); err != nil {
		return err
	}
	for _, name := range []string{"ca-days", "ca-common-name", "state", "locality", "encrypt-ca-key", "exact"} {
		if o.elsewhere() && f.Changed(name) {
			return usagef("--%s and --ca-cert exclude each other: the CA is there already", name)
		}
	}
	if o.given() && !o.encryptCAKey && !o.elsewhere() && !o.ifNeeded {
		return usagef("a pass phrase goes with --encrypt-ca-key, which encrypts ca.key with it")
	}
	if o.caKey != "" && !o.elsewhere() && !o.ifNeeded {
		return usagef("--ca-key wants --ca-cert too: the certificate of the CA that issues")
	}
	return nil
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
