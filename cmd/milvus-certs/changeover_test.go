package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trust is what a side has as its ca.pem, and leaf which CA issued its certificate.
type (
	trust string
	leaf  string
)

const (
	oldRoot trust = "old ca.pem"
	bundle  trust = "bundle"
	newRoot trust = "new ca.pem"

	oldLeaf leaf = "old leaf"
	newLeaf leaf = "new leaf"
)

// accepts says which leaves a root vouches for.
func (t trust) accepts(l leaf) bool {
	return t == bundle || t == oldRoot && l == oldLeaf || t == newRoot && l == newLeaf
}

// party is Milvus or a client at some moment.
type party struct {
	trust trust
	leaf  leaf
}

// meetings are what the procedure of docs/changeover.md lets meet: while a step is carried out, each side has either taken it or
// not.
var meetings = []struct {
	step             string
	servers, clients []party
}{
	{"before", []party{{oldRoot, oldLeaf}}, []party{{oldRoot, oldLeaf}}},
	{"ca.pem with both goes out", []party{{oldRoot, oldLeaf}, {bundle, oldLeaf}}, []party{{oldRoot, oldLeaf}, {bundle, oldLeaf}}},
	{"the server moves", []party{{bundle, oldLeaf}, {bundle, newLeaf}}, []party{{bundle, oldLeaf}}},
	{"clients move", []party{{bundle, oldLeaf}, {bundle, newLeaf}}, []party{{bundle, oldLeaf}, {bundle, newLeaf}}},
	{"ca.pem with the new one goes out", []party{{bundle, newLeaf}, {newRoot, newLeaf}}, []party{{bundle, newLeaf}, {newRoot, newLeaf}}},
	{"after", []party{{newRoot, newLeaf}}, []party{{newRoot, newLeaf}}},
}

// meet tells whether the procedure lets two sides meet.
func meet(server, client party) bool {
	for _, m := range meetings {
		for _, s := range m.servers {
			for _, c := range m.clients {
				if s == server && c == client {
					return true
				}
			}
		}
	}
	return false
}

// TestChangeOver goes through a change of the CA and keeps what each side has on the way. Then every server meets every client, in
// both modes, with crypto/tls and with openssl: those that can meet have to connect, and it shows that the others could not.
func TestChangeOver(t *testing.T) {
	needOpenSSL(t)
	folders := changeOver(t, "--key-type", "ec-p256")
	for _, server := range parties() {
		for _, client := range parties() {
			t.Run("server "+server.String()+", client "+client.String(), func(t *testing.T) {
				t.Parallel()
				for _, m := range modes {
					if !m.twoWay && (server.trust != bundle || client.leaf != oldLeaf) {
						continue // one-way neither counts
					}
					connects := client.trust.accepts(server.leaf) && (!m.twoWay || server.trust.accepts(client.leaf))
					if meet(server, client) {
						require.True(t, connects, "the procedure lets them meet")
					}
					assertMeeting(t, folders[server], folders[client], m, connects)
				}
			})
		}
	}
}

func (p party) String() string { return string(p.trust) + " and " + string(p.leaf) }

func parties() (all []party) {
	for _, t := range []trust{oldRoot, bundle, newRoot} {
		for _, l := range []leaf{oldLeaf, newLeaf} {
			all = append(all, party{t, l})
		}
	}
	return all
}

// changeOver changes the CA of a set, and returns folders with what each party has. The set is sound at each step.
func changeOver(t *testing.T, init ...string) map[party]string {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		got := runIn(t, dir, program(t), args...)
		require.Zero(t, got.status, got.stderr)
		got = runIn(t, dir, program(t), "verify", "-q")
		require.Zero(t, got.status, got.stderr)
	}
	roots, leaves := map[trust]string{}, map[leaf]string{}
	run(append([]string{"init", "-q"}, init...)...)
	roots[oldRoot], leaves[oldLeaf] = copyFolder(t, dir), copyFolder(t, dir)
	run("renew", "ca", "-q")
	roots[bundle] = copyFolder(t, dir)
	run("renew", "server", "-q")
	run("renew", "client", "-q")
	leaves[newLeaf] = copyFolder(t, dir)
	run("renew", "ca", "--finish", "-q")
	roots[newRoot] = copyFolder(t, dir)

	folders := map[party]string{}
	for _, p := range parties() {
		folders[p] = t.TempDir()
		copyNamed(t, roots[p.trust], folders[p], "ca.pem")
		copyNamed(t, leaves[p.leaf], folders[p], "server.pem", "server.key", "client.pem", "client.key")
	}
	return folders
}

