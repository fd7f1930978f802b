package main

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// writeNames writes a file of n names that begin alike, and returns the names.
func writeNames(t *testing.T, path, begin string, n int) []string {
	t.Helper()
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%s-%03d", begin, i))
	}
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(names, "\n")), 0o600))
	return names
}

// readLeaf reads the files of a leaf, and wants all three of them, of one key, and the certificate to be the CA's.
func readLeaf(t *testing.T, dir, name string, ca *certset.Certificate) certset.Leaf {
	t.Helper()
	found := map[string]certset.File{}
	for _, ending := range []string{certset.KeyEnding, certset.RequestEnding, certset.CertificateEnding} {
		data, err := os.ReadFile(filepath.Join(dir, name+ending))
		require.NoError(t, err)
		found[name+ending] = certset.File{Name: name + ending, Data: data}
	}
	leaf, err := certset.ReadLeaf(name, found)
	require.NoError(t, err)
	require.True(t, leaf.HasKey(), name)
	require.NoError(t, leaf.Request.CheckSignature())
	require.Equal(t, leaf.Certificate.PublicKeyInfo, leaf.Request.PublicKeyInfo)
	require.NoError(t, leaf.Certificate.SignedBy(ca))
	return leaf
}

// requireSerials wants numbers that follow each other from the set's own on, and the last of them in ca.srl.
func requireSerials(t *testing.T, dir string, after *big.Int, serials []*big.Int) {
	t.Helper()
	slices.SortFunc(serials, (*big.Int).Cmp)
	last := after
	for _, n := range serials {
		next, err := certset.NextSerial(last)
		require.NoError(t, err)
		require.Zero(t, next.Cmp(n), "%x follows %x", n, last)
		last = n
	}
	data, err := os.ReadFile(filepath.Join(dir, certset.CASerial))
	require.NoError(t, err)
	assert.Equal(t, string(certset.FormatSerial(last)), string(data))
}

// TestIssueSideBySide: 16 processes issue 50 leaves each from one CA. There are 800 leaves with 800 numbers, and nobody failed for
// the lock.
func TestIssueSideBySide(t *testing.T) {
	const processes, leaves = 16, 50
	dir, lists := t.TempDir(), t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	set := requireWhole(t, dir)
	names := make([][]string, processes)
	var all sync.WaitGroup
	got := make([]ran, processes)
	path := program(t)
	for i := range processes {
		list := filepath.Join(lists, fmt.Sprint(i))
		names[i] = writeNames(t, list, fmt.Sprintf("p%02d", i), leaves)
		all.Go(func() { got[i] = runIn(t, dir, path, "issue", "client", "--key-type", "ec-p256", "--names-from", list) })
	}
	all.Wait()
	var serials []*big.Int
	for i := range processes {
		require.Zero(t, got[i].status, got[i].stderr)
		assert.Contains(t, got[i].stdout, "issued 50 leaves")
		for _, name := range names[i] {
			serials = append(serials, readLeaf(t, dir, name, set.CA.Certificate).Certificate.SerialNumber)
		}
	}
	require.Len(t, serials, processes*leaves)
	requireSerials(t, dir, set.Serial, serials)
}

// TestIssueOneByOne: as many processes with a command for each leaf.
func TestIssueOneByOne(t *testing.T) {
	const processes, leaves = 16, 5
	dir, path := t.TempDir(), program(t)
	initialise(t, dir, "--key-type", "ec-p256")
	set := requireWhole(t, dir)
	var all sync.WaitGroup
	for i := range processes {
		all.Go(func() {
			for n := range leaves {
				got := runIn(t, dir, path, "issue", "server", "--key-type", "ec-p256", "-q", fmt.Sprintf("p%d-%d", i, n))
				assert.Zero(t, got.status, got.stderr)
			}
		})
	}
	all.Wait()
	var serials []*big.Int
	for i := range processes {
		for n := range leaves {
			serials = append(serials, readLeaf(t, dir, fmt.Sprintf("p%d-%d", i, n), set.CA.Certificate).Certificate.SerialNumber)
		}
	}
	requireSerials(t, dir, set.Serial, serials)
}

// TestIssueSameNames: of those who issue the same names each leaf is made once, and nobody fails.
func TestIssueSameNames(t *testing.T) {
	dir, lists := t.TempDir(), t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	set := requireWhole(t, dir)
	list := filepath.Join(lists, "names")
	names := writeNames(t, list, "same", 300)
	for _, got := range runAtOnce(t, dir, "issue", "client", "--key-type", "ec-p256", "-q", "--names-from", list) {
		assert.Zero(t, got.status, got.stderr)
	}
	var serials []*big.Int
	for _, name := range names {
		serials = append(serials, readLeaf(t, dir, name, set.CA.Certificate).Certificate.SerialNumber)
	}
	requireSerials(t, dir, set.Serial, serials)
}

// TestIssueKilled: killed at whatever moment, a run leaves each name whole or not at all once the next one has begun, and that one
// goes on where it stopped.
func TestIssueKilled(t *testing.T) {
	dir, lists := t.TempDir(), t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256")
	set, path := requireWhole(t, dir), program(t)
	list := filepath.Join(lists, "names")
	const kills, each = 12, 150
	var names []string
	stopped := 0
	for k := range kills {
		names = append(names, writeNames(t, list, fmt.Sprintf("k%02d", k), each)...)
		require.NoError(t, os.WriteFile(list, []byte(strings.Join(names, "\n")), 0o600))
		c := command(dir, path, "issue", "client", "--key-type", "ec-p256", "-q", "--names-from", list)
		require.NoError(t, c.Start())
		time.Sleep(time.Duration(10+rand.IntN(150)) * time.Millisecond)
		_ = c.Process.Kill()
		if c.Wait() != nil {
			stopped++
		}
	}
	require.NotZero(t, stopped, "no run was stopped before its end")
	got := runIn(t, dir, path, "issue", "client", "--key-type", "ec-p256", "--names-from", list)
	require.Zero(t, got.status, got.stderr)
	var serials []*big.Int
	for _, name := range names {
		serials = append(serials, readLeaf(t, dir, name, set.CA.Certificate).Certificate.SerialNumber)
	}
	requireSerials(t, dir, set.Serial, serials)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, len(certset.Names())+3*len(names), "nothing else is left")
}
