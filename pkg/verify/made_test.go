package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestMade: what could be wrong with a leaf that was just made, each by itself.
func TestMade(t *testing.T) {
	set, other := newSet(t, "", profile.Asked{}), newSet(t, "", profile.Asked{})
	ca := set.CA.Certificate
	for _, tc := range []struct {
		name   string
		change func(*certset.Entry)
		ca     *certset.Certificate
		at     time.Time
		want   string
	}{
		{"right", func(*certset.Entry) {}, ca, now, ""},
		{"for a key that is elsewhere", func(e *certset.Entry) { e.Key = nil }, ca, now, ""},
		{"no certificate", func(e *certset.Entry) { e.Certificate = nil }, ca, now, "there is no certificate"},
		{"another key", func(e *certset.Entry) { e.Key = other.Server.Key }, ca, now, "the certificate is for another key"},
		{"another request", func(e *certset.Entry) { e.Request = other.Server.Request }, ca, now, "the request is for another key"},
		{"another CA", func(*certset.Entry) {}, set.Server.Certificate, now, "the certificate names another CA, " + ca.Subject()},
		{"too early", func(*certset.Entry) {}, ca, now.AddDate(0, 0, -1), "the certificate is not in its time"},
		{"too late", func(*certset.Entry) {}, ca, now.AddDate(50, 0, 0), "the certificate is not in its time"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			entry := set.Server
			tc.change(&entry)
			err := verify.Made(certset.Leaf{Name: "server", Entry: entry}, tc.ca, tc.at)
			if tc.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, tc.want)
		})
	}
}
