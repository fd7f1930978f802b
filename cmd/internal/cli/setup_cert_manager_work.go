package cli

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// certManagerSchema names the form of the report. A change that could break a reader changes the number.
const certManagerSchema = "milvus-certs/setup-cert-manager/v1"

// certManagerReport is what setup cert-manager says, in JSON as it stands.
type certManagerReport struct {
	Schema      string       `json:"schema"`
	Directory   string       `json:"directory"`
	For         string       `json:"for"`
	Mode        int          `json:"mode"`
	Secret      secretReport `json:"secret"`      // of the CA
	Resources   string       `json:"resources"`   // to be applied: the Issuer and the Certificates
	Document    string       `json:"document"`    // to be merged into the Milvus resource or the values
	Differences []string     `json:"differences"` // from the set
	remarks
}

// certManagerRun is one run of setup cert-manager.
type certManagerRun struct {
	*certManagerOptions
	set    *deployed
	now    time.Time
	report certManagerReport
}

func (r *certManagerRun) work(a *app) error {
	warnings, err := r.set.want(r.mode, r.now)
	if err != nil {
		return err
	}
	if err := wantOneCA(r.set); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(r.dir, certset.CACertificate), err)
	}
	more, lacks, err := r.serviceNames(r.set)
	if err != nil {
		return err
	}
	r.report.Warnings = oneLineEach(slices.Concat(warnings, asWarnings(lacks), asWarnings(otherCAs(r.set))))
	if err := r.resources(more); err != nil {
		return err
	}
	if r.report.Document, err = r.values(deploy.CertManagerItems()).Part(deploy.Way(r.way)); err != nil {
		return err
	}
	return r.secretOfCA(a)
}

// wantOneCA refuses a set whose CA is being changed: cert-manager issues from one CA, and puts that one alone into ca.crt. Two CAs
// of one name are no change, for renew ca makes none.
func wantOneCA(set *deployed) error {
	ca := set.Set.CA
	old := expiry.ChangeOverOf(ca)
	if old == nil || bytes.Equal(old.RawSubject, ca.Certificate.RawSubject) {
		return nil
	}
	return fmt.Errorf("a change of the CA is under way, from %s to %s, and cert-manager would hand out the new CA alone; end the change first: %s tells what comes next; where neither replaces the other, take a copy of the set with one of them in ca.pem",
		oneLine(old.Subject()), oneLine(ca.Certificate.Subject()), commandIn("status", set.dir))
}

// otherCAs are those in ca.pem that the set's own certificates are not of: ca.crt from cert-manager has them not.
func otherCAs(set *deployed) []verify.Finding {
	if set.Set.CA.Certificate == nil {
		return nil
	}
	all := append([]*certset.Certificate{set.Set.CA.Certificate}, set.Set.CA.Chain...)
	issued := func(leaf certset.Entry, ca *certset.Certificate) bool {
		leaf.Chain = slices.Concat(leaf.Chain, all)
		return expiry.IssuedBy(leaf, ca)
	}
	var others []string
	for _, ca := range all {
		if !issued(set.Set.Server, ca) && !issued(set.Set.Client, ca) {
			others = append(others, ca.Subject())
		}
	}
	if len(others) == 0 {
		return nil
	}
	return []verify.Finding{{Severity: verify.Warning, Check: "other-ca", File: certset.CACertificate,
		Problem: "holds besides the CA of this set: " + strings.Join(oneLineEach(others), "; ") + "; ca.crt from cert-manager will not, so that Milvus in mode 2 refuses who has a certificate of it"}}
}

// resources are the Issuer and the Certificates.
func (r *certManagerRun) resources(more []string) error {
	issuer, err := deploy.Issuer{Name: r.issuer, Namespace: r.namespace, Secret: r.issuer}.Resource()
	if err != nil {
		return err
	}
	documents := []string{issuer}
	for _, leaf := range r.certificates(r.set, more) {
		leaf.Lasts = r.lasts(leaf)
		text, err := leaf.Resource()
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(r.dir, leaf.file), err)
		}
		documents = append(documents, text)
		for _, note := range leaf.Differences() {
			r.report.Differences = append(r.report.Differences, leaf.file+": "+note)
		}
	}
	if r.set.Set.Client.Certificate == nil {
		r.report.note("there is no client.pem, and so no Certificate like it")
	}
	r.report.Resources = strings.Join(documents, "---\n")
	return nil
}

// lasts is how long cert-manager's certificate is valid: as long as that of the set, but not beyond its CA as things stand.
func (r *certManagerRun) lasts(leaf certManagerLeaf) time.Duration {
	lasts := leaf.Entry.Certificate.NotAfter.Sub(leaf.Entry.Certificate.NotBefore)
	for _, ca := range append([]*certset.Certificate{r.set.Set.CA.Certificate}, r.set.Set.CA.Chain...) {
		if left := ca.NotAfter.Sub(r.now).Truncate(time.Hour); expiry.IssuedBy(leaf.Entry, ca) && left < lasts {
			r.report.Differences = addNew(r.report.Differences, []string{fmt.Sprintf("%s: it lasts no longer than the CA, which ends on %s", leaf.file, ca.NotAfter.Format(time.DateOnly))})
			lasts = left
		}
	}
	return lasts
}

