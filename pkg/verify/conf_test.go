package verify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// A CA and leaves with which nothing is wrong, to be spoilt a line at a time.
const (
	constraints = "basicConstraints=critical,CA:TRUE\n"
	signs       = "keyUsage=critical,keyCertSign,cRLSign\n"
	identifier  = "subjectKeyIdentifier=hash\n"
	goodCA      = constraints + signs + identifier
	names       = "subjectAltName=DNS:localhost\n"
)

// confCase is what a conf states, to the letter, and what is found then. The leaves share a section, unless the client has one.
type confCase struct {
	name, ca, server, client string
	want                     []string
}

// confSet makes what the conf states and nothing else.
func confSet(t *testing.T, tc confCase) *certset.Set {
	t.Helper()
	text := "[v3_ca]\n" + tc.ca + "[v3_req]\n" + tc.server
	asked := profile.Asked{Exact: true, CACommonName: flag("a CA")}
	if tc.client != "" {
		text += "[client]\n" + tc.client
		asked.ClientExtensions = "client"
	}
	return newSet(t, text, asked)
}

func TestConf(t *testing.T) {
	for _, tc := range confCases {
		t.Run(tc.name, func(t *testing.T) {
			r := check(input(t, confSet(t, tc)))
			assert.Equal(t, tc.want, found(r))
			assert.Equal(t, !strings.Contains(strings.Join(tc.want, "\n"), "failure "), r.OK)
		})
	}
}

// Who checks with OpenSSL: strictly, and altogether.
const (
	strict   = "Python 3.13, requests, openssl s_client"
	openssls = "pymilvus, Node SDK, curl, " + strict
)

