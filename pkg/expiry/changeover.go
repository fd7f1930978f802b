package expiry

import (
	"fmt"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// ChangeOverOf returns the old CA where a change of the CA is under way: the bundle's first certificate is the new one, signed by
// itself, and another one that is signed by itself stands behind it. Nil: there is no change.
func ChangeOverOf(ca certset.Entry) *certset.Certificate {
	if ca.Certificate == nil || ca.Certificate.SignedBy(ca.Certificate) != nil {
		return nil
	}
	for _, c := range ca.Chain {
		if c.SignedBy(c) == nil {
			return c
		}
	}
	return nil
}

// Stage says how far a change of the CA is, so that a report can be read by a program.
type Stage string

// The stages of a change. Before and after it there is one CA, and no ChangeOver.
const (
	// BothCAs: ca.pem holds both, and leaves are still of the old one.
	BothCAs Stage = "both-cas"
	// LeavesMoved: ca.pem holds both, and all leaves are of the new one.
	LeavesMoved Stage = "leaves-moved"
)

// ChangeOver says where a change from one CA to another stands.
type ChangeOver struct {
	New, Old *certset.Certificate
	// Waiting are the certificate files of leaves, in time, that the old CA issued.
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

// Await adds the file of a leaf to those that wait, where the leaf is in its time and holds up the change. Leaves come one by one:
// ten thousand of them need not be in memory.
func (c *ChangeOver) Await(file string, leaf certset.Entry, at time.Time) {
	if leaf.Certificate != nil && !at.After(leaf.Certificate.NotAfter) && c.HoldsUp(leaf) {
		c.Waiting = append(c.Waiting, file)
	}
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
		return "the CA is being changed: ca.pem holds both CAs, and all leaves are of the new one"
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
	if c.Stage() == BothCAs {
		return []string{
			"give ca.pem, which holds both CAs, to every client and to Milvus, and restart them",
			"once it is everywhere: " + command("renew"),
			"restart Milvus with the new server.pem, and hand out the new client certificates",
		}
	}
	return []string{
		"restart Milvus with the new server.pem, and each client with its new certificate; ca.pem with both CAs has to be everywhere before",
		"once no side uses a certificate of the old CA: " + command("renew ca --finish"),
		"give out ca.pem again, which then holds the new CA alone",
	}
}

// ShortList joins names, and of many the first few.
func ShortList(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
