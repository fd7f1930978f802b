package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// The forms of the reports. A change that could break a reader changes the number.
const (
	issueSchema = "milvus-certs/issue/v1"
	renewSchema = "milvus-certs/renew/v1"
)

// leafState is what became of a leaf.
type leafState string

const (
	leafIssued    leafState = "issued"
	leafPresent   leafState = "present" // it was there already
	leafRenewed   leafState = "renewed"
	leafNotNeeded leafState = "not-needed" // it is not due
	leafLeft      leafState = "left"       // it could not be renewed here, and was not asked for by name
)

// leavesReport is what issue and renew say, in JSON as it stands.
type leavesReport struct {
	Schema    string       `json:"schema"`
	Directory string       `json:"directory"`
	Conf      string       `json:"conf,omitempty"`
	Issuer    string       `json:"issuer"`
	Leaves    []leafReport `json:"leaves"`
	remarks
}

type leafReport struct {
	Name  string       `json:"name"`
	State leafState    `json:"state"`
	Role  profile.Role `json:"role,omitempty"`
	certificateReport
}

func newLeavesReport(schema, dir string) *leavesReport {
	return &leavesReport{Schema: schema, Directory: dir, Leaves: []leafReport{}, remarks: newRemarks()}
}

func (r *leavesReport) add(state leafState, role profile.Role, leaf certset.Leaf) {
	r.Leaves = append(r.Leaves, leafReport{leaf.Name, state, role, describe(leaf.Name+certset.CertificateEnding, leaf.Certificate)})
}

// fewLeaves is up to how many leaves each has notes of its own, and a line.
const fewLeaves = 20

// noteEach adds the notes of one leaf among others. Of many leaves the completions are alike but for names, and left to the certificates.
func (r *leavesReport) noteEach(leaves int, notes ...string) {
	for _, n := range notes {
		if leaves <= fewLeaves || !strings.Contains(n, ": added ") {
			r.note(n)
		}
	}
}

func (r *leavesReport) count(s leafState) (n int) {
	for _, l := range r.Leaves {
		if l.State == s {
			n++
		}
	}
	return n
}

// states in the order in which they are told, and how.
var states = []struct {
	state     leafState
	one, many string
}{
	{leafIssued, "issued 1 leaf", "issued %d leaves"},
	{leafRenewed, "renewed 1 leaf", "renewed %d leaves"},
	{leafPresent, "1 was there already", "%d were there already"},
	{leafNotNeeded, "1 is not due", "%d are not due"},
	{leafLeft, "1 was left as it is", "%d were left as they are"},
}

func (r *leavesReport) headline() string {
	var parts []string
	for _, s := range states {
		switch n := r.count(s.state); n {
		case 0:
		case 1:
			parts = append(parts, s.one)
		default:
			parts = append(parts, fmt.Sprintf(s.many, n))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to do"}
	}
	return fmt.Sprintf("%s: %s", r.Directory, strings.Join(parts, ", "))
}

func (r *leavesReport) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n", r.headline())
	isNew := func(l leafReport) bool { return l.State == leafIssued || l.State == leafRenewed }
	shown := slices.DeleteFunc(slices.Clone(r.Leaves), func(l leafReport) bool { return !isNew(l) })
	more := max(0, len(shown)-fewLeaves)
	shown = shown[:len(shown)-more]
	for _, l := range shown {
		fmt.Fprintf(&out, "\n%s  %s, %s, %d days, until %s\n", l.File, l.State, l.KeyType, l.Days, l.NotAfter.Format(time.DateOnly))
		fmt.Fprintf(&out, "  subject  %s\n", l.Subject)
		if len(l.Names) > 0 {
			fmt.Fprintf(&out, "  names    %s\n", wrap(l.Names))
		}
	}
	if more > 0 {
		fmt.Fprintf(&out, "\nand %d more\n", more)
	}
	return out.String()
}
