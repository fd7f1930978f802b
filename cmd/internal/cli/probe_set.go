package cli

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/asn1"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// set reads what the server is held against. Where none was asked for by name, there need be none.
func (o *probeOptions) set() (verify.Input, error) {
	in := verify.Input{}
	if o.setNamed {
		return o.input()
	}
	dir, err := store.Open(o.dir)
	if err != nil {
		return in, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	existing, err := dir.Existing(certset.Names())
	if err != nil || len(existing) == 0 {
		return in, err
	}
	return o.input()
}

// clientPair is what is shown to a server that asks for a certificate; nil: there is none that could be. Why, is for verify to say.
func clientPair(set verify.Input) *tls.Certificate {
	pair, err := tls.X509KeyPair(set.Files[certset.ClientCertificate].Data, set.Files[certset.ClientKey].Data)
	if err != nil {
		return nil
	}
	return &pair
}

// backups are the folders that backupName names.
const backups = "backup-*/"

// relation is what the server's certificate is to the set.
type relation struct {
	Relation string `json:"relation"`
	File     string `json:"file,omitempty"` // that has the certificate
}

// The relations.
const (
	isCurrent  = "current"  // the set's server.pem
	isIssued   = "issued"   // another leaf in the directory
	isReplaced = "replaced" // one that is in a backup, or an older one of this CA for the same subject and names as the set's server.pem
	isSameCA   = "same-ca"  // another one of a CA in ca.pem
	isOtherCA  = "other-ca" // of none of those
	isUnknown  = "unknown"  // there is no ca.pem and no server.pem that could tell
)

// relate looks for the certificate in the set, in the other files of its directory, and in the folders with what was replaced.
func (o *probeOptions) relate(set verify.Input, leaf *certset.Certificate) relation {
	own := firstIn(set.Files[certset.ServerCertificate].Data)
	if own != nil && bytes.Equal(own.Raw, leaf.Raw) {
		return relation{isCurrent, certset.ServerCertificate}
	}
	isLeaf := func(certs []*certset.Certificate) bool { return bytes.Equal(certs[0].Raw, leaf.Raw) }
	isSignedBy := func(cas []*certset.Certificate) bool {
		return slices.ContainsFunc(cas, func(ca *certset.Certificate) bool { return leaf.SignedBy(ca) == nil })
	}
	if file := findFile(o.dir, "*.pem", isLeaf); file != "" {
		return relation{isIssued, file}
	}
	if file := findFile(o.dir, backups+"*.pem", isLeaf); file != "" {
		return relation{isReplaced, file}
	}
	cas := casOf(set)
	ofOurs := isSignedBy(cas)
	switch {
	case !ofOurs && findFile(o.dir, backups+certset.CACertificate, isSignedBy) != "":
		return relation{Relation: isReplaced}
	case ofOurs && own != nil && olderThan(leaf, own) && forTheSame(leaf, own):
		return relation{Relation: isReplaced}
	case ofOurs:
		return relation{Relation: isSameCA}
	case len(cas) > 0:
		return relation{Relation: isOtherCA}
	}
	return relation{Relation: isUnknown}
}

// olderThan goes by time, and within the second in which both were made by number, for a CA counts upwards.
func olderThan(a, b *certset.Certificate) bool {
	return cmp.Or(a.NotBefore.Compare(b.NotBefore), a.SerialNumber.Cmp(b.SerialNumber)) < 0
}

// forTheSame tells whether certificates are for the same subject and names: the newer one took the place of the older.
func forTheSame(a, b *certset.Certificate) bool {
	return bytes.Equal(a.RawSubject, b.RawSubject) && bytes.Equal(altNames(a), altNames(b))
}

// altNames is the value of subjectAltName (RFC 5280, 4.2.1.6); nil: there is none.
func altNames(c *certset.Certificate) []byte {
	if e := c.Extension(asn1.ObjectIdentifier{2, 5, 29, 17}); e != nil {
		return e.Value
	}
	return nil
}

func casOf(set verify.Input) []*certset.Certificate {
	cas, _, _ := certset.ParseCertificates(set.Files[certset.CACertificate].Data) // what is wrong with it, verify says
	return cas
}

// findFile returns the first file under a directory whose certificates are the ones that are looked for.
func findFile(dir, pattern string, wanted func([]*certset.Certificate) bool) string {
	names, _ := fs.Glob(os.DirFS(dir), pattern) // the pattern is a right one
	i := slices.IndexFunc(names, func(name string) bool {
		f, err := store.ReadFile(filepath.Join(dir, filepath.FromSlash(name)), store.MaxFileSize)
		if err != nil {
			return false
		}
		certs, _, err := certset.ParseCertificates(f.Data)
		return err == nil && wanted(certs)
	})
	if i < 0 {
		return ""
	}
	return names[i]
}

func firstIn(data []byte) *certset.Certificate {
	certs, _, _ := certset.ParseCertificates(data) // a file that is in no order has none
	if len(certs) == 0 {
		return nil
	}
	return certs[0]
}
