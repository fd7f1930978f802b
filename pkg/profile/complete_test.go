package profile_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// The parts of the CA's note.
const (
	addedBC  = "basicConstraints critical CA:TRUE"
	addedKU  = "keyUsage critical keyCertSign, cRLSign"
	addedSKI = "subjectKeyIdentifier"
	addedAKI = "authorityKeyIdentifier"
	critical = "ca.pem: basicConstraints made critical, as RFC 5280 demands and strict clients require"
)

func TestCACompleted(t *testing.T) {
	for _, tc := range []struct {
		name, conf, want string
		notes            []string
	}{
		{"nothing stated", "",
			"basicConstraints=critical,CA:true; keyUsage=critical,0x60; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:2,issuer:0",
			[]string{"ca.pem: added " + addedBC + "; " + addedKU + "; " + addedSKI + "; " + addedAKI}},
		{"everything stated, in its order", "subjectKeyIdentifier=hash\nkeyUsage=keyCertSign\nauthorityKeyIdentifier=keyid,issuer\nbasicConstraints=critical,CA:TRUE,pathlen:0",
			"subjectKeyIdentifier=hash; keyUsage=0x20; authorityKeyIdentifier=keyid:1,issuer:1; basicConstraints=critical,CA:true,pathlen:0", nil},
		{"basicConstraints not critical", "basicConstraints=CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always",
			"basicConstraints=critical,CA:true; keyUsage=0x20; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:2,issuer:0", []string{critical}},
		{"that and something missing", "basicConstraints=CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always",
			"basicConstraints=critical,CA:true; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:2,issuer:0; keyUsage=critical,0x60",
			[]string{critical, "ca.pem: added " + addedKU}},
		{"CA:FALSE is kept as it is", "basicConstraints=CA:FALSE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid",
			"basicConstraints=CA:false; keyUsage=0x20; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:1,issuer:0", nil},
		{"subjectKeyIdentifier none: nothing to name", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=none",
			"basicConstraints=critical,CA:true; keyUsage=0x20; subjectKeyIdentifier=", nil},
		{"of two octets, which is none to OpenSSL", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=0102",
			"basicConstraints=critical,CA:true; keyUsage=0x20; subjectKeyIdentifier=0102", nil},
		{"chosen freely", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=010203",
			"basicConstraints=critical,CA:true; keyUsage=0x20; subjectKeyIdentifier=010203; authorityKeyIdentifier=keyid:2,issuer:0", []string{"ca.pem: added " + addedAKI}},
		{"authorityKeyIdentifier none", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nauthorityKeyIdentifier=none",
			"basicConstraints=critical,CA:true; keyUsage=0x20; authorityKeyIdentifier=keyid:0,issuer:0; subjectKeyIdentifier=hash", []string{"ca.pem: added " + addedSKI}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustResolve(t, "[v3_ca]\n"+tc.conf, profile.Asked{})
			assert.Equal(t, tc.want, render(p.CA().Extensions))
			notes := p.Notes()
			assert.Equal(t, tc.notes, append([]string(nil), notes[:len(notes)-2]...), "the last two are the leaves'")
		})
	}
}

