package cli

import (
	"bytes"
	"crypto/tls"
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

// relation is what the server's certificate is to the set.
type relation struct {
	Relation string `json:"relation"`
	File     string `json:"file,omitempty"` // that has the certificate
}

// The relations.
const (
	isCurrent  = "current"  // the set's server.pem
	isIssued   = "issued"   // another leaf in the directory
	isReplaced = "replaced" // an older one
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
	for _, place := range []struct{ relation, pattern string }{{isIssued, "*.pem"}, {isReplaced, "backup-*/*.pem"}} {
		if file := findLeaf(o.dir, place.pattern, leaf); file != "" {
			return relation{place.relation, file}
		}
	}
	cas := casOf(set)
	ofOurs := slices.ContainsFunc(cas, func(ca *certset.Certificate) bool { return leaf.SignedBy(ca) == nil })
	switch {
	case ofOurs && own != nil && leaf.NotBefore.Before(own.NotBefore):
		return relation{Relation: isReplaced}
	case ofOurs:
		return relation{Relation: isSameCA}
	case len(cas) > 0:
		return relation{Relation: isOtherCA}
	}
	return relation{Relation: isUnknown}
}

func casOf(set verify.Input) []*certset.Certificate {
	cas, _, _ := certset.ParseCertificates(set.Files[certset.CACertificate].Data) // what is wrong with it, verify says
	return cas
}

// findLeaf returns the file under a directory whose first certificate this one is.
func findLeaf(dir, pattern string, leaf *certset.Certificate) string {
	names, _ := fs.Glob(os.DirFS(dir), pattern) // the pattern is a right one
	for _, name := range names {
		f, err := store.ReadFile(filepath.Join(dir, filepath.FromSlash(name)), store.MaxFileSize)
		if err != nil {
			continue
		}
		if first := firstIn(f.Data); first != nil && bytes.Equal(first.Raw, leaf.Raw) {
			return name
		}
	}
	return ""
}

func firstIn(data []byte) *certset.Certificate {
	certs, _, _ := certset.ParseCertificates(data) // a file that is in no order has none
	if len(certs) == 0 {
		return nil
	}
	return certs[0]
}
