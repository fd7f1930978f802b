package cli

import (
	"cmp"
	"crypto"
	"fmt"
	"io"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
)

// issueRun is one run of issue.
type issueRun struct {
	*app
	*issueOptions
	store   *store.Dir
	now     time.Time
	conf    string
	profile *profile.Profile
	ca      *authority
	issuer  *issuance.Issuer
	report  *leavesReport
	jobs    []leafJob
	key     profile.KeyType         // of all of them
	wanted  map[string]profile.Leaf // of the jobs, by the names of their files
}

func (a *app) runIssue(o *issueOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	wanted, err := o.wanted(f)
	if err != nil {
		return err
	}
	dir, err := openSet(o.dir)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // every lock was released before
	r := &issueRun{app: a, issueOptions: o, store: dir, now: a.now(), report: newLeavesReport(issueSchema, o.dir), wanted: map[string]profile.Leaf{}}
	if err := r.prepare(f, wanted); err != nil {
		return err
	}
	if err := r.work(); err != nil {
		return err
	}
	return a.printReport(o.output, r.report, r.report.remarks, r.report.text())
}

// wanted are the leaves that were asked for, their files named, before anything is looked at.
func (o *issueOptions) wanted(f *pflag.FlagSet) ([]profile.Leaf, error) {
	leaves, err := o.asLeaves(f)
	if err != nil {
		return nil, usage(err)
	}
	taken := map[string]string{}
	for i := range leaves {
		l := &leaves[i]
		name := l.CommonName.Value
		if o.namesFrom == "" {
			name = o.names[i]
		}
		file, err := fileName(name)
		if err != nil {
			return nil, usagef("%s: %w", l.CommonName.From, err)
		}
		// Some file systems do not tell letters of different case apart.
		lower := strings.ToLower(file)
		if first, ok := taken[lower]; ok {
			return nil, usagef("%s: %q was there before (%s); each name is for one leaf", l.CommonName.From, name, first)
		}
		taken[lower] = l.CommonName.From
		l.File = file + certset.CertificateEnding
	}
	return leaves, nil
}

func (o *issueOptions) asLeaves(f *pflag.FlagSet) ([]profile.Leaf, error) {
	if o.namesFrom != "" {
		return readNames(o.namesFrom, o.stdin)
	}
	var leaves []profile.Leaf
	for _, name := range o.names {
		leaf := profile.Leaf{CommonName: profile.Setting{Value: name, From: strconv.Quote(name)}, SANs: o.sans, SANsFrom: "--san"}
		if f.Changed("common-name") {
			leaf.CommonName = profile.Setting{Value: o.subject[commonNameFlag], From: "--common-name"}
		}
		leaves = append(leaves, leaf)
	}
	return leaves, nil
}

// readNames reads a file of names.
func readNames(path string, stdin io.Reader) ([]profile.Leaf, error) {
	in, name := stdin, "standard input"
	if path != standardInput {
		f, err := openFile(path)
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // it was only read
		in, name = f, path
	}
	leaves, err := profile.ReadNames(name, in)
	if err == nil && len(leaves) == 0 {
		err = fmt.Errorf("%s: wanted names, one a line, found none", name)
	}
	return leaves, err
}

// prepare reads conf and CA, and makes a job of each leaf that is not there yet.
func (r *issueRun) prepare(f *pflag.FlagSet, wanted []profile.Leaf) (err error) {
	before, err := r.subject()
	if err != nil {
		return err
	}
	if r.profile, r.conf, err = r.resolveLeaf(r.output, &r.profileFlags, f, r.store, r.dir, r.role, r.now); err != nil {
		return err
	}
	r.report.Conf, r.key = r.conf, r.profile.Client().Key
	if err := r.report.warnConf(r.strict, r.profile.Warnings()); err != nil {
		return err
	}
	unnamed, err := r.judgeNames(wanted)
	if err != nil {
		return err
	}
	if r.ca, err = r.readCA(r.output, &r.caFlags, r.store, r.dir); err != nil {
		return err
	}
	if r.issuer, err = r.ca.issuer(r.now); err != nil {
		return err
	}
	if after, err := r.subject(); err != nil || !reflect.DeepEqual(before, after) {
		return cmp.Or(err, fmt.Errorf("another command has replaced the set in %s meanwhile; run this one again", r.dir))
	}
	if err := r.warnBefore(unnamed); err != nil {
		return err
	}
	r.report.Issuer = r.issuer.Certificate.Subject()
	lying, err := r.lying()
	if err != nil {
		return err
	}
	for _, leaf := range wanted {
		name := strings.TrimSuffix(leaf.File, certset.CertificateEnding)
		there, err := r.there(name, leaf, lying)
		if err != nil {
			return err
		}
		if !there {
			r.jobs = append(r.jobs, r.job(name, leaf))
			r.wanted[name] = leaf
		}
	}
	return nil
}

