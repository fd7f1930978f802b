package x509v3

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// FuzzExtension: what is parsed is encoded, or refused in one line; and unless the conf brings its own DER, each extension
// is one element.
func FuzzExtension(f *testing.F) {
	for _, line := range []string{
		"basicConstraints=critical,CA:TRUE,pathlen:1", "keyUsage=digitalSignature", "extendedKeyUsage=serverAuth,1.2.3", "subjectAltName=@names",
		"subjectAltName=email:move,IP:::1,RID:1.2,dirName:dn,otherName:1.2;SEQUENCE:members", "issuerAltName=issuer:copy", "subjectKeyIdentifier=hash",
		"subjectKeyIdentifier=none\nauthorityKeyIdentifier=keyid:always,issuer:always", "crlDistributionPoints=point,relative", "tlsfeature=5",
		"issuingDistributionPoint=fullname:URI:x,onlyCA:yes", "authorityInfoAccess=OCSP;URI:x", "certificatePolicies=ia5org,@policy",
		"policyConstraints=requireExplicitPolicy:1", "policyMappings=1.2:1.3", "nameConstraints=permitted;IP:::/::", "proxyCertInfo=@proxy,policy:hex:00",
		"nsComment=x", "nsCertType=server", "1.2.3=ASN1:EXP:31P,IMP:4U,SEQWRAP,INT:1", "1.2.3=ASN1:SET:members\n1.2.4=ASN1:SEQUENCE:loop", "1.2.3=DER:00",
		"1.2.3=ASN1:FORMAT:BITLIST,BITSTR:1,9", "1.2.3=ASN1:EXP:3U,OCTWRAP,UTC:300102030405Z",
	} {
		f.Add(line+"\n", byte(0))
		f.Add(line+"\n", byte(3))
	}
	f.Add("1.2.3=DER``:00\n", byte(0)) // quotes come off before the value is read
	f.Fuzz(func(t *testing.T, lines string, how byte) {
		exts, err := read(lines, Options{Mask: []StringMask{UTF8Only, ^StringMask(0)}[how>>2&1]})
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		i := issuer
		i.SelfSigned = how&2 != 0
		out, err := Encode(exts, Context{Request: how&1 != 0, Subject: subject, PublicKey: []byte("key"), Issuer: i})
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		bringsDER := slices.ContainsFunc(exts, func(e Extension) bool {
			return strings.Contains(e.From.Text, "DER:") || strings.Contains(e.From.Text, "ASN1:")
		})
		for n, e := range out {
			require.NotEmpty(t, e.Id)
			if !bringsDER {
				element := cryptobyte.String(e.Value)
				require.True(t, element.ReadAnyASN1(new(cryptobyte.String), new(asn1.Tag)) && element.Empty(), "extension %d: %x", n, e.Value)
			}
		}
	})
}
