package certset_test

import (
	"crypto"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// newSet makes a set from a conf, with EC keys unless others are asked for.
func newSet(t testing.TB, text string, asked profile.Asked) *certset.Set {
	t.Helper()
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{})
	require.NoError(t, err)
	asked.Now = now
	if !asked.KeyType.IsSet() {
		asked.KeyType = flag("ec-p256")
	}
	p, err := profile.New(conf, asked)
	require.NoError(t, err)
	set, _, err := issuance.NewSet(p, issuance.Options{Now: now})
	require.NoError(t, err)
	return set
}

func flag(value string) profile.Setting { return profile.Setting{Value: value, From: "--flag"} }

// files returns the files of a set by name, as Parse wants them.
func files(t testing.TB, set *certset.Set) map[string]certset.File {
	t.Helper()
	all, err := set.Files()
	require.NoError(t, err)
	byName := map[string]certset.File{}
	for _, f := range all {
		byName[f.Name] = f
	}
	return byName
}

// parseWith parses the files with one of them replaced.
func parseWith(all map[string]certset.File, name string, data []byte) (*certset.Set, error) {
	changed := map[string]certset.File{}
	for n, f := range all {
		changed[n] = f
	}
	changed[name] = certset.File{Name: name, Data: data}
	return certset.Parse(changed)
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func readConf(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../testdata/conf/" + name)
	require.NoError(t, err)
	return string(text)
}

func errorIsEncrypted(err error) bool { return errors.Is(err, certset.ErrEncrypted) }

// assertSameSet compares keys by their numbers: what crypto/rsa works out beforehand can have a leading zero or not.
func assertSameSet(t *testing.T, want, got *certset.Set) {
	t.Helper()
	same := *got
	for _, e := range []struct{ want, got *certset.Entry }{{&want.CA, &same.CA}, {&want.Server, &same.Server}, {&want.Client, &same.Client}} {
		key, ok := e.want.Key.(interface{ Equal(crypto.PrivateKey) bool })
		require.True(t, ok)
		assert.True(t, key.Equal(e.got.Key))
		e.got.Key = e.want.Key
	}
	assert.Equal(t, want, &same)
}
