package expiry

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// sample is one value of a metric, with its labels as they are written.
type sample struct {
	labels string
	value  int64
}

// family is a metric: all its samples stand together under one HELP and one TYPE line, or node_exporter takes none of them.
type family struct {
	name, help string
	samples    func(*Report) []sample
}

// families in the order in which they are written. A change of a name or of a label breaks the alerts that others wrote.
var families = []family{
	{"milvus_certs_not_after_timestamp_seconds", "When the certificate ends, in seconds since 1970.", ofRows(func(r *Row) int64 { return r.NotAfter.Unix() })},
	{"milvus_certs_not_before_timestamp_seconds", "When the certificate begins, in seconds since 1970.", ofRows(func(r *Row) int64 { return r.NotBefore.Unix() })},
	{"milvus_certs_due", "Whether the certificate is to be renewed (1) or not (0).", ofRows(func(r *Row) int64 { return number(r.Due) })},
	{"milvus_certs_unreadable_files", "Files of the directory whose certificates could not be read.", ofDirectory(func(r *Report) int64 { return int64(len(r.Problems)) })},
	{"milvus_certs_ca_change_over_stage", "0: one CA; 1: ca.pem holds two, and leaves are of the old one; 2: no leaf is of the old one.", ofDirectory(stage)},
}

// stages are numbers, for an alert on a change that nobody ends.
var stages = map[Stage]int64{BothCAs: 1, LeavesMoved: 2}

func stage(r *Report) int64 {
	if r.ChangeOver == nil {
		return 0
	}
	return stages[r.ChangeOver.Stage()]
}

// WriteMetrics writes reports in the text format of Prometheus, version 0.0.4, as the textfile collector of node_exporter reads
// it: https://prometheus.io/docs/instrumenting/exposition_formats/. The directories of the reports have to be different ones.
func WriteMetrics(w io.Writer, reports []*Report) error {
	out := bufio.NewWriter(w)
	for _, f := range families {
		_, _ = fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", f.name, f.help, f.name)
		for _, r := range reports {
			for _, s := range f.samples(r) {
				_, _ = fmt.Fprintf(out, "%s{%s} %d\n", f.name, s.labels, s.value)
			}
		}
	}
	return out.Flush() // which says what went wrong before, too
}

func ofDirectory(value func(*Report) int64) func(*Report) []sample {
	return func(r *Report) []sample { return []sample{{label("dir", r.Directory), value(r)}} }
}

func ofRows(value func(*Row) int64) func(*Report) []sample {
	return func(r *Report) []sample {
		samples := make([]sample, len(r.Certificates))
		for i := range r.Certificates {
			c := &r.Certificates[i]
			samples[i] = sample{strings.Join([]string{
				label("dir", r.Directory), label("file", c.File), label("number", strconv.Itoa(c.Number)),
				label("role", string(c.Role)), label("subject", c.Subject), label("serial", c.Serial),
			}, ","), value(c)}
		}
		return samples
	}
}

func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// labelEscapes are those of the format; all else of UTF-8 may stand in a value as it is.
var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func label(name, value string) string {
	return name + `="` + labelEscapes.Replace(strings.ToValidUTF8(value, "\uFFFD")) + `"`
}
