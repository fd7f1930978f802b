package live

import (
	"bytes"
	"cmp"
	"encoding/asn1"
	"path"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Relation is what the certificate that a server sends is to the set.
type Relation struct {
	Kind Kind   `json:"relation"`
	File string `json:"file,omitempty"` // that has the certificate
}

// Kind is the kind of a relation.
type Kind string

// The relations.
const (
	Current   Kind = "current"  // the set's server.pem
	Issued    Kind = "issued"   // another leaf in the directory
	Replaced  Kind = "replaced" // one that is in a backup, or an older one of this CA for the same subject and names as the set's server.pem
	SameCA    Kind = "same-ca"  // another one of a CA in ca.pem
	OtherCA   Kind = "other-ca" // of none of those
	Unrelated Kind = "unknown"  // there is no ca.pem and no server.pem that could tell
)

// relate looks for what a server sends first in the set, in the other files of its directory, and in the folders with what was
// replaced; and for who issued it.
func (in Input) relate(chain []*certset.Certificate) Relation {
	leaf := chain[0]
	own := firstIn(in.Set.Files[certset.ServerCertificate].Data)
	if own != nil && bytes.Equal(own.Raw, leaf.Raw) {
		return Relation{Current, certset.ServerCertificate}
	}
	isLeaf := func(_ string, certs []*certset.Certificate) bool { return bytes.Equal(certs[0].Raw, leaf.Raw) }
	way := pathOf(chain)
	isItsCA := func(name string, cas []*certset.Certificate) bool {
		return path.Base(name) == certset.CACertificate && leadsTo(way, cas)
	}
	if file := find(in.Others, isLeaf); file != "" {
		return Relation{Issued, file}
	}
	if file := find(in.Backups, isLeaf); file != "" {
		return Relation{Replaced, file}
	}
	cas := in.cas()
	ofOurs := leadsTo(way, cas)
	switch {
	case !ofOurs && find(in.Backups, isItsCA) != "":
		return Relation{Kind: Replaced}
	case ofOurs && own != nil && olderThan(leaf, own) && forTheSame(leaf, own):
		return Relation{Kind: Replaced}
	case ofOurs:
		return Relation{Kind: SameCA}
	case len(cas) > 0:
		return Relation{Kind: OtherCA}
	}
	return Relation{Kind: Unrelated}
}

// mostFollowed is how much of a chain is followed: verify looks at no longer ones either.
const mostFollowed = 32

// pathOf is the leaf, who signed it of those that are sent with it, who signed that one, and so on.
func pathOf(chain []*certset.Certificate) (out []*certset.Certificate) {
	chain = chain[:min(len(chain), mostFollowed)]
	for next := 0; next >= 0 && len(out) < len(chain); {
		last := chain[next]
		out = append(out, last)
		next = slices.IndexFunc(chain, func(c *certset.Certificate) bool { return c != last && signs(c, last) })
	}
	return out
}

// leadsTo tells whether one of the CAs signed a certificate of a path.
func leadsTo(way, cas []*certset.Certificate) bool {
	return slices.ContainsFunc(way, func(c *certset.Certificate) bool {
		return slices.ContainsFunc(cas, func(ca *certset.Certificate) bool { return signs(ca, c) })
	})
}

func signs(ca, c *certset.Certificate) bool {
	return bytes.Equal(ca.RawSubject, c.RawIssuer) && c.SignedBy(ca) == nil
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

// cas are those that the set trusts.
func (in Input) cas() []*certset.Certificate {
	cas, _, _ := certset.ParseCertificates(in.Set.Files[certset.CACertificate].Data) // what is wrong with it, verify says
	return cas
}

// find returns the first file whose certificates are the ones that are looked for.
func find(files Files, wanted func(string, []*certset.Certificate) bool) string {
	if files == nil {
		return ""
	}
	for name, data := range files {
		if certs, _, err := certset.ParseCertificates(data); err == nil && wanted(name, certs) {
			return name
		}
	}
	return ""
}

// firstIn is the first certificate of a file; nil: it has none that can be read.
func firstIn(data []byte) *certset.Certificate {
	certs, _, _ := certset.ParseCertificates(data) // a file that is in no order has none
	if len(certs) == 0 {
		return nil
	}
	return certs[0]
}
