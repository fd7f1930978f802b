package clients_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/measure"
	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
)

// matrixFile names a file that gets all outcomes as JSON, keptSets a new folder that gets the sets. Flags would be those of
// this package alone.
var (
	matrixFile = os.Getenv("MATRIX")
	keptSets   = os.Getenv("KEEP_SETS")
)

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

// wanted are the sets whose outcomes are known beforehand. All others are measured too.
var wanted = map[string]byClient{
	"gen-sh":                  noNames,
	"gen-sh-with-san":         bothNames,
	"newer-gen-sh":            serversBoth,
	"init-exact":              noNames,
	"init-exact-with-san":     bothNames,
	"init-docs-conf":          everyone,
	"init-docs-conf-with-san": everyone,
	"init":                    everyone,
	"init-rsa-3072":           everyone,
	"init-rsa-4096":           everyone,
	"init-ec-p256":            everyone,
	"init-ec-p384":            everyone,
	"init-ed25519":            everyone,
	"baseline":                everyone,
}

// TestAcceptance measures once, and holds against it what is known beforehand, what milvus-certs verify predicts, and what
// docs/clients.md and docs/troubleshooting.md say.
func TestAcceptance(t *testing.T) {
	program, err := sets.Build(filepath.Join("..", ".."), t.TempDir())
	require.NoError(t, err)
	matrix, made := measured(t, program)
	for _, client := range matrix.Clients {
		t.Logf("%s took %s: %s", client.Name, client.Took, client.Version)
	}
	writeMatrix(t, matrix)
	predicted := predictions(t, program, made)
	t.Run("predicted", func(t *testing.T) { assertPredicted(t, predicted, matrix) })
	t.Run("docs", func(t *testing.T) { assertPage(t, matrix, made) })
	t.Run("troubleshooting", func(t *testing.T) { assertExplained(t, program, matrix, made, predicted) })
	for set, want := range wanted {
		t.Run(set, func(t *testing.T) {
			for _, client := range matrix.Clients {
				got, reasons := of(matrix, set, client.Name)
				assert.Equal(t, want[client.Name], got, "%s: %q", client.Name, reasons)
			}
		})
	}
}

// measured tries all clients with all sets.
func measured(t *testing.T, program sets.Program) (measure.Matrix, []measure.Set) {
	t.Helper()
	folder, all := setsFolder(t), sets.All(program)
	begin := time.Now()
	require.NoError(t, sets.Make(folder, all))
	t.Logf("%d sets took %s", len(all), time.Since(begin).Round(time.Second))
	made := make([]measure.Set, len(all))
	for i, set := range all {
		made[i] = measure.Set{Name: set.Name, Dir: filepath.Join(folder, set.Name), As: set.As}
	}
	matrix, err := measure.Run(t.Context(), made, peer.Installed(t, "."))
	require.NoError(t, err)
	return matrix, made
}

func setsFolder(t *testing.T) string {
	t.Helper()
	if keptSets == "" {
		return t.TempDir()
	}
	require.NoError(t, os.MkdirAll(keptSets, 0o700))
	return keptSets
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
