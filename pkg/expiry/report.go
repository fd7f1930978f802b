package expiry

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Report says when each certificate of a directory ends. The texts in it are as the files have them: they may hold what
// steers a terminal.
type Report struct {
	Directory    string    `json:"directory"`
	HasCAKey     bool      `json:"has_ca_key"`
	Interrupted  bool      `json:"interrupted"` // a commit was begun and not finished
	Certificates []Row     `json:"certificates"`
	Problems     []Problem `json:"problems"`

	ChangeOver *ChangeOver `json:"-"` // where a change of the CA stands; nil: there is none
}

// Row is a certificate. There may be ten thousand of them: it holds what is printed, and nothing else.
type Row struct {
	File       string    `json:"file"`
	Number     int       `json:"number"` // among the certificates of its file, from 1
	Of         int       `json:"of"`     // so many there are in it
	Role       Role      `json:"role"`
	Subject    string    `json:"subject"`
	CommonName string    `json:"common_name,omitempty"`
	Serial     string    `json:"serial"`
	SelfSigned bool      `json:"self_signed"`
	IssuedBy   string    `json:"issued_by,omitempty"` // the place of the CA, where it is in the directory
	NotBefore  time.Time `json:"not_before"`
	NotAfter   time.Time `json:"not_after"`
	DaysLeft   int       `json:"days_left"` // whole days, below 0 where it has expired
	Due        bool      `json:"due"`
	Expired    bool      `json:"expired"`
	Renew      string    `json:"renew,omitempty"` // the name by which the directory's CA renews it; empty: it cannot
}

// Place is the file, and where it holds several certificates the number in it.
func (r Row) Place() string { return place(r.File, r.Number, r.Of) }

func place(file string, number, of int) string {
	if of < 2 { //nolint:mnd // several
		return file
	}
	return fmt.Sprintf("%s (%d)", file, number)
}

// Problem is a file of which it is not known when what is in it ends.
type Problem struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// Due counts the certificates that are due, the expired ones too.
func (r *Report) Due() (n int) {
	for i := range r.Certificates {
		if r.Certificates[i].Due {
			n++
		}
	}
	return n
}

// Directory is what is known of a directory besides the files with certificates in it.
type Directory struct {
	Path        string
	HasCAKey    bool // the key of its CA lies in it
	Interrupted bool // a commit was begun and not finished
}

// Builder makes a Report of files that are added one by one, so that they need not be in memory all at once. The one that
// is to be first is ca.pem: it tells whether a change of the CA is under way, and most issuers are in it.
type Builder struct {
	report Report
	at     time.Time
	rule   Rule

	issuers issuers
	orphans []orphan
}

// orphan is a certificate whose issuer was not among those that were added before it.
type orphan struct {
	row int
	der []byte
}

// NewBuilder begins a report on a directory for a moment, with the rule for what is due.
func NewBuilder(dir Directory, at time.Time, rule Rule) *Builder {
	return &Builder{
		report: Report{
			Directory: dir.Path, HasCAKey: dir.HasCAKey, Interrupted: dir.Interrupted, Certificates: []Row{}, Problems: []Problem{},
		},
		at: at, rule: rule, issuers: issuers{},
	}
}

// AddProblem adds a file that cannot be read.
func (b *Builder) AddProblem(name string, err error) {
	b.report.Problems = append(b.report.Problems, Problem{name, err.Error()})
}

// Add adds the certificates that are in a file. One that holds none, but a key or a request, adds nothing; one that is
// damaged adds a problem, and those of its certificates that can be read.
func (b *Builder) Add(f certset.File) {
	objects, _, err := certset.ParseObjects(f.Data)
	var certs []*certset.Certificate
	for _, o := range objects {
		switch {
		case o.Certificate != nil:
			certs = append(certs, o.Certificate)
		case err == nil:
			err = unseen(o, len(objects))
		}
	}
	if err != nil {
		b.AddProblem(f.Name, err)
	}
	if f.Name == certset.CACertificate && len(certs) > 0 {
		b.report.ChangeOver = Progress(certset.Entry{Certificate: certs[0], Chain: certs[1:]})
	}
	b.addCertificates(f.Name, certs)
}

// unseen is why an object can hide a certificate: one that is damaged, or PKCS#7, which holds several and which no reader of
// PEM looks into.
func unseen(o certset.Object, of int) error {
	err := o.Err
	switch {
	case o.Kind == "PKCS#7":
		err = errors.New("PKCS#7, which Milvus and its clients do not read; openssl pkcs7 -print_certs -in FILE -out NEW")
	case o.Kind != "a certificate" && !strings.HasPrefix(o.Kind, "a certificate "):
		return nil
	}
	if err != nil && of > 1 {
		err = fmt.Errorf("block %d: %w", o.Number, err)
	}
	return err
}

