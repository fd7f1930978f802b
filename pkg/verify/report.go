package verify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// Report is the outcome of a check.
type Report struct {
	OK           bool          `json:"ok"` // no finding is a failure
	At           time.Time     `json:"at"`
	Hosts        []Host        `json:"hosts"`
	Certificates []Certificate `json:"certificates"`
	Findings     []Finding     `json:"findings"` // the gravest first, then in the order of the files
	Clients      []Verdict     `json:"clients"`
}

// Count returns how many findings are of a severity.
func (r *Report) Count(s Severity) (n int) {
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Add puts findings before those of the same severity that are there, and settles whether all holds.
func (r *Report) Add(findings ...Finding) {
	r.Findings = slices.Insert(r.Findings, 0, findings...)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity))
	})
	r.OK = r.Count(Failure) == 0
}

// Severity says what a finding means for the outcome.
type Severity string

// The severities, the gravest first.
const (
	Failure    Severity = "failure"     // something does not work, or will not
	Warning    Severity = "warning"     // it works, and should not stay so
	Advice     Severity = "advice"      // it works, or works in another way, and could be better
	NotChecked Severity = "not-checked" // there was nothing to check, or no way to
)

var severities = []Severity{Failure, Warning, Advice, NotChecked}

// Finding is one thing that was found in a file of a set.
type Finding struct {
	Severity Severity `json:"severity"`
	Check    string   `json:"check"` // what was checked: a name that stays the same
	File     string   `json:"file,omitempty"`
	Problem  string   `json:"problem"`
	Wanted   string   `json:"wanted,omitempty"`
	Found    string   `json:"found,omitempty"`
	WayOut   string   `json:"way_out,omitempty"`
	// RefusedBy are the IDs of the clients that refuse the certificate for this.
	RefusedBy []string `json:"refused_by,omitempty"`

	place     int      // number of the certificate in its file, from 1; 0: it is the first, or does not matter
	hosts     []string // that the problem is about
	template  string   // of the problem, with {host} for them
	fromFiles bool     // it was found by looking at the files, before any client was asked
}

// String is the finding in short, such as "server.key: is not the key of server.pem".
func (f Finding) String() string {
	if f.File == "" {
		return f.Problem
	}
	return f.File + ": " + f.Problem
}

// Refusers are the names of the clients that refuse the certificate, such as "pymilvus, curl", or "every client".
func (f Finding) Refusers() string {
	var names []string
	all := true
	for _, c := range clients.All() {
		refuses := slices.Contains(f.RefusedBy, c.ID)
		if refuses {
			names = append(names, c.Name)
		}
		all = all && (refuses || !c.Dials() || c.ID == clients.InternalID)
	}
	if all {
		return "every client"
	}
	return strings.Join(names, ", ")
}

// Sentence is the finding with who refuses the certificate for it.
func (f Finding) Sentence() string {
	if len(f.RefusedBy) == 0 {
		return f.String()
	}
	return f.String() + ": refused by " + f.Refusers()
}

// Host is a name or address that clients dial, and whether the server's certificate is for it.
type Host struct {
	Host          string `json:"host"`
	From          string `json:"from"` // "--host", or where the certificate has it
	CommonName    bool   `json:"common_name_matches"`
	CommonNameIs  string `json:"common_name"`
	AltName       bool   `json:"subject_alt_name_matches"`
	AltNameThatIs string `json:"matching_subject_alt_name,omitempty"`

	invented bool // it is one of those that a wildcard is for
}

// Certificate is a certificate of the set, and who issued it.
type Certificate struct {
	File      string    `json:"file"`
	Place     int       `json:"place"`     // from 1: which one of the file
	IssuedBy  int       `json:"issued_by"` // index in Report.Certificates, -1: none of them
	Subject   string    `json:"subject"`
	Names     []string  `json:"names"`
	KeyType   string    `json:"key_type"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`

	cert *certset.Certificate
	root bool // it is signed by itself
}

// Verdict is what a client makes of one way of using the set.
type Verdict struct {
	Client  string         `json:"client"`
	Name    string         `json:"name"`
	Way     clients.Way    `json:"way"`
	Host    string         `json:"host,omitempty"`
	OK      bool           `json:"ok"`
	Cause   certpath.Cause `json:"cause,omitempty"`
	File    string         `json:"file,omitempty"`
	Problem string         `json:"problem,omitempty"`
	Shown   string         `json:"shown,omitempty"`  // the error that its user sees
	Behind  string         `json:"behind,omitempty"` // what the library says, where the user does not get to see it
}
