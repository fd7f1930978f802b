package profile_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// repeated writes n lines.
func repeated(n int, line func(i int) string) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(line(i) + "\n")
	}
	return out.String()
}

// doubling are sections of which each names the next twice, so that what they describe doubles with each.
func doubling(depth int, member string) string {
	return repeated(depth, func(i int) string {
		return fmt.Sprintf("[s%d]\na = %s:s%d\nb = %s:s%d", i, member, i+1, member, i+1)
	}) + fmt.Sprintf("[s%d]\na = OCT:%s\n", depth, strings.Repeat("x", 100))
}

// hostile are confs that cost much more than their size, unless something bounds them.
var hostile = map[string]string{
	"sections that double":           "[v3_req]\n1.2.3 = ASN1:SEQUENCE:s0\n" + doubling(49, "SEQUENCE"),
	"sets that double":               "[v3_req]\n1.2.3 = ASN1:SET:s0\n" + doubling(49, "SET"),
	"empty sections that double":     "[v3_req]\n1.2.3 = ASN1:SEQUENCE:s0\n" + strings.ReplaceAll(doubling(40, "SEQUENCE"), "a = OCT:", "#"),
	"tags around what doubles":       "[v3_req]\n1.2.3 = ASN1:SEQUENCE:s0\n" + doubling(49, "EXP:1,OCTWRAP,EXP:4U,SEQUENCE"),
	"a section of itself":            "[v3_req]\n1.2.3 = ASN1:SEQUENCE:s\n[s]\n" + repeated(10_000, func(i int) string { return fmt.Sprintf("a%d = SEQUENCE:s", i) }),
	"many tags":                      "[v3_req]\n1.2.3 = ASN1:" + strings.Repeat("EXP:1,", 150_000) + "NULL\n",
	"bits far out":                   "[v3_req]\n" + repeated(9_000, func(i int) string { return fmt.Sprintf("1.2.%d = ASN1:FORMAT:BITLIST,BITSTR:65536", i) }),
	"names by the ten thousand":      "[v3_req]\nsubjectAltName = @s\n[s]\n" + repeated(10_000, func(i int) string { return fmt.Sprintf("DNS.%d = host%d.example.com", i, i) }),
	"unknown names":                  "[v3_req]\nextendedKeyUsage = @s\n[s]\n" + repeated(10_000, func(i int) string { return fmt.Sprintf("x%d = srverAuth%d", i, i) }),
	"long names of directories":      "[v3_req]\nsubjectAltName = @s\n[s]\n" + repeated(5_000, func(i int) string { return fmt.Sprintf("dirName.%d = dn", i) }) + "[dn]\n" + repeated(5_000, func(i int) string { return fmt.Sprintf("%d.OU = unit", i) }),
	"policies of policies":           "[v3_req]\ncertificatePolicies = " + strings.Repeat("@p,", 20_000) + "@p\n[p]\npolicyIdentifier = 1.2\n" + repeated(5_000, func(i int) string { return fmt.Sprintf("CPS.%d = http://x/", i) }),
	"extensions by the ten thousand": "[v3_req]\n" + repeated(10_000, func(i int) string { return fmt.Sprintf("1.2.%d = DER:00", i) }),
	"one long value":                 "[v3_req]\nsubjectAltName = " + strings.Repeat("DNS:a,", 170_000) + "DNS:b\n",
	"one long number":                "[v3_req]\ninhibitAnyPolicy = " + strings.Repeat("7", 60_000) + "\n",
	"one long OID":                   "[v3_req]\nextendedKeyUsage = 1.2" + strings.Repeat(".3", 30_000) + "\n",
	"an OID with one long number":    "[v3_req]\nextendedKeyUsage = 1.2." + strings.Repeat("7", 60_000) + "\n",
	"a file by the thousand":         "[v3_req]\nproxyCertInfo = language:1.2.3" + strings.Repeat(",policy:file:big", 4_000) + "\n",
	"deep includes":                  ".include deep\n",
}

// TestHostileConfs: each is answered, at once and in little memory, be it by an error.
func TestHostileConfs(t *testing.T) {
	files := fstest.MapFS{
		"big":  {Data: []byte(strings.Repeat("x", 60_000))},
		"deep": {Data: []byte(".include ./deep\n.include ././deep\n")},
	}
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{
				Open: func(path string) (fs.File, error) { return files.Open(strings.ReplaceAll(path, "./", "")) },
			})
			if err == nil {
				_, err = profile.New(conf, profile.Asked{Now: now})
			}
			if err != nil {
				assert.Less(t, len(err.Error()), 2000, "an error is for reading")
			}
		})
	}
}
