package clients_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// newSet makes what a conf states and nothing else.
func newSet(t *testing.T, text string, asked profile.Asked) *certset.Set {
	t.Helper()
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{})
	require.NoError(t, err)
	asked.Now = time.Now()
	asked.KeyType = flag("ec-p256")
	p, err := profile.New(conf, asked)
	require.NoError(t, err)
	set, _, err := issuance.NewSet(p, issuance.Options{Now: asked.Now})
	require.NoError(t, err)
	return set
}

func flag(value string) profile.Setting { return profile.Setting{Value: value, From: "--flag"} }

func object(set *certset.Set) []clients.Objection {
	return clients.Object(clients.Observation{CA: set.CA.Certificate, Server: set.Server.Certificate, Client: set.Client.Certificate})
}

func texts(objections []clients.Objection) []string {
	var out []string
	for _, o := range objections {
		out = append(out, o.String())
	}
	return out
}

// A CA and leaves that no client objects to, to be spoilt a line at a time.
const (
	constraints = "basicConstraints=critical,CA:TRUE\n"
	signs       = "keyUsage=critical,keyCertSign,cRLSign\n"
	names       = "subjectAltName=DNS:localhost\n"
	goodCA      = constraints + signs
)

// who objects to what.
const (
	noKeyUsage = "ca.pem: no keyUsage: refused by Python 3.13 and later"
	noNames    = "server.pem: no name or address in subjectAltName: refused by Go clients and Python's requests"
	notCA      = "ca.pem: basicConstraints does not say CA:TRUE: refused by "
	ofCN       = ": refused by every client that takes the CommonName as server name"
)

