package expiry

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// ChangeOverOf returns the old CA where a change of the CA is under way: the bundle's first certificate is the new one, signed by
// itself, and another one that is signed by itself and has its subject, but for the CommonName, stands behind it. Others are CAs of
// someone else, whom the directory's owner trusts besides. Nil: there is no change.
func ChangeOverOf(ca certset.Entry) *certset.Certificate {
	if ca.Certificate == nil || ca.Certificate.SignedBy(ca.Certificate) != nil {
		return nil
	}
	for _, c := range ca.Chain {
		if c.SignedBy(c) == nil && sameOwner(ca.Certificate, c) {
			return c
		}
	}
	return nil
}

// sameOwner tells whether two CAs have one subject but for the CommonName.
func sameOwner(a, b *certset.Certificate) bool {
	one, ok := withoutCommonName(a.RawSubject)
	other, okToo := withoutCommonName(b.RawSubject)
	return ok && okToo && slices.EqualFunc(one, other, bytes.EqualFold)
}

// withoutCommonName are the attributes of a name in DER, but for its CommonName.
func withoutCommonName(name []byte) (attributes [][]byte, ok bool) {
	type attributeSET []asn1.RawValue // a SET to encoding/asn1
	var rdns []attributeSET
	if rest, err := asn1.Unmarshal(name, &rdns); err != nil || len(rest) > 0 {
		return nil, false
	}
	for _, rdn := range rdns {
		for _, raw := range rdn {
			var a struct {
				Type  asn1.ObjectIdentifier
				Value asn1.RawValue
			}
			if _, err := asn1.Unmarshal(raw.FullBytes, &a); err != nil {
				return nil, false
			}
			if !commonName().EqualASN1OID(a.Type) {
				// The string type may be another one.
				attributes = append(attributes, append([]byte(a.Type.String()+"="), a.Value.Bytes...))
			}
		}
	}
	return attributes, true
}

// Stage says how far a change of the CA is, so that a report can be read by a program.
type Stage string

// The stages of a change. Before and after it there is one CA, and no ChangeOver.
const (
	// BothCAs: ca.pem holds both, and leaves are still of the old one.
	BothCAs Stage = "both-cas"
	// LeavesMoved: ca.pem holds both, and no leaf in the directory is of the old one.
	LeavesMoved Stage = "leaves-moved"
)

// ChangeOver says where a change from one CA to another stands.
type ChangeOver struct {
	New, Old *certset.Certificate
	// Waiting are the certificate files of leaves that the old CA issued: of those in their time, and of the set's own server and
	// client.
	Waiting []string
}

// Progress says where a change of the CA stands, so far as the bundle tells: with nothing waiting. Nil: there is no change.
func Progress(ca certset.Entry) *ChangeOver {
	old := ChangeOverOf(ca)
	if old == nil {
		return nil
	}
	return &ChangeOver{New: ca.Certificate, Old: old, Waiting: []string{}}
}

// Await adds the file of a leaf to those that wait, where the leaf holds up the change and is in its time, or the set's own, which cannot
// be done without. Leaves come one by one: ten thousand of them need not be in memory.
func (c *ChangeOver) Await(file string, leaf certset.Entry, at time.Time) {
	if leaf.Certificate != nil && Awaited(file, leaf.Certificate.NotAfter, at) && c.HoldsUp(leaf) {
		c.Waiting = append(c.Waiting, file)
	}
}

// Awaited tells whether a leaf of the old CA has to move before that one is dropped.
func Awaited(file string, notAfter, at time.Time) bool {
	return !at.After(notAfter) || file == certset.ServerCertificate || file == certset.ClientCertificate
}

// HoldsUp tells whether a leaf is of the old CA, and not of the new one too, as where both have one key.
func (c *ChangeOver) HoldsUp(leaf certset.Entry) bool {
	return IssuedBy(leaf, c.Old) && !IssuedBy(leaf, c.New)
}

// IssuedBy tells whether a CA issued a leaf, itself or through the CAs that stand behind the leaf in its file.
func IssuedBy(leaf certset.Entry, ca *certset.Certificate) bool {
	if leaf.Certificate == nil {
		return false
	}
	left := append([]*certset.Certificate{}, leaf.Chain...)
	for c := leaf.Certificate; c != nil; {
		if c.SignedBy(ca) == nil {
			return true
		}
		var issuer *certset.Certificate
		for i, above := range left {
			if above != nil && c.SignedBy(above) == nil {
				issuer, left[i] = above, nil // each once, however they issue each other
				break
			}
		}
		c = issuer
	}
	return false
}

// Stage returns the stage that the change is in.
func (c *ChangeOver) Stage() Stage {
	if len(c.Waiting) > 0 {
		return BothCAs
	}
	return LeavesMoved
}

// String says in a sentence where the change stands.
func (c *ChangeOver) String() string {
	switch n := len(c.Waiting); n {
	case 0:
		return "the CA is being changed: ca.pem holds both CAs, and no leaf here is of the old one"
	case 1:
		return "the CA is being changed: ca.pem holds both CAs, and a leaf is still of the old one, " + c.Waiting[0]
	default:
		return fmt.Sprintf("the CA is being changed: ca.pem holds both CAs, and %d leaves are still of the old one: %s", n, ShortList(c.Waiting))
	}
}

// Next are the steps that come next, in their order. Dir is what the commands in them say of the directory, such as "-d certs", or
// nothing.
func (c *ChangeOver) Next(dir string) []string {
	command := func(words string) string { return strings.TrimSpace("milvus-certs " + words + " " + dir) }
	const everywhere = "give ca.pem, which holds both CAs, to every client and to Milvus, and restart them"
	if c.Stage() == BothCAs {
		return []string{
			everywhere,
			"once it is everywhere: " + command(c.renewal()),
			"restart Milvus with the new server.pem, and hand out the new client certificates",
		}
	}
	return []string{
		everywhere + ", if that is not done yet",
		"restart Milvus with the new server.pem, and each client with its new certificate",
		"once no side uses a certificate of the old CA: " + command("renew ca --finish"),
		"give out ca.pem again, which then holds the new CA alone",
	}
}

// renewal names the leaves that wait, where they are few: the others need no new keys again.
func (c *ChangeOver) renewal() string {
	if len(c.Waiting) > mostNamed {
		return "renew"
	}
	words := "renew"
	for _, file := range c.Waiting {
		name, ok := strings.CutSuffix(file, certset.CertificateEnding)
		if !ok || strings.ContainsFunc(name, needsQuotes) {
			return "renew"
		}
		words += " " + name
	}
	return words
}

// needsQuotes tells letters that a shell may take for its own.
func needsQuotes(r rune) bool {
	plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-@", r)
	return !plain
}

// mostNamed is up to how many files are named.
const mostNamed = 8

// ShortList joins names, and of many the first few.
func ShortList(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}
