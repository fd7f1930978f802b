package x509v3

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tables write extensions as "OID=DER", without 2.5.29. at the head of the OID; KEYID is the identifier of the
// subject's key.

func TestKeyIdentifiersOfLeaves(t *testing.T) {
	for _, tc := range []struct{ name, lines, want string }{
		{"both are added", "keyUsage=cRLSign", "15=03020102 14=0414KEYID 35=30058003cacaca"},
		{"not where nothing is stated", "", ""},
		{"a stated one keeps its place", "authorityKeyIdentifier=keyid\nkeyUsage=cRLSign", "35=30058003cacaca 15=03020102 14=0414KEYID"},
		{"a stated one is kept", "subjectKeyIdentifier=0102\nkeyUsage=cRLSign", "14=04020102 15=03020102 35=30058003cacaca"},
		{"none takes the subject's out", "subjectKeyIdentifier=none\nkeyUsage=cRLSign", "15=03020102 35=30058003cacaca"},
		{"none takes the authority's out", "authorityKeyIdentifier=none", "14=0414KEYID"},
		{"none for both leaves nothing", "subjectKeyIdentifier=none\nauthorityKeyIdentifier=none", ""},
		{"issuer stands in for no keyid", "authorityKeyIdentifier=issuer", "35=3009a104a4023000820105 14=0414KEYID"},
		{"issuer is not needed beside a keyid", "authorityKeyIdentifier=keyid,issuer", "35=30058003cacaca 14=0414KEYID"},
		{"issuer always", "authorityKeyIdentifier=keyid,issuer:always", "35=300e8003cacacaa104a4023000820105 14=0414KEYID"},
		{"critical", "authorityKeyIdentifier=critical,keyid", "35!=30058003cacaca 14=0414KEYID"},
	} {
		t.Run(tc.name, func(t *testing.T) { assert.Equal(t, tc.want, issued(t, tc.lines, issuer)) })
	}
}

func TestKeyIdentifiersWithoutTheIssuers(t *testing.T) {
	nameless := issuer
	nameless.KeyID = nil
	const refusal = "the CA certificate has no subjectKeyIdentifier that could be named here"
	for _, tc := range []struct{ lines, want string }{
		{"keyUsage=cRLSign", "15=03020102 14=0414KEYID 35=3009a104a4023000820105"},
		{"authorityKeyIdentifier=keyid,issuer", "35=3009a104a4023000820105 14=0414KEYID"},
		{"authorityKeyIdentifier=keyid", "x.cnf:2: [e] authorityKeyIdentifier: " + refusal},
		{"authorityKeyIdentifier=keyid:always,issuer", "x.cnf:2: [e] authorityKeyIdentifier: " + refusal},
	} {
		t.Run(tc.lines, func(t *testing.T) { assert.Equal(t, tc.want, issued(t, tc.lines, nameless)) })
	}
}

// A certificate that signs itself learns its identifier from what stands before.
func TestKeyIdentifiersOfTheSelfSigned(t *testing.T) {
	self := Issuer{SelfSigned: true, Name: issuer.Name, Serial: issuer.Serial}
	for _, tc := range []struct{ lines, want string }{
		{"keyUsage=cRLSign", "15=03020102 14=0414KEYID"},
		{"authorityKeyIdentifier=keyid", "14=0414KEYID"},
		{"subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always", "14=0414KEYID 35=30168014KEYID"},
		{"authorityKeyIdentifier=keyid:always\nsubjectKeyIdentifier=010203", "35=30168014KEYID 14=0403010203"},
		{"subjectKeyIdentifier=010203\nauthorityKeyIdentifier=keyid:always,issuer", "14=0403010203 35=30058003010203"},
		{"authorityKeyIdentifier=keyid,issuer", "35=3009a104a4023000820105 14=0414KEYID"},
		{"subjectAltName=DNS:a\nissuerAltName=issuer:copy", "17=3003820161 18=3003820161 14=0414KEYID"},
		{"issuerAltName=issuer:copy\nsubjectAltName=DNS:a", "18=3000 17=3003820161 14=0414KEYID"},
	} {
		t.Run(tc.lines, func(t *testing.T) { assert.Equal(t, tc.want, issued(t, tc.lines, self)) })
	}
}

func TestAnOIDStandsForItsExtension(t *testing.T) {
	const lines = "keyUsage=cRLSign\nsubjectAltName=DNS:a\n2.5.29.15=critical,DER:0102\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none"
	assert.Equal(t, "17=3003820161 15!=0102", issued(t, lines, issuer), "in a certificate it takes the place at the end")
	got, err := requested("keyUsage=cRLSign\n2.5.29.15=DER:0102", Options{})
	require.NoError(t, err)
	assert.Equal(t, "03020102 0102", got, "in a request both stand")
}

func TestRequestsGoWithoutAnIssuer(t *testing.T) {
	got, err := requested("keyUsage=cRLSign\nauthorityKeyIdentifier=keyid:always\nissuerAltName=issuer:copy", Options{})
	require.NoError(t, err)
	assert.Equal(t, "03020102", got)
	assert.Equal(t, "18=3003820163 14=0414KEYID 35=30058003cacaca", issued(t, "issuerAltName=issuer:copy", issuer))
}

func TestIssuerOf(t *testing.T) {
	exts, err := read("subjectKeyIdentifier=010203\nsubjectAltName=DNS:a", Options{})
	require.NoError(t, err)
	out, err := Encode(exts, Context{Issuer: Issuer{SelfSigned: true}})
	require.NoError(t, err)
	got := IssuerOf(issuer.Name, issuer.Serial, out)
	assert.Equal(t, Issuer{Name: issuer.Name, Serial: issuer.Serial, KeyID: []byte{1, 2, 3}, AltNames: []byte{0x82, 1, 'a'}}, got)
	assert.Equal(t, Issuer{Name: issuer.Name, Serial: issuer.Serial}, IssuerOf(issuer.Name, issuer.Serial, nil))
}

func TestFind(t *testing.T) {
	exts, err := read("keyUsage=cRLSign\nsubjectAltName=DNS:a", Options{})
	require.NoError(t, err)
	found := Find(exts, OIDSubjectAltName)
	require.NotNil(t, found)
	found.Critical = true
	assert.True(t, exts[1].Critical, "it is the extension, not a copy")
	assert.Equal(t, 3, found.From.Pos.Line)
	assert.Nil(t, Find(exts, OIDBasicConstraints))
}

func TestMovesEmail(t *testing.T) {
	for line, want := range map[string]bool{
		"subjectAltName=email:move": true, "subjectAltName=DNS:a,email.1:move": true,
		"subjectAltName=email:copy": false, "subjectAltName=DNS:move": false, "subjectAltName=email:Move": false,
	} {
		exts, err := read(line, Options{})
		require.NoError(t, err)
		assert.Equal(t, want, exts[0].Value.(SubjectAltName).MovesEmail(), line)
	}
}

func TestAnAddressIsCopiedOnlyIfThereIsOne(t *testing.T) {
	exts, err := read("subjectAltName=email:copy", Options{})
	require.NoError(t, err)
	out, err := Encode(exts, Context{Request: true, Subject: NewName(Attribute{OIDCommonName, "x"})})
	require.NoError(t, err)
	assert.Equal(t, "3000", values(out))
}
