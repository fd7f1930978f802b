package x509v3

import (
	"crypto/x509"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// parseName reads a section of these lines as a name.
func parseName(t *testing.T, lines string, o Options) (Name, error) {
	t.Helper()
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader("[dn]\n"+lines), opensslconf.System{})
	require.NoError(t, err)
	section, _ := conf.Section("dn")
	return ParseName(section, o)
}

func TestParseName(t *testing.T) {
	for _, tc := range []struct{ name, lines, want string }{
		{"short and long names, and OIDs", "C=CN\norganizationName=milvus\n1.2.5.4.3=localhost", "C=CN, O=milvus, CN=localhost"},
		{"what stands before a dot, comma or colon", "0.OU=a\n1.OU=b\nx,OU=c", "OU=a, OU=b, OU=c"},
		{"a dot at the end is none", "CN=a", "CN=a"},
		{"plus joins", "O=o\n+OU=u\n1.+CN=c\nL=l", "O=o + OU=u + CN=c, L=l"},
		{"plus at the head has nothing to join", "+O=o", "O=o"},
		{"an OID without a name", "1.1.2.3.4=x", "1.2.3.4=x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := parseName(t, tc.lines, Options{})
			require.NoError(t, err)
			assert.Equal(t, tc.want, n.String())
		})
	}
}

func TestParseNameRefuses(t *testing.T) {
	for _, tc := range []struct{ lines, want string }{
		{"XX=a", `XX: "XX" is no attribute of a name; wanted one such as commonName, CN, or an OID`},
		{"CN=", "CN: wanted 1 characters at least, found 0"},
		{"C=CHN", "C: wanted 2 characters at most, found 3"},
		{"C=C", "C: wanted 2 characters at least, found 1"},
		{"CN=" + strings.Repeat("ü", 65), "CN: wanted 64 characters at most, found 65"},
		{"O=\xff", "O: the value is not UTF-8"},
	} {
		_, err := parseName(t, tc.lines, Options{})
		assert.EqualError(t, err, "x.cnf:2: [dn] "+tc.want)
	}
}

func TestLatin1Names(t *testing.T) {
	n, err := parseName(t, "O=ü\nOU=\xff", Options{Latin1: true})
	require.NoError(t, err)
	assert.Equal(t, "O=Ã¼, OU=ÿ", n.String())
	assert.Equal(t, "ÿa", Latin1("\xffa"))
}

func mask(t *testing.T, text string) StringMask {
	t.Helper()
	m, err := ParseStringMask(text)
	require.NoError(t, err)
	return m
}

// valueDER returns the string of a name with one attribute, in hexadecimal.
func valueDER(t *testing.T, a Attribute, m StringMask) string {
	t.Helper()
	der, err := Name{{a}}.DER(m)
	require.NoError(t, err)
	oid, err := a.Type.MarshalBinary()
	require.NoError(t, err)
	_, after, _ := strings.Cut(hex.EncodeToString(der), "06"+hex.EncodeToString([]byte{byte(len(oid))})+hex.EncodeToString(oid))
	return after
}

func TestStringTypes(t *testing.T) {
	for _, tc := range []struct{ mask, value, want string }{
		{"utf8only", "a b", "0c03612062"},
		{"utf8only", "ü", "0c02c3bc"},
		{"MASK:8192", "a", "0c0161"},
		{"default", "a b", "1303612062"},
		{"default", "a_b", "1403615f62"},
		{"default", "ü", "1401fc"},
		{"default", "日", "1e0265e5"},
		{"default", "😀", "0c04f09f9880"},
		{"pkix", "a", "130161"},
		{"pkix", "ü", "1e0200fc"},
		{"nombstr", "a_b", "1403615f62"},
		{"MASK:0x2002", "a_b", "0c03615f62"},
		{"MASK:0x1", "ü", "1401fc"}, // a mask that leaves nothing is no mask
	} {
		t.Run(tc.mask+" "+tc.value, func(t *testing.T) {
			assert.Equal(t, tc.want, valueDER(t, Attribute{OIDOrganization, tc.value}, mask(t, tc.mask)))
		})
	}
}

