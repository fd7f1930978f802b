package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// complaint is the error of a directory in which something is due or cannot be read: what, and the way out.
func (o *statusOptions) complaint(r *expiry.Report) error {
	var parts []string
	if due := r.Due(); due > 0 {
		part := fmt.Sprintf("%s (%s)", dueCount(r), expiry.ShortList(placesOf(r, func(c *expiry.Row) bool { return c.Due })))
		if next := o.renewals(r); len(next) > 0 {
			part += ": " + strings.Join(next, "; ")
		}
		parts = append(parts, part)
	}
	if n := len(r.Problems); n > 0 {
		part := fmt.Sprintf("%s: %s", r.Problems[0].File, r.Problems[0].Error)
		if n > 1 {
			part += fmt.Sprintf("; and %s that cannot be read", countOf(n-1, "more file", "more files"))
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", r.Directory, strings.Join(parts, "; "))
}

func dueCount(r *expiry.Report) string {
	text := countOf(r.Due(), "certificate is due", "certificates are due")
	expired := 0
	for i := range r.Certificates {
		if r.Certificates[i].Expired {
			expired++
		}
	}
	if expired > 0 {
		text += fmt.Sprintf(", %d expired", expired)
	}
	return text
}

// placesOf are the places of certificates, each once.
func placesOf(r *expiry.Report, which func(*expiry.Row) bool) (places []string) {
	for i := range r.Certificates {
		if c := &r.Certificates[i]; which(c) {
			places = append(places, c.Place())
		}
	}
	return places
}

// renewals say how what is due is renewed: the CA first, for a leaf ends with its CA at the latest, then its leaves, then
// what others issued.
func (o *statusOptions) renewals(r *expiry.Report) (out []string) {
	var leaves []string
	caDue := false
	for i := range r.Certificates {
		switch c := &r.Certificates[i]; {
		case !c.Due || c.Renew == "" && !isOwnCA(c):
		case !isOwnCA(c):
			leaves = append(leaves, shellQuote(c.Renew))
		case r.HasCAKey:
			caDue = true
			out = append(out, commandIn("renew ca", r.Directory)+" begins a change to a new CA, in which the leaves follow")
		default:
			out = append(out, "ca.pem is renewed where its key is: put ca.key here for the time of the change")
		}
	}
	// Renewed at once, with the new CA that nobody knows yet, they would be refused.
	if len(leaves) > 0 && !caDue {
		out = append(out, o.renewalOf(leaves, r))
	}
	others := placesOf(r, func(c *expiry.Row) bool { return c.Due && c.Renew == "" && !isOwnCA(c) && !goesWithTheChange(r, c) })
	if len(others) > 0 {
		out = append(out, "ask whoever issued "+expiry.ShortList(others))
	}
	return out
}

// isOwnCA tells the directory's CA, which is signed by itself.
func isOwnCA(c *expiry.Row) bool {
	return c.File == certset.CACertificate && c.Number == 1 && c.SelfSigned
}

// renewalOf is the command that renews leaves: by name, or where they are many those that are due.
func (o *statusOptions) renewalOf(leaves []string, r *expiry.Report) string {
	slices.Sort(leaves)
	words := "renew " + strings.Join(leaves, " ")
	if len(leaves) > fewLeaves {
		words = "renew --if-needed" + o.renewBefore()
	}
	if !r.HasCAKey {
		words += " --ca-key FILE"
	}
	return commandIn(words, r.Directory)
}

// goesWithTheChange tells of the old CA in ca.pem, which is not renewed but dropped in the end.
func goesWithTheChange(r *expiry.Report, c *expiry.Row) bool {
	return r.ChangeOver != nil && c.File == certset.CACertificate && c.Number > 1
}

// renewBefore passes on what was asked for.
func (o *statusOptions) renewBefore() string {
	if o.rule.Before == nil {
		return ""
	}
	return " --renew-before " + o.expiresIn.String()
}
