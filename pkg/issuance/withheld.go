package issuance

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Withheld is something that a request asks for and its certificate does not have.
type Withheld struct {
	What string // such as "DNS:db.example.com" or "keyUsage keyCertSign"
	SAN  string // of a host name or address: how profile.Leaf's SANs would add it
}

// Withhold returns what of a request a certificate does not have, each thing once. A use that the certificate leaves open, for it
// lacks the extension that would restrict it, is not withheld.
func Withhold(r *certset.Request, c *certset.Certificate) []Withheld {
	w := &withholding{seen: map[Withheld]bool{}}
	uses := r.Uses()
	w.names(r.Names(), c.Names())
	w.uses(uses, c)
	for _, e := range r.Extensions {
		if !isCompared(e.Id) || !uses.Tell(e.Id) {
			w.extension(e, c)
		}
	}
	for _, id := range r.OtherAttributes() {
		w.add("attribute "+objectName(id), "")
	}
	return w.all
}

type withholding struct {
	all  []Withheld
	seen map[Withheld]bool
}

func (w *withholding) add(what, san string) {
	one := Withheld{what, san}
	if !w.seen[one] {
		w.seen[one] = true
		w.all = append(w.all, one)
	}
}

func (w *withholding) names(asked, granted []string) {
	has := map[string]bool{}
	for _, name := range granted {
		has[name] = true
	}
	for _, name := range asked {
		san := ""
		// A name that is written otherwise is the same name: case, a dot at the end.
		if parsed, err := profile.ParseSANs([]string{name}, ""); err == nil {
			san = parsed[0].String()
		}
		if !has[name] && !has[san] {
			w.add(name, san)
		}
	}
}

func (w *withholding) uses(asked certset.Uses, c *certset.Certificate) {
	granted := c.Uses()
	if c.Extension(x509v3.OIDExtKeyUsage) != nil {
		for _, id := range asked.ExtKeyUsage {
			if !slices.ContainsFunc(granted.ExtKeyUsage, id.Equal) {
				w.add("extendedKeyUsage "+objectName(id), "")
			}
		}
	}
	if c.Extension(x509v3.OIDKeyUsage) != nil {
		for _, use := range asked.KeyUsage {
			if !slices.Contains(granted.KeyUsage, use) {
				w.add("keyUsage "+use, "")
			}
		}
	}
	if asked.CA != nil && *asked.CA && (granted.CA == nil || !*granted.CA) {
		w.add("basicConstraints CA:TRUE", "")
	}
}

// isCompared tells the extensions that are compared by what is in them.
func isCompared(id asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc([]asn1.ObjectIdentifier{
		x509v3.OIDSubjectAltName, x509v3.OIDKeyUsage, x509v3.OIDExtKeyUsage, x509v3.OIDBasicConstraints,
	}, id.Equal)
}

func (w *withholding) extension(e pkix.Extension, c *certset.Certificate) {
	if granted := c.Extension(e.Id); granted == nil || !bytes.Equal(granted.Value, e.Value) {
		w.add(objectName(e.Id), "")
	}
}

func objectName(id asn1.ObjectIdentifier) string { return x509v3.Extension{ID: id}.Name() }
