package cli

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// renewCARun is one run of renew ca.
type renewCARun struct {
	*app
	*renewCAOptions
	store   *store.Dir
	now     time.Time
	asked   profile.Asked
	profile *profile.Profile // what the flags ask for, judged
	report  *renewCAReport

	files  map[string]certset.File // ca.pem and ca.key
	old    certset.Entry           // what is in them
	leaves []dirLeaf               // that a CA in ca.pem issued
	unread []error                 // of files that may be such leaves
	secret []byte                  // pass phrase of the new ca.key; nil: it is not encrypted
}

func (a *app) runRenewCA(o *renewCAOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	r := &renewCARun{app: a, renewCAOptions: o, now: a.now(), report: newRenewCAReport(o.dir)}
	if err := r.resolve(f); err != nil {
		return err
	}
	var err error
	if r.store, err = openSet(o.dir); err != nil {
		return err
	}
	defer r.store.Close() //nolint:errcheck // every lock was released before
	if o.finish {
		err = r.locked(r.drop)
	} else {
		err = r.change()
	}
	if err != nil {
		return err
	}
	return a.printReport(o.output, r.report, r.report.remarks, r.report.text())
}

// resolve has the flags judged as those of init are.
func (r *renewCARun) resolve(f *pflag.FlagSet) (err error) {
	if r.asked, err = r.profileFlags.asked(f, r.now); err != nil {
		return err
	}
	conf, err := profile.Builtin()
	if err != nil {
		return err
	}
	r.profile, err = profile.New(conf, r.asked)
	return usage(err)
}

// locked does something under the lock.
func (r *renewCARun) locked(do func() error) error {
	if err := r.lock(r.output, r.store, r.dir); err != nil {
		return err
	}
	err := do()
	if unlockErr := r.store.Unlock(); unlockErr != nil && err == nil {
		r.say(r.output, "warning: %v", unlockErr)
	}
	return err
}

// read reads the CA and its leaves.
func (r *renewCARun) read() (err error) {
	if r.files, err = r.store.Read([]string{certset.CACertificate, certset.CAKey}); err != nil {
		return err
	}
	f, ok := r.files[certset.CACertificate]
	if !ok {
		return fmt.Errorf("%s is missing: there is no CA to renew; milvus-certs init makes a set", r.path(certset.CACertificate))
	}
	certs, _, err := certset.ParseCertificates(f.Data)
	if err != nil {
		return fmt.Errorf("%s: %w", r.path(certset.CACertificate), err)
	}
	r.old.Certificate, r.old.Chain = certs[0], certs[1:]
	r.leaves, r.unread, err = leavesOf(r.store, certs)
	return err
}

func (r *renewCARun) path(name string) string { return filepath.Join(r.dir, name) }

// change makes a new CA. A pass phrase is asked for, and keys are made, without the lock.
func (r *renewCARun) change() error {
	if err := r.locked(r.read); err != nil {
		return err
	}
	if err := r.wantChangeable(); err != nil {
		return err
	}
	for _, err := range r.unread {
		if err := r.warn(fmt.Sprintf("%v; whether it is a leaf of the CA is not known", err)); err != nil {
			return err
		}
	}
	if err := r.readKey(); err != nil {
		return err
	}
	renewed, err := r.newCA()
	if err != nil {
		return err
	}
	files, err := r.encode(renewed)
	if err != nil {
		return err
	}
	if err := r.judge(renewed); err != nil {
		return err
	}
	if err := r.locked(func() error { return r.write(files) }); err != nil {
		return err
	}
	r.describe(renewed)
	return nil
}

// wantChangeable refuses where a new CA cannot be made, or not now.
func (r *renewCARun) wantChangeable() error {
	ca := r.old.Certificate
	if ca.SignedBy(ca) != nil {
		return fmt.Errorf("%s is not signed by itself: its issuer renews it (%s); milvus-certs init --ca-cert then makes a set of it", r.path(certset.CACertificate), oneLine(ca.Issuer()))
	}
	if c := progressOf(r.old, r.leaves, r.now); c != nil {
		return fmt.Errorf("%s; nothing was changed; next: %s", c, strings.Join(c.Next(dirFlag(r.dir)), "; "))
	}
	if _, ok := r.files[certset.CAKey]; !ok {
		return fmt.Errorf("%s is not here: a CA is renewed where its key is; put the key there for the time of the change", r.path(certset.CAKey))
	}
	return nil
}

// readKey reads the key of the old CA. Its pass phrase is that of the new one too.
func (r *renewCARun) readKey() (err error) {
	path := r.path(certset.CAKey)
	if r.old.Key, r.secret, err = r.parseCAKey(r.output, &r.passphrase, r.files[certset.CAKey], path); err != nil {
		return err
	}
	if !r.old.HasKey() {
		return fmt.Errorf("%s is not the key of %s, so that it is not clear which CA is to be renewed", path, r.path(certset.CACertificate))
	}
	switch {
	case r.secret != nil:
	case r.encryptCAKey:
		r.secret, err = r.newPassphrase(r.output, &r.passphrase, path)
	case r.given():
		err = usagef("%s is not encrypted, so that a pass phrase is of no use; --encrypt-ca-key encrypts the new one", path)
	}
	return err
}

