package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/measure"
	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

// troubleshooting is the page that explains error texts.
var troubleshooting = filepath.Join("..", "..", "docs", "troubleshooting.md")

// assertExplained holds the page against what happened: every text on it was shown by its client, and came of what the page
// says, as milvus-certs verify finds it; and the page explains every refusal.
func assertExplained(t *testing.T, program sets.Program, matrix measure.Matrix, made []measure.Set, predicted map[place]prediction) {
	if len(matrix.Clients) < len(ids) {
		t.Skip("clients are missing")
	}
	page, err := os.ReadFile(troubleshooting)
	require.NoError(t, err)
	rows, err := readRows(string(page))
	require.NoError(t, err)
	happened := slices.Concat(refused(matrix, predicted), played(t, program), doesNotStart(t, program), logged(t, made))
	assert.Empty(t, faults(rows, happened))
	assert.Len(t, faults(append(rows, row{section: "curl", of: []string{"expired"}, texts: []shown{{"curl", "curl: (99) made up"}}}), happened), 2, "a text that is made up")
	t.Logf("%d rows for %d refusals", len(rows), len(happened))
	t.Run("remedies", func(t *testing.T) {
		assertRemedied(t, remedies{t, program, made, predicted, map[string]map[place]prediction{}}, rows, happened)
	})
}

// refused are the refusals of the matrix.
func refused(matrix measure.Matrix, predicted map[place]prediction) (happened []happening) {
	for _, cell := range matrix.Cells {
		at := place{cell.Set, ids[cell.Client], ways[cell.Way], cell.Host}
		p := predicted[at]
		if cell.OK || p.OK {
			continue // that they are as predicted is for another test
		}
		h := happening{cell.Client, at, p.Cause, texts(cell.Outcome), cell.Also}
		if text, ok := strings.CutPrefix(cell.Shown, "Milvus does not start: "); ok {
			h.client, h.of, h.texts = "Milvus", p.File, []string{text}
		}
		happened = append(happened, h)
	}
	return happened
}

func texts(o peer.Outcome) []string {
	return slices.Compact(slices.DeleteFunc([]string{o.Shown, o.Cause}, func(s string) bool { return s == "" }))
}

// played are the scenarios.
func played(t *testing.T, program sets.Program) (happened []happening) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, program.Init(dir, "--key-type", "ec-p256"))
	cells, err := measure.Play(t.Context(), dir, measure.Scenarios, peer.Installed(t, "."))
	require.NoError(t, err)
	for _, cell := range cells {
		assert.False(t, cell.OK, "%+v", cell)
		happened = append(happened, happening{cell.Client, place{}, cell.Set, texts(cell.Outcome), cell.Also})
	}
	return happened
}

// spoilt is a set whose files Milvus does not start with, besides those of the matrix.
type spoilt struct {
	name, file string
	data       func(dir string) ([]byte, error) // nil: the file is missing
}

var spoilts = []spoilt{
	{"no server.pem", "server.pem", nil},
	{"no server.key", "server.key", nil},
	{"no ca.pem", "ca.pem", nil},
	{"empty server.pem", "server.pem", func(string) ([]byte, error) { return nil, nil }},
	{"empty server.key", "server.key", func(string) ([]byte, error) { return nil, nil }},
	{"certificate as server.key", "server.key", func(dir string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, "server.pem")) }},
	{"key as server.pem", "server.pem", func(dir string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, "server.key")) }},
	{"key as ca.pem", "ca.pem", func(dir string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, "ca.key")) }},
}

// doesNotStart are refusals of Milvus to start. What is wrong with a file, milvus-certs verify says in the same words.
func doesNotStart(t *testing.T, program sets.Program) []happening {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, program.Init(dir, "--key-type", "ec-p256"))
	happened := []happening{{"Milvus", place{}, "milvus.yaml", []string{refusal(t, stub.Config{Dir: dir, Mode: stub.OneWay, SharedPort: true})}, nil}}
	for _, s := range spoilts {
		other := t.TempDir()
		require.NoError(t, os.CopyFS(other, os.DirFS(dir)))
		require.NoError(t, os.Remove(filepath.Join(other, s.file)))
		if s.data != nil {
			data, err := s.data(dir)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(other, s.file), data, 0o600))
		}
		text := strings.ReplaceAll(refusal(t, stub.Config{Dir: other, Mode: stub.TwoWay}), other+string(filepath.Separator), "")
		p := predictions(t, program, []measure.Set{{Name: s.name, Dir: other}})[place{s.name, "milvus", "two-way", ""}]
		assert.Equal(t, text, p.Shown, s.name)
		happened = append(happened, happening{"Milvus", place{set: s.name}, p.File, []string{text}, nil})
	}
	return happened
}

func refusal(t *testing.T, config stub.Config) string {
	t.Helper()
	server, err := stub.Start(config)
	if err == nil {
		server.Stop()
	}
	var refusal stub.Refusal
	require.ErrorAs(t, err, &refusal)
	return refusal.Error()
}

// command is one of this program's in the text of a page.
var command = regexp.MustCompile("`milvus-certs ([^`]*)`")

// TestCommandsOfPage: what the page says to do can be done.
func TestCommandsOfPage(t *testing.T) {
	folder := t.TempDir()
	_, err := sets.Build(filepath.Join("..", ".."), folder)
	require.NoError(t, err)
	page, err := os.ReadFile(troubleshooting)
	require.NoError(t, err)
	commands := map[string][]string{} // and their words
	for _, match := range command.FindAllStringSubmatch(string(page), -1) {
		commands[match[0]] = strings.Fields(match[1])
	}
	require.NotEmpty(t, commands)
	for said, words := range commands {
		isFlag := func(word string) bool { return strings.HasPrefix(word, "-") }
		flags := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !isFlag(word) })
		if first := slices.IndexFunc(words, isFlag); first >= 0 {
			words = words[:first]
		}
		help, err := exec.Command(filepath.Join(folder, "milvus-certs"), append(words, "--help")...).CombinedOutput()
		require.NoError(t, err, "%s: %s", said, help)
		assert.Contains(t, string(help), "milvus-certs "+words[0], said)
		for _, flag := range flags {
			assert.Contains(t, string(help), " "+flag+" ", said)
		}
	}
}
