package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// roleSections are the confs with a section for each role.
var roleSections = map[string][2]string{"two-roles.cnf": {"server", "client"}}

// requireSame wants openssl to accept the conf, and init to make the same of it.
func (g genSh) requireSame(t *testing.T, k keys, folder string) {
	t.Helper()
	theirs, refusal := g.run(t, k, folder)
	require.Empty(t, refusal)
	g.compare(t, k, folder, theirs)
}

func TestExactOnEveryConf(t *testing.T) {
	needOpenSSL(t)
	k := rsaKeys(t)
	names, err := filepath.Glob(filepath.Join(confs, "*.cnf"))
	require.NoError(t, err)
	require.Greater(t, len(names), 10)
	for _, path := range names {
		conf := filepath.Base(path)
		t.Run(conf, func(t *testing.T) {
			t.Parallel()
			g := newGenSh(t, confs, conf)
			if roles, ok := roleSections[conf]; ok {
				g.server, g.client = roles[0], roles[1]
				g.flags = []string{"--server-extensions", roles[0], "--client-extensions", roles[1]}
			}
			g.requireSame(t, k, confs)
		})
	}
}

func TestExactOnTheDocsConf(t *testing.T) {
	needOpenSSL(t)
	k, folder := rsaKeys(t), t.TempDir()
	data, err := os.ReadFile(needFile(t, docsConf))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "openssl.cnf"), data, 0o600))
	g := newGenSh(t, folder, "openssl.cnf")
	assert.Equal(t, []string{"v3_ca", "v3_req", "v3_req"}, []string{g.ca, g.server, g.client})

	for _, days := range []string{"3650", "1", "20000"} { // the last one ends after 2049, which changes the form of the time
		t.Run("days "+days, func(t *testing.T) {
			g.days = days
			g.requireSame(t, k, folder)
		})
	}
	t.Run("another section", func(t *testing.T) {
		g.requests = "v3_req" // openssl writes no authorityKeyIdentifier into a request, and says so; init leaves it out
		g.server, g.client, g.flags = "usr_cert", "usr_cert", []string{"--extensions", "usr_cert"}
		g.requireSame(t, k, folder)
	})
}
