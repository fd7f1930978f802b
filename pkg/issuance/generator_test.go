package issuance

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// wantedVersion is the OpenSSL that this program is compared with.
const wantedVersion = "OpenSSL 3.0."

// unmet skips a test for want of something outside this project; where REQUIRE_PEERS=1 it fails instead.
func unmet(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("REQUIRE_PEERS") == "1" {
		t.Fatalf(format+" (REQUIRE_PEERS=1)", args...)
	}
	t.Skipf(format, args...)
}

func needOpenSSL(t *testing.T) {
	t.Helper()
	version, err := exec.Command("openssl", "version").Output()
	if err != nil {
		unmet(t, "openssl cannot be run: %v", err)
	}
	if !strings.HasPrefix(string(version), wantedVersion) {
		unmet(t, "wanted %s, found %s", wantedVersion, version)
	}
}

// environment is what confs can refer to by $ENV::, on both sides.
var environment = map[string]string{"HOME": ".", "LC_ALL": "C.UTF-8", "WORD": "from the environment", "EMPTY": ""}

func cleanEnvironment() []string {
	env := []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range environment {
		env = append(env, name+"="+value)
	}
	return env
}

// included are the files that generated confs include.
var included = map[string]string{
	"part.cnf":      "p = part\n[inner]\nq = $p # of this file\n",
	"tail.cnf":      "no line end\\\n = 1",
	"bad.cnf":       "p = 1\nnothing\n",
	"dir/one.cnf":   "one = 1\n.include part.cnf\n",
	"dir/other.txt": "other = 1\n",
	"empty/x.txt":   "",
}

// generatedDir returns a folder with what generated confs refer to.
func generatedDir(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range included {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// system is what opensslconf sees of such a folder.
func system(dir string) opensslconf.System {
	return opensslconf.System{
		Open: func(path string) (fs.File, error) {
			if path == "" || filepath.IsAbs(path) {
				return nil, fs.ErrNotExist
			}
			return os.Open(filepath.Join(dir, path))
		},
		LookupEnv: func(name string) (string, bool) { v, ok := environment[name]; return v, ok },
	}
}

// exempt are the refusals of ours that OpenSSL does not share, each with the reason.
var exempt = map[string]string{
	"noticeNumbers but no organization": "OpenSSL writes a string of type -1, which is no DER",
	"the tag's number":                  "OpenSSL cuts it to an int",
	"the number of a bit may be":        "a bound of this program's own, against a BIT STRING of 256 MiB",
	"an OID with the number":            "crypto/x509 has no form for an extension's OID beyond 31 bits, and Go refuses the certificate",
}

func isExempt(err error) bool {
	for part := range exempt {
		if err != nil && strings.Contains(err.Error(), part) {
			return true
		}
	}
	return false
}

// judge tells how the two sides differ on a conf; an empty string says that they do not.
type judge func(text string) string

// compareGenerated makes confs and has them judged, on all processors: each makes a judge of its own. GENERATOR_SEED and
// GENERATOR_COUNT override seed and count. A conf that the sides differ on is cut down before it is shown.
func compareGenerated(t *testing.T, count int, generate func(*generator) string, newJudge func(*testing.T) judge) {
	seed := setting(t, "GENERATOR_SEED", 1)
	count = int(setting(t, "GENERATOR_COUNT", uint64(count)))
	var next, found atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		differs := newJudge(t)
		group.Go(func() {
			for found.Load() < 5 {
				n := next.Add(1)
				if n > int64(count) {
					return
				}
				text := generate(&generator{Rand: rand.New(rand.NewPCG(seed, uint64(n)))})
				if differs(text) != "" {
					found.Add(1)
					text = shrink(text, differs)
					t.Errorf("GENERATOR_SEED=%d, conf %d: %s\n%s\n%q", seed, n, differs(text), text, text)
				}
			}
		})
	}
	group.Wait()
}

func setting(t *testing.T, name string, usual uint64) uint64 {
	text, ok := os.LookupEnv(name)
	if !ok {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 63)
	require.NoError(t, err, name)
	return n
}

// shrink takes out what a difference does not need: lines, then bytes.
func shrink(text string, differs judge) string {
	for _, sep := range []string{"\n", ""} {
		parts := strings.SplitAfter(text, sep)
		for i := len(parts) - 1; i >= 0; i-- {
			shorter := strings.Join(parts[:i], "") + strings.Join(parts[i+1:], "")
			if differs(shorter) != "" {
				parts = append(parts[:i:i], parts[i+1:]...)
			}
		}
		text = strings.Join(parts, "")
	}
	return text
}

// generator makes random text from one stream of numbers.
type generator struct {
	*rand.Rand
	sections []string // extra sections that values refer to
}

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

// mostly picks a good one, and an odd one once in twelve times.
func (g *generator) mostly(good, odd []string) string {
	if g.chance(12) {
		return g.pick(odd...)
	}
	return g.pick(good...)
}

// times joins least to most results of one.
func (g *generator) times(least, most int, sep string, one func() string) string {
	var out []string
	for range least + g.IntN(most-least+1) {
		out = append(out, one())
	}
	return strings.Join(out, sep)
}

// number is small, mostly.
func (g *generator) number(below int) string { return fmt.Sprint(g.IntN(below)) }

// mutated changes a text a little, now and then.
func (g *generator) mutated(text string, odds int) string {
	for g.chance(odds) {
		i := g.IntN(len(text) + 1)
		j := min(len(text), i+1+g.IntN(3))
		switch g.IntN(4) {
		case 0:
			text = text[:i] + text[j:]
		case 1:
			text = text[:j] + text[i:]
		case 2:
			text = text[:i] + strings.ToUpper(text[i:j]) + text[j:]
		default:
			text = text[:i] + g.pick(oddities...) + text[i:]
		}
	}
	return text
}

var oddities = []string{
	" ", "\t", ",", ":", ";", "@", ".", "-", "+", "0", "1", "9", "a", "Z", "=", "/", "\"", "'", "#", "$", "\\", "\n", "\r", "\v", "*",
	"critical,", "é", "\xff", "\x7f", "\x01", "(", "}", "%s", "  ", ",,", "::", "0x", "中", "😀",
}