// secretOfCA says how the Secret of the CA is made, and writes it where that is asked for.
func (r *certManagerRun) secretOfCA(a *app) error {
	s := &r.report.Secret
	*s = secretReport{Name: r.issuer, Namespace: r.namespace, Keys: []string{"tls.crt", "tls.key"}}
	if r.out != "" {
		text, err := r.caSecret(a)
		if err != nil {
			return err
		}
		s.File, s.Command, err = a.writeSecret(r.output, r.out, text)
		return err
	}
	ca := r.set.Set.CA
	if !r.keyAsked() && ca.HasKey() && len(ca.Chain) == 0 {
		s.Command = inDirectory(r.dir, fmt.Sprintf("kubectl create secret tls %s -n %s --cert=%s --key=%s", r.issuer, r.namespace, certset.CACertificate, certset.CAKey)+appliedAnew)
		return nil
	}
	note, more := r.whyNotKubectl()
	s.Command = r.ownCommand(more)
	r.report.note(note)
	return nil
}

// ownCommand is a command of this program, with all that was said on this one, that makes the Secret of the CA by way of a file.
func (r *certManagerRun) ownCommand(more string) string {
	const file = "ca-secret.yaml"
	return commandIn("setup cert-manager"+r.said+more+" --out "+file, r.dir) + " > /dev/null && kubectl apply -f " + file + " && rm " + file
}

// whyNotKubectl is why kubectl alone cannot make the Secret of the CA, and what has to be said besides for this program to make it.
func (r *certManagerRun) whyNotKubectl() (note, more string) {
	const elsewhere = " --ca-key /path/to/ca.key"
	err := r.set.Reading.Errors[certset.CAKey]
	switch {
	case r.keyAsked():
		return "the CA's key was not read: the command for the Secret reads it", ""
	case errors.Is(err, certset.ErrEncrypted):
		return "ca.key is encrypted, and cert-manager reads no such key; the command for the Secret asks for its pass phrase, unless it is given --passphrase-file or --passphrase-env", ""
	case errors.Is(err, certset.ErrMissing):
		return "ca.key is not here; name the file that it is kept in with --ca-key, for the command for the Secret", elsewhere
	case err != nil:
		return "ca.key cannot be read: " + err.Error() + "; name another file with --ca-key, for the command for the Secret", elsewhere
	case len(r.set.Set.CA.Chain) > 0:
		return "ca.pem holds more than the CA that issues; the command for the Secret takes that one and those above it", ""
	}
	return "ca.key is not the key of ca.pem; name the CA's with --ca-key, for the command for the Secret", elsewhere
}

// caSecret is the Secret of the CA that issues, with those above it and none besides: cert-manager wants one chain.
func (r *certManagerRun) caSecret(a *app) (string, error) {
	dir, err := store.Open(r.dir)
	if err != nil {
		return "", err
	}
	defer dir.Close() //nolint:errcheck // nothing was changed
	ca, err := a.readCA(r.output, &r.caFlags, dir, r.dir)
	if err != nil {
		return "", err
	}
	if _, err := ca.issuer(r.now); err != nil {
		return "", err
	}
	if err := ca.wantRoot(); err != nil {
		return "", err
	}
	warning, err := ca.vouchedFor(dir, r.dir)
	if err != nil {
		return "", err
	}
	if warning != "" {
		r.report.Warnings = addNew(r.report.Warnings, []string{warning})
	}
	files, err := certset.Leaf{Name: caName, Entry: ca.Entry}.Files()
	if err != nil {
		return "", err
	}
	key, certificates := files[0].Data, files[1].Data
	return deploy.CASecret(r.issuer, r.namespace, certificates, key)
}

// text is what is to be applied, with comments about it.
func (r *certManagerRun) text() string {
	lines := []string{
		"cert-manager issues from the CA of " + r.dir + ", and renews: the Issuer, and Certificates like those of the set.",
		"",
		"The Secret with the CA's certificate and key comes first:",
		"  " + r.report.Secret.Command,
		"Whoever can read Secrets in namespace " + r.namespace + " then has the key of this CA, and can issue in its name.",
		"Then apply this output with kubectl apply -f, and at last give Milvus what the comments at its end hold.",
		"",
		"What is otherwise than with the set:",
		"- keys and certificates are made anew before they end; Milvus reads them when it starts, so restart it then:",
		"    " + r.restart(),
		"- cert-manager lets a certificate outlive its CA: shorten duration as the CA nears its end, or renew the CA before",
		"- serial numbers are random: ca.srl no longer counts, and milvus-certs status does not see what is issued there",
		"- ca.crt in the Secrets is the root above the certificate, where ca.pem may hold several",
	}
	for _, d := range r.report.Differences {
		lines = append(lines, "- "+oneLine(d))
	}
	tail := "Milvus takes its files from Secret " + r.secret + ", by these items; to be merged into its resource of the operator:"
	if r.way == string(deploy.Helm) {
		tail = "Milvus takes its files from Secret " + r.secret + ", by these items; to be merged into the values of the chart:"
	}
	if r.set.Set.Client.Certificate != nil {
		lines = append(lines, "", "Clients take their certificate and key from Secret "+r.clientSecret()+", and trust ca.crt in it.")
	}
	return deploy.Comment(strings.Join(oneLineEach(lines), "\n")) + "\n" + r.report.Resources + "#\n" +
		deploy.Comment(tail+"\n\n"+r.report.Document) + "\n"
}
