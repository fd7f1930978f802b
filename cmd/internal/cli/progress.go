package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// progress is a line on a terminal while keys are made, or nothing.
type progress struct{ bar *progressbar.ProgressBar }

// slowBits is from where on RSA keys take so long that one wonders; manyLeaves is how many of whatever kind do.
const (
	slowBits   = 3072
	manyLeaves = 200
)

func isSlow(key profile.KeyType, n int) bool {
	const few = 3
	return n >= manyLeaves || key.Algorithm == profile.RSA && (key.Bits >= slowBits || n > few)
}

// newProgress draws a line for so many steps where they are slow and there is a terminal to draw it on.
func (a *app) newProgress(o output, what string, steps int, slow bool) progress {
	if o.quiet || !slow || !isTerminal(a.stderr) {
		return progress{}
	}
	return progress{progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(a.stderr),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(20), //nolint:mnd // columns
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetPredictTime(steps >= manyLeaves),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond), //nolint:mnd // no terminal needs more
		progressbar.OptionClearOnFinish(),
	)}
}

// step counts a key. It may be called from several goroutines.
func (p progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

func (p progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
