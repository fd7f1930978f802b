package milvus_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// newSet makes a set whose server.pem is for localhost and milvus.example.com.
func newSet(t testing.TB, text string) map[string]certset.File {
	t.Helper()
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{})
	require.NoError(t, err)
	p, err := profile.New(conf, profile.Asked{
		Now: now, Days: new(10), CADays: new(20), KeyType: profile.Setting{Value: "ec-p256", From: "--key-type"}, SANs: []string{"milvus.example.com"},
	})
	require.NoError(t, err)
	set, _, err := issuance.NewSet(p, issuance.Options{Now: now})
	require.NoError(t, err)
	written, err := set.Files()
	require.NoError(t, err)
	out := map[string]certset.File{}
	for _, f := range written {
		out[f.Name] = f
	}
	return out
}

// with is a set with some files changed; nil takes one away.
func with(files map[string]certset.File, changed map[string][]byte) verify.Input {
	out := maps.Clone(files)
	for name, data := range changed {
		out[name] = certset.File{Name: name, Data: data}
		if data == nil {
			delete(out, name)
		}
	}
	return verify.Input{Files: out}
}

func testFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "milvus", name))
	require.NoError(t, err)
	return data
}

// asMilvus reads a milvus.yaml as flattenAndMergeMap of Milvus's pkg/config does: each path in lower case, without separators,
// and its value as text.
func asMilvus(t testing.TB, data []byte) map[string]string {
	t.Helper()
	var tree map[string]any
	require.NoError(t, yaml.Unmarshal(data, &tree))
	out := map[string]string{}
	var walk func(string, map[string]any)
	walk = func(prefix string, m map[string]any) {
		for key, value := range m {
			path := strings.NewReplacer("/", "", "_", "", ".", "").Replace(strings.ToLower(prefix + key))
			if section, ok := value.(map[string]any); ok {
				walk(path, section)
				continue
			}
			if value == nil {
				value = ""
			}
			out[path] = fmt.Sprint(value)
		}
	}
	walk("", tree)
	return out
}
