package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
)

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
	if r.sansFor && r.roleOf(l.name, l.role) == profile.ClientRole {
		return fmt.Errorf("%s is a client's; %w", l.file(), errServersNames)
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
