package cli

import (
	"bytes"
	"io"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestProbeUnreadable: a certificate that cannot be read is never passed over, and nothing is judged in its place.
func TestProbeUnreadable(t *testing.T) {
	for name, chain := range map[string][][]byte{"none": {}, "alone": {[]byte("garbage")}, "before another": {{0x30, 0}, {0x30, 0}}} {
		t.Run(name, func(t *testing.T) {
			o := &probeOptions{target: endpoint{host: "localhost", port: usualPort}}
			seen := &probe.Server{TLS: probe.TLS{Chain: chain, Versions: []uint16{0x0304}, Asks: true}}
			r := o.judge(verify.Input{}, verify.Options{At: time.Unix(0, 0)}, seen)
			require.Len(t, r.Findings, 1)
			assert.Equal(t, "unreadable-certificate", r.Findings[0].Check)
			assert.NotEmpty(t, r.Findings[0].Problem)
			assert.Contains(t, r.Findings[0].WayOut, "issue it anew")
			assert.False(t, r.OK)
			for _, format := range []string{formatText, formatJSON} {
				var out bytes.Buffer
				o.format = format
				require.NoError(t, (&app{stdout: &out, stderr: &out}).printProbe(o, r))
				assert.Equal(t, format == formatJSON, out.Len() > 0)
			}
			assert.ErrorContains(t, o.probeVerdict(r), "localhost:19530: "+r.Findings[0].Problem+"; ")
		})
	}
}

// TestProbeVerdictWithoutReason: what cannot be judged is no success.
func TestProbeVerdictWithoutReason(t *testing.T) {
	assert.Error(t, (&probeOptions{}).probeVerdict(&probeReport{Report: &verify.Report{}, seen: &probe.Server{}}))
}

// TestProbeLog: what else is logged is logged again when probe is done.
func TestProbeLog(t *testing.T) {
	before := log.Writer()
	assert.Equal(t, exitFailed, Main("test", []string{"probe", "127.0.0.1:1", "-q"}, io.Discard, io.Discard))
	assert.Same(t, before, log.Writer())
}
