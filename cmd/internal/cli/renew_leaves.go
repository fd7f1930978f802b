package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// dirLeaf is what is known of a leaf in the directory. There may be ten thousand of them, so that they are kept as they are in
// their files.
type dirLeaf struct {
	name     string
	files    map[string]certset.File // certificate, and request and key where they are here
	wrong    error                   // why it cannot be renewed with a new key
	by       *certset.Certificate    // the CA that issued it
	role     profile.Role            // that it states
	anyUsage bool                    // it states no use
	key      *profile.KeyType        // nil: one that is not known here
	subject  []byte
	byNumber bool // it names its CA by the number of the CA's certificate
	certificateReport
}

func (l dirLeaf) file() string { return l.name + certset.CertificateEnding }

// read reads the files again.
func (l dirLeaf) read() (certset.Entry, error) {
	leaf, err := certset.ReadLeaf(l.name, l.files)
	return leaf.Entry, err
}

// Why a file with the ending of a certificate is not that of a leaf to be renewed.
var (
	errNoLeaf  = errors.New("holds no certificate of a leaf")
	errOtherCA = errors.New("was issued by no CA in ca.pem")
)

// readDirLeaf reads a leaf that one of the CAs issued. Only its certificate has to be in order; what is wrong with the others of its
// files is in the result.
func readDirLeaf(dir *store.Dir, name string, cas []*certset.Certificate) (dirLeaf, error) {
	certificate := name + certset.CertificateEnding
	files, err := dir.Read([]string{certificate})
	if err != nil {
		return dirLeaf{}, err
	}
	leaf, err := certset.ReadLeaf(name, files)
	if err != nil && holdsNoCertificate(files[certificate].Data) {
		return dirLeaf{}, fmt.Errorf("%s %w", certificate, errNoLeaf)
	}
	if err != nil {
		return dirLeaf{}, err
	}
	uses := leaf.Certificate.Uses()
	if uses.CA != nil && *uses.CA {
		return dirLeaf{}, fmt.Errorf("%s %w, but one of a CA", certificate, errNoLeaf)
	}
	by := slices.IndexFunc(cas, func(ca *certset.Certificate) bool { return expiry.IssuedBy(leaf.Entry, ca) })
	if by < 0 {
		return dirLeaf{}, fmt.Errorf("%s %w", certificate, errOtherCA)
	}
	l := dirLeaf{
		name: name, files: files, by: cas[by], role: statedRole(leaf), anyUsage: len(uses.ExtKeyUsage) == 0,
		subject: leaf.Certificate.RawSubject, byNumber: issuance.NamesIssuer(leaf.Certificate),
		certificateReport: describe(certificate, leaf.Certificate),
	}
	if key, err := leaf.Certificate.PublicKey(); err == nil {
		l.key = new(issuance.KeyTypeOf(key))
	}
	l.addKey(dir)
	return l, nil
}

// holdsNoCertificate tells a file in good order of something else, such as a key.
func holdsNoCertificate(data []byte) bool {
	objects, _, err := certset.ParseObjects(data)
	return err == nil && !slices.ContainsFunc(objects, func(o certset.Object) bool { return o.Certificate != nil || o.Err != nil })
}

// addKey reads key and request of a leaf.
func (l *dirLeaf) addKey(dir *store.Dir) {
	key, request := l.name+certset.KeyEnding, l.name+certset.RequestEnding
	for _, name := range []string{request, key} {
		more, err := dir.Read([]string{name})
		if err != nil {
			l.wrong = err
			return
		}
		if f, ok := more[name]; ok {
			l.files[name] = f
		}
	}
	_, hasKey := l.files[key]
	entry, err := l.read()
	switch {
	case errors.Is(err, certset.ErrEncrypted):
		l.wrong = fmt.Errorf("%w; --same-key renews the certificate for it", err)
		delete(l.files, key)
	case err != nil:
		l.wrong = err
	case !hasKey:
		l.wrong = fmt.Errorf("%s is %w; --same-key renews the certificate for it", key, errKeyElsewhere)
	case !entry.HasKey():
		l.wrong = fmt.Errorf("%s is not the key of %s, and would be lost", key, l.file())
	}
}

var errKeyElsewhere = errors.New("not here")

// usable tells whether the certificate can be renewed for the key that it has: one that is elsewhere, or encrypted, is not needed.
func (l dirLeaf) usable(sameKey bool) error {
	if sameKey && (errors.Is(l.wrong, errKeyElsewhere) || errors.Is(l.wrong, certset.ErrEncrypted)) {
		return nil
	}
	return l.wrong
}

// listLeaves are the names of what can be leaves, the set's own first, so that they are written together.
func listLeaves(dir *store.Dir) ([]string, error) {
	listed, err := dir.List()
	if err != nil {
		return nil, err
	}
	var own, further []string
	for _, file := range listed {
		name, ok := strings.CutSuffix(file, certset.CertificateEnding)
		switch {
		case !ok || name == "" || file == certset.CACertificate:
		case isFurther(name):
			further = append(further, name)
		default:
			own = append([]string{name}, own...) // server before client
		}
	}
	return append(own, further...), nil
}

// leavesOf are the leaves of a directory that one of the CAs issued, in the order of their names, and what cannot be read and so may be
// one.
func leavesOf(dir *store.Dir, cas []*certset.Certificate) (leaves []dirLeaf, unread []error, err error) {
	names, err := listLeaves(dir)
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		switch l, err := readDirLeaf(dir, name, cas); {
		case err == nil:
			leaves = append(leaves, l)
		case !errors.Is(err, errNoLeaf) && !errors.Is(err, errOtherCA):
			unread = append(unread, err)
		}
	}
	return leaves, unread, nil
}

// progressOf is where a change of the CA stands, as package expiry has it, for leaves of which the issuer is known.
func progressOf(ca certset.Entry, leaves []dirLeaf, now time.Time) *expiry.ChangeOver {
	c := expiry.Progress(ca)
	for _, l := range leaves {
		if c != nil && l.by == c.Old && expiry.Awaited(l.file(), l.NotAfter, now) {
			c.Waiting = append(c.Waiting, l.file())
		}
	}
	return c
}

// statedRole is what a leaf is for: the set's own by their names, others by their extendedKeyUsage where it names one role.
func statedRole(l certset.Leaf) profile.Role {
	if !isFurther(l.Name) {
		return profile.Role(l.Name)
	}
	var stated []profile.Role
	for _, use := range l.Certificate.Uses().ExtKeyUsage {
		switch {
		case x509v3.ServerAuth.EqualASN1OID(use):
			stated = append(stated, profile.ServerRole)
		case x509v3.ClientAuth.EqualASN1OID(use):
			stated = append(stated, profile.ClientRole)
		}
	}
	if len(stated) == 1 {
		return stated[0]
	}
	return ""
}

// judgedAs is the role in which a leaf without one is looked at: it is for both, and as a client's less is asked of it.
func judgedAs(role profile.Role, anyUsage bool) profile.Role {
	switch {
	case role != "":
		return role
	case anyUsage:
		return profile.ClientRole
	}
	return profile.ServerRole
}
