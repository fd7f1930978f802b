package cli

import (
	"crypto"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// csrOptions are the flags of csr.
type csrOptions struct {
	output
	profileFlags
	passphrase
	dir, key, out string
	strict        bool

	role profile.Role
	name string // NAME, or the role
}

func (a *app) csrCommand() *cobra.Command {
	o := &csrOptions{}
	c := &cobra.Command{
		Use:   "csr server|client [NAME]",
		Short: "Make a certification request from a key",
		Long: `Make the certification request NAME.csr from NAME.key in --dir; without NAME it is
the set's own, server.csr or client.csr. The key may also stay where it is: --key
names it, and nothing of it is copied.

Conf and flags decide the subject and the extensions that are asked for, for the
set's own as in milvus-certs init, for another NAME as in milvus-certs issue.

Exit status: 0 the request is there, 1 the work could not be done, 2 the command
line, the conf or a name is wrong.`,
		Example: `  milvus-certs csr server
  milvus-certs csr client alice -d certs
  milvus-certs csr server node1.example.com --key /etc/ssl/private/node1.key --out node1.csr`,
		Args:              func(_ *cobra.Command, args []string) error { return o.arguments(args) },
		ValidArgsFunction: roleFirst(cobra.ShellCompDirectiveNoFileComp),
		RunE:              func(c *cobra.Command, _ []string) error { return a.runCSR(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *csrOptions) arguments(args []string) error {
	role, names, err := roleArgument(args)
	switch {
	case err != nil:
		return err
	case len(names) > 1:
		return fmt.Errorf("wanted one NAME, found %q too", names[1])
	case len(names) == 0:
		names = []string{string(role)}
	}
	o.role, o.name = role, names[0]
	return nil
}

func (o *csrOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the key, which the request goes into")
	f.StringVar(&o.key, "key", "", "key that the request is for, where it is not NAME.key in the directory")
	f.StringVar(&o.out, "out", "", "file for the request, where it is not NAME.csr in the directory")
	o.passphrase.flags(f)
	f.Lookup("passphrase-file").Usage = "file whose first line is the pass phrase of the key"
	f.Lookup("passphrase-env").Usage = "environment variable with the pass phrase of the key"
	o.confFlag(f)
	f.StringVar(&o.fromGenSh, "from-gen-sh", "", "take the six variables of this gen.sh as defaults")
	o.subjectFlag(f, "common-name", `CommonName, where it is not NAME (default of the set's own "localhost")`)
	o.subjectFlag(f, "country", `country, C, two letters (default "CN", or with NAME that of the set)`)
	o.subjectFlag(f, "organization", `organization, O (default "milvus", or with NAME that of the set)`)
	o.subjectFlag(f, "organizational-unit", `organizational unit, OU (default "milvus", or with NAME that of the set)`)
	o.stepFlags(f)
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	o.output.flags(f)
}

func (o *csrOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "key", "out", "config", "from-gen-sh", "extensions"); err != nil {
		return err
	}
	if !o.own() && f.Changed("common-name") && o.subject[commonNameFlag] == "" {
		return usagef("--common-name: wanted a name, found nothing")
	}
	if err := o.passphrase.validate(f); err != nil {
		return err
	}
	return o.output.validate()
}

// own tells whether the request is that of the set's own leaf.
func (o *csrOptions) own() bool { return o.name == string(o.role) }

const csrIsKept = "move it away, or name another file with --out"

func (a *app) runCSR(o *csrOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	name, err := stepName(o.role, o.name)
	if err != nil {
		return usage(err)
	}
	t, err := newTarget(o.out, o.dir, string(o.role)+certset.RequestEnding, name+certset.RequestEnding)
	if err != nil {
		return err
	}
	report := &csrReport{Schema: csrSchema, Directory: o.dir, Role: o.role, File: t.path(), remarks: newRemarks()}
	p, c, err := a.requested(o, f, t, report)
	if err != nil {
		return err
	}
	if err := t.isFree(csrIsKept); err != nil {
		return err
	}
	wayOut := fmt.Sprintf("milvus-certs key %s makes one, --key names one that is kept elsewhere", shellQuote(o.name))
	key, err := a.readStepKey(o.output, &o.passphrase, orIn(o.key, o.dir, name+certset.KeyEnding), wayOut)
	if err != nil {
		return err
	}
	file, err := report.make(o, p, c, key, t)
	if err != nil {
		return err
	}
	if err := a.writeNew(o.output, t.dir, []certset.File{file}, csrIsKept); err != nil {
		return err
	}
	report.Next = []string{commandIn(fmt.Sprintf("sign %s %s", o.role, pathIn(t.dir, t.name)), o.dir)}
	return a.printReport(o.output, report, report.remarks, report.text())
}

// requested turns flags and conf into the profile of the request.
func (a *app) requested(o *csrOptions, f *pflag.FlagSet, t target, report *csrReport) (*profile.Profile, profile.Certificate, error) {
	none := profile.Certificate{}
	asked, err := o.asked(f, a.now())
	if err != nil {
		return nil, none, err
	}
	leaf := profile.Leaf{File: t.name, SANs: asked.SANs, SANsFrom: "--san"}
	leaf.CommonName = profile.Setting{Value: o.name, From: strconv.Quote(o.name)}
	if f.Changed("common-name") {
		leaf.CommonName = asked.CommonName
	}
	asked.SANs, asked.CAElsewhere = nil, true
	if !o.own() {
		asked.CommonName = profile.Setting{}
		if asked.Default, err = subjectIn(o.dir, o.role); err != nil {
			return nil, none, err
		}
	}
	asked.KeyType = theKey
	p, conf, err := a.resolveProfile(o.output, o.config, o.dir, asked)
	if err != nil {
		return nil, none, err
	}
	report.Conf = conf
	if err := report.warnConf(o.strict, p.Warnings()); err != nil {
		return nil, none, err
	}
	subject := p.Server().Subject
	if o.role == profile.ClientRole {
		subject = p.Client().Subject
	}
	if !o.own() {
		named, _, err := p.Leaf(o.role, profile.Leaf{CommonName: leaf.CommonName})
		if err != nil {
			return nil, none, usage(err)
		}
		subject = named.Subject
	}
	c, notes, err := p.Request(o.role, subject, leaf)
	report.note(notes...)
	return p, c, usage(err)
}

// subjectIn is subjectOf for a directory that is not open.
func subjectIn(path string, role profile.Role) (*profile.Subject, error) {
	dir, err := openSet(path)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	return subjectOf(dir, role)
}

// csrSchema names the form of the report. A change that could break a reader changes the number.
const csrSchema = "milvus-certs/csr/v1"

// csrReport is what csr says, in JSON as it stands.
type csrReport struct {
	Schema    string         `json:"schema"`
	Directory string         `json:"directory"`
	Conf      string         `json:"conf"`
	Role      profile.Role   `json:"role"`
	File      string         `json:"file"`
	Request   *requestReport `json:"request"`
	remarks
}

// requestReport is what a request asks for.
type requestReport struct {
	KeyType string `json:"key_type"`
	showRequest
}

func newRequestReport(r *certset.Request) *requestReport {
	return &requestReport{KeyType: certset.KeyTypeOf(r.PublicKeyInfo), showRequest: *describeRequest(r)}
}

// make makes the request. Whether its key will do is for whoever signs it to say; this program's sign would say it.
func (r *csrReport) make(o *csrOptions, p *profile.Profile, c profile.Certificate, key crypto.Signer, t target) (certset.File, error) {
	request, err := issuance.NewRequest(p, c, key)
	if err != nil {
		return certset.File{}, fmt.Errorf("%s: %w", t.name, err)
	}
	if err := request.CheckSignature(); errors.Is(err, certset.ErrBadSignature) {
		return certset.File{}, fmt.Errorf("the request that was made was not written: %w", err)
	}
	if err := request.CheckKey(); err != nil {
		if err := r.warn(o.strict, fmt.Sprintf("%s: %v; milvus-certs sign refuses it", t.name, err)); err != nil {
			return certset.File{}, err
		}
	}
	r.Request = newRequestReport(request)
	files, err := certset.Leaf{Name: t.name, Entry: certset.Entry{Request: request}}.Files()
	if err != nil {
		return certset.File{}, err
	}
	files[0].Name = t.name
	return files[0], nil
}

func (r *csrReport) text() string {
	return fmt.Sprintf("made %s, conf: %s\n\n", r.File, r.Conf) + r.Request.text()
}

// text writes what a request asks for.
func (r *requestReport) text() string {
	signed := r.Algorithm
	if !r.SignatureValid {
		signed += ", NOT with its own key"
	}
	return line("subject", orNone(shortened(r.Subject))) + namesLine("names", r.Names) + r.showUses.lines() +
		line("key", r.KeyType) + line("signed", signed) + r.others()
}

// namesLine is listLine for names that someone else chose, however many and long; JSON has them whole.
func namesLine(label string, names []string) string {
	const most, longest = 20, 260
	var shown []string
	for _, n := range names[:min(most, len(names))] {
		shown = append(shown, cut(n, longest))
	}
	if more := len(names) - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", more))
	}
	return listLine(label, shown)
}
