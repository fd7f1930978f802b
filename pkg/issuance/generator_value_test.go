package issuance

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// generatedSubject is the subject of the request that generated extensions are for.
var generatedSubject = x509v3.NewName(
	x509v3.Attribute{Type: x509v3.OIDCommonName, Value: "localhost"},
	x509v3.Attribute{Type: x509v3.OIDEmailAddress, Value: "a@example.com"},
	x509v3.Attribute{Type: x509v3.OIDEmailAddress, Value: "b@example.com"},
)

// generatedKey makes the keys of generated tests. Signatures of EC keys cost next to nothing.
func generatedKey(t *testing.T) crypto.Signer {
	key, err := NewKey(profile.KeyType{Algorithm: profile.EC, Bits: 256})
	require.NoError(t, err)
	return key
}

// writeRequest writes request.pem and returns the bits of its key.
func writeRequest(t *testing.T, dir string) []byte {
	key := generatedKey(t)
	subject, err := generatedSubject.DER(x509v3.UTF8Only)
	require.NoError(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{RawSubject: subject}, key)
	require.NoError(t, err)
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "request.pem"), data, 0o600))
	bits, err := publicKeyBits(key.Public())
	require.NoError(t, err)
	return bits
}

// TestGeneratedValues compares extensions, each alone in a request, with the library's X509V3_EXT_nconf(3).
func TestGeneratedValues(t *testing.T) {
	compareGenerated(t, 3000, (*generator).valueConf, func(t *testing.T) judge {
		dir := generatedDir(t)
		context := x509v3.Context{Request: true, Subject: generatedSubject, PublicKey: writeRequest(t, dir)}
		peer := needLibcrypto(t, dir)
		return func(text string) string { return compareValue(t, peer, context, text) }
	})
}

func compareValue(t *testing.T, peer *libcrypto, context x509v3.Context, text string) string {
	conf, err := opensslconf.Parse("generated.cnf", strings.NewReader(text), system(peer.dir))
	if err != nil {
		return "" // TestGeneratedConfs judges that
	}
	mask := x509v3.UTF8Only
	if v, ok := conf.Get("mask", "string_mask"); ok {
		if mask, err = x509v3.ParseStringMask(v.Text); err != nil {
			return ""
		}
	}
	theirs := peer.ask(t, text, question{Section: "e", Mask: uint32(mask)})
	exts, err := x509v3.Parse(conf, "e", x509v3.Options{Mask: mask})
	if err == nil && leftOutOfRequests(conf) {
		return ""
	}
	ours := [][3]any{}
	if err == nil {
		encoded, encodeErr := x509v3.Encode(exts, context)
		for _, e := range encoded {
			ours = append(ours, [3]any{e.Id.String(), e.Critical, hex.EncodeToString(e.Value)})
		}
		err = encodeErr
	}
	return difference(theirs.OK, err, fmt.Sprint(theirs.Extensions), fmt.Sprint(ours))
}

// leftOutOfRequests tells what this program leaves out of requests and OpenSSL refuses in them.
func leftOutOfRequests(conf *opensslconf.Conf) bool {
	_, aki := conf.Get("e", "authorityKeyIdentifier")
	ian, _ := conf.Get("e", "issuerAltName")
	return aki || strings.Contains(ian.Text, "copy")
}

// difference says where one side refuses, or both make something else.
func difference(accepted bool, err error, theirs, ours string) string {
	switch {
	case isExempt(err):
		return ""
	case accepted != (err == nil):
		return fmt.Sprintf("OpenSSL accepts: %v %s, we say: %v %s", accepted, theirs, err, ours)
	case accepted && ours != theirs:
		return fmt.Sprintf("OpenSSL makes\n%s, we make\n%s", theirs, ours)
	}
	return ""
}

// valueConf writes a conf with one extension and what its value refers to.
func (g *generator) valueConf() string {
	key, value := g.extension()
	text := "[e]\n" + key + " = " + quoted(value) + "\n[empty]\n"
	if g.chance(4) {
		text += "[mask]\nstring_mask = " + g.pick("nombstr", "pkix", "default", "MASK:0x2002", "MASK:2", "MASK:0x1010") + "\n"
	}
	return text + strings.Join(g.sections, "")
}

// quoted writes a value so that it is read as it is.
func quoted(value string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `"\n"`, "\r", `"\r"`).Replace(value)
	return `"` + escaped + `"`
}

// section adds a section and returns its name; now and then it is one that is not there, or is empty.
func (g *generator) section(lines ...string) string {
	name := fmt.Sprintf("s%d", len(g.sections))
	g.sections = append(g.sections, "["+name+"]\n"+strings.Join(lines, "\n")+"\n")
	if g.chance(60) {
		return g.pick("nowhere", "empty", "", " "+name, name+" ", name+" x")
	}
	return name
}

// lines makes settings by way of one, which returns key and value.
func (g *generator) lines(least, most int, one func() (key, value string)) []string {
	var out []string
	for i := range least + g.IntN(most-least+1) {
		key, value := one()
		if g.chance(3) {
			key = fmt.Sprintf("%s.%d", key, i)
		}
		out = append(out, keyOnly(key)+" = "+quoted(g.mutated(value, 25)))
	}
	return out
}

// keyOnly takes out what cannot stand in a key.
func keyOnly(key string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r\v\"'`#$\\=[]{}():<>", r) || r > 0x7e || r < 0x20 {
			return '_'
		}
		return r
	}, key)
}
