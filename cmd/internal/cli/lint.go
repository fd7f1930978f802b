package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// lintOptions are the flags of lint.
type lintOptions struct {
	output
	file, dir string
	sections  [3]string // for both roles, the server, the client
	exact     bool
	strict    bool
}

func (a *app) lintCommand() *cobra.Command {
	o := &lintOptions{}
	c := &cobra.Command{
		Use:   "lint [FILE]",
		Short: "Say what is understood of a conf, what would be completed, and what is wrong",
		Long: `Read a conf as init would, issue from it in memory, and say what was understood:
the sections that are used and why, each extension with its line and its value,
what would be completed, and what clients would refuse. Without FILE it is the
conf that init would use. Nothing is written.

Exit status: 0 the conf is right, 1 it only warns and --strict is given, 2 it is
wrong.`,
		Example: `  milvus-certs lint openssl.cnf
  milvus-certs lint --strict -o json openssl.cnf     # in a pipeline`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("lint takes one file, found %q besides", args[1])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.validate(c.Flags(), args); err != nil {
				return err
			}
			return a.runLint(o)
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *lintOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory whose conf is meant where no FILE is given")
	sectionFlags(f, &o.sections)
	f.BoolVar(&o.exact, "exact", false, "as init --exact: nothing is completed")
	f.BoolVar(&o.strict, "strict", false, "exit with status 1 where there are warnings")
	o.output.flags(f)
}

func (o *lintOptions) validate(f *pflag.FlagSet, args []string) error {
	if len(args) == 1 {
		o.file = args[0]
		switch {
		case o.file == "":
			return usagef("wanted the name of a conf, found nothing")
		case f.Changed("dir"):
			return usagef("--dir and a FILE exclude each other")
		}
	}
	if err := wantNames(f, "dir", "extensions", "server-extensions", "client-extensions"); err != nil {
		return err
	}
	return o.output.validate()
}

func (a *app) runLint(o *lintOptions) error {
	report, err := a.lint(o)
	if err != nil {
		if o.format == formatJSON {
			if err := writeJSON(a.stdout, refusedConf(o, err)); err != nil {
				return err
			}
		}
		return err
	}
	if err := a.printLint(o, report); err != nil {
		return err
	}
	if o.strict && len(report.Warnings) > 0 {
		return fmt.Errorf("%s: %d warnings (--strict)", report.Conf, len(report.Warnings))
	}
	return nil
}

// lint reads the conf and issues from it, with keys that cost nothing to make.
func (a *app) lint(o *lintOptions) (*lintReport, error) {
	if info, err := os.Stat(o.dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no directory", o.dir)
	}
	conf, remark, err := readConf(o.file, o.dir)
	if err != nil {
		return nil, err
	}
	if remark != "" {
		a.say(o.output, "%s", remark)
	}
	asked := profile.Asked{
		Exact: o.exact, Now: a.now(),
		Extensions: o.sections[0], ServerExtensions: o.sections[1], ClientExtensions: o.sections[2],
	}
	p, err := profile.New(conf, asked)
	if err != nil {
		return nil, usage(err)
	}
	asked.KeyType = profile.Setting{Value: "ec-p256", From: "lint"}
	cheap, err := profile.New(conf, asked)
	if err != nil {
		return nil, err
	}
	set, _, err := issuance.NewSet(cheap, issuance.Options{Now: asked.Now})
	if err != nil {
		return nil, err
	}
	refused, err := refusals(set)
	if err != nil {
		return nil, err
	}
	return newLintReport(conf, p, refused), nil
}

func newLintReport(conf *opensslconf.Conf, p *profile.Profile, refused []verify.Finding) *lintReport {
	r := &lintReport{Schema: lintSchema, Conf: conf.Name(), OK: true, Completed: append([]string{}, p.Notes()...), Warnings: []lintMessage{}}
	r.addCertificate(certset.CACertificate, p.CA())
	r.addCertificate(certset.ServerCertificate, p.Server())
	r.addCertificate(certset.ClientCertificate, p.Client())
	for _, w := range p.Warnings() {
		r.Warnings = append(r.Warnings, lintMessage{File: w.Pos.File, Line: w.Pos.Line, Section: w.Section, Key: w.Key, Message: w.Msg, text: w.String()})
	}
	for _, f := range refused {
		r.Warnings = append(r.Warnings, lintMessage{File: f.File, Message: f.Problem + ": refused by " + f.Refusers(), text: f.Sentence()})
	}
	return r
}

// refusedConf is the report on a conf that is wrong.
func refusedConf(o *lintOptions, err error) *lintReport {
	m := &lintMessage{Message: err.Error()}
	if place, ok := errors.AsType[*opensslconf.Error](err); ok {
		m = &lintMessage{File: place.Pos.File, Line: place.Pos.Line, Section: place.Section, Key: place.Key, Message: place.Msg}
	}
	return &lintReport{Schema: lintSchema, Conf: o.file, Error: m, Completed: []string{}, Warnings: []lintMessage{}, Certificates: []lintCertificate{}}
}
