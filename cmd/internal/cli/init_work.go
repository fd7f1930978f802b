package cli

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// initRun is one run of init: what was asked for, and the directory that it goes into.
type initRun struct {
	*app
	*initOptions
	asked     profile.Asked
	confAsked bool // the flags name a conf or sections of one
	conf      string
	profile   *profile.Profile
	dir       *store.Dir
	now       time.Time
	ca        *authority // that issues and lies elsewhere; nil: the set's own
	secret    []byte     // pass phrase for ca.key; nil: it is not to be encrypted
}

func (a *app) runInit(o *initOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	if o.printConfig {
		_, err := fmt.Fprint(a.stdout, profile.BuiltinText())
		return err
	}
	dir, err := store.Open(o.dir)
	if err != nil {
		return err
	}
	run := &initRun{app: a, initOptions: o, dir: dir, now: a.now()}
	if err := run.resolve(f); err != nil {
		_ = dir.Close()
		return err
	}
	if err := run.secrets(); err != nil {
		_ = dir.Close()
		return err
	}
	report, err := run.locked()
	if err != nil {
		return err
	}
	said := report.remarks
	if report.Action == kept {
		said.Next = nil // nothing is new; JSON has it all
	}
	return a.printReport(o.output, report, said, report.text())
}

// secrets reads the CA that lies elsewhere, and the pass phrase for a key that is to be encrypted, where one is to be made.
func (r *initRun) secrets() error {
	existing, err := r.dir.Existing([]string{certset.CAKey, certset.CACertificate})
	if err != nil || r.ifNeeded && len(existing) > 0 {
		return err
	}
	if r.elsewhere() {
		if slices.Contains(existing, certset.CAKey) {
			return fmt.Errorf("%s is there, and would stay beside the ca.pem of another CA; move it away first", orIn("", r.initOptions.dir, certset.CAKey))
		}
		if r.ca, err = r.readCA(r.output, &r.caFlags, r.dir, r.initOptions.dir); err != nil {
			return err
		}
		if _, err := r.ca.issuer(r.now); err != nil {
			return err
		}
		return r.ca.wantRoot()
	}
	if r.encryptCAKey && (r.force || len(existing) == 0) {
		r.secret, err = r.newPassphrase(r.output, &r.passphrase, orIn("", r.initOptions.dir, certset.CAKey))
	}
	return err
}

// resolve turns flags and conf into a profile.
func (r *initRun) resolve(f *pflag.FlagSet) (err error) {
	if r.asked, err = r.initOptions.asked(f, r.now); err != nil {
		return err
	}
	r.asked.CAElsewhere = r.elsewhere()
	r.confAsked = confAsked(f)
	if r.profile, r.conf, err = r.resolveProfile(r.output, r.config, r.initOptions.dir, r.asked); err != nil {
		return err
	}
	for _, w := range r.profile.Warnings() {
		if r.strict {
			return fmt.Errorf("%s (--strict)", w)
		}
	}
	return nil
}

// locked does the work under the directory's lock. A directory that is not to be changed need not be writable.
func (r *initRun) locked() (report *initReport, err error) {
	defer func() {
		if closeErr := r.dir.Close(); closeErr != nil && err == nil {
			r.say(r.output, "warning: %v", closeErr)
		}
	}()
	lockErr := r.lock(r.output, r.dir, r.initOptions.dir)
	if lockErr != nil && (!r.ifNeeded || !errors.Is(lockErr, store.ErrNotWritable)) {
		return nil, lockErr
	}
	if err := settled(r.dir, r.initOptions.dir, lockErr); err != nil {
		return nil, err
	}
	existing, err := r.dir.Existing(certset.Names())
	if err != nil {
		return nil, err
	}
	switch {
	case r.ifNeeded && len(existing) > 0:
		return r.keep(existing, lockErr)
	case lockErr != nil:
		return nil, lockErr
	case len(existing) > 0 && !r.force:
		return nil, fmt.Errorf("%s holds a set already (%s); --force replaces it and keeps the old one in a dated folder, --if-needed keeps it",
			r.initOptions.dir, strings.Join(existing, ", "))
	}
	return r.create(existing)
}

// asFound wants the directory to be as it was before the lock was taken, and before an interrupted command was finished: what was
// asked for then, or not, is for that.
func (r *initRun) asFound(existing []string) error {
	hasKey := slices.Contains(existing, certset.CAKey)
	if r.encryptCAKey && r.secret == nil || r.elsewhere() && (r.ca == nil || hasKey) {
		return fmt.Errorf("%s has changed meanwhile; run this command again", r.initOptions.dir)
	}
	return nil
}

