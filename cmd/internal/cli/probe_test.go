package cli

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/live"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestProbeNothingToJudge: text leaves it to the error, and a report for programs there is in any case.
func TestProbeNothingToJudge(t *testing.T) {
	o := &probeOptions{target: endpoint{host: "localhost", port: milvus.GRPCPort}}
	seen := &probe.Server{TLS: probe.TLS{Chain: [][]byte{[]byte("garbage")}, Versions: []uint16{tls.VersionTLS13}, Asks: true}}
	r := live.Judge(seen, live.Input{}, live.Options{Target: o.target.String(), Options: verify.Options{At: time.Unix(0, 0)}})
	for _, format := range []string{formatText, formatJSON} {
		var out bytes.Buffer
		o.format = format
		require.NoError(t, (&app{stdout: &out, stderr: &out}).printProbe(o, r))
		assert.Equal(t, format == formatJSON, out.Len() > 0)
	}
	assert.ErrorContains(t, o.probeVerdict(r), "localhost:19530: "+r.Findings[0].Problem+"; ")
}

// TestProbeVerdictWithoutReason: what cannot be judged is no success.
func TestProbeVerdictWithoutReason(t *testing.T) {
	assert.Error(t, (&probeOptions{}).probeVerdict(&live.Report{Report: &verify.Report{}, Seen: &probe.Server{}}))
}

// TestProbeLog: what else is logged is logged again when probe is done.
func TestProbeLog(t *testing.T) {
	before := log.Writer()
	assert.Equal(t, exitFailed, Main("test", []string{"probe", "127.0.0.1:1", "-q"}, io.Discard, io.Discard))
	assert.Same(t, before, log.Writer())
}
