package expiry_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// The lines of the text format, https://prometheus.io/docs/instrumenting/exposition_formats/. In a label's value a backslash
// stands before a backslash, a quote and an n only.
var (
	metricName = `[a-zA-Z_:][a-zA-Z0-9_:]*`
	labelPair  = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`
	headLine   = regexp.MustCompile(`^# (HELP|TYPE) (` + metricName + `) (.+)$`)
	sampleLine = regexp.MustCompile(`^(` + metricName + `)\{(` + labelPair + `(?:,` + labelPair + `)*)\} (-?[0-9]+)$`)
)

// requireFormat wants a document to be one that node_exporter reads: families in one piece under their HELP and TYPE lines,
// no sample twice. It returns the samples.
func requireFormat(t *testing.T, text string) map[string]string {
	t.Helper()
	require.True(t, utf8.ValidString(text))
	require.True(t, strings.HasSuffix(text, "\n"))
	samples, heads, family := map[string]string{}, map[string]bool{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if head := headLine.FindStringSubmatch(line); head != nil {
			require.False(t, heads[head[1]+head[2]], line)
			heads[head[1]+head[2]] = true
			if head[1] == "TYPE" {
				require.Equal(t, "gauge", head[3])
				family = head[2]
			}
			continue
		}
		sample := sampleLine.FindStringSubmatch(line)
		require.NotNil(t, sample, "%q", line)
		require.Equal(t, family, sample[1], line)
		require.True(t, heads["HELP"+family])
		key := sample[1] + "{" + sample[2] + "}"
		require.NotContains(t, samples, key)
		samples[key] = sample[3]
	}
	return samples
}

func metrics(t *testing.T, reports ...*expiry.Report) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, expiry.WriteMetrics(&out, reports))
	return out.String()
}

func TestMetrics(t *testing.T) {
	ca := sign(t, "CA", 3650, nil, isCA)
	server := sign(t, "x", 20, ca, forUse(x509.ExtKeyUsageServerAuth))
	first := report(daysOn(19), expiry.Rule{}, file{"ca.pem", pemOf(ca)}, file{"server.pem", pemOf(server)})
	b := expiry.NewBuilder(expiry.Directory{Path: "/etc/b"}, noon, expiry.Rule{})
	b.AddProblem("x.pem", errors.New("cannot read it"))
	text := metrics(t, first, b.Report())
	got := requireFormat(t, text)

	labels := `dir="certs",file="server.pem",number="1",role="server",subject="CN=x",serial="` + serial(server) + `"`
	assert.Equal(t, "1768996800", got["milvus_certs_not_after_timestamp_seconds{"+labels+"}"])
	assert.Equal(t, "1767268800", got["milvus_certs_not_before_timestamp_seconds{"+labels+"}"])
	assert.Equal(t, "1", got["milvus_certs_due{"+labels+"}"])
	assert.Equal(t, "0", got[`milvus_certs_unreadable_files{dir="certs"}`])
	assert.Equal(t, "1", got[`milvus_certs_unreadable_files{dir="/etc/b"}`])
	assert.Equal(t, "0", got[`milvus_certs_ca_change_over_stage{dir="certs"}`])
	assert.Len(t, got, 3*2+2*2)
	assert.Equal(t, text, metrics(t, first, b.Report()), "the same each time")
	assert.Less(t, strings.Index(text, `file="server.pem"`), strings.Index(text, `file="ca.pem"`), "in the order of the report")
}

func serial(m *made) string {
	return strings.TrimSpace(string(certset.FormatSerial(m.SerialNumber)))
}

// TestHostileLabels: whatever names and subjects hold, the document stays one.
func TestHostileLabels(t *testing.T) {
	const hostile = "a\"} 1\nmilvus_certs_due{x=\"\\"
	cert := sign(t, hostile, 9, nil)
	b := expiry.NewBuilder(expiry.Directory{Path: hostile + "\xff"}, noon, expiry.Rule{})
	b.Add(certset.File{Name: hostile + ".pem", Data: pemOf(cert)})
	got := requireFormat(t, metrics(t, b.Report()))
	assert.Len(t, got, 5)
	escaped := `a\"} 1\nmilvus_certs_due{x=\"\\`
	assert.Contains(t, got, `milvus_certs_unreadable_files{dir="`+escaped+"\uFFFD\"}")
	assert.Contains(t, got, `milvus_certs_due{dir="`+escaped+"\uFFFD"+`",file="`+escaped+`.pem",number="1",role="",subject="CN=`+escaped+`",serial="`+serial(cert)+`"}`)
}

func TestMetricsOfAChange(t *testing.T) {
	old, ca := sign(t, "CA", 3650, nil, isCA), sign(t, "CA 2026", 3650, nil, isCA)
	bundle := file{"ca.pem", pemOf(ca, old)}
	const stage = `milvus_certs_ca_change_over_stage{dir="certs"}`
	for want, leaf := range map[string]*made{"1": sign(t, "x", 9, old), "2": sign(t, "x", 9, ca)} {
		got := requireFormat(t, metrics(t, report(noon, expiry.Rule{}, bundle, file{"server.pem", pemOf(leaf)})))
		assert.Equal(t, want, got[stage])
	}
}

// TestMetricsCannotBeWritten: the error comes through.
func TestMetricsCannotBeWritten(t *testing.T) {
	assert.ErrorIs(t, expiry.WriteMetrics(full{}, []*expiry.Report{report(noon, expiry.Rule{})}), errFull)
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
