package sets_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
)

// TestAll: every set can be made, is named as a row of a table, and has the nine files.
func TestAll(t *testing.T) {
	program, err := sets.Build(filepath.Join("..", "..", ".."), t.TempDir())
	require.NoError(t, err)
	folder, all := t.TempDir(), sets.All(program)
	require.NoError(t, sets.Make(folder, all))
	for _, set := range all {
		assert.Regexp(t, regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`), set.Name)
		for _, file := range []string{
			"ca.key", "ca.pem", "ca.srl", "server.key", "server.csr", "server.pem", "client.key", "client.csr", "client.pem",
		} {
			_, err := os.Stat(filepath.Join(folder, set.Name, file))
			assert.NoError(t, err, set.Name)
		}
	}
}

// TestMakeTwice: two sets of one name are a mistake of the table, and are not made over each other.
func TestMakeTwice(t *testing.T) {
	one := sets.Set{Name: "one", Make: func(string) error { return nil }}
	assert.ErrorIs(t, sets.Make(t.TempDir(), []sets.Set{one, one}), os.ErrExist)
}
