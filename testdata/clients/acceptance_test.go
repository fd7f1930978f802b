package clients_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/measure"
	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
)

// matrixFile names a file that gets all outcomes as JSON. A flag would be one of this package alone.
var matrixFile = os.Getenv("MATRIX")

// accepted are the hosts that a client accepts the server as, for each of the three ways in turn: one-way with server.pem
// as root, one-way with ca.pem, two-way. L is localhost, I is 127.0.0.1.
type accepted [3]string

// byClient says what each client is to accept.
type byClient map[string]accepted

// Outcomes of the sets that the documentation's script makes. Its CA has no keyUsage, which strict clients refuse; they do
// not look at the CA where server.pem is the root.
var (
	// Without subjectAltName the CommonName counts, for some, and never for an address.
	noNames = byClient{
		"Go SDK":           {"", "", ""},
		"Node SDK":         {"", "L", "L"},
		"pymilvus":         {"L", "L", "L"},
		"JSSE":             {"L", "L", "L"},
		"curl":             {"L", "L", "L"},
		"openssl s_client": {"", "", ""},
		"Python 3.13":      {"L", "", ""},
		"requests":         {"", "", ""},
	}
	bothNames = byClient{
		"Go SDK":           {"LI", "LI", "LI"},
		"Node SDK":         {"", "LI", "LI"},
		"pymilvus":         {"LI", "LI", "LI"},
		"JSSE":             {"LI", "LI", "LI"},
		"curl":             {"LI", "LI", "LI"},
		"openssl s_client": {"", "", ""},
		"Python 3.13":      {"LI", "", ""},
		"requests":         {"LI", "", ""},
	}
	// A client certificate for serverAuth is no client's: Milvus refuses it.
	serversBoth = byClient{
		"Go SDK":           {"L", "L", ""},
		"Node SDK":         {"", "L", ""},
		"pymilvus":         {"L", "L", ""},
		"JSSE":             {"L", "L", ""},
		"curl":             {"L", "L", ""},
		"openssl s_client": {"", "", ""},
		"Python 3.13":      {"L", "", ""},
		"requests":         {"L", "", ""},
	}
)

// everyone accepts what init makes. Node and bare OpenSSL take no leaf for a root, whatever is in it, so that the
// documentation's one-way recipe never works with them: they need ca.pem.
var everyone = byClient{
	"Go SDK":           {"LI", "LI", "LI"},
	"Node SDK":         {"", "LI", "LI"},
	"pymilvus":         {"LI", "LI", "LI"},
	"JSSE":             {"LI", "LI", "LI"},
	"curl":             {"LI", "LI", "LI"},
	"openssl s_client": {"", "LI", "LI"},
	"Python 3.13":      {"LI", "LI", "LI"},
	"requests":         {"LI", "LI", "LI"},
}

// The extensions of leaves in the two scripts of the documentation.
const (
	docsLeaf  = "basicConstraints = CA:FALSE\nkeyUsage = nonRepudiation, digitalSignature, keyEncipherment\n"
	bothSANs  = "subjectAltName = DNS:localhost, IP:127.0.0.1\n"
	newerLeaf = docsLeaf + "extendedKeyUsage = serverAuth\nsubjectAltName = DNS:localhost\n"
)

type acceptance struct {
	name string
	make func(t *testing.T, dir string) error
	want byClient
}

func cases(program sets.Program) []acceptance {
	genSH := func(v3req string) func(*testing.T, string) error {
		return func(_ *testing.T, dir string) error { return sets.GenSH(dir, v3req) }
	}
	initialise := func(flags ...string) func(*testing.T, string) error {
		return func(_ *testing.T, dir string) error { return program.Init(dir, flags...) }
	}
	withConf := func(leaf string, flags ...string) func(*testing.T, string) error {
		return func(t *testing.T, dir string) error {
			return program.Init(dir, append([]string{"--config", docsConf(t, leaf)}, flags...)...)
		}
	}
	cases := []acceptance{
		{"gen.sh", genSH(docsLeaf), noNames},
		{"gen.sh with SAN", genSH(docsLeaf + bothSANs), bothNames},
		{"newer gen.sh", genSH(newerLeaf), serversBoth},
		{"init --exact", withConf("", "--exact"), noNames},
		{"init --exact with SAN", withConf(bothSANs, "--exact"), bothNames},
		{"init with the docs' conf", withConf(""), everyone},
		{"init with SAN in the docs' conf", withConf(bothSANs), everyone},
	}
	for _, kind := range []string{"rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384", "ed25519"} {
		cases = append(cases, acceptance{"init --key-type " + kind, initialise("--key-type", kind), everyone})
	}
	return cases
}

func TestAcceptance(t *testing.T) {
	program, err := sets.Build(filepath.Join("..", ".."), t.TempDir())
	require.NoError(t, err)
	all := cases(program)
	made := make([]measure.Set, len(all))
	for i, c := range all {
		made[i] = measure.Set{Name: c.name, Dir: t.TempDir()}
		require.NoError(t, c.make(t, made[i].Dir), c.name)
	}
	matrix, err := measure.Run(t.Context(), made, peer.Installed(t, "."))
	require.NoError(t, err)
	for _, client := range matrix.Clients {
		t.Logf("%s took %s: %s", client.Name, client.Took, client.Version)
	}
	writeMatrix(t, matrix)
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			for _, client := range matrix.Clients {
				got, reasons := of(matrix, c.name, client.Name)
				assert.Equal(t, c.want[client.Name], got, "%s: %q", client.Name, reasons)
			}
		})
	}
}

// of picks what a client accepted of a set, and its reasons to refuse the rest.
func of(m measure.Matrix, set, client string) (got accepted, reasons []string) {
	short := map[string]string{measure.Hosts[0]: "L", measure.Hosts[1]: "I"}
	for _, cell := range m.Cells {
		for i, way := range measure.Ways {
			switch {
			case cell.Set != set || cell.Client != client || cell.Way != way.Name:
			case cell.OK:
				got[i] += short[cell.Host]
			default:
				reasons = append(reasons, way.Name+", "+cell.Host+": "+cell.Reason())
			}
		}
	}
	return got, reasons
}

func writeMatrix(t *testing.T, m measure.Matrix) {
	t.Helper()
	if matrixFile == "" {
		return
	}
	data, err := json.MarshalIndent(m, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(matrixFile, append(data, '\n'), 0o600))
}

// docsConf writes a conf that is like the documentation's, with further extensions for leaves.
func docsConf(t *testing.T, leaf string) string {
	t.Helper()
	conf, err := os.ReadFile(filepath.Join("..", "conf", "docs-like.cnf"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "openssl.cnf")
	// A section that is opened again goes on.
	require.NoError(t, os.WriteFile(path, []byte(string(conf)+"\n[ v3_req ]\n"+leaf), 0o600))
	return path
}
