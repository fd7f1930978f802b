//go:build !windows

package main

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// The files that a commit is timed by: its folder appears when it begins, its journal when it is decided.
const (
	stagingFolder = ".milvus-certs.tx"
	journalFile   = stagingFolder + "/apply"
)

// target says when init --force is killed: at most so long after a file has appeared, or after the start.
type target struct {
	name  string
	event string
	most  time.Duration
	kills int // how many are to be hit before they end; attempts is how many may get away besides
}

const attempts = 2000

var targets = []target{
	{"after the journal", journalFile, 800 * time.Microsecond, 200},
	{"during the commit", stagingFolder, 40 * time.Millisecond, 60},
	{"at any time", "", 25 * time.Millisecond, 40},
}

// crash counts what became of the sets over which init --force was killed.
type crash struct {
	target
	program string
	old     string // the directory of the set that is there at first
	files   files  // what is in it

	started, hit, journals, torn, again, oldSets, newSets int
}

// TestKilled kills init --force over a set, has init --if-needed recover, and wants the whole old set or the whole new one.
func TestKilled(t *testing.T) {
	old := t.TempDir()
	initialise(t, old, "--key-type", "ec-p256")
	for _, target := range targets {
		t.Run(target.name, func(t *testing.T) {
			c := &crash{target: target, program: program(t), old: old, files: readFiles(t, old)}
			for c.hit < c.kills && c.started < c.kills+attempts {
				c.round(t)
			}
			t.Logf("%d started, %d killed, %d with a journal, %d between the first move and the last; %d recoveries killed; "+
				"%d old sets, %d new ones", c.started, c.hit, c.journals, c.torn, c.again, c.oldSets, c.newSets)
			assert.Equal(t, c.kills, c.hit)
			if c.event == journalFile {
				assert.GreaterOrEqual(t, c.journals, c.kills/4, "most kills come too late")
			}
		})
	}
}

// round is one set, one kill, and one recovery that is let through.
func (c *crash) round(t *testing.T) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	copySet(t, c.old, dir)
	c.started++
	if c.kill(t, dir, c.event, c.most, "--force") {
		c.hit++
		c.look(t, dir)
	}
	for rand.N(3) == 0 { // a recovery can itself be killed, and again
		if c.kill(t, dir, "", targets[2].most, "--if-needed") {
			c.again++
		}
	}
	initialise(t, dir, "--if-needed", "--key-type", "ec-p256")
	c.judge(t, dir)
	require.NoError(t, os.RemoveAll(dir))
}

// look sees how far a commit came.
func (c *crash) look(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Lstat(filepath.Join(dir, journalFile)); err == nil {
		c.journals++
	}
	moved, found := 0, readFiles(t, dir)
	for _, name := range certset.Names() {
		if found[name] != c.files[name] {
			moved++
		}
	}
	if moved > 0 && moved < len(certset.Names()) {
		c.torn++
	}
}

// copySet copies the nine files with their modes to a new directory.
func copySet(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.Mkdir(to, 0o700))
	for _, name := range certset.Names() {
		info, err := os.Stat(filepath.Join(from, name))
		require.NoError(t, err)
		data, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, name), data, info.Mode()))
	}
}

// kill runs init and kills it some time after the event. It reports whether that was before init had ended.
func (c *crash) kill(t *testing.T, dir, event string, most time.Duration, flag string) bool {
	t.Helper()
	p := command(dir, c.program, "init", "-q", flag, "--key-type", "ec-p256")
	require.NoError(t, p.Start())
	exited := make(chan struct{})
	go func() { _ = p.Wait(); close(exited) }()
	waitFor(filepath.Join(dir, event), exited)
	for end := time.Now().Add(rand.N(most)); time.Now().Before(end); {
		// Sleeping would take longer than the moves do.
	}
	_ = p.Process.Kill()
	<-exited
	return !p.ProcessState.Exited()
}

// waitFor returns as soon as a file is there, or never will be. It asks the system itself: go test keeps a record of every
// file that package os looks at, and would take minutes over the millions of looks.
func waitFor(path string, exited <-chan struct{}) {
	var info syscall.Stat_t
	for {
		if syscall.Lstat(path, &info) == nil {
			return
		}
		select {
		case <-exited:
			return
		default:
		}
	}
}

// judge wants the whole old set, or the whole new one and the old one in a backup folder, and nothing else.
func (c *crash) judge(t *testing.T, dir string) {
	t.Helper()
	found := readFiles(t, dir)
	if maps.Equal(c.files, found) {
		c.oldSets++
		requireNames(t, dir, certset.Names())
		return
	}
	c.newSets++
	backup := ""
	for path := range found {
		if folder, _, ok := strings.Cut(path, "/"); ok {
			backup = folder
		}
	}
	requireNames(t, dir, append(certset.Names(), backup))
	require.Regexp(t, `^backup-\d{8}T\d{6}Z$`, backup)
	require.Equal(t, c.files, found.in(backup))
	for _, name := range certset.Names() {
		require.NotEqual(t, c.files[name], found[name], name)
		require.Equal(t, firstWord(c.files[name]), firstWord(found[name]), "mode of %s", name)
	}
	c.requireNext(t, dir)
}

// requireNext wants a whole set that goes on from the serial numbers of the old one.
func (c *crash) requireNext(t *testing.T, dir string) {
	t.Helper()
	next, err := certset.NextSerial(requireWhole(t, c.old).Serial)
	require.NoError(t, err)
	require.Zero(t, next.Cmp(requireWhole(t, dir).Server.Certificate.SerialNumber))
}

// requireNames wants a directory to hold files and folders of these names, and no others.
func requireNames(t *testing.T, dir string, names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	slices.Sort(names)
	require.Equal(t, names, found)
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}
