package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// drop ends the change-over, under the lock: the old CA goes from ca.pem.
func (r *renewCARun) drop() error {
	if err := r.read(); err != nil {
		return err
	}
	c := progressOf(r.old, r.leaves, r.now)
	if c == nil {
		return fmt.Errorf("no change of the CA is under way in %s: %s holds no CA that another one replaces; milvus-certs renew ca begins one", r.dir, certset.CACertificate)
	}
	if err := r.awaitOthers(c); err != nil {
		return err
	}
	if len(c.Waiting) > 0 {
		return fmt.Errorf("leaves are still of the old CA, and would be refused: %s; nothing was changed; next: %s",
			expiry.ShortList(c.Waiting), strings.Join(c.Next(dirFlag(r.dir)), "; "))
	}
	if len(r.unread) > 0 {
		return fmt.Errorf("%w; it may be a leaf of the old CA: mend it or move it away; nothing was changed", r.unread[0])
	}
	left := certset.Entry{Certificate: c.New, Chain: slices.DeleteFunc(slices.Clone(r.old.Chain), func(other *certset.Certificate) bool {
		return bytes.Equal(other.Raw, c.Old.Raw) || other.SignedBy(c.Old) == nil
	})}
	if err := r.wantItsKey(left); err != nil {
		return err
	}
	r.forget(c.Old)
	if err := r.wantSound(left); err != nil {
		return err
	}
	files, err := certset.Leaf{Name: "ca", Entry: left}.Files()
	if err != nil {
		return err
	}
	if err := r.write(files); err != nil {
		return err
	}
	r.describeEnd(left.Certificate, c.Old)
	return nil
}

// awaitOthers looks at certificates that are not called as renew has them. What cannot be read could be of the old CA.
func (r *renewCARun) awaitOthers(c *expiry.ChangeOver) error {
	names, err := r.store.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, certset.CertificateEnding) || !expiry.HoldsCertificates(name) {
			continue
		}
		files, err := r.store.Read([]string{name})
		if err != nil {
			return err
		}
		certs, _, err := certset.ParseCertificates(files[name].Data)
		if err == nil {
			c.Await(name, certset.Entry{Certificate: certs[0], Chain: certs[1:]}, r.now)
		}
	}
	return nil
}

// wantItsKey refuses to keep a CA whose key is not the one in ca.key, as where the two stand in another order in the bundle. A
// key that is elsewhere or encrypted is not asked for.
func (r *renewCARun) wantItsKey(ca certset.Entry) error {
	key, _, err := certset.ParseKey(r.files[certset.CAKey].Data)
	if err != nil {
		return nil //nolint:nilerr // verify tells of it
	}
	if !(certset.Entry{Key: key, Certificate: ca.Certificate}).HasKey() {
		return fmt.Errorf("%s is not the key of the first certificate in %s, which would be kept; nothing was changed", r.path(certset.CAKey), certset.CACertificate)
	}
	return nil
}

// forget leaves out the leaves of the old CA, which have expired, and which nothing can renew any more.
func (r *renewCARun) forget(old *certset.Certificate) {
	var left []string
	r.leaves = slices.DeleteFunc(r.leaves, func(l dirLeaf) bool {
		if l.by == old {
			left = append(left, l.file())
		}
		return l.by == old
	})
	if len(left) > 0 {
		r.report.note("expired, of the old CA, and not renewed: " + expiry.ShortList(left))
	}
}

func (r *renewCARun) describeEnd(ca, old *certset.Certificate) {
	r.report.Action, r.report.State = caFinished, "the change of the CA is over: ca.pem holds the new one alone"
	r.report.CA, r.report.Old = describe(certset.CACertificate, ca), new(describe("", old))
	r.report.Next = []string{
		"give ca.pem to every client and to Milvus, and restart them; until then they trust the old CA too",
		"where the key of the old CA is not needed any more, remove the backup folder that renew ca made",
	}
}

// describe says what was made, and what comes next.
func (r *renewCARun) describe(ca certset.Entry) {
	r.report.CA, r.report.Old = describe(certset.CACertificate, ca.Certificate), new(describe("", r.old.Certificate))
	if !r.sameKey {
		c := progressOf(ca, r.leaves, r.now)
		r.report.Action, r.report.Stage, r.report.State, r.report.Waiting = caBegun, c.Stage(), c.String(), c.Waiting
		r.report.Next = c.Next(dirFlag(r.dir))
		return
	}
	r.report.Action, r.report.State = caSameKey, "ca.pem holds a new certificate for the same key; leaves stay as they are"
	r.report.Next = []string{"give ca.pem to every client and to Milvus, and restart them"}
	if end := r.old.Certificate.NotAfter; end.After(r.now) {
		r.report.Next[0] += ", before the old certificate ends, on " + end.Format(time.DateOnly)
	}
	if len(r.report.Renew) > 0 {
		r.report.State = "ca.pem holds a new certificate for the same key"
		r.report.Next = append(r.report.Next, commandIn("renew", r.dir)+", and restart everything together: "+expiry.ShortList(r.report.Renew)+" fit the old ca.pem alone")
	}
}
