package expiry

import (
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// UsualBefore is how long before its end a certificate is due unless something else is asked for.
const UsualBefore = 30 * 24 * time.Hour

// Rule says from when on a certificate is due.
type Rule struct {
	// Before is how long before its end it is due; nil: UsualBefore, but not before two thirds of its time are over, for a
	// certificate of twenty days would else be due from its first day on.
	Before *time.Duration
}

// From returns the moment from which a certificate is due.
func (r Rule) From(c *certset.Certificate) time.Time {
	if r.Before != nil {
		return c.NotAfter.Add(-*r.Before)
	}
	const part = 3
	return c.NotAfter.Add(-min(UsualBefore, c.NotAfter.Sub(c.NotBefore)/part))
}

// Due tells whether a certificate is due at a moment.
func (r Rule) Due(c *certset.Certificate, at time.Time) bool { return at.After(r.From(c)) }
