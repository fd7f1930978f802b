package cli

import (
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// statusSchema names the form of the report. A change that could break a reader changes the number.
const statusSchema = "milvus-certs/status/v1"

// statusReport is what status says, in JSON as it stands.
type statusReport struct {
	Schema      string            `json:"schema"`
	At          time.Time         `json:"at"`
	OK          bool              `json:"ok"`
	Directories []statusDirectory `json:"directories"`
}

type statusDirectory struct {
	*expiry.Report
	Due        int               `json:"due"`
	ChangeOver *statusChangeOver `json:"change_over,omitempty"`
	Next       []string          `json:"next"`
}

// statusChangeOver is where a change of the CA stands.
type statusChangeOver struct {
	Stage   expiry.Stage `json:"stage"`
	Text    string       `json:"text"`
	New     string       `json:"new"`
	Old     string       `json:"old"`
	Waiting []string     `json:"waiting"` // files of leaves that are of the old CA
	Next    []string     `json:"next"`
}

func (o *statusOptions) newDirectory(r *expiry.Report) statusDirectory {
	d := statusDirectory{Report: r, Due: r.Due(), Next: oneLineEach(o.renewals(r))}
	if c := r.ChangeOver; c != nil {
		d.ChangeOver = &statusChangeOver{
			Stage: c.Stage(), Text: oneLine(c.String()), New: oneLine(c.New.Subject()), Old: oneLine(c.Old.Subject()),
			Waiting: oneLineEach(c.Waiting), Next: oneLineEach(c.Next(dirFlag(r.Directory))),
		}
	}
	makePrintable(r)
	return d
}

// makePrintable keeps what names and subjects hold from steering the terminal, whatever the form of the report.
func makePrintable(r *expiry.Report) {
	r.Directory = oneLine(r.Directory)
	for i := range r.Certificates {
		c := &r.Certificates[i]
		for _, text := range []*string{&c.File, &c.Subject, &c.CommonName, &c.IssuedBy, &c.Renew} {
			*text = oneLine(*text)
		}
	}
	for i := range r.Problems {
		r.Problems[i].File, r.Problems[i].Error = oneLine(r.Problems[i].File), oneLine(r.Problems[i].Error)
	}
}

func (a *app) printStatus(o *statusOptions, reports []*expiry.Report, at time.Time) error {
	out := statusReport{Schema: statusSchema, At: at.UTC(), OK: true}
	for _, r := range reports {
		d := o.newDirectory(r)
		out.OK = out.OK && d.Due == 0 && len(d.Problems) == 0
		out.Directories = append(out.Directories, d)
	}
	out.OK = out.OK && len(reports) == len(o.dirs)
	switch {
	case o.format == formatJSON:
		return writeJSON(a.stdout, out)
	case o.format == formatPrometheus:
		return expiry.WriteMetrics(a.stdout, reports)
	case o.quiet:
		return nil
	}
	return a.printStatusText(out, o.at != "")
}

// shownRows are those that the text lists, and how many it leaves out.
func (d statusDirectory) shownRows() (shown []expiry.Row, left int) {
	const most, next = 40, 20
	if len(d.Certificates) <= most {
		return d.Certificates, 0
	}
	later := 0
	shown = slices.DeleteFunc(slices.Clone(d.Certificates), func(c expiry.Row) bool {
		if !c.Due {
			later++
		}
		return !c.Due && later > next
	})
	return shown, len(d.Certificates) - len(shown)
}
