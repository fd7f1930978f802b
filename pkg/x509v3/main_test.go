package x509v3

import (
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/big"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// further is what the values of tables refer to. It stands below the section [e].
const further = `
[empty]
[names]
DNS.1 = a.example.com
IP.1 = 10.0.0.1
email.x = me@example.com
[bad]
DNS.1 = a.example.com
IP.7 = 10.0.0.0/8
[dn]
C = CN
O = milvus
+OU = proxy
1.CN = localhost
[members]
a = INTEGER:2
b = UTF8:two
[loop]
a = SEQUENCE:loop
[policy]
policyIdentifier = 1.2.3
CPS.1 = http://example.com/cps
userNotice.1 = @notice
[notice]
explicitText = UTF8:Explicit
organization = Org
noticeNumbers = 1,2
[numbers]
noticeNumbers = 1
[point]
fullname = URI:http://example.com/a.crl, DNS:b
reasons = keyCompromise, CACompromise
CRLissuer = dirName:dn
[relative]
relativename = rdn
[rdn]
CN = part
[proxy]
language = id-ppl-anyLanguage
pathlen = 1
`

// read reads a section [e] of these lines.
func read(lines string, o Options) ([]Extension, error) {
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader("[e]\n"+lines+further), opensslconf.System{Open: func(path string) (fs.File, error) {
		return fstest.MapFS{"policy.txt": {Data: []byte("policy")}}.Open(path)
	}})
	if err != nil {
		return nil, err
	}
	if o.Mask == 0 {
		o.Mask = UTF8Only
	}
	return Parse(conf, "e", o)
}

// requested reads lines and encodes them as a request's.
func requested(lines string, o Options) (string, error) {
	exts, err := read(lines, o)
	if err != nil {
		return "", err
	}
	out, err := Encode(exts, Context{Request: true, Subject: subject, PublicKey: []byte("key")})
	return values(out), err
}

// subject has two addresses to copy.
var subject = NewName(Attribute{OIDCommonName, "localhost"}, Attribute{OIDEmailAddress, "a@x.cc"}, Attribute{OIDEmailAddress, "b@x.cc"})

// values writes the content of extensions in hexadecimal, critical ones behind an exclamation mark.
func values(exts []pkix.Extension) string {
	var out []string
	for _, e := range exts {
		mark := ""
		if e.Critical {
			mark = "!"
		}
		out = append(out, mark+hex.EncodeToString(e.Value))
	}
	return strings.Join(out, " ")
}

// row is a value and what comes of it: DER in hexadecimal, or a message behind "x.cnf:2: ".
type row struct{ line, want string }

func checkRows(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Run(r.line, func(t *testing.T) {
			got, err := requested(r.line, Options{})
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "x.cnf:2: [e] ")
			}
			assert.Equal(t, r.want, got)
		})
	}
}

// issuer is a CA for tables: its name is the empty SEQUENCE.
var issuer = Issuer{Name: []byte{0x30, 0}, Serial: big.NewInt(5), KeyID: []byte{0xca, 0xca, 0xca}, AltNames: []byte{0x82, 1, 'c'}}

// issued reads lines and encodes them as a certificate's, as "OID=DER …".
func issued(t *testing.T, lines string, i Issuer) string {
	t.Helper()
	exts, err := read(lines, Options{})
	require.NoError(t, err)
	out, err := Encode(exts, Context{Subject: subject, PublicKey: []byte("key"), Issuer: i})
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(strings.ReplaceAll(render(out), keyID, "KEYID"), "2.5.29.", "")
}

var keyID = fmt.Sprintf("%x", KeyIdentifier([]byte("key")))
