package certset_test

import (
	"bytes"
	"encoding/pem"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// TestParseRefused lists what is wrong with a file, by defect.
func TestParseRefused(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	all := files(t, set)
	key, request, cert := all["server.key"].Data, all["server.csr"].Data, all["server.pem"].Data
	der := func(data []byte) []byte { b, _ := pem.Decode(data); return b.Bytes }

	for _, tc := range []struct {
		name, file string
		data       []byte
		want       string
	}{
		{"empty", "server.pem", nil, "the file is empty"},
		{"blank", "server.key", []byte("\n \n"), "the file is empty"},
		{"text", "ca.pem", []byte("hello"), "wanted PEM (-----BEGIN CERTIFICATE-----), found none"},
		{"with a request", "server.pem", append(bytes.Clone(cert), all["server.csr"].Data...), `wanted nothing else in it, found another PEM block, "CERTIFICATE REQUEST"`},
		{"with its key", "server.pem", append(bytes.Clone(cert), key...), "block 2 is a private key, which does not belong into a file that is given away; take it out"},
		{"with its certificate", "server.key", append(bytes.Clone(key), cert...), `wanted nothing else in it, found another PEM block, "CERTIFICATE"`},
		{"two of them", "server.csr", append(bytes.Clone(request), request...), "wanted a certification request, found 2 of them"},
		{"a key for a certificate", "ca.pem", key, "wanted a certificate, found a private key (-----BEGIN PRIVATE KEY-----)"},
		{"encrypted, PKCS#8", "server.key", block("ENCRYPTED PRIVATE KEY", der(key)), "the private key is encrypted; decrypt it: openssl pkey -in FILE -out NEW"},
		{"another serial", "ca.srl", []byte("xyz"), `wanted a hexadecimal serial number, two digits an octet, found "xyz"`},
	} {
		t.Run(tc.name+" as "+tc.file, func(t *testing.T) {
			_, err := parseWith(all, tc.file, tc.data)
			assert.EqualError(t, err, tc.file+": "+tc.want)
		})
	}
}
