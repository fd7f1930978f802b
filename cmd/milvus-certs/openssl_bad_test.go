package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const badFolder = confs + "/bad"

// What testdata/conf/README.md says of the bad confs: which of them only init refuses, and which of these it takes with
// --exact, for that does not read what is wrong in them.
var (
	acceptedByOpenSSL = []string{
		"cn-too-long.cnf", "country-three-letters.cnf", "default-bits-1024.cnf", "default-bits-word.cnf", "default-md-md5.cnf",
		"include-loop.cnf", "unknown-attribute.cnf",
	}
	acceptedIfExact = []string{
		"cn-too-long.cnf", "country-three-letters.cnf", "default-bits-1024.cnf", "default-bits-word.cnf", "unknown-attribute.cnf",
	}
)

// badConfs are all of them but env-home.cnf, which is bad in another environment only.
func badConfs(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(badFolder, "*.cnf"))
	require.NoError(t, err)
	require.Greater(t, len(paths), 20)
	var names []string
	for _, path := range paths {
		if name := filepath.Base(path); name != "env-home.cnf" {
			names = append(names, name)
		}
	}
	return names
}

func TestBadConfsAreRefused(t *testing.T) {
	for _, conf := range badConfs(t) {
		t.Run(conf, func(t *testing.T) {
			t.Parallel()
			dir := copyFolder(t, badFolder)
			assertRefusal(t, 2, command(dir, program(t), "init", "--config", conf))
			if slices.Contains(acceptedIfExact, conf) {
				initialise(t, dir, "--config", conf, "--exact")
				return
			}
			assertRefusal(t, 2, command(dir, program(t), "init", "--config", conf, "--exact"))
		})
	}
}

func TestBadConfsInOpenSSL(t *testing.T) {
	needOpenSSL(t)
	k := rsaKeys(t) // with MD5, openssl signs for no other
	for _, conf := range badConfs(t) {
		t.Run(conf, func(t *testing.T) {
			t.Parallel()
			_, refusal := badGenSh(conf).run(t, k, badFolder)
			assert.Equal(t, !slices.Contains(acceptedByOpenSSL, conf), refusal != "", refusal)
		})
	}
}

func badGenSh(conf string) genSh {
	return genSh{
		conf: conf, ca: "v3_ca", server: "v3_req", client: "v3_req",
		caSubject: usualCASubject, subject: usualSubject, days: "3650",
	}
}

func TestHomeIsWanted(t *testing.T) {
	dir := copyFolder(t, badFolder)
	for _, flag := range []string{"--exact=false", "--exact"} {
		assertRefusal(t, 2, withoutHome(command(dir, program(t), "init", "--config", "env-home.cnf", flag)))
	}
	needOpenSSL(t)
	for _, args := range badGenSh("env-home.cnf").commands()[:1] {
		_, refusal := badGenSh("env-home.cnf").run(t, ecKeys(t), badFolder)
		assert.Empty(t, refusal, "with HOME")
		assert.NotZero(t, finish(t, withoutHome(command(dir, "openssl", args...))).status, "without")
	}
}
