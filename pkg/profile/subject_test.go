package profile_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// The confs with a subject of their own.
const (
	statedName = "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nC=DE\nST=Baden\nO=Acme\nCN=milvus.example.com\n"
	bareName   = "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nO=Acme\nCN=milvus.example.com\n"
	promptName = "[req]\ndistinguished_name=dn\n[dn]\nC_default=DE\nCN=Host name\n"
)

func TestSubjects(t *testing.T) {
	for _, tc := range []struct {
		name, conf         string
		asked              profile.Asked
		ca, server, client string
	}{
		{"the defaults are gen.sh's", "", profile.Asked{},
			"C=CN, ST=Shanghai, L=Shanghai, O=milvus, OU=milvus, CN=localhost",
			"C=CN, O=milvus, OU=milvus, CN=localhost", "C=CN, O=milvus, OU=milvus, CN=localhost"},
		{"everything asked for", "",
			profile.Asked{Country: flag("DE"), State: flag("Baden"), Locality: flag("Freiburg"), Organization: flag("Acme"),
				OrganizationalUnit: flag("Search"), CommonName: flag("m.example.com")},
			"C=DE, ST=Baden, L=Freiburg, O=Acme, OU=Search, CN=m.example.com",
			"C=DE, O=Acme, OU=Search, CN=m.example.com", "C=DE, O=Acme, OU=Search, CN=m.example.com"},
		{"a CommonName for each", "",
			profile.Asked{CommonName: flag("m.example.com"), ClientCommonName: flag("reader"), CACommonName: flag("Acme CA")},
			"C=CN, ST=Shanghai, L=Shanghai, O=milvus, OU=milvus, CN=Acme CA",
			"C=CN, O=milvus, OU=milvus, CN=m.example.com", "C=CN, O=milvus, OU=milvus, CN=reader"},
		{"a gen.sh's variables are defaults like ours", "", profile.Asked{Organization: variable("Acme"), CommonName: flag("m")},
			"C=CN, ST=Shanghai, L=Shanghai, O=Acme, OU=milvus, CN=m", "C=CN, O=Acme, OU=milvus, CN=m", "C=CN, O=Acme, OU=milvus, CN=m"},
		{"set to nothing leaves out", "",
			profile.Asked{Country: flag(""), State: flag(""), OrganizationalUnit: flag(""), ClientCommonName: flag("")},
			"L=Shanghai, O=milvus, CN=localhost", "O=milvus, CN=localhost", "O=milvus"},
		{"prompt = no: the conf's subject is everyone's", statedName, profile.Asked{CACommonName: flag("Acme CA")},
			"C=DE, ST=Baden, O=Acme, CN=Acme CA", "C=DE, ST=Baden, O=Acme, CN=milvus.example.com",
			"C=DE, ST=Baden, O=Acme, CN=milvus.example.com"},
		{"what is asked for goes over the conf", statedName,
			profile.Asked{Country: flag("CN"), State: variable("Hubei"), Organization: flag("Other"), CommonName: flag("m"),
				ClientCommonName: flag("c"), CACommonName: flag("a")},
			"C=CN, ST=Hubei, O=Other, CN=a", "C=CN, ST=Hubei, O=Other, CN=m", "C=CN, ST=Hubei, O=Other, CN=c"},
		{"what the conf lacks comes to the end", bareName, profile.Asked{Country: flag("DE"), OrganizationalUnit: flag("U")},
			"O=Acme, CN=milvus.example.com CA, C=DE, OU=U", "O=Acme, CN=milvus.example.com, C=DE, OU=U",
			"O=Acme, CN=milvus.example.com, C=DE, OU=U"},
		{"state and locality come to the CA alone, unless the conf gives them to all", statedName,
			profile.Asked{State: flag("Hubei"), Locality: flag("Wuhan")},
			"C=DE, ST=Hubei, O=Acme, CN=milvus.example.com, L=Wuhan", "C=DE, ST=Hubei, O=Acme, CN=milvus.example.com",
			"C=DE, ST=Hubei, O=Acme, CN=milvus.example.com"},
		{"set to nothing takes the conf's out", statedName, profile.Asked{State: flag(""), CACommonName: flag("a")},
			"C=DE, O=Acme, CN=a", "C=DE, O=Acme, CN=milvus.example.com", "C=DE, O=Acme, CN=milvus.example.com"},
		{"without prompt = no the conf's are prompts, not values", promptName, profile.Asked{},
			"C=CN, ST=Shanghai, L=Shanghai, O=milvus, OU=milvus, CN=localhost",
			"C=CN, O=milvus, OU=milvus, CN=localhost", "C=CN, O=milvus, OU=milvus, CN=localhost"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustResolve(t, tc.conf, tc.asked)
			assert.Equal(t, tc.ca, p.CA().Subject.String())
			assert.Equal(t, tc.server, p.Server().Subject.String())
			assert.Equal(t, tc.client, p.Client().Subject.String())
		})
	}
}

