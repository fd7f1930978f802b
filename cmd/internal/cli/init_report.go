package cli

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// initSchema names the form of the report. A change that could break a reader changes the number.
const initSchema = "milvus-certs/init/v1"

// action is what init did.
type action string

const (
	created       action = "created"
	replaced      action = "replaced"
	kept          action = "kept"
	renewedLeaves action = "renewed"
)

// initReport is what init says, in JSON as it stands.
type initReport struct {
	Schema       string              `json:"schema"`
	Action       action              `json:"action"`
	Directory    string              `json:"directory"`
	Conf         string              `json:"conf,omitempty"`
	Backup       string              `json:"backup,omitempty"`
	Files        []fileReport        `json:"files"`
	Certificates []certificateReport `json:"certificates"`
	remarks
}

type fileReport struct {
	Name string `json:"name"`
	Mode string `json:"mode"`
}

type certificateReport struct {
	File      string    `json:"file,omitempty"`
	Subject   string    `json:"subject"`
	Names     []string  `json:"names"`
	KeyType   string    `json:"key_type"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Days      int       `json:"days"`
	SHA256    string    `json:"sha256"`
}

func (r *initRun) newReport(a action, set *certset.Set) *initReport {
	report := &initReport{Schema: initSchema, Action: a, Directory: r.initOptions.dir, remarks: newRemarks()}
	report.Next = nextCommands(r.initOptions.dir)
	for _, c := range []struct {
		file string
		cert *certset.Certificate
	}{
		{certset.CACertificate, set.CA.Certificate},
		{certset.ServerCertificate, set.Server.Certificate},
		{certset.ClientCertificate, set.Client.Certificate},
	} {
		report.Certificates = append(report.Certificates, describe(c.file, c.cert))
	}
	return report
}

func (r *initReport) addFiles(files []certset.File) {
	for _, f := range files {
		r.Files = append(r.Files, fileReport{f.Name, fmt.Sprintf("%04o", f.Mode)})
	}
}

func describe(file string, c *certset.Certificate) certificateReport {
	sum := c.Fingerprint()
	return certificateReport{
		File:      file,
		Subject:   oneLine(c.Subject()),
		Names:     oneLineEach(c.Names()),
		KeyType:   c.KeyType(),
		Serial:    serialText(c.SerialNumber),
		NotBefore: c.NotBefore,
		NotAfter:  c.NotAfter,
		Days:      int(c.NotAfter.Sub(c.NotBefore) / day),
		SHA256:    hex.EncodeToString(sum[:]),
	}
}

// serialText writes a serial number as ca.srl has it.
func serialText(n *big.Int) string { return strings.TrimSpace(string(certset.FormatSerial(n))) }

// nextCommands are what the Milvus page goes on with: the files for the server, and a first connection.
func nextCommands(dir string) []string {
	return []string{commandIn("setup milvus milvus.yaml", dir), commandIn("setup compose", dir), commandIn("connect", dir)}
}

// pathIn writes the path of a file for a shell; no command takes it for an option.
func pathIn(dir, name string) string {
	path := filepath.Join(dir, name)
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	return shellQuote(path)
}

var headlines = map[action]string{
	created:       "made a set in %s",
	replaced:      "made a new set in %s",
	kept:          "kept the set in %s: it is sound, and nothing is due",
	renewedLeaves: "renewed leaves of the set in %s; restart Milvus, which does not read its files again by itself",
}

func (r *initReport) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, headlines[r.Action], r.Directory)
	if r.Conf != "" {
		fmt.Fprintf(&out, ", conf: %s", r.Conf)
	}
	out.WriteString("\n")
	if r.Action == kept {
		return out.String() // nothing is new; JSON has it all
	}
	if r.Backup != "" {
		fmt.Fprintf(&out, "the old one is in %s\n", filepath.Join(r.Directory, r.Backup))
	}
	out.WriteString("\n")
	for _, f := range r.Files {
		fmt.Fprintln(&out, strings.TrimRight(fmt.Sprintf("  %-10s  %s  %s", f.Name, f.Mode, r.subjectOf(f.Name)), " "))
	}
	for _, c := range r.Certificates {
		c.write(&out)
	}
	return out.String()
}

func (r *initReport) subjectOf(file string) string {
	for _, c := range r.Certificates {
		if c.File == file {
			return c.Subject
		}
	}
	return ""
}

func (c certificateReport) write(out *strings.Builder) {
	fmt.Fprintf(out, "\n%s  %s, %d days, until %s\n", c.File, c.KeyType, c.Days, c.NotAfter.Format(time.DateOnly))
	if len(c.Names) > 0 {
		fmt.Fprintf(out, "  names    %s\n", wrap(c.Names))
	}
	fmt.Fprintf(out, "  SHA-256  %s\n", c.SHA256)
}

// wrap joins names with commas in lines of 80 columns. A long list is cut, for JSON has it whole.
func wrap(names []string) string {
	const indent, most = 11, 20
	words := withCommas(names)
	if len(words) <= most {
		return fill(words, indent)
	}
	return fmt.Sprintf("%s\n%*sand %d more", fill(words[:most], indent), indent, "", len(words)-most)
}
