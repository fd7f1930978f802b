package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// TestRenewAtOnce: cron jobs that meet renew each leaf once; the others find it renewed. No serial number comes twice.
func TestRenewAtOnce(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256", "--days", "20")
	before := requireWhole(t, dir).Serial
	renewed := 0
	for _, got := range runAtOnce(t, dir, "renew", "--if-needed", "--renew-before", "21d") {
		require.Zero(t, got.status, got.stderr)
		renewed += strings.Count(got.stdout, ": renewed 2 leaves")
	}
	assert.NotZero(t, renewed)
	set := requireWhole(t, dir)
	after := set.Serial.Int64() - before.Int64()
	assert.Equal(t, int64(2*renewed), after, "each renewal takes two numbers")
	assert.ElementsMatch(t, certset.Names(), namesIn(t, dir))
}

// TestRenewCAAtOnce: one begins the change, and the others are told so.
func TestRenewCAAtOnce(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	before := readFiles(t, dir)
	begun := 0
	for _, got := range runAtOnce(t, dir, "renew", "ca", "-q") {
		if got.status == 0 {
			begun++
			continue
		}
		assertOneLine(t, 1, got)
		assert.Regexp(t, "the CA is being changed|another command has replaced it meanwhile", got.stderr)
	}
	assert.Equal(t, 1, begun)
	requireWhole(t, dir)
	kept, err := filepath.Glob(filepath.Join(dir, "backup-*"))
	require.NoError(t, err)
	require.Len(t, kept, 1)
	for name, content := range readFiles(t, kept[0]) {
		assert.Equal(t, before[name], content)
	}
}

// TestRenewMany renews more leaves than are written at once, and lists them short.
func TestRenewMany(t *testing.T) {
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256", "--days", "30")
	writeText(t, dir, "names.txt", "user"+strings.Join(letters(300), "\nuser")+"\n")
	got := runIn(t, dir, program(t), "issue", "client", "--names-from", "names.txt", "--key-type", "ec-p256", "--days", "30", "-q")
	require.Zero(t, got.status, got.stderr)
	got = renew(t, dir)
	assert.Contains(t, got.stdout, ".: renewed 302 leaves\n")
	assert.Contains(t, got.stdout, "\nand 282 more\n")
	assert.Less(t, strings.Count(got.stdout, "\n"), 120)
	assert.Empty(t, got.stderr)
	renew(t, dir, "ca", "-q")
	got = renew(t, dir, "--same-key")
	assert.Contains(t, got.stderr, "no leaf here is of the old one")
	renew(t, dir, "ca", "--finish", "-q")
}

// letters are n texts that differ.
func letters(n int) (out []string) {
	for i := range n {
		out = append(out, string(rune('a'+i/26%26))+string(rune('a'+i%26))+strings.Repeat("x", i/676+1))
	}
	return out
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
