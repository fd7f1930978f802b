package certpath

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOpenSSLAgrees holds the model to X509_verify_cert: all refusals of generated paths, in their order, each of the same
// certificate. GENERATOR_SEED and GENERATOR_COUNT override seed and count.
func TestOpenSSLAgrees(t *testing.T) {
	const usual = 6000
	var met [200]atomic.Int64 // by error number
	var unreadable, refused atomic.Int64
	count := eachGenerated(t, usual, func(t *testing.T) func(generated) string {
		peer := needLibcrypto(t)
		return func(g generated) string {
			a := peer.ask(t, g.question())
			if len(a.Unreadable) > 0 {
				unreadable.Add(1)
				return ""
			}
			if len(a.Refusals) > 0 {
				refused.Add(1)
			}
			for _, r := range a.Refusals {
				met[r.Number].Add(1)
			}
			return g.difference(a)
		}
	})
	t.Logf("%d paths, %d refused, %d not readable", count, refused.Load(), unreadable.Load())
	assert.LessOrEqual(t, unreadable.Load(), int64(count/100))
	for number, e := range verifyErrors {
		known := e.text != "" && !slices.Contains(neverGenerated, verifyError(number))
		if count >= usual && met[number].Load() == 0 && known {
			t.Errorf("no path was refused with %d, %s", number, e.text)
		}
	}
}

// difference compares what OpenSSL says of a path with what the model says.
func (g generated) difference(a answer) string {
	q := g.question()
	var theirs, ours []string
	for _, r := range a.Refusals {
		certificate := "none" // where OpenSSL gives up
		if r.Certificate >= 0 {
			certificate = g.label(q.certificates[r.Certificate])
		}
		theirs = append(theirs, fmt.Sprintf("%d %s: %s", r.Number, r.Text, certificate))
	}
	for _, r := range g.settings.Refusals(g.Path) {
		certificate := g.label(r.Certificate)
		if i := len(ours); i < len(theirs) && strings.HasSuffix(theirs[i], ": none") {
			certificate = "none"
		}
		ours = append(ours, fmt.Sprintf("%d %s: %s", numberOf(r.Text), r.Text, certificate))
	}
	if g.secondsDiffer() {
		ours, theirs = ours[:min(1, len(ours))], theirs[:min(1, len(theirs))]
	}
	if slices.Equal(ours, theirs) {
		return ""
	}
	return fmt.Sprintf("OpenSSL:\n\t%s\nmodel:\n\t%s", strings.Join(theirs, "\n\t"), strings.Join(ours, "\n\t"))
}

// secondsDiffer: what OpenSSL goes on to say of a leaf whose key it cannot read depends on whether it has come to read the
// leaf's extensions, for a candidate for its issuer. The model has always read them. The first refusal is the same.
func (g generated) secondsDiffer() bool {
	return !newCertificate(g.Sent[0]).keyIsReadable()
}

// neverGenerated are the errors that no generated path meets; hostile ones do.
var neverGenerated = []verifyError{certChainTooLong} // see TestLongChain

func numberOf(text string) verifyError {
	for number, e := range verifyErrors {
		if e.text == text {
			return verifyError(number)
		}
	}
	return 0
}

// eachGenerated makes paths and has them judged, on all processors: each makes a judge of its own, whose answer is how the
// sides differ. It returns how many there were.
func eachGenerated(t *testing.T, count int, newJudge func(*testing.T) func(generated) string) int {
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
				g := generate(t, seed, uint64(n))
				if difference := differs(g); difference != "" {
					found.Add(1)
					t.Errorf("GENERATOR_SEED=%d, path %d: %s\n%s", seed, n, g, difference)
				}
			}
		})
	}
	group.Wait()
	return count
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
