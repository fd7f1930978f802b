package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// signOptions are the flags of sign.
type signOptions struct {
	output
	profileFlags
	caFlags
	dir, out, subject string
	strict            bool

	role  profile.Role
	file  string
	stdin io.Reader
}

func (a *app) signCommand() *cobra.Command {
	o := &signOptions{}
	c := &cobra.Command{
		Use:   "sign server|client FILE.csr",
		Short: "Sign a certification request that anyone made",
		Long: `Make the certificate for a certification request (PEM or DER, - is standard input)
from the CA of the set in --dir, as the request's name with .pem there. The request
has to be signed with its own key, and the key one that clients take.

Of the request nothing is copied but the key and the subject; --subject gives another
one. Names, uses and days are decided by the role, the conf and the flags: names are
that of the CommonName, and those of --san. What the request asks for besides is shown,
and said where it is not granted. milvus-certs show FILE.csr shows it before anything
is signed.

Exit status: 0 the certificate is there, 1 the request is refused or the work could
not be done, 2 the command line or the conf is wrong.`,
		Example: `  milvus-certs sign server server.csr
  milvus-certs sign server node1.csr --san IP:10.0.0.5 --days 90 -d certs
  milvus-certs sign client alice.csr --subject '/O=Example\/EU/OU=Search+CN=alice'
  ssh node1 cat node1.csr | milvus-certs sign server - --out node1.pem`,
		Args:              func(_ *cobra.Command, args []string) error { return o.arguments(args) },
		ValidArgsFunction: roleFirst(cobra.ShellCompDirectiveDefault),
		RunE: func(c *cobra.Command, _ []string) error {
			o.stdin = c.InOrStdin()
			return a.runSign(o, c.Flags())
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *signOptions) arguments(args []string) error {
	role, files, err := roleArgument(args)
	switch {
	case err != nil:
		return err
	case len(files) == 0 || files[0] == "":
		return fmt.Errorf("wanted the file of a certification request, found nothing")
	case len(files) > 1:
		return fmt.Errorf("wanted one certification request, found %q too", files[1])
	}
	o.role, o.file = role, files[0]
	return nil
}

func (o *signOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.StringVar(&o.out, "out", "", "file for the certificate, where it is not that of the request with .pem in the directory")
	f.StringVar(&o.subject, "subject", "", "subject in place of the one in the request, as /C=CN/O=milvus/CN=localhost")
	f.IntVar(&o.days, "days", profile.DefaultDays, "days until it expires")
	o.confFlag(f)
	o.stepFlags(f)
	o.caFlags.flags(f)
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	o.output.flags(f)
}

func (o *signOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "out", "subject", "config", "extensions"); err != nil {
		return err
	}
	if o.file == standardInput && o.out == "" {
		return usagef("standard input has no name: --out names the file for the certificate")
	}
	if err := o.caFlags.validate(f); err != nil {
		return err
	}
	return o.output.validate()
}

// name reads --subject; nil: the request's counts.
func (o *signOptions) name(f *pflag.FlagSet) (x509v3.Name, error) {
	if !f.Changed("subject") {
		return nil, nil
	}
	name, err := x509v3.ParseSubject(o.subject)
	if err == nil && len(name) == 0 {
		err = fmt.Errorf("wanted a subject such as /C=CN/O=milvus/CN=localhost, found none in %q", o.subject)
	}
	if err != nil {
		return nil, usagef("--subject: %w", err)
	}
	return name, nil
}

// requestEndings are those that a request's name is taken without.
var requestEndings = []string{certset.RequestEnding, ".req", ".p10"}

// target is where the certificate goes.
func (o *signOptions) target() (target, error) {
	own := string(o.role) + certset.CertificateEnding
	if o.out != "" {
		return newTarget(o.out, o.dir, own, "")
	}
	name := filepath.Base(o.file)
	for _, ending := range requestEndings {
		if rest, ok := strings.CutSuffix(name, ending); ok {
			name = rest
			break
		}
	}
	name, err := stepName(o.role, name)
	if err != nil {
		return target{}, usagef("%s: the certificate is called by it: %w; --out names another file", o.file, err)
	}
	return target{o.dir, name + certset.CertificateEnding}, nil
}
