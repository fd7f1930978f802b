package opensslconf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const syntaxCases = "../../../shared/conf/syntax"

type reading struct {
	OK       bool
	Line     int
	Sections []struct {
		Name   string
		Values [][2]string
	}
}

// TestSyntaxCases compares with what OpenSSL 3.0.19 made of each case.
func TestSyntaxCases(t *testing.T) {
	cases, err := os.ReadDir(syntaxCases)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("REQUIRE_PEERS") == "" {
		t.Skip("the recorded readings are not here")
	}
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) { compareSyntax(t, filepath.Join(syntaxCases, c.Name())) })
	}
}

func compareSyntax(t *testing.T, dir string) {
	var want reading
	readJSON(t, filepath.Join(dir, "out.json"), &want)
	env := map[string]string{}
	if _, err := os.Stat(filepath.Join(dir, "env.json")); err == nil {
		readJSON(t, filepath.Join(dir, "env.json"), &env)
	}
	in, err := os.Open(filepath.Join(dir, "in.cnf"))
	require.NoError(t, err)
	defer in.Close()

	got, err := Parse("in.cnf", in, System{
		Open:      func(path string) (fs.File, error) { return os.Open(filepath.Join(dir, path)) },
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if !want.OK {
		var place *Error
		require.ErrorAs(t, err, &place)
		if place.Pos.File == "in.cnf" && !strings.Contains(dir, "include") { // OpenSSL counts lines on through includes
			assert.Equal(t, want.Line, place.Pos.Line)
		}
		return
	}
	require.NoError(t, err)
	assert.ElementsMatch(t, sections(want, filepath.Base(dir) == "include_dir"), ours(got, filepath.Base(dir) == "include_dir"))
}

// sections and ours write either reading as lines. OpenSSL takes the files of a directory in no order of their own,
// which sorting levels out.
func sections(r reading, sorted bool) (out []string) {
	for _, s := range r.Sections {
		out = append(out, fmt.Sprint(s.Name, order(s.Values, sorted)))
	}
	return out
}

func ours(c *Conf, sorted bool) (out []string) {
	for _, name := range c.Sections() {
		pairs := [][2]string{}
		values, _ := c.Section(name)
		for _, v := range values {
			pairs = append(pairs, [2]string{v.Key, v.Text})
		}
		out = append(out, fmt.Sprint(name, order(pairs, sorted)))
	}
	return out
}

func order(pairs [][2]string, sorted bool) [][2]string {
	if sorted {
		slices.SortFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	}
	return pairs
}

func readJSON(t *testing.T, path string, into any) {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}
