package cli

import (
	"fmt"
	"io"

	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// checkReport is what --check of a setup command has found: whether what is there and the set fit together.
type checkReport struct {
	Schema   string           `json:"schema"`
	What     string           `json:"what"` // was checked
	OK       bool             `json:"ok"`   // no finding is a failure
	Findings []verify.Finding `json:"findings"`
}

// printCheck prints what was found, and returns the error with which the command ends, if so.
func (a *app) printCheck(o output, schema, what string, findings []verify.Finding) error {
	report := verify.Report{Findings: findings}
	failures := report.Count(verify.Failure)
	if err := a.writeCheck(o, checkReport{schema, what, failures == 0, append([]verify.Finding{}, findings...)}); err != nil || failures == 0 {
		return err
	}
	return fmt.Errorf("%s: %s", what, countOf(failures, "check fails", "checks fail"))
}

func (a *app) writeCheck(o output, r checkReport) error {
	switch {
	case o.format == formatJSON:
		return writeJSON(a.stdout, r)
	case o.quiet:
		return nil
	}
	text := markOK + " " + oneLine(r.What) + ": fits\n"
	if !r.OK {
		text = markRefused + " " + oneLine(r.What) + ": does not fit\n"
	}
	if len(r.Findings) > 0 {
		text += "\n" + findingsText(r.Findings)
	}
	_, err := io.WriteString(a.stdout, paint(printable(text), isTerminal(a.stdout)))
	return err
}