func copyNamed(t *testing.T, from, to string, names ...string) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o600))
	}
}

// assertMeeting lets Go meet Go, Go meet openssl s_server, and openssl s_client meet Go.
func assertMeeting(t *testing.T, server, client string, m mode, connects bool) {
	t.Helper()
	answer, err := ask(serve(t, m.server(t, server)), m.client(t, client))
	assert.Equal(t, connects, answer == "milvus\n", "%s, Go with Go: %v", m.name, err)

	answer, err = ask(serveOpenSSL(t, server, m), m.client(t, client))
	assert.Equal(t, connects, answer == "suvlim\n", "%s, Go with openssl s_server: %v", m.name, err)

	got := askOpenSSL(t, client, serve(t, m.server(t, server)), m)
	assert.Equal(t, connects, got.stdout == "milvus\n", "%s, openssl s_client with Go: %s", m.name, got.stderr)
}

// TestChangeOverMeetings makes sure that the table has what the issue is about.
func TestChangeOverMeetings(t *testing.T) {
	count := 0
	for _, s := range parties() {
		for _, c := range parties() {
			if meet(s, c) {
				count++
				assert.True(t, c.trust.accepts(s.leaf) && s.trust.accepts(c.leaf), "server %s, client %s", s, c)
			}
		}
	}
	assert.Equal(t, 10, count)
	assert.False(t, meet(party{oldRoot, oldLeaf}, party{bundle, newLeaf}), "a client that moves before Milvus knows the new CA is refused")
	assert.False(t, meet(party{bundle, newLeaf}, party{oldRoot, oldLeaf}), "a server that moves before a client knows the new CA is refused")
}

// TestPinnedServerCertificate: a client that has server.pem for a root refuses the renewed one, with whatever key.
func TestPinnedServerCertificate(t *testing.T) {
	for _, flag := range []string{"--same-key", "--new-key"} {
		dir, pinned := t.TempDir(), t.TempDir()
		initialise(t, dir, "--key-type", "ec-p256", "--days", "30")
		data, err := os.ReadFile(filepath.Join(dir, "server.pem"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(pinned, "ca.pem"), data, 0o600))
		oneWay := modes[0]
		answer, err := ask(serve(t, oneWay.server(t, dir)), oneWay.client(t, pinned))
		require.NoError(t, err)
		assert.Equal(t, "milvus\n", answer)

		got := runIn(t, dir, program(t), "renew", "server", flag)
		require.Zero(t, got.status, got.stderr)
		assert.Contains(t, got.stdout, "clients that trust server.pem refuse the new one")
		_, err = ask(serve(t, oneWay.server(t, dir)), oneWay.client(t, pinned))
		assert.ErrorContains(t, err, "certificate signed by unknown authority", flag)
		answer, err = ask(serve(t, oneWay.server(t, dir)), oneWay.client(t, dir))
		require.NoError(t, err)
		assert.Equal(t, "milvus\n", answer)
	}
}

// TestSameKeyChange: with a new certificate for the same key old and new ca.pem vouch for old and new leaves.
func TestSameKeyChange(t *testing.T) {
	needOpenSSL(t)
	dir := t.TempDir()
	initialise(t, dir, "--key-type", "ec-p256", "--days", "30", "--ca-days", "60")
	before := copyFolder(t, dir)
	for _, args := range [][]string{{"renew", "ca", "--same-key", "--days", "90", "-q"}, {"renew", "-q", "--days", "80"}} {
		got := runIn(t, dir, program(t), args...)
		require.Zero(t, got.status, got.stderr)
	}
	mixed := t.TempDir()
	copyNamed(t, dir, mixed, "ca.pem")
	copyNamed(t, before, mixed, "server.pem", "server.key", "client.pem", "client.key")
	for _, server := range []string{before, dir, mixed} {
		for _, client := range []string{before, dir, mixed} {
			for _, m := range modes {
				assertMeeting(t, server, client, m, true)
			}
		}
	}
	assert.Equal(t, 1, strings.Count(readText(t, dir, "ca.pem"), "BEGIN CERTIFICATE"))
}
