package profile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// FuzzNew: any conf gives a profile that is whole, or an error of one line.
func FuzzNew(f *testing.F) {
	f.Add(profile.BuiltinText(), false)
	files, err := filepath.Glob("../../testdata/conf/*.cnf")
	require.NoError(f, err)
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(text), true)
	}
	for _, text := range []string{statedName, bareName, named + other, "[req]\nstring_mask=MASK:0\n", "[v3_ca]\nsubjectKeyIdentifier=none\n", "req_extensions = a\\nb\n"} {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, exact bool) {
		p, err := resolve(text, profile.Asked{Exact: exact})
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		for _, c := range []profile.Certificate{p.CA(), p.Server(), p.Client()} {
			_, err := c.Subject.DER(p.StringMask())
			assert.NoError(t, err)
			assert.Positive(t, c.Days)
			assert.GreaterOrEqual(t, c.Key.Bits, 256)
		}
		for _, note := range p.Notes() {
			assert.NotContains(t, note, "\n")
		}
	})
}