func TestLeavesCompleted(t *testing.T) {
	const local = "DNS:localhost,IP:127.0.0.1,IP:::1"
	const addedLocal = "subjectAltName DNS:localhost, IP:127.0.0.1, IP:::1"
	for _, tc := range []struct {
		name, conf           string
		asked                profile.Asked
		server, client       string
		addServer, addClient string // the notes
	}{
		{"nothing stated", "", profile.Asked{},
			"subjectAltName=" + local + "; extendedKeyUsage=serverAuth", "subjectAltName=" + local + "; extendedKeyUsage=clientAuth",
			addedLocal + "; extendedKeyUsage serverAuth; " + addedSKI + "; " + addedAKI,
			addedLocal + "; extendedKeyUsage clientAuth; " + addedSKI + "; " + addedAKI},
		{"everything stated", "extendedKeyUsage=clientAuth,serverAuth\nsubjectAltName=DNS:a\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid", profile.Asked{},
			"extendedKeyUsage=clientAuth,serverAuth; subjectAltName=DNS:a; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:1,issuer:0",
			"extendedKeyUsage=clientAuth,serverAuth; subjectAltName=DNS:a; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:1,issuer:0", "", ""},
		{"constraints and usages are not completed", "basicConstraints=CA:FALSE", profile.Asked{ClientCommonName: flag("reader 1")},
			"basicConstraints=CA:false; subjectAltName=" + local + "; extendedKeyUsage=serverAuth",
			"basicConstraints=CA:false; extendedKeyUsage=clientAuth",
			addedLocal + "; extendedKeyUsage serverAuth; " + addedSKI + "; " + addedAKI, "extendedKeyUsage clientAuth; " + addedSKI + "; " + addedAKI},
		{"a wrong usage is the conf's", "extendedKeyUsage=critical,codeSigning\nsubjectAltName=critical,DNS:a", profile.Asked{},
			"extendedKeyUsage=critical,1.3.6.1.5.5.7.3.3; subjectAltName=critical,DNS:a", "extendedKeyUsage=critical,1.3.6.1.5.5.7.3.3; subjectAltName=critical,DNS:a",
			addedSKI + "; " + addedAKI, addedSKI + "; " + addedAKI},
		{"identifiers stated as none are not added", "subjectAltName=DNS:a\nextendedKeyUsage=serverAuth\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none", profile.Asked{},
			"subjectAltName=DNS:a; extendedKeyUsage=serverAuth; subjectKeyIdentifier=; authorityKeyIdentifier=keyid:0,issuer:0",
			"subjectAltName=DNS:a; extendedKeyUsage=serverAuth; subjectKeyIdentifier=; authorityKeyIdentifier=keyid:0,issuer:0", "", ""},
		{"--san goes behind the conf's names, for the server", "subjectAltName=DNS:a,DNS:b\nextendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid",
			profile.Asked{SANs: []string{"c", "DNS:a", "IP:10.0.0.1", "c"}},
			"subjectAltName=DNS:a,DNS:b,DNS:c,IP:10.0.0.1; extendedKeyUsage=serverAuth; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:1,issuer:0",
			"subjectAltName=DNS:a,DNS:b; extendedKeyUsage=serverAuth; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:1,issuer:0",
			"subjectAltName DNS:c, IP:10.0.0.1", ""},
		{"--san that the conf has is no news", "subjectAltName=DNS:a\nextendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid", profile.Asked{SANs: []string{"A."}},
			"subjectAltName=DNS:a; extendedKeyUsage=serverAuth; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:1,issuer:0",
			"subjectAltName=DNS:a; extendedKeyUsage=serverAuth; subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid:1,issuer:0", "", ""},
		{"--san goes behind the CommonName's names", "", profile.Asked{SANs: []string{"m.example.com", "localhost"}},
			"subjectAltName=" + local + ",DNS:m.example.com; extendedKeyUsage=serverAuth", "subjectAltName=" + local + "; extendedKeyUsage=clientAuth",
			addedLocal + ", DNS:m.example.com; extendedKeyUsage serverAuth; " + addedSKI + "; " + addedAKI,
			addedLocal + "; extendedKeyUsage clientAuth; " + addedSKI + "; " + addedAKI},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustResolve(t, "[v3_req]\n"+tc.conf, tc.asked)
			assert.Equal(t, tc.server, render(p.Server().Extensions))
			assert.Equal(t, tc.client, render(p.Client().Extensions))
			var notes []string
			for _, n := range []struct{ file, added string }{{"server.pem", tc.addServer}, {"client.pem", tc.addClient}} {
				if n.added != "" {
					notes = append(notes, n.file+": added "+n.added)
				}
			}
			assert.Equal(t, notes, append([]string(nil), p.Notes()[1:]...), "the first is the CA's")
		})
	}
}
