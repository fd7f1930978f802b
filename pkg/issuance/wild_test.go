package issuance

import (
	"bufio"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

const recorded = "../../../shared/conf"

// issued is what OpenSSL made of a conf in one of three steps.
type issued struct {
	Section string
	OK      bool
	Error   string
	SigAlg  string
	Subject string
	Exts    [][3]any
}

type recording struct {
	File          string
	Loads         bool
	CA, CSR, Leaf issued
}

// leftOut are the files that cannot be compared, each with its reason.
var leftOut = map[string]string{
	"073.cnf": "needs an engine",
}

// TestWildConfs compares with what OpenSSL 3.0.19 made of other people's confs.
func TestWildConfs(t *testing.T) {
	results, err := os.Open(filepath.Join(recorded, "wild", "expected.jsonl"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("REQUIRE_PEERS") == "" {
		t.Skip("the recorded confs are not here")
	}
	require.NoError(t, err)
	defer results.Close()
	keys := wildKeys{recordedKey(t, "ca.key"), recordedKey(t, "server.key")}
	lines := bufio.NewScanner(results)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recording
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		t.Run(r.File, func(t *testing.T) { keys.compare(t, r) })
	}
	require.NoError(t, lines.Err())
}

type wildKeys struct{ ca, server crypto.Signer }

func (k wildKeys) compare(t *testing.T, r recording) {
	p, err := wildProfile(t, r.File)
	noFlag := r.Leaf.Section == "(no flag)"
	works := r.Loads && r.CA.OK && r.CSR.OK && (r.Leaf.OK || noFlag)
	if reason := leftOut[r.File]; reason != "" {
		require.Error(t, err, reason)
		return
	}
	if !works && err != nil {
		var place *opensslconf.Error
		require.ErrorAs(t, err, &place)
		assert.False(t, place.Pos.IsZero(), "a refusal names file and line")
		return
	}
	require.NoError(t, err, "%s %s %s", r.CA.Error, r.CSR.Error, r.Leaf.Error)
	ca, leaf, err := k.issue(p)
	if !works {
		require.Error(t, err, "%s %s %s", r.CA.Error, r.CSR.Error, r.Leaf.Error)
		return
	}
	require.NoError(t, err)
	compareCertificate(t, r.CA, ca.Certificate)
	assert.Equal(t, r.CSR.Subject, hex.EncodeToString(leaf.Request.RawSubject))
	assert.Equal(t, recordedExtensions(t, r.CSR), describeExtensions(requestExtensions(t, leaf.Request)))
	if !noFlag { // OpenSSL then takes the default section for extensions, which nobody means
		compareCertificate(t, r.Leaf, leaf.Certificate)
	}
}

func wildProfile(t *testing.T, file string) (*profile.Profile, error) {
	dir := filepath.Join(recorded, "wild")
	in, err := os.Open(filepath.Join(dir, file))
	require.NoError(t, err)
	defer in.Close()
	conf, err := opensslconf.Parse(file, in, opensslconf.System{
		Open:      func(path string) (fs.File, error) { return os.Open(filepath.Join(dir, path)) },
		LookupEnv: func(name string) (string, bool) { return ".", name == "HOME" || name == "PATH" || name == "LC_ALL" },
	})
	if err != nil {
		return nil, err
	}
	return profile.New(conf, profile.Asked{Exact: true, Now: time.Now()})
}

func (k wildKeys) issue(p *profile.Profile) (ca, leaf certset.Entry, err error) {
	now := time.Now().UTC().Truncate(time.Second)
	if ca, err = NewCA(p, k.ca, now); err != nil {
		return ca, leaf, err
	}
	i := &Issuer{Entry: ca, now: now} // whatever NewIssuer thinks of the CA
	leaf, _, err = i.Issue(p, p.Server(), k.server, big.NewInt(2))
	return ca, leaf, err
}

func compareCertificate(t *testing.T, want issued, got *certset.Certificate) {
	assert.Equal(t, want.Subject, hex.EncodeToString(got.RawSubject))
	assert.Equal(t, recordedExtensions(t, want), describeExtensions(got.Extensions))
	assert.Equal(t, want.SigAlg, signatureOID(t, got.Raw))
}

func signatureOID(t *testing.T, der []byte) string {
	var info struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	_, err := asn1.Unmarshal(der, &info)
	require.NoError(t, err)
	return info.Algorithm.Algorithm.String()
}

func requestExtensions(t *testing.T, r *certset.Request) []pkix.Extension {
	require.NoError(t, r.X509Err)
	return r.X509.Extensions
}

// describeExtensions writes extensions in order; serial numbers, which are random, are left out.
func describeExtensions(exts []pkix.Extension) []string {
	out := []string{}
	for _, e := range exts {
		out = append(out, fmt.Sprintf("%s critical=%v %x", e.Id, e.Critical, withoutSerial(e.Id.String(), e.Value)))
	}
	return out
}

func recordedExtensions(t *testing.T, want issued) []string {
	out := []string{}
	for _, e := range want.Exts {
		der, err := hex.DecodeString(e[2].(string))
		require.NoError(t, err)
		out = append(out, fmt.Sprintf("%s critical=%v %x", e[0], e[1], withoutSerial(e[0].(string), der)))
	}
	return out
}

func withoutSerial(id string, der []byte) []byte {
	var aki struct {
		KeyID  []byte        `asn1:"optional,tag:0"`
		Issuer asn1.RawValue `asn1:"optional,tag:1"`
		Serial *big.Int      `asn1:"optional,tag:2"`
	}
	if id != x509v3.OIDAuthorityKeyIdentifier.String() {
		return der
	}
	if _, err := asn1.Unmarshal(der, &aki); err != nil || aki.Serial == nil {
		return der
	}
	return fmt.Appendf(nil, "%x %x serial", aki.KeyID, aki.Issuer.FullBytes)
}

func recordedKey(t *testing.T, name string) crypto.Signer {
	data, err := os.ReadFile(filepath.Join(recorded, "keys", name))
	require.NoError(t, err)
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	return key.(crypto.Signer)
}
