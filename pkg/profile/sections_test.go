package profile_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Four sections that tell by basicConstraints' pathlen which of them was used.
const (
	v3CA  = "[v3_ca]\nbasicConstraints=pathlen:1\n"
	v3Req = "[v3_req]\nbasicConstraints=pathlen:2\n"
	other = "[ca2]\nbasicConstraints=pathlen:3\n[leaf2]\nbasicConstraints=pathlen:4\n[five]\nbasicConstraints=pathlen:5\n[six]\nbasicConstraints=pathlen:6\n"
	named = "[req]\nx509_extensions=ca2\nreq_extensions=leaf2\n"
)

// used tells the section that the extensions come from, "-" where they come from none.
func used(c profile.Certificate) string {
	if e := x509v3.Find(c.Extensions, x509v3.OIDBasicConstraints); e != nil {
		return e.Value.(x509v3.BasicConstraints).PathLen.String()
	}
	return "-"
}

func TestSectionsUsed(t *testing.T) {
	for _, tc := range []struct {
		name, conf         string
		asked              profile.Asked
		ca, server, client string
	}{
		{"gen.sh's", v3CA + v3Req, profile.Asked{}, "1", "2", "2"},
		{"these before those that [req] names", named + v3CA + v3Req + other, profile.Asked{}, "1", "2", "2"},
		{"those that [req] names", named + other, profile.Asked{}, "3", "4", "4"},
		{"named in the default section", "x509_extensions=ca2\nreq_extensions=leaf2\n" + other, profile.Asked{}, "3", "4", "4"},
		{"one of each", named + v3CA + other, profile.Asked{}, "1", "4", "4"},
		{"none", other, profile.Asked{}, "-", "-", "-"},
		{"--extensions is for both leaves", named + v3CA + v3Req + other, profile.Asked{Extensions: "five"}, "1", "5", "5"},
		{"--server-extensions for one", v3CA + v3Req + other, profile.Asked{ServerExtensions: "five"}, "1", "5", "2"},
		{"--client-extensions for the other", v3CA + v3Req + other, profile.Asked{ClientExtensions: "five"}, "1", "2", "5"},
		{"the role's goes over the common one", v3CA + v3Req + other, profile.Asked{Extensions: "five", ClientExtensions: "six"}, "1", "5", "6"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.asked.Exact = true
			p := mustResolve(t, tc.conf, tc.asked)
			assert.Equal(t, []string{tc.ca, tc.server, tc.client}, []string{used(p.CA()), used(p.Server()), used(p.Client())})
		})
	}
}

// TestSectionsRefused: sections that are used, and those that req(1) would look at, have to be there and right.
func TestSectionsRefused(t *testing.T) {
	for _, tc := range []struct {
		name, conf string
		asked      profile.Asked
		want       string
	}{
		{"--extensions", v3Req, profile.Asked{Extensions: "x"}, "--extensions: there is no section [x] in x.cnf"},
		{"--server-extensions", v3Req, profile.Asked{ServerExtensions: "x"}, "--server-extensions: there is no section [x] in x.cnf"},
		{"--client-extensions", v3Req, profile.Asked{ClientExtensions: "x"}, "--client-extensions: there is no section [x] in x.cnf"},
		{"x509_extensions, used", "[req]\nx509_extensions=x\n", profile.Asked{}, "x.cnf:2: [req] x509_extensions: there is no section [x]"},
		{"x509_extensions, not used", "[req]\nx509_extensions=x\n" + v3CA, profile.Asked{}, "x.cnf:2: [req] x509_extensions: there is no section [x]"},
		{"req_extensions", "[req]\nreq_extensions=x\n" + v3Req, profile.Asked{}, "x.cnf:2: [req] req_extensions: there is no section [x]"},
		{"distinguished_name, though of no use", "[req]\ndistinguished_name=x\n", profile.Asked{}, "x.cnf:2: [req] distinguished_name: there is no section [x]"},
		{"distinguished_name, exact", "[req]\ndistinguished_name=x\n", profile.Asked{Exact: true}, "x.cnf:2: [req] distinguished_name: there is no section [x]"},
		{"attributes", "[req]\nattributes=x\n", profile.Asked{}, "x.cnf:2: [req] attributes: there is no section [x]"},
		{"a wrong value in a section that is not used, and that req(1) reads", "[req]\nreq_extensions=leaf2\n[leaf2]\nbasicConstraints=CA:maybe\n" + v3Req, profile.Asked{},
			`x.cnf:4: [leaf2] basicConstraints: CA: wanted TRUE or FALSE (or true, false, YES, NO, yes, no, Y, N, y, n), found "maybe"`},
		{"a wrong value in one of several", v3Req + "[v3_ca]\nkeyUsage=critical,CRL\n", profile.Asked{},
			`x.cnf:4: [v3_ca] keyUsage: unknown value "CRL"; wanted digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign, encipherOnly, decipherOnly`},
	} {
		t.Run(tc.name, func(t *testing.T) { refused(t, tc.conf, tc.asked, tc.want) })
	}
	mustResolve(t, v3Req+"[not_used]\nbasicConstraints=CA:maybe\n", profile.Asked{})
}
