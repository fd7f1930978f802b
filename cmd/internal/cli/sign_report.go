package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// signSchema names the form of the report. A change that could break a reader changes the number.
const signSchema = "milvus-certs/sign/v1"

// signReport is what sign says, in JSON as it stands.
type signReport struct {
	Schema      string           `json:"schema"`
	Directory   string           `json:"directory"`
	Conf        string           `json:"conf"`
	Role        profile.Role     `json:"role"`
	Request     signedRequest    `json:"request"`
	Certificate *showCertificate `json:"certificate"`
	NotGranted  []withheld       `json:"not_granted"`
	remarks
}

// signedRequest is what was asked for, and in which file.
type signedRequest struct {
	File string `json:"file"`
	*requestReport
}

// withheld is something that was asked for and not granted, and the flag that would grant it.
type withheld struct {
	What string `json:"what"`
	Flag string `json:"flag,omitempty"`
}

func newSignReport(o *signOptions, t target) *signReport {
	r := &signReport{Schema: signSchema, Directory: o.dir, Role: o.role, NotGranted: []withheld{}, remarks: newRemarks()}
	r.Request.File = o.file
	r.Certificate = &showCertificate{certificateReport: certificateReport{File: t.path()}}
	r.Next = []string{program + " show " + pathIn(t.dir, t.name)}
	if t.in(o.dir) && t.name == string(o.role)+certset.CertificateEnding {
		r.Next = []string{commandIn("verify", o.dir)}
	}
	return r
}

// granted takes in what was made, and what not. With exact no flag adds a name.
func (r *signReport) granted(request *certset.Request, c *certset.Certificate, exact bool, now time.Time) {
	file := r.Certificate.File
	r.Certificate = describeWhole(c, now)
	r.Certificate.File = file
	for _, w := range issuance.Withhold(request, c) {
		out := withheld{What: oneLine(w.What)}
		if w.SAN != "" && !exact {
			out.Flag = "--san " + shellQuote(w.SAN)
		}
		r.NotGranted = append(r.NotGranted, out)
	}
}

func (r *signReport) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "signed %s for a %s: %s, conf: %s\n", fileTitle(r.Request.File), r.Role, r.Certificate.File, r.Conf)
	fmt.Fprintf(&out, "\n%s  what it asks for\n%s", filepath.Base(fileTitle(r.Request.File)), r.Request.text())
	c := r.Certificate
	fmt.Fprintf(&out, "\n%s  what it gets\n", filepath.Base(c.File))
	out.WriteString(line("subject", shortened(c.Subject)) + line("issuer", c.Issuer) + line("serial", c.Serial) +
		namesLine("names", c.Names) + c.showUses.lines() + line("until", fmt.Sprintf("%s, %d days", inUTC(c.NotAfter), c.Days)) +
		line("SHA-256", c.SHA256) + c.others())
	if len(r.NotGranted) > 0 {
		out.WriteString("\nnot granted\n" + r.refused())
	}
	return out.String()
}

// refused are lines about what was not granted, and at the end the flags that would grant names. JSON has the list whole.
func (r *signReport) refused() string {
	const most = 20
	var out strings.Builder
	var flags []string
	for i, w := range r.NotGranted {
		if i < most {
			fmt.Fprintf(&out, "  %s\n", shortened(w.What))
		}
		if w.Flag != "" && len(flags) < most {
			flags = append(flags, w.Flag)
		}
	}
	if more := len(r.NotGranted) - most; more > 0 {
		fmt.Fprintf(&out, "  and %d more\n", more)
	}
	if len(flags) > 0 {
		fmt.Fprintf(&out, "the names would be granted with\n  %s\n", strings.Join(flags, " "))
	}
	return out.String()
}
