package main

import (
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The structures of RFC 5280, 4.1, and RFC 2986, read apart from the program's own, which are under test.
type (
	keyInfo struct {
		Algorithm asn1.RawValue
		Bits      asn1.BitString
	}
	certificate struct {
		Body struct {
			Version    int `asn1:"optional,explicit,default:0,tag:0"`
			Serial     *big.Int
			Signature  asn1.RawValue
			Issuer     asn1.RawValue
			Validity   struct{ NotBefore, NotAfter asn1.RawValue }
			Subject    asn1.RawValue
			Key        keyInfo
			Extensions []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
		}
		Signature asn1.RawValue
		Value     asn1.BitString
	}
	request struct {
		Body struct {
			Version    int
			Subject    asn1.RawValue
			Key        keyInfo
			Attributes asn1.RawValue
		}
		Signature asn1.RawValue
		Value     asn1.BitString
	}
	attribute struct {
		ID     asn1.ObjectIdentifier
		Values asn1.RawValue `asn1:"set"`
	}
	keyIdentifier struct {
		Key    []byte        `asn1:"optional,tag:0"`
		Issuer asn1.RawValue `asn1:"optional,tag:1"`
		Serial *big.Int      `asn1:"optional,tag:2"`
	}
)

// fields is what two certificates or two requests are compared by. What has to differ, keys and serial numbers, stands
// there by the name of its owner.
type fields struct {
	Version                int
	Subject, Issuer        string
	Validity               time.Duration
	TimeTags               [2]int
	Algorithms             [3]string // the key's, the signed one, the one beside the signature
	Attributes, Extensions []string
}

// owners are the numbers of a set that are its own, and their names.
type owners struct {
	keys    map[string]string
	serials map[string]string
}

// set is what stands in a directory of nine files.
type set struct {
	owners
	certificates map[string]certificate
	requests     map[string]request
}

func readSet(t *testing.T, dir string) *set {
	t.Helper()
	s := &set{owners{map[string]string{}, map[string]string{}}, map[string]certificate{}, map[string]request{}}
	for _, role := range []string{"ca", "server", "client"} {
		var c certificate
		decode(t, filepath.Join(dir, role+".pem"), "CERTIFICATE", &c)
		s.certificates[role] = c
		sum := sha1.Sum(c.Body.Key.Bits.Bytes)
		s.keys[string(sum[:])] = "key of " + role
		s.serials[c.Body.Serial.String()] = "serial of " + role
		if role == "ca" {
			continue
		}
		var r request
		decode(t, filepath.Join(dir, role+".csr"), "CERTIFICATE REQUEST", &r)
		require.Equal(t, c.Body.Key, r.Body.Key, "the request is for another key")
		s.requests[role] = r
	}
	return s
}

// decode reads a file of one PEM block.
func decode(t *testing.T, path, kind string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	block, rest := pem.Decode(data)
	require.NotNil(t, block, path)
	require.Empty(t, rest, path)
	require.Equal(t, kind, block.Type, path)
	rest, err = asn1.Unmarshal(block.Bytes, into)
	require.NoError(t, err, path)
	require.Empty(t, rest, path)
}

// certificate returns the fields of a role's certificate.
func (s *set) certificate(t *testing.T, role string) fields {
	t.Helper()
	c := s.certificates[role]
	times := c.Body.Validity
	return fields{
		Version: c.Body.Version + 1,
		Subject: hex.EncodeToString(c.Body.Subject.FullBytes),
		Issuer:  hex.EncodeToString(c.Body.Issuer.FullBytes),
		// openssl reads the clock once for each end, and a second may begin between the two.
		Validity:   readTime(t, times.NotAfter).Sub(readTime(t, times.NotBefore)).Round(time.Minute),
		TimeTags:   [2]int{times.NotBefore.Tag, times.NotAfter.Tag},
		Algorithms: algorithms(c.Body.Key, c.Body.Signature, c.Signature),
		Extensions: s.extensions(t, c.Body.Extensions),
	}
}

// request returns the fields of a role's request.
func (s *set) request(t *testing.T, role string) fields {
	t.Helper()
	r := s.requests[role]
	f := fields{
		Version:    r.Body.Version + 1,
		Subject:    hex.EncodeToString(r.Body.Subject.FullBytes),
		Algorithms: algorithms(r.Body.Key, r.Signature, r.Signature),
	}
	for rest := r.Body.Attributes.Bytes; len(rest) > 0; {
		var a attribute
		var exts []pkix.Extension
		var err error
		rest, err = asn1.Unmarshal(rest, &a)
		require.NoError(t, err)
		f.Attributes = append(f.Attributes, a.ID.String())
		_, err = asn1.Unmarshal(a.Values.Bytes, &exts)
		require.NoError(t, err, "attribute %v", a.ID)
		f.Extensions = append(f.Extensions, s.extensions(t, exts)...)
	}
	return f
}

func readTime(t *testing.T, raw asn1.RawValue) (at time.Time) {
	t.Helper()
	_, err := asn1.Unmarshal(raw.FullBytes, &at)
	require.NoError(t, err)
	return at
}

func algorithms(key keyInfo, signatures ...asn1.RawValue) (out [3]string) {
	for i, a := range append([]asn1.RawValue{key.Algorithm}, signatures...) {
		out[i] = hex.EncodeToString(a.FullBytes)
	}
	return out
}

// extensions writes extensions in order, with their criticality and DER, key identifiers by whose they are.
func (o owners) extensions(t *testing.T, exts []pkix.Extension) (out []string) {
	t.Helper()
	for _, e := range exts {
		value := hex.EncodeToString(e.Value)
		switch e.Id.String() {
		case "2.5.29.14":
			value = o.subjectKey(t, e.Value)
		case "2.5.29.35":
			value = o.authorityKey(t, e.Value)
		}
		out = append(out, fmt.Sprintf("%v critical=%v %s", e.Id, e.Critical, value))
	}
	return out
}

func (o owners) subjectKey(t *testing.T, der []byte) string {
	t.Helper()
	var id []byte
	requireDER(t, der, &id)
	return o.key(id)
}

func (o owners) authorityKey(t *testing.T, der []byte) string {
	t.Helper()
	var id keyIdentifier
	requireDER(t, der, &id)
	serial := ""
	if id.Serial != nil {
		serial = nameOf(o.serials, id.Serial.String(), id.Serial.String())
	}
	return fmt.Sprintf("key %s, issuer %x, serial %s", o.key(id.Key), id.Issuer.FullBytes, serial)
}

// key names the key that an identifier is the hash of; one that is nobody's stays as it is.
func (o owners) key(id []byte) string { return nameOf(o.keys, string(id), hex.EncodeToString(id)) }

func nameOf(names map[string]string, of, otherwise string) string {
	if n, ok := names[of]; ok {
		return n
	}
	return otherwise
}

// requireDER reads a value and makes sure that it is written in the one way that DER knows.
func requireDER[T any](t *testing.T, der []byte, into *T) {
	t.Helper()
	rest, err := asn1.Unmarshal(der, into)
	require.NoError(t, err)
	require.Empty(t, rest)
	again, err := asn1.Marshal(*into)
	require.NoError(t, err)
	require.Equal(t, again, der)
}
