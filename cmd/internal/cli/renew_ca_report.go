package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/expiry"
)

// renewCASchema names the form of the report. A change that could break a reader changes the number.
const renewCASchema = "milvus-certs/renew-ca/v1"

// renewCAAction is what renew ca did.
type renewCAAction string

const (
	caBegun    renewCAAction = "begun"
	caSameKey  renewCAAction = "same-key"
	caFinished renewCAAction = "finished"
)

// renewCAReport is what renew ca says, in JSON as it stands.
type renewCAReport struct {
	Schema    string             `json:"schema"`
	Action    renewCAAction      `json:"action"`
	Directory string             `json:"directory"`
	Stage     expiry.Stage       `json:"stage,omitempty"` // of a change that is under way
	State     string             `json:"state"`
	CA        certificateReport  `json:"ca"`
	Old       *certificateReport `json:"old"`
	Backup    string             `json:"backup"`
	Waiting   []string           `json:"waiting"` // leaves that are still of the old CA
	Renew     []string           `json:"renew"`   // leaves that have to be renewed although the key is the same
	remarks
}

func newRenewCAReport(dir string) *renewCAReport {
	return &renewCAReport{Schema: renewCASchema, Directory: dir, Waiting: []string{}, Renew: []string{}, remarks: newRemarks()}
}

func (r *renewCAReport) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", r.Directory, r.State)
	fmt.Fprintf(&out, "what was replaced is in %s\n", filepath.Join(r.Directory, r.Backup))
	fmt.Fprintf(&out, "\n%s  %s, %d days, until %s\n", r.CA.File, r.CA.KeyType, r.CA.Days, r.CA.NotAfter.Format(time.DateOnly))
	fmt.Fprintf(&out, "  subject  %s\n", r.CA.Subject)
	fmt.Fprintf(&out, "  SHA-256  %s\n", r.CA.SHA256)
	return out.String()
}
