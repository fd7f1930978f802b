package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// statusOptions are the flags of status.
type statusOptions struct {
	output
	dir       string
	dirs      []string
	at        string
	expiresIn duration
	rule      expiry.Rule
}

const formatPrometheus = "prometheus"

func (a *app) statusCommand() *cobra.Command {
	o := &statusOptions{}
	c := &cobra.Command{
		Use:   "status [DIR]...",
		Short: "List what expires when, for people and for monitoring",
		Long: `List the certificates in each DIR by when they end: all in files *.pem and
*.crt, so the CA, the leaves of the set and those that issue made, and what
stands behind them in their files. A certificate is due 30 days before its end,
but not before two thirds of its time are over; --expires-in sets another time
for all. While the CA is changed (renew ca), it is said how far that is and what
comes next. Nothing is judged but time; milvus-certs verify checks the rest.

Of more than 40 certificates the text lists those that are due, the 20 that end
next, and how many others there are. JSON (schema milvus-certs/status/v1) and
the metrics have all; docs/status.md lists their fields.

-o prometheus writes metrics for the textfile collector of node_exporter. They
are complete when something is due, too, with exit status 1, so a cron job moves
the file into place whatever the exit status is (";", not "&&"). node_exporter
reads *.prom only, and so never half a file:

  milvus-certs status -q -o prometheus certs > x.$$; mv x.$$ milvus_certs.prom

Exit status: 0 nothing is due, 1 something is due or has expired, or a file or a
DIR could not be read, 2 the command line is wrong.`,
		Example: `  milvus-certs status certs
  milvus-certs status --expires-in 60d -q certs   # in a pipeline
  milvus-certs status -o json /etc/milvus/*/certs
  milvus-certs status --at 2027-01-31 certs`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.dirs = args
			if err := o.validate(c.Flags()); err != nil {
				return err
			}
			return a.runStatus(o)
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *statusOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory, where no DIR is given")
	o.expiresIn = duration(expiry.UsualBefore)
	f.Var(&o.expiresIn, "expires-in", "how long before its end a certificate is due; by default not before two thirds of its time")
	f.StringVar(&o.at, "at", "", "the time to look from, such as 2027-01-31 or 2027-01-31T12:00:00Z (default now)")
	o.output.flags(f)
	f.Lookup("output").Usage = "how to report: text, json or prometheus"
	f.Lookup("quiet").Usage = "print nothing but errors, and the report where it is json or prometheus"
}

func (o *statusOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "at"); err != nil {
		return err
	}
	switch {
	case o.format != formatText && o.format != formatJSON && o.format != formatPrometheus:
		return usagef("--output: wanted text, json or prometheus, found %q", o.format)
	case len(o.dirs) > 0 && f.Changed("dir"):
		return usagef("--dir and DIR exclude each other, found %q", o.dirs[0])
	case slices.Contains(o.dirs, ""):
		return usagef("wanted the name of a directory, found nothing")
	case len(o.dirs) == 0:
		o.dirs = []string{o.dir}
	}
	o.dirs = eachOnce(o.dirs)
	if f.Changed("expires-in") {
		before := time.Duration(o.expiresIn)
		o.rule.Before = &before
	}
	return nil
}

// eachOnce leaves out directories that were named before, as overlapping patterns of a shell do: a metric may be there once.
func eachOnce(dirs []string) (once []string) {
	seen := map[string]bool{}
	for _, dir := range dirs {
		if clean := filepath.Clean(dir); !seen[clean] {
			seen[clean] = true
			once = append(once, dir)
		}
	}
	return once
}

// runStatus reports on the directories that can be read, and then says what is wrong with each, a line for a directory.
func (a *app) runStatus(o *statusOptions) error {
	at, err := parseAt(o.at, a.now())
	if err != nil {
		return err
	}
	var reports []*expiry.Report
	var complaints []error
	for _, dir := range o.dirs {
		report, err := o.directory(dir, at)
		if err == nil {
			reports = append(reports, report)
			err = o.complaint(report)
		}
		if err != nil {
			complaints = append(complaints, err)
		}
	}
	if len(reports) > 0 {
		if err := a.printStatus(o, reports, at); err != nil {
			return err
		}
	}
	if len(complaints) == 0 {
		return nil
	}
	last := len(complaints) - 1
	for _, err := range complaints[:last] {
		a.printError(err)
	}
	return complaints[last]
}

// directory reads the certificates of a directory file by file, so that one is in memory at a time.
func (o *statusOptions) directory(path string, at time.Time) (*expiry.Report, error) {
	dir, err := openSet(path)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	names, err := dir.List()
	if err != nil {
		return nil, err
	}
	interrupted, err := dir.Interrupted()
	if err != nil {
		return nil, err
	}
	b := expiry.NewBuilder(expiry.Directory{Path: path, HasCAKey: slices.Contains(names, certset.CAKey), Interrupted: interrupted}, at, o.rule)
	for _, name := range certificateFiles(names) {
		files, err := dir.Read([]string{name})
		if err != nil {
			b.AddProblem(name, withoutPath(err, filepath.Join(path, name)))
		} else if f, ok := files[name]; ok { // it may have been removed meanwhile
			b.Add(f)
		}
	}
	report := b.Report()
	if len(report.Certificates)+len(report.Problems) == 0 {
		return nil, fmt.Errorf("there is no certificate in %s, in no file *.pem or *.crt; milvus-certs init makes a set", path)
	}
	return report, nil
}

// certificateFiles are the files to read in their order, ca.pem first.
func certificateFiles(names []string) []string {
	names = slices.DeleteFunc(names, func(name string) bool { return !expiry.HoldsCertificates(name) })
	if i := slices.Index(names, certset.CACertificate); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, certset.CACertificate)
	}
	return names
}
