package x509v3

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// subjectTexts are subjects as -subj takes them, and what they come to as Name writes it, or else the error.
var subjectTexts = map[string]struct{ want, err string }{
	"/C=CN/O=milvus/OU=milvus/CN=localhost": {"C=CN, O=milvus, OU=milvus, CN=localhost", ""},
	"/CN=a":                                 {"CN=a", ""},
	"/":                                     {"", ""},
	"/CN=a/":                                {"CN=a", ""},
	"/commonName=a/2.5.4.10=b":              {"CN=a, O=b", ""},
	`/CN=a\/b\+c\\d\=e`:                     {`CN=a/b+c\d=e`, ""},
	"/CN=a=b":                               {"CN=a=b", ""},
	"/CN= a b ":                             {"CN= a b ", ""},
	"/CN=a, O=b":                            {"CN=a, O=b", ""},
	`/CN="a"'b'`:                            {`CN="a"'b'`, ""},
	"/CN=Käse & Söhne/O=向量":                 {"CN=Käse & Söhne, O=向量", ""},
	"/OU=a+CN=b":                            {"OU=a + CN=b", ""},
	"/O=x/OU=a+CN=b+L=c/ST=d":               {"O=x, OU=a + CN=b + L=c, ST=d", ""},
	"/CN=b+":                                {"CN=b", ""},
	"/OU=+CN=b":                             {"CN=b", ""},
	"/O=a/OU=+CN=b":                         {"O=a + CN=b", ""}, // as OpenSSL does
	"/C=/ST=/CN=b":                          {"CN=b", ""},
	"/CN=a/CN=b":                            {"CN=a, CN=b", ""},
	"/emailAddress=a@b.cc/DC=x/UID=u":       {"emailAddress=a@b.cc, 0.9.2342.19200300.100.1.25=x, 0.9.2342.19200300.100.1.1=u", ""},

	"":                               {"", `wanted a subject such as /C=CN/O=milvus/CN=localhost, found ""`},
	"CN=a":                           {"", `wanted a subject such as /C=CN/O=milvus/CN=localhost, found "CN=a"`},
	"/CN":                            {"", `wanted an attribute such as CN=localhost, found "CN"`},
	"/CN=a/b":                        {"", `wanted an attribute such as CN=localhost, found "b"`},
	`/CN=a\`:                         {"", `"CN": a backslash at the end takes nothing as it stands; a backslash itself is written as two`},
	"//CN=a":                         {"", `"/CN" is no attribute of a name; wanted one such as CN, commonName or an OID; a "/" or "+" in a value is written "\/", "\+"`},
	"/cn=a":                          {"", `"cn" is no attribute of a name; wanted one such as CN, commonName or an OID; a "/" or "+" in a value is written "\/", "\+"`},
	"/=a":                            {"", `"" is no attribute of a name; wanted one such as CN, commonName or an OID; a "/" or "+" in a value is written "\/", "\+"`},
	"/ CN=a":                         {"", `" CN" is no attribute of a name; wanted one such as CN, commonName or an OID; a "/" or "+" in a value is written "\/", "\+"`},
	"/CN=a++O=b":                     {"", `"+O" is no attribute of a name; wanted one such as CN, commonName or an OID; a "/" or "+" in a value is written "\/", "\+"`},
	"/C=DEU":                         {"", "C: wanted 2 characters at most, found 3"},
	"/C=D":                           {"", "C: wanted 2 characters at least, found 1"},
	"/CN=" + strings.Repeat("x", 65): {"", "CN: wanted 64 characters at most, found 65"},
}

func TestParseSubject(t *testing.T) {
	for text, test := range subjectTexts {
		n, err := ParseSubject(text)
		if test.err != "" {
			assert.EqualError(t, err, test.err, text)
			continue
		}
		if assert.NoError(t, err, text) {
			assert.Equal(t, test.want, n.String(), text)
		}
	}
	_, err := ParseSubject("/CN=a\xff")
	assert.EqualError(t, err, "CN: the value is not UTF-8")
	_, err = ParseSubject("/CN=" + strings.Repeat("x", 5000))
	assert.EqualError(t, err, "wanted a subject of 4096 bytes at most, found 5004")
}

// TestParseSubjectIsOpenSSLs compares with what openssl req makes of each. Where it passes over something we refuse it.
func TestParseSubjectIsOpenSSLs(t *testing.T) {
	version, err := exec.Command("openssl", "version").Output()
	if err != nil || !strings.HasPrefix(string(version), "OpenSSL 3.0.") {
		if os.Getenv("REQUIRE_PEERS") == "1" {
			t.Fatalf("wanted OpenSSL 3.0, found %q, %v (REQUIRE_PEERS=1)", version, err)
		}
		t.Skip("there is no openssl 3.0")
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "c.cnf"), []byte("[req]\ndistinguished_name=dn\n[dn]\n"), 0o600))
	run := func(args ...string) (stdout []byte, stderr string, err error) {
		c := exec.Command("openssl", args...)
		c.Dir, c.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
		var complaint strings.Builder
		c.Stderr = &complaint
		stdout, err = c.Output()
		return stdout, complaint.String(), err
	}
	_, complaint, err := run("genpkey", "-algorithm", "ED25519", "-out", "k")
	require.NoError(t, err, complaint)
	for text := range subjectTexts {
		_, complaint, err := run("req", "-new", "-utf8", "-key", "k", "-config", "c.cnf", "-subj", text, "-outform", "DER", "-out", "r")
		n, ours := ParseSubject(text)
		if err != nil || strings.Contains(complaint, "Skipping") {
			assert.Error(t, ours, text)
			continue
		}
		if !assert.NoError(t, ours, text) {
			continue
		}
		der, err := n.DER(UTF8Only)
		require.NoError(t, err, text)
		request, err := os.ReadFile(filepath.Join(dir, "r"))
		require.NoError(t, err)
		assert.Contains(t, hex.EncodeToString(request), "020100"+hex.EncodeToString(der), text)
	}
}

func FuzzParseSubject(f *testing.F) {
	for text := range subjectTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseSubject(text)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		require.True(t, utf8.ValidString(n.String()))
		der, err := n.DER(UTF8Only)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := ReadName(der)
		require.NoError(t, err)
		require.Len(t, again, len(n))
		require.Equal(t, len(n.String()), len(again.String()), "the same attributes, in an RDN in DER's order")
	})
}

// oneAttribute is the DER of a name of one attribute: a type of 2.5.4, a value of any kind.
func oneAttribute(kind byte, value string) string {
	v := []byte(value)
	atv := append([]byte{0x06, 3, 0x55, 4, kind}, v...)
	atv = append([]byte{0x30, byte(len(atv))}, atv...)
	rdn := append([]byte{0x31, byte(len(atv))}, atv...)
	return string(append([]byte{0x30, byte(len(rdn))}, rdn...))
}

func TestReadSubject(t *testing.T) {
	for name, test := range map[string]struct{ der, want, err string }{
		"empty":            {"\x30\x00", "", ""},
		"UTF8String":       {oneAttribute(3, "\x0c\x05M\xc3\xbcll"), "CN=Müll", ""},
		"PrintableString":  {oneAttribute(3, "\x13\x02ab"), "CN=ab", ""},
		"BMPString":        {oneAttribute(3, "\x1e\x04\x00a\x00b"), "CN=ab", ""},
		"T61String":        {oneAttribute(3, "\x14\x02ab"), "CN=ab", ""},
		"T61, high":        {oneAttribute(3, "\x14\x02a\xe4"), "CN=aä", ""}, // as encoding/asn1 reads it
		"no printable one": {oneAttribute(3, "\x13\x02a_"), "", "the name cannot be read"},
		"UniversalString":  {oneAttribute(3, "\x1c\x04\x00\x00\x00a"), "", "CN is of a type that is no text, or none that is read"},
		"a number":         {oneAttribute(3, "\x02\x01\x05"), "", "CN is of a type that is no text, or none that is read"},
		"a sequence":       {oneAttribute(3, "\x30\x00"), "", "CN is of a type that is no text, or none that is read"},
		"no value":         {oneAttribute(10, "\x0c\x00"), "", "O: wanted 1 characters at least, found 0"},
		"a line":           {oneAttribute(3, "\x0c\x03a\nb"), "", "CN holds a character that is not to be seen, U+000A"},
		"an escape":        {oneAttribute(10, "\x0c\x03a\x1bb"), "", "O holds a character that is not to be seen, U+001B"},
		"a turned text":    {oneAttribute(3, "\x0c\x04\xe2\x80\xaea"), "", "CN holds a character that is not to be seen, U+202E"},
		"a NUL":            {oneAttribute(3, "\x0c\x03a\x00b"), "", "CN holds a character that is not to be seen, U+0000"},
		"long":             {oneAttribute(3, "\x0c\x41"+strings.Repeat("x", 65)), "", "CN: wanted 64 characters at most, found 65"},
		"no name":          {"\x30\x01", "", "the name cannot be read"},
		"huge":             {strings.Repeat("x", 5000), "", "wanted a name of 4096 bytes at most, found 5000"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := ReadSubject([]byte(test.der))
			if test.err != "" {
				assert.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, n.String())
		})
	}
}

func TestWithoutDER(t *testing.T) {
	n, err := ParseSubject("/C=DE/emailAddress=a@b.cc+CN=x/O=y/emailAddress=d@e.ff")
	require.NoError(t, err)
	der, err := n.DER(^StringMask(0)) // PrintableString, where it can be
	require.NoError(t, err)
	got, err := WithoutDER(der, OIDEmailAddress)
	require.NoError(t, err)
	want, err := n.Without(OIDEmailAddress).DER(^StringMask(0))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = WithoutDER([]byte("\x30\x01"), OIDEmailAddress)
	assert.Error(t, err)
}
