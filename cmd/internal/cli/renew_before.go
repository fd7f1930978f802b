package cli

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// renewBefore is the flag that says from when on a certificate is due.
type renewBefore struct {
	before duration
	asked  func() bool
}

func (r *renewBefore) flag(f *pflag.FlagSet) {
	r.before = duration(expiry.UsualBefore)
	f.Var(&r.before, "renew-before", "with --if-needed: how long before its end a certificate is due; by default not before two thirds of its time")
	r.asked = func() bool { return f.Changed("renew-before") }
}

func (r *renewBefore) rule() expiry.Rule {
	if !r.asked() {
		return expiry.Rule{}
	}
	before := time.Duration(r.before)
	return expiry.Rule{Before: &before}
}

func (r *renewBefore) due(c *certset.Certificate, at time.Time) bool { return r.rule().Due(c, at) }
