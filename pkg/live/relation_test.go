package live_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/live"
)

// issueFor issues a server's certificate for one name alone, as number 2.
func issueFor(t *testing.T, ca made, name string) made {
	return issue(t, &ca, x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: []string{name},
	})
}

// TestRelation: only a backup, or an older certificate for the same names, tells that what is sent was replaced.
func TestRelation(t *testing.T) {
	ca, other := newCA(t, "a CA"), newCA(t, "another CA")
	old, own, newer, further := ca.server(t, 2), ca.server(t, 3), ca.server(t, 4), ca.server(t, 2, "db.example.com")
	ofOther, elsewhere := other.server(t, 2), issueFor(t, ca, "db.example.com")
	for _, tc := range []struct {
		name            string
		sent            made
		ca, own         *made
		others, backups map[string][]byte
		want            live.Relation
		check           string // that there is a warning of, about what is sent
	}{
		{"the set's", own, &ca, &own, nil, nil, live.Relation{Kind: live.Current, File: serverPEM}, ""},
		{"one that issue made", further, &ca, &own, map[string][]byte{"bad.pem": []byte("-"), "further.pem": further.pem()}, nil, live.Relation{Kind: live.Issued, File: "further.pem"}, ""},
		{"an older one for the same names", old, &ca, &own, nil, nil, live.Relation{Kind: live.Replaced}, "restart-due"},
		{"in a backup", newer, &ca, &own, nil, map[string][]byte{"backup-1/server.pem": newer.pem()}, live.Relation{Kind: live.Replaced, File: "backup-1/server.pem"}, "restart-due"},
		{"of a CA in a backup", ofOther, &ca, &own, nil, map[string][]byte{"backup-1/ca.pem": other.pem()}, live.Relation{Kind: live.Replaced}, "restart-due"},
		{"of a CA that is no ca.pem of a backup", ofOther, &ca, &own, nil, map[string][]byte{"backup-1/x.pem": other.pem()}, live.Relation{Kind: live.OtherCA}, ""},
		{"an older one for more names", further, &ca, &own, nil, nil, live.Relation{Kind: live.SameCA}, "other-certificate"},
		{"an older one for another subject", elsewhere, &ca, &own, nil, nil, live.Relation{Kind: live.SameCA}, "other-certificate"},
		{"a newer one", newer, &ca, &own, nil, nil, live.Relation{Kind: live.SameCA}, "other-certificate"},
		{"no server.pem", old, &ca, nil, nil, nil, live.Relation{Kind: live.SameCA}, ""},
		{"of another CA", ofOther, &ca, &own, nil, nil, live.Relation{Kind: live.OtherCA}, ""},
		{"no ca.pem", old, nil, nil, nil, nil, live.Relation{Kind: live.Unrelated}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := judge(sending(tc.sent), live.Input{Set: set(tc.ca, tc.own), Others: files(tc.others), Backups: files(tc.backups)})
			assert.Equal(t, tc.want, r.Relation)
			var warned []string
			for _, check := range []string{"restart-due", "other-certificate"} {
				for _, f := range found(r, check) {
					assert.Equal(t, r.Target, f.File)
					warned = append(warned, check)
				}
			}
			if tc.check == "" {
				assert.Empty(t, warned)
			} else {
				assert.Equal(t, []string{tc.check}, warned)
			}
		})
	}
}

// TestOlderElsewhere: whether a restart is due for an older certificate of other names is left open.
func TestOlderElsewhere(t *testing.T) {
	ca := newCA(t, "a CA")
	own := ca.server(t, 3)
	for sent, want := range map[*made]string{ptr(ca.server(t, 2, "db.example.com")): "a restart is due if server.pem is this server's; ", ptr(ca.server(t, 4)): "-d names the set"} {
		r := judge(sending(*sent), live.Input{Set: set(&ca, &own)})
		all := found(r, "other-certificate")
		if assert.Len(t, all, 1) {
			assert.Contains(t, all[0].WayOut, want)
			assert.Equal(t, want[0] == 'a', all[0].WayOut[0] == 'a')
		}
	}
}

func ptr(m made) *made { return &m }