// newCA makes the new CA, and behind it, where it has a new key, stand those that ca.pem has.
func (r *renewCARun) newCA() (certset.Entry, error) {
	how := issuance.CARenewal{CommonName: r.asked.CommonName.Value, Days: r.asked.Days, Now: r.now}
	if !r.sameKey {
		key, err := r.makeKey()
		if err != nil {
			return certset.Entry{}, err
		}
		how.Key = key
	}
	renewed, added, err := issuance.RenewCA(r.old, how)
	if err != nil {
		return renewed, err
	}
	if len(added) > 0 {
		r.report.note(certset.CACertificate + ": added " + strings.Join(added, "; "))
	}
	if _, err := issuance.NewIssuer(renewed, r.now); err != nil {
		return renewed, fmt.Errorf("the new CA would be as the old one, and issue nothing: %w; milvus-certs init --force makes a new set", err)
	}
	if !r.sameKey {
		renewed.Chain = append([]*certset.Certificate{r.old.Certificate}, r.old.Chain...)
		err = r.wantOwnName(renewed)
	}
	return renewed, err
}

func (r *renewCARun) makeKey() (crypto.Signer, error) {
	t := r.profile.CA().Key
	if !r.asked.KeyType.IsSet() {
		public, err := r.old.Certificate.PublicKey()
		if t = issuance.KeyTypeOf(public); err != nil || !isMade(t) {
			return nil, fmt.Errorf("%s has a key of type %s, which no new ones are made of; --key-type names another", r.path(certset.CACertificate), r.old.Certificate.KeyType())
		}
	}
	bar := r.newProgress(r.output, "making the CA's key ("+t.String()+")", 1, isSlow(t, 1))
	defer bar.done()
	return issuance.NewKey(t)
}

// wantOwnName wants the new CA to have a name that nothing else has: clients look for issuers by it.
func (r *renewCARun) wantOwnName(ca certset.Entry) error {
	taken := func(subject []byte) bool { return bytes.EqualFold(subject, ca.Certificate.RawSubject) }
	for _, c := range ca.Chain {
		if taken(c.RawSubject) {
			return fmt.Errorf("a CA in %s has the name %s already; --common-name gives another", r.path(certset.CACertificate), oneLine(c.Subject()))
		}
	}
	for _, l := range r.leaves {
		if taken(l.subject) {
			return fmt.Errorf("%s has the name %s already; --common-name gives another", r.path(l.file()), l.Subject)
		}
	}
	return nil
}

// encode wants the new CA to be sound, and puts it into files.
func (r *renewCARun) encode(ca certset.Entry) ([]certset.File, error) {
	if err := r.wantSound(ca); err != nil {
		return nil, err
	}
	entry := ca
	if r.sameKey {
		entry.Key = nil // its file stays as it is
	}
	files, err := certset.Leaf{Name: "ca", Entry: entry}.Files()
	if err != nil {
		return nil, err
	}
	for i := range files {
		if files[i].Name == certset.CAKey && r.secret != nil {
			if files[i].Data, err = certset.EncryptKey(ca.Key, r.secret); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// wantSound checks what was made, and that leaves which chained to ca.pem still do.
func (r *renewCARun) wantSound(ca certset.Entry) error {
	set := &certset.Set{CA: ca}
	found := verify.InTime(set, r.now)
	for _, l := range r.leaves {
		// What cannot be read is not checked.
		switch l.name {
		case string(profile.ServerRole):
			set.Server, _ = l.read()
		case string(profile.ClientRole):
			set.Client, _ = l.read()
		}
	}
	found = slices.DeleteFunc(append(found, verify.Matching(set)...), func(f verify.Finding) bool {
		fresh := strings.HasPrefix(f.File, "ca.") || strings.HasSuffix(f.File, certset.CertificateEnding)
		return f.Severity != verify.Failure || !fresh
	})
	if len(found) > 0 {
		return fmt.Errorf("what was made is not sound and was not written: %s", found[0])
	}
	return nil
}

// judge says what clients will have against the new CA, by leaves that are made for that and thrown away.
func (r *renewCARun) judge(ca certset.Entry) error {
	set, err := issuance.Trial(r.profile, ca, r.now)
	if err != nil {
		return err
	}
	findings, err := refusals(set)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.File == certset.CACertificate {
			if err := r.warn(f.Sentence()); err != nil {
				return err
			}
		}
	}
	return r.warnOfLeaves()
}

// warnOfLeaves: with the same key leaves stay valid, but for those that name the certificate of their CA by its number.
func (r *renewCARun) warnOfLeaves() error {
	var names []string
	for _, l := range r.leaves {
		if r.sameKey && l.byNumber {
			names = append(names, l.file())
		}
	}
	if len(names) == 0 {
		return nil
	}
	r.report.Renew = names
	return r.warn(fmt.Sprintf("%s: authorityKeyIdentifier has the serial number of the old CA certificate, so that OpenSSL and others refuse it with the new one; without --same-key there is a way without an outage",
		expiry.ShortList(names)))
}

var errCAReplaced = errors.New("another command has replaced it meanwhile; run this one again")

// write puts the files into the directory, where the CA is still the one that was read. What they replace is kept.
func (r *renewCARun) write(files []certset.File) error {
	there, err := r.store.Read([]string{certset.CACertificate, certset.CAKey})
	if err != nil {
		return err
	}
	for _, name := range []string{certset.CACertificate, certset.CAKey} {
		if !bytes.Equal(there[name].Data, r.files[name].Data) {
			return fmt.Errorf("%s: %w", r.path(name), errCAReplaced)
		}
	}
	if r.report.Backup, err = backupName(r.store, r.now); err != nil {
		return err
	}
	return r.store.Commit(files, r.report.Backup)
}

func (r *renewCARun) warn(warnings ...string) error { return r.report.warn(r.strict, warnings...) }
