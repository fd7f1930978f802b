package clients_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/measure"
	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
)

// ids are the clients as milvus-certs verify calls them.
var ids = map[string]string{
	"Go SDK": "go", "Node SDK": "node", "pymilvus": "pymilvus", "JSSE": "java", "curl": "curl",
	"openssl s_client": "openssl", "Python 3.13": "python", "requests": "requests",
}

// ways are the ways as milvus-certs verify calls them.
var ways = map[string]string{
	measure.Ways[0].Name: "root-server", measure.Ways[1].Name: "root-ca", measure.Ways[2].Name: "two-way",
}

// prediction is one of the verdicts in a report.
type prediction struct {
	Client, Way, Host    string
	OK                   bool
	Cause, Shown, Behind string
	File                 string
	Problem              string
}

type place struct{ set, client, way, host string }

// assertPredicted wants every outcome, and every error text, to be as milvus-certs verify says beforehand.
func assertPredicted(t *testing.T, predicted map[place]prediction, matrix measure.Matrix) {
	require.Len(t, ways, len(measure.Ways))
	compared := 0
	for _, cell := range matrix.Cells {
		p, ok := predicted[place{cell.Set, ids[cell.Client], ways[cell.Way], cell.Host}]
		require.True(t, ok, "%+v: no prediction", cell)
		if exempt(matrix, cell, p) {
			continue
		}
		compared++
		if assert.Equal(t, cell.OK, p.OK, "measured %+v, predicted %+v", cell, p) && !p.OK {
			assert.True(t, asSaid(p, cell), "measured %q %q, predicted %q %q: %+v", cell.Shown, cell.Cause, p.Shown, p.Behind, cell)
		}
	}
	t.Logf("%d outcomes as predicted, of %d", compared, len(matrix.Cells))
}

func predictions(t *testing.T, program sets.Program, made []measure.Set) map[place]prediction {
	t.Helper()
	all := map[place]prediction{}
	for _, set := range made {
		out, err := program.Verify(set.Dir, slices.Concat(measure.Hosts, set.As))
		require.NoError(t, err, set.Name)
		var report struct{ Clients []prediction }
		require.NoError(t, json.Unmarshal(out, &report), set.Name)
		for _, p := range report.Clients {
			all[place{set.Name, p.Client, p.Way, p.Host}] = p
		}
	}
	return all
}

// exempt: pymilvus is predicted as PyPI builds it, on BoringSSL, which does not verify with Ed25519. Debian's, on OpenSSL, does.
func exempt(m measure.Matrix, cell measure.Cell, p prediction) bool {
	onOpenSSL := slices.ContainsFunc(m.Clients, func(c measure.Measured) bool { return c.Name == cell.Client && strings.Contains(c.Version, "OpenSSL") })
	return cell.Client == "pymilvus" && onOpenSSL && !p.OK && strings.Contains(p.Problem, "BoringSSL")
}

// clock is what Go says of the time at which it looked.
var clock = regexp.MustCompile(`current time \S+Z `)

// asSaid compares the texts. A name that is not dialled itself is dialled at 127.0.0.1, and shows so.
func asSaid(p prediction, cell measure.Cell) bool {
	shown, behind := p.Shown, clock.ReplaceAllString(p.Behind, "current time ")
	if !slices.Contains(measure.Hosts, cell.Host) {
		shown = strings.Replace(shown, cell.Host+":19530", measure.Hosts[len(measure.Hosts)-1]+":19530", 1)
	}
	if vague(shown) && vague(behind) && p.Cause != "unreadable-file" {
		return false // it would be like anything
	}
	return alike(shown, strings.TrimPrefix(cell.Shown, "Milvus does not start: ")) && alike(behind, cell.Cause)
}

// vague tells whether a text says next to nothing. Of files that a client cannot read only the beginning of its words is
// predicted.
func vague(text string) bool { return len(strings.ReplaceAll(text, "…", "")) < len("[SSL]") }

// alike tells whether the parts of a predicted text, which ellipses separate, are in the measured one, in their order.
func alike(predicted, measured string) bool {
	for part := range strings.SplitSeq(predicted, "…") {
		_, rest, found := strings.Cut(measured, part)
		if !found {
			return false
		}
		measured = rest
	}
	return true
}
