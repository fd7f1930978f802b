package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// issueOptions are the flags of issue.
type issueOptions struct {
	output
	profileFlags
	caFlags
	dir       string
	namesFrom string
	strict    bool

	role  profile.Role
	names []string
	stdin io.Reader
}

// roles are those that a leaf can have, as they are typed.
var roles = []profile.Role{profile.ServerRole, profile.ClientRole}

func (a *app) issueCommand() *cobra.Command {
	o := &issueOptions{}
	c := &cobra.Command{
		Use:   "issue server|client NAME...",
		Short: "Issue further server or client certificates from the CA of a set",
		Long: `Issue further leaves from the CA of the set in --dir: for each NAME the files
NAME.key, NAME.csr and NAME.pem. NAME is the CommonName and, where it is a host
name or an address, the first of the names in subjectAltName. What else is in the
subject is as in the set's own server or client certificate; --config and the
flags say otherwise. Nothing that is there is replaced; for that there is renew.

--names-from reads a file of names, one a line, further names for subjectAltName
behind it: "node1 DNS:node1.example.com IP:10.0.0.5". There may be any number. Each
name is written whole or not at all, and a command that was interrupted goes on
where it stopped: names whose files are there, and right, are passed over.

With --ca-cert and --ca-key another CA issues, such as a company's intermediate one;
the CAs between it and its root then stand behind each certificate.

Exit status: 0 the leaves are there, 1 the work could not be done, 2 the command
line, the conf or a name is wrong.`,
		Example: `  milvus-certs issue client alice bob -d certs
  milvus-certs issue server node1.example.com --san IP:10.0.0.5 -d certs
  milvus-certs issue client --names-from users.txt --key-type ec-p256 --days 90
  milvus-certs issue server db --ca-cert corp.pem --ca-key corp.key`,
		Args:              func(_ *cobra.Command, args []string) error { return o.arguments(args) },
		ValidArgsFunction: roleFirst(cobra.ShellCompDirectiveNoFileComp),
		RunE: func(c *cobra.Command, _ []string) error {
			o.stdin = c.InOrStdin()
			return a.runIssue(o, c.Flags())
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *issueOptions) arguments(args []string) (err error) {
	o.role, o.names, err = roleArgument(args)
	return err
}

// roleArgument takes the role from the head of the arguments.
func roleArgument(args []string) (profile.Role, []string, error) {
	if len(args) == 0 {
		return "", nil, fmt.Errorf("wanted server or client, found nothing")
	}
	if !slices.Contains(roles, profile.Role(args[0])) {
		return "", nil, fmt.Errorf("wanted server or client, found %q", args[0])
	}
	return profile.Role(args[0]), args[1:], nil
}

func (o *issueOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.StringVar(&o.namesFrom, "names-from", "", `file with the names, one a line, or "-" for standard input`)
	o.leafFlags(f)
	f.StringVar(&o.fromGenSh, "from-gen-sh", "", "take the six variables of this gen.sh as defaults")
	o.caFlags.flags(f)
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	o.output.flags(f)
}

// leafFlags say what a further leaf is to be.
func (p *profileFlags) leafFlags(f *pflag.FlagSet) {
	p.confFlag(f)
	p.subjectFlag(f, "common-name", "CommonName, where it is not NAME")
	p.subjectFlag(f, "country", "country, C, two letters (default that of the set)")
	p.subjectFlag(f, "organization", "organization, O (default that of the set)")
	p.subjectFlag(f, "organizational-unit", "organizational unit, OU (default that of the set)")
	p.sanFlags(f, "further name")
	f.IntVar(&p.days, "days", profile.DefaultDays, "days until it expires")
	p.keyTypeFlag(f, `default "rsa-2048"`)
	f.StringVar(&p.sections[0], "extensions", "", `section of the conf with the extensions (default "v3_req")`)
	f.BoolVar(&p.exact, "exact", false, "complete nothing: what OpenSSL makes of the conf with gen.sh's commands")
}

func (o *issueOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "names-from", "config", "from-gen-sh", "extensions", "common-name"); err != nil {
		return err
	}
	switch {
	case o.namesFrom != "" && len(o.names) > 0:
		return usagef("--names-from and NAME exclude each other, found %q", o.names[0])
	case o.namesFrom == "" && len(o.names) == 0:
		return usagef("wanted the name of a %s, found nothing; --names-from reads names from a file", o.role)
	case f.Changed("common-name") && len(o.names) != 1:
		return usagef("--common-name is for one NAME")
	case o.role == profile.ClientRole && f.Changed("san-for"):
		return usage(errServersNames)
	case len(o.sans) > 0 && len(o.names) != 1:
		return usagef("--san and --san-for are for one NAME; in a file of names they stand behind the name")
	}
	if err := o.caFlags.validate(f); err != nil {
		return err
	}
	return o.output.validate()
}