func TestStringTypesThatAreFixed(t *testing.T) {
	for _, tc := range []struct{ oid, value, want string }{
		{"2.5.4.6", "CN", "1302434e"},                                         // countryName
		{"1.2.840.113549.1.9.1", "a@b", "1603614062"},                         // emailAddress
		{"2.5.4.5", "1-2", "1303312d32"},                                      // serialNumber
		{"0.9.2342.19200300.100.1.25", "com", "1603636f6d"},                   // domainComponent
		{"1.2.643.3.131.1.1", "123", "1203313233"},                            // INN
		{"1.2.840.113549.1.9.20", "a", "1e020061"},                            // friendlyName
		{"1.2.840.113549.1.9.2", "a", "0c0161"},                               // unstructuredName
		{"1.2.3", strings.Repeat("x", 70), "0c46" + strings.Repeat("78", 70)}, // unknown: any length
	} {
		oid, err := x509.ParseOID(tc.oid)
		require.NoError(t, err)
		assert.Equal(t, tc.want, valueDER(t, Attribute{oid, tc.value}, UTF8Only), tc.oid)
	}
}

func TestStringTypesRefuse(t *testing.T) {
	for _, tc := range []struct {
		a    Attribute
		mask string
		want string
	}{
		{Attribute{OIDCountry, "ü!"}, "utf8only", `C=ü!: no string type that is allowed here can hold "ü!"`},
		{Attribute{OIDEmailAddress, "ü@b"}, "utf8only", `emailAddress=ü@b: no string type that is allowed here can hold "ü@b"`},
		{Attribute{OIDOrganization, "日"}, "nombstr", `O=日: no string type that is allowed here can hold "日"`},
		{Attribute{OIDCommonName, ""}, "utf8only", "CN=: wanted 1 characters at least, found 0"},
	} {
		_, err := Name{{tc.a}}.DER(mask(t, tc.mask))
		assert.EqualError(t, err, tc.want)
	}
	for _, text := range []string{"", "utf8", "UTF8ONLY", "MASK:", "MASK:x", "MASK:1_0", "MASK:-1"} {
		_, err := ParseStringMask(text)
		assert.ErrorContains(t, err, "wanted utf8only, pkix, nombstr, default or MASK:number", text)
	}
}

func TestAttributesOfOneRDNAreSorted(t *testing.T) {
	n, err := parseName(t, "OU=b\n+CN=a", Options{})
	require.NoError(t, err)
	der, err := n.DER(UTF8Only)
	require.NoError(t, err)
	assert.Equal(t, "30163114300806035504030c0161300806035504"+"0b0c0162", hex.EncodeToString(der))
	assert.Equal(t, "OU=b + CN=a", n.String())
}

func TestNameIsBuiltAndChanged(t *testing.T) {
	n := NewName(Attribute{OIDCountry, "CN"}, Attribute{OIDState, ""}, Attribute{OIDCommonName, "a"}, Attribute{OIDEmailAddress, "m@x"})
	assert.Equal(t, "C=CN, CN=a, emailAddress=m@x", n.String())
	value, ok := n.Get(OIDCommonName)
	assert.True(t, ok)
	assert.Equal(t, "a", value)
	_, ok = n.Get(OIDState)
	assert.False(t, ok)

	assert.Equal(t, "C=CN, CN=b, emailAddress=m@x", n.With(OIDCommonName, "b").String())
	assert.Equal(t, "C=CN, CN=a, emailAddress=m@x, O=o", n.With(OIDOrganization, "o").String())
	assert.Equal(t, "CN=a, emailAddress=m@x", n.With(OIDCountry, "").String())
	assert.Equal(t, "C=CN, CN=a", n.Without(OIDEmailAddress).String())
	assert.Equal(t, []string{"m@x"}, n.Emails())
	assert.Equal(t, "C=CN, CN=a, emailAddress=m@x", n.String(), "the name itself stays")
}
