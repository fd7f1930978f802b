package cli

import (
	"crypto"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// caOptions are the flags of ca.
type caOptions struct {
	output
	profileFlags
	passphrase
	dir, key string
	strict   bool
}

func (a *app) caCommand() *cobra.Command {
	o := &caOptions{}
	c := &cobra.Command{
		Use:   "ca",
		Short: "Make the certificate of a CA from its key",
		Long: `Make ca.pem, the self-signed certificate of a CA, from ca.key in --dir, or from a
key that is kept elsewhere. It is what milvus-certs init makes of the same conf
and flags. A ca.pem that is there is not replaced; for that there is renew ca.

Exit status: 0 ca.pem is there, 1 the work could not be done, 2 the command line or
the conf is wrong.`,
		Example: `  milvus-certs ca
  milvus-certs ca -d certs --key /media/usb/ca.key --ca-common-name 'Milvus CA' --days 7300`,
		Args: noArguments("; the directory is given with --dir"),
		RunE: func(c *cobra.Command, _ []string) error { return a.runCA(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *caOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of ca.key, which ca.pem goes into")
	f.StringVar(&o.key, "key", "", "key of the CA, where it is not ca.key in the directory")
	o.passphrase.flags(f)
	o.confFlag(f)
	f.StringVar(&o.fromGenSh, "from-gen-sh", "", "take the six variables of this gen.sh as defaults")
	for _, s := range subjectFlags {
		if s.name != "client-common-name" { // nothing is made for a client
			o.subjectFlag(f, s.name, "")
		}
	}
	f.IntVar(&o.caDays, "days", profile.DefaultDays, "days until the CA expires")
	f.BoolVar(&o.exact, "exact", false, "complete nothing: what OpenSSL makes of the conf with gen.sh's commands")
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	o.output.flags(f)
}

func (o *caOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "key", "config", "from-gen-sh"); err != nil {
		return err
	}
	if err := o.passphrase.validate(f); err != nil {
		return err
	}
	return o.output.validate()
}

// The ways out where a file is there, or is not.
const (
	caIsKept  = "all that it has signed depends on it; milvus-certs renew ca begins a change to a new one"
	caWantKey = "milvus-certs key ca makes one, --key names one that is kept elsewhere"
)

func (a *app) runCA(o *caOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	now := a.now()
	asked, err := o.asked(f, now)
	if err != nil {
		return err
	}
	if f.Changed("days") {
		asked.Days, asked.CADays = &o.caDays, &o.caDays
	}
	asked.KeyType = theKey
	p, conf, err := a.resolveProfile(o.output, o.config, o.dir, asked)
	if err != nil {
		return err
	}
	report := &caReport{Schema: caSchema, Directory: o.dir, Conf: conf, remarks: newRemarks()}
	if err := report.warnConf(o.strict, p.Warnings()); err != nil {
		return err
	}
	t := target{o.dir, certset.CACertificate}
	if err := t.isFree(caIsKept); err != nil {
		return err
	}
	key, err := a.readStepKey(o.output, &o.passphrase, orIn(o.key, o.dir, certset.CAKey), caWantKey)
	if err != nil {
		return err
	}
	file, err := report.make(o, p, key, now)
	if err != nil {
		return err
	}
	if err := a.writeNew(o.output, o.dir, []certset.File{file}, caIsKept); err != nil {
		return err
	}
	report.Next = []string{commandIn("key server client", o.dir), commandIn("csr server", o.dir)}
	return a.printReport(o.output, report, report.remarks, report.text())
}

// caSchema names the form of the report. A change that could break a reader changes the number.
const caSchema = "milvus-certs/ca/v1"

// caReport is what ca says, in JSON as it stands.
type caReport struct {
	Schema      string            `json:"schema"`
	Directory   string            `json:"directory"`
	Conf        string            `json:"conf"`
	Certificate certificateReport `json:"certificate"`
	remarks
}

// make makes the certificate, and asks clients what they think of it.
func (r *caReport) make(o *caOptions, p *profile.Profile, key crypto.Signer, now time.Time) (certset.File, error) {
	ca, err := issuance.NewCA(p, key, now)
	if err != nil {
		return certset.File{}, fmt.Errorf("%s: %w", certset.CACertificate, err)
	}
	r.Certificate = describe(certset.CACertificate, ca.Certificate)
	for _, n := range p.Notes() {
		if strings.HasPrefix(n, certset.CACertificate+": ") { // the others are about leaves
			r.note(n)
		}
	}
	refusals, err := refusedCA(ca, now)
	if err != nil {
		return certset.File{}, err
	}
	if err := r.warn(o.strict, refusals...); err != nil {
		return certset.File{}, err
	}
	files, err := certset.Leaf{Name: caName, Entry: certset.Entry{Certificate: ca.Certificate}}.Files()
	if err != nil {
		return certset.File{}, err
	}
	return files[0], nil
}

// refusedCA is what clients have against a CA, a sentence each, as they would say it of a set that the CA has issued. It holds
// back one that is not sound, which would be this program's fault.
func refusedCA(ca certset.Entry, now time.Time) (sentences []string, err error) {
	p, err := builtinProfile(profile.Asked{}, now)
	if err != nil {
		return nil, err
	}
	set, err := issuance.Trial(p, ca, now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", certset.CACertificate, err)
	}
	if failures := verify.Sound(set, now); len(failures) > 0 {
		return nil, fmt.Errorf("the CA that was made is not sound and was not written: %s", failures[0])
	}
	findings, err := refusals(set)
	for _, f := range findings {
		if f.File == certset.CACertificate {
			sentences = append(sentences, f.Sentence())
		}
	}
	return sentences, err
}

func (r *caReport) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "made %s, conf: %s\n", filepath.Join(r.Directory, certset.CACertificate), r.Conf)
	c := r.Certificate
	fmt.Fprintf(&out, "\n%s  %s, %d days, until %s\n", c.File, c.KeyType, c.Days, c.NotAfter.Format(time.DateOnly))
	fmt.Fprintf(&out, "  subject  %s\n  SHA-256  %s\n", c.Subject, c.SHA256)
	return out.String()
}
