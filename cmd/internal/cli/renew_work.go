package cli

import (
	"bytes"
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
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// renewRun is one run of renew.
type renewRun struct {
	*app
	*renewOptions
	store  *store.Dir
	now    time.Time
	report *leavesReport

	keyType  *profile.KeyType // that was asked for
	lifetime *int             // in days, that was asked for
	added    x509v3.SubjectAltName

	bundle certset.Entry // ca.pem

	bundleFile []byte
	cas        []*certset.Certificate // in it, and in the file that --ca-cert names
	change     *expiry.ChangeOver     // of the CA, as it was found; nil: there is none
	leaves     []dirLeaf              // to be renewed
	ca         *authority
	issuer     *issuance.Issuer
	undone     []string              // why leaves that are due were left as they are
	stuck      []string              // files of leaves that are due and cannot last longer
	judged     map[profile.Role]bool // roles of which a leaf was looked at with the clients' eyes
}

func (a *app) runRenew(o *renewOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	r := &renewRun{app: a, renewOptions: o, now: a.now(), report: newLeavesReport(renewSchema, o.dir), judged: map[profile.Role]bool{}}
	if err := r.resolve(f); err != nil {
		return err
	}
	var err error
	if r.store, err = openSet(o.dir); err != nil {
		return err
	}
	defer r.store.Close() //nolint:errcheck // every lock was released before
	lockErr, err := r.look()
	if err != nil {
		return err
	}
	r.keepWhatIsNotDue()
	if len(r.leaves) > 0 {
		if lockErr != nil {
			return lockErr
		}
		if err := r.prepare(); err != nil {
			return err
		}
		if err := r.work(); err != nil {
			return err
		}
	}
	if err := a.printReport(o.output, r.report, r.report.remarks, r.report.text()); err != nil {
		return err
	}
	return r.complaint()
}

// resolve has the flags judged as those of init are.
func (r *renewRun) resolve(f *pflag.FlagSet) error {
	asked, err := r.asked(f, r.now)
	if err != nil {
		return err
	}
	conf, err := profile.Builtin()
	if err != nil {
		return err
	}
	resolved, err := profile.New(conf, asked)
	if err != nil {
		return usage(err)
	}
	if asked.KeyType.IsSet() {
		r.keyType = new(resolved.Server().Key)
	}
	r.lifetime = asked.Days
	r.added, err = profile.ParseSANs(r.sans, "--san")
	return err
}

// look finds the leaves under the lock, so that they are of one state. Where nothing is due, the directory need not be writable:
// LockErr then tells why nothing can be written.
func (r *renewRun) look() (lockErr, err error) {
	lockErr = r.lock(r.output, r.store, r.dir)
	if lockErr != nil && (!r.ifNeeded || !errors.Is(lockErr, store.ErrNotWritable)) {
		return nil, lockErr
	}
	defer r.store.Unlock() //nolint:errcheck // nothing was changed
	if err := settled(r.store, r.dir, lockErr); err != nil {
		return nil, err
	}
	if err := r.readCAs(); err != nil {
		return nil, err
	}
	if expiry.ChangeOverOf(r.bundle) != nil {
		all, _, err := leavesOf(r.store, r.cas)
		if err != nil {
			return nil, err
		}
		r.change = progressOf(r.bundle, all, r.now)
	}
	if len(r.files) > 0 {
		return lockErr, r.choose()
	}
	return lockErr, r.chooseAll()
}

// readCAs reads those CAs whose leaves are renewed.
func (r *renewRun) readCAs() error {
	files, err := r.store.Read([]string{certset.CACertificate})
	if err != nil {
		return err
	}
	path := r.certPath(r.dir)
	if f, ok := files[certset.CACertificate]; ok {
		certs, _, err := certset.ParseCertificates(f.Data)
		if err != nil {
			return fmt.Errorf("%s: %w", orIn("", r.dir, certset.CACertificate), err)
		}
		r.bundle.Certificate, r.bundle.Chain, r.cas = certs[0], certs[1:], certs
		r.bundleFile = f.Data
		r.report.Issuer = oneLine(certs[0].Subject())
	} else if !r.elsewhere() {
		return fmt.Errorf("%s is missing, and says whose leaves are renewed; milvus-certs init makes a set, --ca-cert and --ca-key name another CA", path)
	}
	if !r.elsewhere() {
		return nil
	}
	certs, err := readCertificates(path)
	r.cas = slices.Concat(r.cas, certs)
	return err
}

// choose takes the leaves that were named.
func (r *renewRun) choose() error {
	for _, name := range r.files {
		l, err := readDirLeaf(r.store, name, r.cas)
		if errors.Is(err, certset.ErrMissing) {
			err = fmt.Errorf("%w; milvus-certs issue makes new leaves", err)
		}
		if err == nil {
			err = l.usable(r.sameKey)
		}
		if err == nil {
			err = r.suits(l)
		}
		if err != nil {
			return fmt.Errorf("%w; nothing was renewed", err)
		}
		r.leaves = append(r.leaves, l)
	}
	return nil
}

// chooseAll takes all leaves of the directory. Server and client have to be in order. What else lies there may be someone else's.
func (r *renewRun) chooseAll() error {
	names, err := listLeaves(r.store)
	if err != nil {
		return err
	}
	var strangers []string
	for _, name := range names {
		l, err := readDirLeaf(r.store, name, r.cas)
		switch {
		case err == nil || !isFurther(name):
		case errors.Is(err, errNoLeaf) || errors.Is(err, errOtherCA):
			strangers = append(strangers, name+certset.CertificateEnding)
			continue
		default:
			if err := r.warn("passed over: " + err.Error()); err != nil {
				return err
			}
			continue
		}
		if err == nil && l.usable(r.sameKey) != nil {
			if err = r.leave(l); err == nil {
				continue
			}
		}
		if err == nil {
			err = r.suits(l)
		}
		if err != nil {
			return fmt.Errorf("%w; nothing was renewed", err)
		}
		r.leaves = append(r.leaves, l)
	}
	if len(strangers) > 0 {
		r.report.note("passed over, for they are no leaves of a CA in ca.pem: " + expiry.ShortList(oneLineEach(strangers)))
	}
	if len(r.leaves)+len(r.report.Leaves) == 0 {
		return fmt.Errorf("there is no leaf in %s that a CA in %s issued; nothing was renewed", r.dir, certset.CACertificate)
	}
	return nil
}

// leave passes over a leaf that cannot be renewed. That its key is elsewhere is in order, anything else is not.
func (r *renewRun) leave(l dirLeaf) error {
	why := l.usable(r.sameKey)
	left := fmt.Sprintf("%s was left as it is: %v", l.file(), why)
	if r.ifNeeded {
		// What is not due needs no key, and what is due and stays as it is ends in an error, once the others are renewed.
		if !r.renewBefore.due(l.times(), r.now) {
			r.report.addFound(leafNotNeeded, l)
			return nil
		}
		r.report.addFound(leafLeft, l)
		r.undone = append(r.undone, oneLine(left))
		return nil
	}
	r.report.addFound(leafLeft, l)
	switch {
	case errors.Is(why, errKeyElsewhere):
		r.report.note(oneLine(left))
		return nil
	case !isFurther(l.name):
		return why
	}
	return r.warn(left)
}

// suits wants what was asked for to be possible for a leaf.
func (r *renewRun) suits(l dirLeaf) error {
	if r.resetUsage && r.roleOf(l.name, l.role) == "" {
		return fmt.Errorf("--reset-usage: %s can be a server's or a client's; --role says which", l.file())
	}
	if r.sameKey || r.keyType != nil {
		return nil
	}
	if l.key == nil || !isMade(*l.key) {
		return fmt.Errorf("%s has a key of type %s, which no new ones are made of; --key-type names another", l.file(), l.KeyType)
	}
	return nil
}

// isMade tells whether a new key may be of the type of an old one: clients refuse shorter ones, P-521 is nobody's choice but can
// stay.
func isMade(t profile.KeyType) bool {
	const leastRSA, leastEC = 2048, 256
	return t.Algorithm == profile.Ed25519 || t.Algorithm == profile.RSA && t.Bits >= leastRSA || t.Algorithm == profile.EC && t.Bits >= leastEC
}

// roleOf is what a leaf is renewed as: server and client by their name. A further leaf's stated use is its role, unless it is to be
// replaced.
func (r *renewRun) roleOf(name string, stated profile.Role) profile.Role {
	if isFurther(name) && r.role != "" {
		return profile.Role(r.role)
	}
	if isFurther(name) && r.resetUsage {
		return ""
	}
	return stated
}

// keepWhatIsNotDue leaves out what --if-needed need not renew.
func (r *renewRun) keepWhatIsNotDue() {
	if !r.ifNeeded {
		return
	}
	r.leaves = slices.DeleteFunc(r.leaves, func(l dirLeaf) bool {
		due := r.renewBefore.due(l.times(), r.now)
		if !due {
			r.report.addFound(leafNotNeeded, l)
		}
		return !due
	})
}

// prepare reads the CA that issues, and wants it to be one that the leaves may go to.
func (r *renewRun) prepare() (err error) {
	if r.ca, err = r.readCA(r.output, &r.caFlags, r.store, r.dir); err != nil {
		return err
	}
	if r.ca.own && !bytes.Equal(r.ca.data, r.bundleFile) {
		return fmt.Errorf("%s: %w", r.ca.certPath, errCAReplaced)
	}
	if r.issuer, err = r.ca.issuer(r.now); err != nil {
		return err
	}
	r.report.Issuer = oneLine(r.issuer.Certificate.Subject())
	r.keepWhatEndsWithTheCA()
	for _, l := range r.leaves {
		if err := errors.Join(r.staysWithCA(l), r.staysTrusted(l)); err != nil {
			return fmt.Errorf("%w; nothing was renewed", err)
		}
		key, ok := l.files[l.name+certset.KeyEnding]
		if warning := looseKey(key, filepath.Join(r.dir, key.Name)); ok && r.sameKey && warning != "" {
			if err := r.warn(warning); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepWhatEndsWithTheCA leaves out what --if-needed would renew day after day: a leaf that lasts as long as its CA gains nothing.
func (r *renewRun) keepWhatEndsWithTheCA() {
	if !r.ifNeeded {
		return
	}
	end := r.issuer.Certificate.NotAfter
	r.leaves = slices.DeleteFunc(r.leaves, func(l dirLeaf) bool {
		stuck := !l.NotAfter.Before(end)
		if stuck {
			r.report.addFound(leafLeft, l)
			r.stuck = append(r.stuck, l.file())
		}
		return stuck
	})
}

// complaint is the error of leaves that are due and could not be renewed.
func (r *renewRun) complaint() error {
	if len(r.stuck) == 0 {
		if len(r.undone) > 0 {
			return fmt.Errorf("due, and not renewed: %s", strings.Join(r.undone[:min(len(r.undone), fewLeaves)], "; "))
		}
		return nil
	}
	wayOut := commandIn("renew ca", r.dir) + " begins a change to a new one without an outage"
	if ca := r.issuer.Certificate; ca.SignedBy(ca) != nil {
		wayOut = "its issuer renews it: " + oneLine(ca.Issuer())
	}
	if r.change != nil {
		wayOut = "once ca.pem with both CAs is everywhere, " + commandIn("renew", r.dir) + " moves them to the new one"
	}
	return fmt.Errorf("due, and not to be renewed, for the CA ends on %s: %s; %s", r.issuer.Certificate.NotAfter.Format(time.DateOnly), expiry.ShortList(r.stuck), wayOut)
}

// staysWithCA holds --if-needed, which nobody watches, back from moving a leaf to a new CA that not every side may know yet.
func (r *renewRun) staysWithCA(l dirLeaf) error {
	by, now := l.by, r.issuer.Certificate
	sameCA := bytes.Equal(by.RawSubject, now.RawSubject) && bytes.Equal(by.PublicKeyInfo, now.PublicKeyInfo)
	if !r.ifNeeded || sameCA {
		return nil
	}
	if r.change == nil || by != r.change.Old {
		return fmt.Errorf("%s is due, and of another CA than %s; --if-needed moves no leaf to another CA", l.file(), r.ca.certPath)
	}
	return fmt.Errorf("%s is due, and of the CA that is being replaced, which --if-needed moves no leaf away from: once ca.pem with both CAs is everywhere, %s moves it; --ca-key with the ca.key in the backup folder renews it from the old CA",
		l.file(), commandIn("renew", r.dir))
}

// staysTrusted wants a leaf that ca.pem vouches for to stay one, whatever other CA is to issue it.
func (r *renewRun) staysTrusted(l dirLeaf) error {
	if !r.elsewhere() || r.bundle.Certificate == nil {
		return nil
	}
	trusted := append([]*certset.Certificate{r.bundle.Certificate}, r.bundle.Chain...)
	if vouches(trusted, r.issuer.Entry) || !slices.Contains(trusted, l.by) {
		return nil
	}
	return fmt.Errorf("%s: a CA in ca.pem issued it, and %s is not of one, so that those who trust ca.pem would refuse it; milvus-certs init makes a set of another CA", l.file(), r.ca.certPath)
}

func (r *renewRun) warn(warnings ...string) error { return r.report.warn(r.strict, warnings...) }