var confCases = []confCase{
	{name: "nothing wrong", ca: goodCA, server: names},
	{name: "gen.sh's: a CA of the system's conf, leaves without names", ca: "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\nbasicConstraints=critical,CA:true\n",
		server: "basicConstraints=CA:FALSE\nkeyUsage=nonRepudiation,digitalSignature,keyEncipherment\n", want: []string{
			"failure no-key-usage ca.pem: no keyUsage: refused by " + strict,
			"failure host server.pem: no name or address in subjectAltName: refused by Go SDK, requests",
		}},
	{name: "the CA is none", ca: "basicConstraints=critical,CA:FALSE\n" + signs + identifier, server: names, want: []string{
		"failure not-a-ca ca.pem: basicConstraints does not say CA:TRUE: refused by every client",
		"failure key-cert-sign-without-ca ca.pem: keyUsage has keyCertSign without CA:TRUE: refused by " + strict,
	}},
	{name: "the CA says neither", ca: identifier, server: names, want: []string{"failure no-basic-constraints ca.pem: no basicConstraints: refused by every client"}},
	{name: "the CA has keyUsage alone", ca: identifier + signs, server: names, want: []string{
		"failure no-basic-constraints ca.pem: no basicConstraints: refused by Milvus, Go SDK, Java SDK, " + strict,
		"failure key-cert-sign-without-ca ca.pem: keyUsage has keyCertSign without CA:TRUE: refused by " + strict,
	}},
	{name: "the CA may not sign", ca: constraints + "keyUsage=critical,cRLSign\n", server: names, want: []string{"failure no-key-cert-sign ca.pem: keyUsage lacks keyCertSign: refused by every client"}},
	{name: "the CA's keyUsage without cRLSign, not critical", ca: constraints + "keyUsage=keyCertSign\n", server: names},
	{name: "no keyUsage", ca: constraints, server: names, want: []string{"failure no-key-usage ca.pem: no keyUsage: refused by " + strict}},
	{name: "constraints not critical", ca: "basicConstraints=CA:TRUE\n" + signs, server: names, want: []string{"failure basic-constraints-not-critical ca.pem: basicConstraints is not critical: refused by " + strict}},
	{name: "no key identifiers", ca: goodCA + "subjectKeyIdentifier=none\n", server: names, want: []string{
		"failure no-subject-key-identifier ca.pem: no subjectKeyIdentifier: refused by " + strict,
		"failure no-authority-key-identifier server.pem: no key identifier in authorityKeyIdentifier: refused by " + strict,
	}},
	{name: "a leaf that names no authority", ca: goodCA, server: names + "authorityKeyIdentifier=none\n", client: "keyUsage=digitalSignature\n", want: []string{"failure no-authority-key-identifier server.pem: no key identifier in authorityKeyIdentifier: refused by " + strict}},
	{name: "a client that names it by issuer and serial alone", ca: goodCA, server: names, client: "authorityKeyIdentifier=issuer:always\n"},
	{name: "a server that does", ca: goodCA, server: names + "authorityKeyIdentifier=issuer:always\n", client: names, want: []string{"failure no-authority-key-identifier server.pem: no key identifier in authorityKeyIdentifier: refused by " + strict}},
	{name: "pathlen 0", ca: "basicConstraints=critical,CA:TRUE,pathlen:0\n" + signs, server: names},
	{name: "a leaf with a pathlen", ca: goodCA, server: names + "basicConstraints=CA:FALSE,pathlen:0\n", client: names, want: []string{
		"failure path-len-without-ca server.pem: basicConstraints has a pathlen without CA:TRUE: refused by " + strict,
		"failure no-key-cert-sign server.pem: keyUsage lacks keyCertSign: refused by " + strict,
	}},
	{name: "a leaf that is a CA", ca: goodCA, server: names + "basicConstraints=critical,CA:TRUE\nkeyUsage=digitalSignature,keyCertSign\n", client: names},
	{name: "usages by role", ca: goodCA, server: names + "extendedKeyUsage=serverAuth\n", client: "extendedKeyUsage=clientAuth\n"},
	{name: "both usages for both", ca: goodCA, server: names + "extendedKeyUsage=clientAuth,serverAuth\n"},
	{name: "any usage and the right one", ca: goodCA, server: names + "extendedKeyUsage=anyExtendedKeyUsage,serverAuth,clientAuth\n"},
	{name: "any usage", ca: goodCA, server: names + "extendedKeyUsage=anyExtendedKeyUsage\n", client: names, want: []string{"failure any-extended-key-usage-alone server.pem: extendedKeyUsage says anyExtendedKeyUsage and not serverAuth: refused by " + openssls}},
	{name: "any usage for the client, which Milvus takes", ca: goodCA, server: names, client: "extendedKeyUsage=anyExtendedKeyUsage\n"},
	{name: "serverAuth for both", ca: goodCA, server: names + "extendedKeyUsage=serverAuth\n", want: []string{"failure extended-key-usage client.pem: extendedKeyUsage lacks clientAuth: refused by Milvus"}},
	{name: "clientAuth for both", ca: goodCA, server: names + "extendedKeyUsage=clientAuth\n", want: []string{"failure extended-key-usage server.pem: extendedKeyUsage lacks serverAuth: refused by every client"}},
	{name: "a usage that nobody knows", ca: goodCA, server: names + "extendedKeyUsage=1.2.3.4\n", want: []string{
		"failure extended-key-usage server.pem: extendedKeyUsage lacks serverAuth: refused by every client",
		"failure extended-key-usage client.pem: extendedKeyUsage lacks clientAuth: refused by Milvus",
	}},
	{name: "the CA for servers alone", ca: goodCA + "extendedKeyUsage=serverAuth\n", server: names, want: []string{"failure extended-key-usage ca.pem: extendedKeyUsage lacks clientAuth: refused by Milvus"}},
	{name: "the CA for clients alone", ca: goodCA + "extendedKeyUsage=clientAuth\n", server: names, want: []string{"failure extended-key-usage ca.pem: extendedKeyUsage lacks serverAuth: refused by pymilvus, Go SDK, Node SDK, curl, " + strict}},
	{name: "a keyUsage that TLS has no use for", ca: goodCA, server: names + "keyUsage=nonRepudiation\n", client: names, want: []string{"failure key-usage server.pem: keyUsage does not allow what TLS does with the key: refused by pymilvus, Node SDK, Java SDK, curl, " + strict}},
	{name: "keyEncipherment alone", ca: goodCA, server: names + "keyUsage=keyEncipherment\n", client: names, want: []string{"failure key-usage server.pem: keyUsage does not allow what TLS does with the key: refused by Java SDK"}},
	{name: "keyCertSign in a leaf", ca: goodCA, server: names + "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyCertSign\n", client: names, want: []string{"failure key-cert-sign-without-ca server.pem: keyUsage has keyCertSign without CA:TRUE: refused by " + strict}},
	{name: "nsCertType of a client", ca: goodCA, server: names + "nsCertType=client\n", client: names, want: []string{"failure netscape-cert-type server.pem: nsCertType does not allow serverAuth: refused by pymilvus, Node SDK, Java SDK, curl, " + strict}},
	{name: "no names", ca: goodCA, server: "keyUsage=digitalSignature\n", want: []string{"failure host server.pem: no name or address in subjectAltName: refused by Go SDK, requests"}},
	{name: "names that are no hosts", ca: goodCA, server: "subjectAltName=email:a@b.c,URI:https://localhost/\n", want: []string{"failure host server.pem: subjectAltName does not cover localhost: refused by pymilvus, Go SDK, requests"}},
	{name: "critical names and usages, which everyone knows", ca: goodCA, server: "subjectAltName=critical,DNS:localhost\nextendedKeyUsage=critical,serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\n"},
	{name: "a critical comment", ca: goodCA + "nsComment=critical,x\n", server: names, client: "nsComment=critical,x\n", want: []string{
		"failure unhandled-critical-extension ca.pem: a critical extension that they do not handle: nsComment: refused by pymilvus, Go SDK, Node SDK, curl, " + strict,
		"failure unhandled-critical-extension client.pem: a critical extension that they do not handle: nsComment: refused by Milvus",
	}},
	{name: "a critical comment in the server", ca: goodCA, server: names + "nsComment=critical,x\n", client: names, want: []string{"failure unhandled-critical-extension server.pem: a critical extension that they do not handle: nsComment: refused by every client"}},
	{name: "raw bytes in a name", ca: goodCA, server: "subjectAltName=DNS:localhost,DNS:ü\n", client: names, want: []string{"failure milvus-does-not-start server.pem: Milvus does not start: x509: SAN dNSName is malformed: refused by Milvus"}},
	{name: "a critical key identifier of the CA", ca: constraints + signs + "subjectKeyIdentifier=critical,hash\n", server: names, want: []string{
		"failure milvus-does-not-start ca.pem: Milvus does not start: fail to append ca to cert: refused by Milvus",
		"failure critical-key-identifier ca.pem: a key identifier is critical: refused by " + openssls,
		"advice malformed ca.pem: x509: subject key identifier incorrectly marked critical: refused by Go SDK",
	}},
	{name: "a critical key identifier of the server", ca: goodCA, server: names + "subjectKeyIdentifier=critical,hash\n", client: names, want: []string{"failure milvus-does-not-start server.pem: Milvus does not start: x509: subject key identifier incorrectly marked critical: refused by Milvus"}},
	{name: "name constraints that permit", ca: goodCA + "nameConstraints=critical,permitted;DNS:localhost\n", server: names},
	{name: "name constraints that do not", ca: goodCA + "nameConstraints=critical,permitted;DNS:example.com\n", server: names, client: "keyUsage=digitalSignature\n", want: []string{"failure name-constraints server.pem: a CA above it does not allow its names (nameConstraints): refused by pymilvus, Go SDK, Node SDK, curl, " + strict}},
	{name: "an empty subjectAltName extension", ca: goodCA, server: "2.5.29.17=DER:30:00\n", client: names, want: []string{
		"failure host server.pem: no name or address in subjectAltName: refused by Go SDK, requests",
		"failure empty-name server.pem: a name is empty that must not be: refused by " + strict,
	}},
	{name: "an extension that cannot be read", ca: goodCA, server: names + "2.5.29.37=DER:05:00\n", client: names, want: []string{"failure milvus-does-not-start server.pem: Milvus does not start: x509: invalid extended key usages: refused by Milvus"}},
}
