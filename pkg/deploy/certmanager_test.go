package deploy

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// server makes a server's certificate from a conf.
func server(t testing.TB, conf, keyType string) *certset.Certificate {
	t.Helper()
	parsed, err := opensslconf.Parse("x.cnf", strings.NewReader(conf), opensslconf.System{})
	require.NoError(t, err)
	p, err := profile.New(parsed, profile.Asked{Now: now, Days: new(10), CADays: new(20), KeyType: profile.Setting{Value: keyType, From: "--key-type"}})
	require.NoError(t, err)
	set, _, err := issuance.NewSet(p, issuance.Options{Now: now})
	require.NoError(t, err)
	return set.Server.Certificate
}

func spec(t *testing.T, c Certificate) certificateSpec {
	t.Helper()
	if c.Lasts == 0 {
		c.Lasts = 240 * time.Hour
	}
	text, err := c.Resource()
	require.NoError(t, err)
	var r certificateResource
	require.NoError(t, yaml.Unmarshal([]byte(text), &r))
	return r.Spec
}

func TestSubjects(t *testing.T) {
	// Each attribute once, and in the order in which fields are written: fields. Else literalSubject, the last one first.
	for dn, literal := range map[string]string{
		"CN = a":                        "",
		"C = CN\nO = milvus\nCN = a":    "",
		"O = milvus":                    "",
		"C = CN\nL = x\nST = y\nCN = a": "",
		"O = milvus\nC = CN\nCN = a":    "CN=a,C=CN,O=milvus",
		"1.OU = x\n2.OU = y\nCN = a":    "CN=a,OU=y,OU=x",
		"O = x\n+OU = y\nCN = a":        "CN=a,O=x+OU=y",
		"CN = a\nemailAddress = b@c":    "1.2.840.113549.1.9.1=b@c,CN=a",
		"CN = a\nO = milvus":            "O=milvus,CN=a",
	} {
		s := spec(t, Certificate{Like: server(t, "[req]\nprompt = no\ndistinguished_name = dn\n[dn]\n"+dn+"\n[v3_req]\nsubjectAltName = DNS:a\n", "ec-p256")})
		assert.Equal(t, literal, s.LiteralSubject, dn)
		if literal != "" {
			assert.True(t, s.Subject == nil && s.CommonName == "", dn)
		}
	}
}

func TestEscaped(t *testing.T) {
	for value, want := range map[string]string{
		"a": "a", "#a": `\#a`, "a#": "a#", " a ": `\ a\ `, "a b": "a b", "a,b+c": `a\,b\+c`, `"<>;=\`: `\"\<\>\;\=\\`, "ü": "ü", " ": `\ `,
	} {
		assert.Equal(t, want, escaped(value), value)
	}
}

func TestKinds(t *testing.T) {
	for kind, want := range map[string]privateKey{
		"rsa-2048": {Algorithm: "RSA", Size: 2048}, "ec-p256": {Algorithm: "ECDSA", Size: 256}, "ec-p384": {Algorithm: "ECDSA", Size: 384}, "ed25519": {Algorithm: "Ed25519"},
	} {
		want.Encoding, want.RotationPolicy = "PKCS8", "Always"
		assert.Equal(t, &want, spec(t, Certificate{Like: server(t, "", kind)}).PrivateKey)
	}
}

func TestLasting(t *testing.T) {
	like := server(t, "", "ec-p256")
	for lasts, want := range map[time.Duration][2]string{
		time.Hour: {"1h", "20m"}, 24 * time.Hour: {"24h", "8h"}, 90 * 24 * time.Hour: {"2160h", "720h"}, 3650 * 24 * time.Hour: {"87600h", "720h"},
		90*time.Minute + 30*time.Second: {"1h30m", "30m"},
	} {
		s := spec(t, Certificate{Like: like, Lasts: lasts})
		assert.Equal(t, want, [2]string{s.Duration, s.RenewBefore})
	}
	_, err := Certificate{Like: like, Lasts: 59 * time.Minute}.Resource()
	assert.Error(t, err)
}

func TestMoreNamesAreThereOnce(t *testing.T) {
	s := spec(t, Certificate{Like: server(t, "[v3_req]\nsubjectAltName = DNS:a, DNS:b\n", "ec-p256"), MoreNames: []string{"b", "c"}})
	assert.Equal(t, []string{"a", "b", "c"}, s.DNSNames)
}

func TestInexpressible(t *testing.T) {
	for conf, want := range map[string]string{
		"subjectAltName = DNS:a, otherName:1.2.3;UTF8:x":     "names that are no host",
		"subjectAltName = DNS:a\nextendedKeyUsage = 1.2.3":   "extendedKeyUsage: 1.2.3",
		"subjectAltName = DNS:a\nbasicConstraints = CA:TRUE": "it is a CA",
		"subjectAltName = DNS:ü":                             "refuses the certificate",
		"subjectAltName = @n\n[n]\nDNS = a\nemail = a\\tb@c": "a name with characters",
	} {
		c := Certificate{Like: server(t, "[v3_req]\n"+conf+"\n", "ec-p256"), Lasts: 240 * time.Hour}
		assert.Contains(t, strings.Join(c.Inexpressible(), "; "), want, conf)
		_, err := c.Resource()
		assert.ErrorContains(t, err, want, conf)
	}
	assert.Empty(t, Certificate{Like: server(t, "", "ec-p256")}.Inexpressible())
}

func TestDifferences(t *testing.T) {
	for conf, want := range map[string]string{
		"nsComment = x": "nsComment",
		"":              "",
	} {
		assert.Contains(t, strings.Join(Certificate{Like: server(t, "[v3_req]\nsubjectAltName = DNS:a\n"+conf+"\n", "ec-p256")}.Differences(), "; "), want)
	}
	odd := Certificate{Like: server(t, "[req]\nprompt = no\ndistinguished_name = dn\n[dn]\nCN = a\nemailAddress = b@c\n[v3_req]\nsubjectAltName = DNS:a\n", "ec-p256")}
	assert.Len(t, odd.Differences(), 2)
}

// FuzzLiteralSubject: each special character of a value is escaped, so that taking the backslashes away gives the value.
func FuzzLiteralSubject(f *testing.F) {
	for _, value := range []string{"a", " #a ", `\,+"<>;=`, "ü", ""} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		text := literalSubject(x509v3.NewName(x509v3.Attribute{Type: x509v3.OIDCommonName, Value: value}))
		if CheckText(value) != nil || value == "" {
			return // which checkSubject refuses
		}
		rest, ok := strings.CutPrefix(text, "CN=")
		require.True(t, ok)
		var back strings.Builder
		for i := 0; i < len(rest); i++ {
			if rest[i] == '\\' {
				i++
			} else {
				require.NotContains(t, `,+"<>;=`, rest[i:i+1])
			}
			back.WriteByte(rest[i])
		}
		assert.Equal(t, value, back.String())
	})
}