func (b *Builder) addCertificates(name string, certs []*certset.Certificate) {
	rows := make([]Row, len(certs))
	uses := make([]certset.Uses, len(certs)) // to read them takes a while
	own := issuers{}
	for i, c := range certs {
		uses[i] = c.Uses()
		rows[i] = b.row(name, c)
		rows[i].Number, rows[i].Of = i+1, len(certs)
		rows[i].Role = roleOf(name, i, uses[i])
		rows[i].SelfSigned = c.SignedBy(c) == nil
		if rows[i].Role == RoleCA {
			ca := issuer{c, uses[i].KeyID, rows[i].Place(), name}
			own.add(ca)
			b.issuers.add(ca)
		}
	}
	for i, c := range certs {
		by := ""
		if rows[i].SelfSigned {
			rows[i].IssuedBy, by = rows[i].Place(), name
		} else if ca := b.issuerOf(c, uses[i].IssuerKeyID, own); ca != nil {
			rows[i].IssuedBy, by = ca.place, ca.file
		} else {
			b.orphans = append(b.orphans, orphan{len(b.report.Certificates) + i, c.Raw})
		}
		rows[i].Renew = b.renewedAs(&rows[i], by)
	}
	b.report.Certificates = append(b.report.Certificates, rows...)
	b.wait(name, certs, rows)
}

func (b *Builder) row(name string, c *certset.Certificate) Row {
	r := Row{
		File: name, Subject: c.Subject(), Serial: strings.TrimSpace(string(certset.FormatSerial(c.SerialNumber))),
		NotBefore: c.NotBefore, NotAfter: c.NotAfter,
		DaysLeft: daysBetween(b.at, c.NotAfter),
		Expired:  b.at.After(c.NotAfter),
	}
	r.CommonName, _ = c.Attribute(commonName())
	r.Due = r.Expired || b.rule.Due(c, b.at)
	return r
}

// daysBetween counts whole days, rounded down, for any two times: their time.Duration ends after 292 years.
func daysBetween(from, to time.Time) int {
	const day = 24 * 60 * 60
	seconds := to.Unix() - from.Unix()
	if from.Nanosecond() > to.Nanosecond() {
		seconds--
	}
	days := seconds / day
	if seconds%day < 0 {
		days--
	}
	return int(days)
}

// issuerOf finds who issued a certificate: in ca.pem first, then in the certificate's own file, then elsewhere.
func (b *Builder) issuerOf(c *certset.Certificate, keyID []byte, own issuers) *issuer {
	found := b.issuers.of(c, keyID)
	if found != nil && found.file == certset.CACertificate {
		return found
	}
	if beside := own.of(c, keyID); beside != nil {
		return beside
	}
	return found
}

// renewedAs is the name that milvus-certs renew knows a certificate by, where the directory's CA issued it, as the file that the
// issuer is in says. The key of the CA may be elsewhere, but for the CA's own renewal.
func (b *Builder) renewedAs(r *Row, by string) string {
	name, isPEM := strings.CutSuffix(r.File, certset.CertificateEnding)
	own := r.File == certset.CACertificate
	switch {
	case by != certset.CACertificate || !isPEM || r.Number > 1 || strings.HasPrefix(name, "-"):
		return ""
	case own != r.SelfSigned || own != (r.Role == RoleCA) || own && !b.report.HasCAKey:
		return ""
	}
	return name
}

// wait adds the leaf at the head of a file to those that hold up a change of the CA.
func (b *Builder) wait(file string, certs []*certset.Certificate, rows []Row) {
	change := b.report.ChangeOver
	if change == nil || len(certs) == 0 || rows[0].Role == RoleCA {
		return
	}
	change.Await(file, certset.Entry{Certificate: certs[0], Chain: certs[1:]}, b.at)
}

// Report returns what was added, by when it ends and then by its place.
func (b *Builder) Report() *Report {
	for _, o := range b.orphans {
		c, err := certset.ParseCertificate(o.der)
		if err != nil {
			continue // it was read before
		}
		if ca := b.issuers.of(c, c.Uses().IssuerKeyID); ca != nil {
			b.report.Certificates[o.row].IssuedBy = ca.place
		}
	}
	b.orphans = nil
	slices.SortStableFunc(b.report.Certificates, func(x, y Row) int {
		return cmp.Or(x.NotAfter.Compare(y.NotAfter), cmp.Compare(x.File, y.File), cmp.Compare(x.Number, y.Number))
	})
	slices.SortStableFunc(b.report.Problems, func(x, y Problem) int { return cmp.Compare(x.File, y.File) })
	return &b.report
}

// HoldsCertificates tells by its name whether a file is one of certificates.
func HoldsCertificates(name string) bool {
	ending := strings.ToLower(path.Ext(name))
	return ending == certset.CertificateEnding || ending == ".crt"
}