// TestSubjectOfTheFile keeps what a distinguished_name can state beyond gen.sh's six attributes.
func TestSubjectOfTheFile(t *testing.T) {
	p := mustResolve(t, "[req]\nprompt=no\ndistinguished_name=dn\n[dn]\n0.OU=a\n1.OU=b\n+O=c\n0.1.2.3.4=d\nemailAddress=e@f.de\n",
		profile.Asked{CACommonName: flag("ca")})
	assert.Equal(t, "OU=a, OU=b + O=c, 1.2.3.4=d, emailAddress=e@f.de", p.Server().Subject.String())
	assert.Equal(t, "OU=a, OU=b + O=c, 1.2.3.4=d, emailAddress=e@f.de, CN=ca", p.CA().Subject.String())
}

func TestCAIsParted(t *testing.T) {
	same := profile.Asked{State: flag(""), Locality: flag("")}
	for _, tc := range []struct {
		name, conf string
		asked      profile.Asked
		commonName string
		noted      bool
	}{
		{"other attributes tell them apart", "", profile.Asked{}, "localhost", false},
		{"one and the same subject", "", same, "localhost CA", true},
		{"of the conf", statedName, profile.Asked{}, "milvus.example.com CA", true},
		{"the client's alone", "", profile.Asked{State: flag(""), Locality: flag(""), CommonName: flag("m"), CACommonName: flag("x"), ClientCommonName: flag("x")}, "x CA", true},
		{"the server's alone", "", profile.Asked{State: flag(""), Locality: flag(""), CommonName: flag("m"), ClientCommonName: flag("x")}, "m CA", true},
		{"no CommonName at all", "", profile.Asked{State: flag(""), Locality: flag(""), CommonName: flag("")}, "CA", true},
		{"exact leaves them", "", profile.Asked{State: flag(""), Locality: flag(""), Exact: true}, "localhost", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustResolve(t, tc.conf, tc.asked)
			commonName, _ := p.CA().Subject.Get(x509v3.OIDCommonName)
			assert.Equal(t, tc.commonName, commonName)
			note := `ca.pem: CommonName "` + tc.commonName + `", for CA and leaf would carry one and the same subject`
			if tc.noted {
				assert.Equal(t, note, p.Notes()[0])
			} else {
				assert.NotContains(t, p.Notes(), note)
			}
		})
	}
}

// TestCATooLongToPart: " CA" may be what makes a CommonName too long.
func TestCATooLongToPart(t *testing.T) {
	asked := profile.Asked{State: flag(""), Locality: flag(""), CommonName: flag(strings.Repeat("a", 61))}
	mustResolve(t, "", asked)
	asked.CommonName = flag(strings.Repeat("a", 62))
	_, err := resolve("", asked)
	require.Error(t, err)
	assert.EqualError(t, err, `CA and leaf would carry one and the same subject, and " CA" makes the CA's CommonName longer than 64 characters; give --ca-common-name`)
	assert.NotContains(t, err.Error(), "\n")
	asked.CACommonName = flag("the CA")
	mustResolve(t, "", asked)
}

// TestStringMask compares the DER of O=milvus: UTF8String or PrintableString, as OpenSSL does it.
func TestStringMask(t *testing.T) {
	for _, tc := range []struct{ conf, tag string }{
		{"", "0c"}, {"[req]\nstring_mask=utf8only", "0c"}, {"[req]\nstring_mask=MASK:8192", "0c"},
		{"[req]\nstring_mask=MASK:0x2002", "13"}, {"[req]\nstring_mask=pkix", "13"},
		{"[req]\nstring_mask=nombstr", "13"}, {"[req]\nstring_mask=default", "13"}, {"string_mask=pkix\n[req]\n", "13"},
	} {
		t.Run(tc.conf, func(t *testing.T) {
			p := mustResolve(t, tc.conf, profile.Asked{Organization: flag("Acme")})
			name := x509v3.NewName(x509v3.Attribute{Type: x509v3.OIDCountry, Value: "CN"}, x509v3.Attribute{Type: x509v3.OIDOrganization, Value: "Acme"})
			der, err := name.DER(p.StringMask())
			require.NoError(t, err)
			assert.Equal(t, "301c310b3009060355040613"+"02434e"+"310d300b060355040a"+tc.tag+"0441636d65", hex.EncodeToString(der))
		})
	}
}
