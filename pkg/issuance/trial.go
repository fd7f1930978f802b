package issuance

import (
	"fmt"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// Trial puts a CA, whatever is wrong with it, into a set with leaves that the CA would issue for the profile, so that clients can
// be asked what they think of the CA. Nobody is to get these leaves: their keys are forgotten with them.
func Trial(p *profile.Profile, ca certset.Entry, now time.Time) (*certset.Set, error) {
	serial, err := RandomSerial()
	if err != nil {
		return nil, err
	}
	i := &Issuer{Entry: ca, now: seconds(now)}
	set := &certset.Set{CA: ca, Serial: serial}
	for _, leaf := range []struct {
		entry *certset.Entry
		cert  profile.Certificate
	}{{&set.Server, p.Server()}, {&set.Client, p.Client()}} {
		key, err := NewKey(profile.KeyType{Algorithm: profile.EC, Bits: 256}) //nolint:mnd // the quickest to make
		if err != nil {
			return nil, fmt.Errorf("cannot make keys: %w", err)
		}
		if *leaf.entry, _, err = i.Issue(p, leaf.cert, key, set.Serial); err != nil {
			return nil, err
		}
	}
	return set, nil
}