// create makes a new set. The serial numbers of an old one go on.
func (r *initRun) create(existing []string) (*initReport, error) {
	if err := r.asFound(existing); err != nil {
		return nil, err
	}
	last, err := r.lastSerial()
	if err != nil {
		return nil, err
	}
	const keys = 3
	key := r.profile.Server().Key
	progress := r.newProgress(r.output, "making keys ("+key.String()+")", keys, isSlow(key, keys))
	options := issuance.Options{Now: r.now, LastSerial: last, KeyMade: progress.step}
	if r.ca != nil {
		options.CA = &r.ca.Entry
	}
	set, notes, err := issuance.NewSet(r.profile, options)
	progress.done()
	if err != nil {
		return nil, err
	}
	report := r.newReport(created, set)
	report.Conf = r.conf
	report.note(append(r.profile.Notes(), notes...)...)
	if err := report.warnConf(r.strict, r.profile.Warnings()); err != nil {
		return nil, err
	}
	if err := errors.Join(r.wasEncrypted(report), r.check(set, report)); err != nil {
		return nil, err
	}
	files, err := r.files(set)
	if err != nil {
		return nil, err
	}
	report.addFiles(files)
	if len(existing) > 0 {
		report.Action = replaced
		if report.Backup, err = backupName(r.dir, r.now); err != nil {
			return nil, err
		}
	}
	return report, r.dir.Commit(files, report.Backup)
}

// backupName is that of a folder for what is replaced.
func backupName(dir *store.Dir, now time.Time) (string, error) {
	return dir.FreeName("backup-" + now.UTC().Format("20060102T150405Z"))
}

// lastSerial is the number to go on from: ca.srl's. The numbers of a CA that lies elsewhere are counted elsewhere, so that a random one
// is the only one that can be new; unless the set was of that CA before.
func (r *initRun) lastSerial() (*big.Int, error) {
	if r.ca != nil {
		known, err := r.ca.isIn(r.dir)
		if err != nil || !known {
			return nil, err
		}
	}
	return readSerial(r.dir, r.initOptions.dir)
}

// wasEncrypted warns where the key of the CA that is replaced was encrypted, and the new one is not.
func (r *initRun) wasEncrypted(report *initReport) error {
	files, err := r.dir.Read([]string{certset.CAKey})
	if err != nil {
		return nil //nolint:nilerr // one that cannot be read is replaced all the same
	}
	if _, _, err = certset.ParseKey(files[certset.CAKey].Data); r.secret != nil || !errors.Is(err, certset.ErrEncrypted) {
		return nil
	}
	return report.warn(r.strict, "ca.key was encrypted, and the new one is not; --encrypt-ca-key encrypts it")
}

// files are those of the set, with the CA's key encrypted where that was asked for.
func (r *initRun) files(set *certset.Set) ([]certset.File, error) {
	files, err := set.Files()
	if err != nil || r.secret == nil {
		return files, err
	}
	for i := range files {
		if files[i].Name == certset.CAKey {
			files[i].Data, err = certset.EncryptKey(set.CA.Key, r.secret)
		}
	}
	return files, err
}

// check holds back a set that is not sound, which would be this program's fault, and says what clients have against it,
// which is the conf's.
func (r *initRun) check(set *certset.Set, report *initReport) error {
	if failures := verify.Sound(set, r.now); len(failures) > 0 {
		return fmt.Errorf("the set that was made is not sound and was not written: %s", failures[0])
	}
	refusals, err := r.refusals(set)
	if err != nil {
		return err
	}
	return report.warn(r.strict, refusals...)
}

// refusals are what clients have against a set, a sentence each.
func (r *initRun) refusals(set *certset.Set) (sentences []string, err error) {
	findings, err := refusals(set)
	for _, f := range findings {
		sentences = append(sentences, f.Sentence())
	}
	return sentences, err
}

// refusals are the findings that make a client refuse a set for good, whatever time it is, and that it has no name for them.
func refusals(set *certset.Set) ([]verify.Finding, error) {
	files, err := set.Files()
	if err != nil {
		return nil, err
	}
	in := verify.Input{Files: map[string]certset.File{}}
	for _, f := range files {
		in.Files[f.Name] = f
	}
	at := set.CA.Certificate.NotBefore
	for _, leaf := range []certset.Entry{set.Server, set.Client} {
		if begin := leaf.Certificate.NotBefore; begin.After(at) {
			at = begin
		}
	}
	report := verify.Set(in, verify.Options{At: at})
	return slices.DeleteFunc(report.Findings, func(f verify.Finding) bool {
		refused := f.Severity == verify.Failure && len(f.RefusedBy) > 0
		return !refused && f.Check != string(certpath.Host)
	}), nil
}