// cases say of each rule when it objects and when it does not. The leaves share a section, unless there is a client's.
var cases = []struct {
	name, ca, server, client string
	commonName               string
	want                     []string
}{
	{name: "nothing wrong", ca: goodCA, server: names},
	{name: "gen.sh's: a CA of the system's conf, leaves without names", ca: "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\nbasicConstraints=critical,CA:true\n",
		server: "basicConstraints=CA:FALSE\nkeyUsage=nonRepudiation,digitalSignature,keyEncipherment\n", want: []string{noKeyUsage, noNames}},

	{name: "the CA is none", ca: "basicConstraints=critical,CA:FALSE\n" + signs, server: names, want: []string{notCA + "every client"}},
	{name: "it says neither", ca: "subjectKeyIdentifier=hash\n", server: names, want: []string{"ca.pem: no basicConstraints: refused by Go clients and Python 3.13 and later", noKeyUsage}},
	{name: "it may not sign", ca: constraints + "keyUsage=critical,cRLSign\n", server: names,
		want: []string{"ca.pem: keyUsage lacks keyCertSign: refused by Go, Node and Python clients"}},
	{name: "keyUsage without cRLSign, not critical", ca: constraints + "keyUsage=keyCertSign\n", server: names},
	{name: "no keyUsage", ca: constraints, server: names, want: []string{noKeyUsage}},
	{name: "constraints not critical", ca: "basicConstraints=CA:TRUE\n" + signs, server: names,
		want: []string{"ca.pem: basicConstraints is not critical: refused by Python 3.13 and later"}},
	{name: "no key identifier in the CA, so none in leaves", ca: goodCA + "subjectKeyIdentifier=none\n", server: names,
		want: []string{"ca.pem: no subjectKeyIdentifier: refused by Python 3.13 and later",
			"server.pem: no key identifier in authorityKeyIdentifier: refused by Python 3.13 and later"}},
	{name: "a leaf that names no authority", ca: goodCA, server: names + "authorityKeyIdentifier=none\n", client: "keyUsage=digitalSignature\n",
		want: []string{"server.pem: no key identifier in authorityKeyIdentifier: refused by Python 3.13 and later"}},
	{name: "a client that names it by issuer and serial alone", ca: goodCA, server: names, client: "authorityKeyIdentifier=issuer:always\n"},
	{name: "a server that does", ca: goodCA, server: names + "authorityKeyIdentifier=issuer:always\n",
		want: []string{"server.pem: no key identifier in authorityKeyIdentifier: refused by Python 3.13 and later"}},

	{name: "usages by role", ca: goodCA, server: names + "extendedKeyUsage=serverAuth\n", client: "extendedKeyUsage=clientAuth\n"},
	{name: "both usages for both", ca: goodCA, server: names + "extendedKeyUsage=clientAuth,serverAuth\n"},
	{name: "any usage and the right one", ca: goodCA, server: names + "extendedKeyUsage=anyExtendedKeyUsage,serverAuth,clientAuth\n"},
	{name: "any usage", ca: goodCA, server: names + "extendedKeyUsage=anyExtendedKeyUsage\n", client: names,
		want: []string{"server.pem: extendedKeyUsage says anyExtendedKeyUsage and not serverAuth: refused by curl, Node and Python clients"}},
	{name: "any usage for the client, which Milvus takes", ca: goodCA, server: names, client: "extendedKeyUsage=anyExtendedKeyUsage\n"},
	{name: "serverAuth for both", ca: goodCA, server: names + "extendedKeyUsage=serverAuth\n",
		want: []string{"client.pem: extendedKeyUsage lacks clientAuth: refused by Milvus in two-way mode"}},
	{name: "clientAuth for both", ca: goodCA, server: names + "extendedKeyUsage=clientAuth\n",
		want: []string{"server.pem: extendedKeyUsage lacks serverAuth: refused by every client"}},
	{name: "a usage that Go does not know", ca: goodCA, server: names + "extendedKeyUsage=1.2.3.4\n",
		want: []string{"server.pem: extendedKeyUsage lacks serverAuth: refused by every client", "client.pem: extendedKeyUsage lacks clientAuth: refused by Milvus in two-way mode"}},

	{name: "a keyUsage that TLS has no use for", ca: goodCA, server: names + "keyUsage=nonRepudiation\n", client: names,
		want: []string{"server.pem: keyUsage has none of digitalSignature, keyEncipherment and keyAgreement: refused by curl, Node and Python clients"}},
	{name: "keyCertSign in a leaf", ca: goodCA, server: names + "keyUsage=digitalSignature,keyCertSign\n", client: names,
		want: []string{"server.pem: keyUsage has keyCertSign without CA:TRUE: refused by Python 3.13 and later"}},

	{name: "no names", ca: goodCA, server: "keyUsage=digitalSignature\n", want: []string{noNames}},
	{name: "names that are no hosts", ca: goodCA, server: "subjectAltName=email:a@b.c,URI:https://localhost/\n", want: []string{noNames}},
	{name: "an address alone", ca: goodCA, server: "subjectAltName=IP:127.0.0.1\n", commonName: "127.0.0.1"},
	{name: "a CommonName that is not among the names", ca: goodCA, server: names, commonName: "m.example.com",
		want: []string{`server.pem: subjectAltName does not cover the CommonName "m.example.com"` + ofCN}},
	{name: "covered by a wildcard", ca: goodCA, server: "subjectAltName=DNS:*.example.com\n", commonName: "m.example.com"},
	{name: "a wildcard that is itself among the names", ca: goodCA, server: "subjectAltName=DNS:*.example.com\n", commonName: "*.example.com"},
	{name: "an address that is not among the names", ca: goodCA, server: names, commonName: "10.0.0.1",
		want: []string{`server.pem: subjectAltName does not cover the CommonName "10.0.0.1"` + ofCN}},
	{name: "a CommonName that nobody could dial", ca: goodCA, server: names, commonName: "Milvus, first of three"},

	{name: "critical names and usages, which everyone knows", ca: goodCA, server: "subjectAltName=critical,DNS:localhost\nextendedKeyUsage=critical,serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\n"},
	{name: "a critical comment", ca: goodCA + "nsComment=critical,x\n", server: names, client: "nsComment=critical,x\n",
		want: []string{"ca.pem: critical extension 2.16.840.1.113730.1.13, which few understand: refused by Go clients and Milvus itself",
			"client.pem: critical extension 2.16.840.1.113730.1.13, which few understand: refused by Go clients and Milvus itself"}},
	{name: "raw bytes in a name", ca: goodCA, server: "subjectAltName=DNS:ü\n", client: names,
		want: []string{"server.pem: x509: SAN dNSName is malformed: refused by Go clients and Milvus itself"}},
	{name: "a critical key identifier", ca: goodCA + "subjectKeyIdentifier=critical,hash\n", server: names,
		want: []string{"ca.pem: x509: subject key identifier incorrectly marked critical: refused by Go clients and Milvus itself"}},
}

func caseSet(t *testing.T, ca, server, client, commonName string) *certset.Set {
	t.Helper()
	asked := profile.Asked{Exact: true, CACommonName: flag("a CA")}
	if commonName != "" {
		asked.CommonName = flag(commonName)
	}
	text := "[v3_ca]\n" + ca + "[v3_req]\n" + server
	if client != "" {
		text += "[client]\n" + client
		asked.ClientExtensions = "client"
	}
	return newSet(t, text, asked)
}

func TestObjections(t *testing.T) {
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			assert.Equal(t, tc.want, texts(object(caseSet(t, tc.ca, tc.server, tc.client, tc.commonName))))
		})
	}
}

// TestNoObjections: nobody objects to what this program makes by itself, or completes.
func TestNoObjections(t *testing.T) {
	for name, text := range map[string]string{
		"built-in conf":               profile.BuiltinText(),
		"empty conf":                  "",
		"gen.sh's conf, completed":    "[v3_ca]\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\nbasicConstraints=CA:true\n[v3_req]\nbasicConstraints=CA:FALSE\n",
		"the CA's other usage stated": "[v3_ca]\nkeyUsage=keyCertSign\n",
	} {
		t.Run(name, func(t *testing.T) { assert.Empty(t, texts(object(newSet(t, text, profile.Asked{})))) })
	}
}
