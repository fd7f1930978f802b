package cli

import (
	"github.com/schollz/progressbar/v3"

	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// progress is a line on a terminal while keys are made, or nothing.
type progress struct{ bar *progressbar.ProgressBar }

// slowBits is from where on RSA keys take so long that one wonders.
const slowBits = 3072

func (r *initRun) newProgress() progress {
	key := r.profile.Server().Key
	if r.quiet || key.Algorithm != profile.RSA || key.Bits < slowBits || !isTerminal(r.stderr) {
		return progress{}
	}
	const keys = 3
	return progress{progressbar.NewOptions(keys,
		progressbar.OptionSetWriter(r.stderr),
		progressbar.OptionSetDescription("making keys ("+key.String()+")"),
		progressbar.OptionSetWidth(20), //nolint:mnd // columns
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetPredictTime(false),
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
