package live_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// TestIntermediate: the path that is sent is followed to the CA of the set, in whatever order it is sent.
func TestIntermediate(t *testing.T) {
	root, other := newCA(t, "a root"), newCA(t, "another root")
	isCA := x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "between"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	between := issue(t, &root, isCA)
	isCA.Subject.CommonName = "below"
	below := issue(t, &between, isCA)
	leaf := below.server(t, 2)
	backup := files(map[string][]byte{"backup-1/ca.pem": root.pem()})
	for _, tc := range []struct {
		name    string
		sent    []made
		ca      made
		backups live.Files
		want    live.Kind
	}{
		{"in order", []made{leaf, below, between}, root, nil, live.SameCA},
		{"in no order", []made{leaf, between, below}, root, nil, live.SameCA},
		{"with the root", []made{leaf, below, between, root}, root, nil, live.SameCA},
		{"the intermediate is the set's CA", []made{leaf, below}, between, nil, live.SameCA},
		{"with a gap", []made{leaf, between}, root, nil, live.OtherCA},
		{"of another root", []made{leaf, below, between}, other, nil, live.OtherCA},
		{"beside what it is not of", []made{other.server(t, 3), between}, root, nil, live.OtherCA},
		{"of a root in a backup", []made{leaf, below, between}, other, backup, live.Replaced},
	} {
		assert.Equal(t, tc.want, judge(sending(tc.sent...), live.Input{Set: set(&tc.ca, nil), Backups: tc.backups}).Relation.Kind, tc.name)
	}
}

// TestRing: CAs that signed each other are gone round once.
func TestRing(t *testing.T) {
	a, b := newCA(t, "a"), newCA(t, "b")
	cross := func(subject, issuer made) made {
		der, err := x509.CreateCertificate(rand.Reader, subject.Certificate, issuer.Certificate, subject.key.Public(), issuer.key)
		require.NoError(t, err)
		c, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		return made{c, subject.key}
	}
	other := newCA(t, "other")
	assert.Equal(t, live.OtherCA, judge(sending(a.server(t, 2), cross(a, b), cross(b, a)), live.Input{Set: set(&other, nil)}).Relation.Kind)
}
