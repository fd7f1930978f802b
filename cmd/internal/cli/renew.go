package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// renewOptions are the flags of renew.
type renewOptions struct {
	output
	profileFlags
	caFlags
	renewBefore     renewBefore
	dir             string
	sameKey, newKey bool
	ifNeeded        bool
	resetUsage      bool
	role            string
	strict          bool
	sansFor         bool // names of a deployment are to be added

	names []string // as they are typed
	files []string // the files of those names, without endings
}

func (a *app) renewCommand() *cobra.Command {
	o := &renewOptions{}
	c := &cobra.Command{
		Use:   "renew [server|client|NAME...]",
		Short: "Renew server and client certificates, or the CA",
		Long: `Make new certificates for leaves that are there, from the CA of the set in --dir:
for server, client, or those that issue made, by the name of their files. Without
names it is for all leaves that a CA in ca.pem issued.

A new certificate has a new key, and keeps everything else of the old one: subject,
names, uses, extensions, and how long it lasts, at most until its CA ends. What it
lacks is completed, as init does, and said; a certificate of gen.sh gets its
subjectAltName. A use that is stated and wrong stays, unless --reset-usage puts that
of the role in its place.

--if-needed is for cron: what is not due stays as it is, and that is no error. It
never moves a leaf to another CA, as renew does while the CA is being changed; see
renew ca.

Milvus does not read its files again by itself: restart it. Clients that trust
server.pem instead of ca.pem refuse the new one, whatever key it has; have them
trust ca.pem before.

Exit status: 0 renewed, or nothing was due, 1 the work could not be done, 2 the
command line is wrong.`,
		Example: `  milvus-certs renew -d certs
  milvus-certs renew -d certs --if-needed         # in cron
  milvus-certs renew server --same-key --san milvus.example.com
  milvus-certs renew client --reset-usage         # set of a script that states serverAuth for it`,
		Args: func(_ *cobra.Command, args []string) error { return o.arguments(args) },
		RunE: func(c *cobra.Command, _ []string) error { return a.runRenew(o, c.Flags()) },
	}
	o.flags(c.Flags())
	c.AddCommand(a.renewCACommand())
	return c
}

// arguments turns names into those of files, each once.
func (o *renewOptions) arguments(args []string) error {
	o.names, o.files = args, nil
	for _, name := range args {
		file := name
		if name == "ca" {
			return fmt.Errorf("renew ca stands alone; it makes a new CA")
		}
		if !slices.Contains(roles, profile.Role(name)) {
			var err error
			if file, err = fileName(name); err != nil {
				return err
			}
		}
		if slices.Contains(o.files, file) {
			return fmt.Errorf("%q is named twice", name)
		}
		o.files = append(o.files, file)
	}
	return nil
}

func (o *renewOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.BoolVar(&o.newKey, "new-key", false, "with a new key, as it is by default")
	f.BoolVar(&o.sameKey, "same-key", false, "with the key that it has, be it kept elsewhere")
	f.BoolVar(&o.ifNeeded, "if-needed", false, "renew only what is due")
	o.renewBefore.flag(f)
	f.IntVar(&o.days, "days", 0, "days until it expires (default as the old one)")
	o.keyTypeFlag(f, "default that of the old key")
	o.sanFlags(f, "further name, for one NAME")
	f.BoolVar(&o.resetUsage, "reset-usage", false, "replace a stated extendedKeyUsage by that of the role")
	f.StringVar(&o.role, "role", "", "what further leaves are for that do not say, or with --reset-usage: server or client")
	o.caFlags.flags(f)
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	o.output.flags(f)
}

func (o *renewOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "role"); err != nil {
		return err
	}
	switch {
	case o.sameKey && o.newKey:
		return usagef("--same-key and --new-key exclude each other")
	case o.sameKey && f.Changed("key-type"):
		return usagef("--key-type and --same-key exclude each other: it is for a new key")
	case f.Changed("renew-before") && !o.ifNeeded:
		return usagef("--renew-before goes with --if-needed")
	case len(o.sans) > 0 && len(o.names) != 1:
		return usagef("--san and --san-for are for one NAME")
	case f.Changed("san-for") && (o.role == string(profile.ClientRole) || slices.Contains(o.names, string(profile.ClientRole))):
		return usage(errServersNames)
	case o.role != "" && !slices.Contains(roles, profile.Role(o.role)):
		return usagef("--role: wanted server or client, found %q", o.role)
	case o.role != "" && len(o.files) > 0 && !slices.ContainsFunc(o.files, isFurther):
		return usagef("--role is for further leaves; %s has its role by its name", o.names[0])
	}
	if err := o.caFlags.validate(f); err != nil {
		return err
	}
	o.sansFor = f.Changed("san-for")
	return o.output.validate()
}

// isFurther tells a leaf that was issued besides from the set's own.
func isFurther(file string) bool { return !slices.Contains(roles, profile.Role(file)) }