// subject is that of the set's leaf, once an interrupted command is finished and none is at work.
func (r *issueRun) subject() (*profile.Subject, error) {
	if err := r.lock(r.output, r.store, r.dir); err != nil {
		return nil, err
	}
	defer r.store.Unlock() //nolint:errcheck // nothing was changed
	return subjectOf(r.store, r.role)
}

// judgeNames wants a profile to come of each leaf, and returns the files of those that no host is in. The profiles are made again when
// the leaves are: of many of them they would fill the memory.
func (r *issueRun) judgeNames(wanted []profile.Leaf) (unnamed []string, err error) {
	for _, leaf := range wanted {
		c, _, err := r.profile.Leaf(r.role, leaf)
		if err != nil {
			return nil, usage(err)
		}
		if isNameless(r.role, c.Names()) {
			unnamed = append(unnamed, leaf.File)
		}
	}
	return unnamed, nil
}

// warnBefore says what is wrong with the leaves whatever the CA makes of them.
func (r *issueRun) warnBefore(unnamed []string) error {
	warning, err := r.ca.vouchedFor(r.store, r.dir)
	if err != nil {
		return err
	}
	if warning != "" {
		if err := r.warn(warning); err != nil {
			return err
		}
	}
	r.report.note(r.ca.changing()...)
	for _, file := range unnamed {
		if err := r.warn(nameless(file)); err != nil {
			return err
		}
	}
	return nil
}

func (r *issueRun) job(name string, leaf profile.Leaf) leafJob {
	return leafJob{name: name, files: leafFiles(name), newKey: &r.key, make: func(key crypto.Signer, serial *big.Int) (certset.Entry, []string, error) {
		c, notes, err := r.profile.Leaf(r.role, leaf)
		if err != nil {
			return certset.Entry{}, nil, err
		}
		entry, more, err := r.issuer.Issue(r.profile, c, key, serial)
		return entry, append(notes, more...), err
	}}
}

// work makes the leaves.
func (r *issueRun) work() error {
	bar := r.newProgress(r.output, "issuing ("+r.key.String()+")", len(r.jobs), isSlow(r.key, len(r.jobs)))
	defer bar.done()
	b := &batch{
		app: r.app, output: r.output, path: r.dir, dir: r.store, ca: r.ca, issuer: r.issuer, now: r.now, step: bar.step,
		passBy: r.passBy,
	}
	judge := func(made []madeLeaf) error {
		for _, m := range made {
			if err := r.warn(refusedLeaf(r.ca, r.role, m.Leaf)...); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range r.jobs {
		// They differ in their names alone, and what is wrong with a name by itself was said before.
		r.jobs[i].judged = i == 0 || len(r.jobs) <= fewLeaves || r.ca.constrainsNames()
	}
	err := b.run(r.jobs, judge, func(made []madeLeaf) {
		for _, m := range made {
			r.report.add(leafIssued, r.role, m.Leaf)
			r.report.noteEach(len(r.jobs), m.notes...)
		}
	})
	if err != nil && len(r.report.Leaves) > 0 {
		return fmt.Errorf("%w; %s were issued before", err, countOf(len(r.report.Leaves), "leaf", "leaves"))
	}
	return err
}

func (r *issueRun) warn(warnings ...string) error { return r.report.warn(r.strict, warnings...) }

// commonNameFlag is the place of --common-name in subjectFlags.
var commonNameFlag = slices.IndexFunc(subjectFlags[:], func(s struct{ name, usage string }) bool { return s.name == "common-name" })
