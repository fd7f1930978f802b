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
