package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/store"
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
	r.report.Warnings = oneLineEach(append(warnings, asWarnings(lacks)...))
	if err := r.resources(more); err != nil {
		return err
	}
	if r.report.Document, err = r.values(deploy.CertManagerItems()).Part(deploy.Way(r.way)); err != nil {
		return err
	}
	return r.secretOfCA(a)
}

// wantOneCA refuses a set whose CA is being changed: cert-manager issues from one CA, and puts that one alone into ca.crt.
func wantOneCA(set *deployed) error {
	if expiry.ChangeOverOf(set.Set.CA) == nil {
		return nil
	}
	return errors.New("a change of the CA is under way, and cert-manager would hand out the new CA alone; end the change first: " +
		commandIn("status", set.dir) + " tells what comes next")
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
	if !ca.HasKey() || len(ca.Chain) > 0 {
		s.Command = commandIn("setup cert-manager --out ca-secret.yaml", r.dir) + " ... && kubectl apply -f ca-secret.yaml"
		r.report.note(r.whyNotKubectl())
		return nil
	}
	s.Command = inDirectory(r.dir, fmt.Sprintf("kubectl create secret tls %s -n %s --cert=%s --key=%s", r.issuer, r.namespace, certset.CACertificate, certset.CAKey))
	return nil
}

// whyNotKubectl is why kubectl alone cannot make the Secret of the CA.
func (r *certManagerRun) whyNotKubectl() string {
	err := r.set.Reading.Errors[certset.CAKey]
	switch {
	case errors.Is(err, certset.ErrEncrypted):
		return "ca.key is encrypted, and cert-manager reads no such key; --out asks for the pass phrase and writes the Secret"
	case errors.Is(err, certset.ErrMissing):
		return "ca.key is not here; --out with --ca-key, which names the file that it is kept in, writes the Secret"
	case err != nil:
		return "ca.key cannot be read: " + err.Error()
	case len(r.set.Set.CA.Chain) > 0:
		return "ca.pem holds more than the CA that issues; --out writes the Secret with that one and those above it"
	}
	return "ca.key is not the key of ca.pem; --out with --ca-key, which names the CA's, writes the Secret"
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
		"Whoever can read Secrets in namespace " + r.namespace + " can then issue what trusts this CA.",
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
	tail := "Milvus takes its files from Secret " + r.secret + ", by these items, in its resource of the operator:"
	if r.way == string(deploy.Helm) {
		tail = "Milvus takes its files from Secret " + r.secret + ", by these items, in the values of the chart:"
	}
	if r.set.Set.Client.Certificate != nil {
		lines = append(lines, "", "Clients take their certificate and key from Secret "+r.name+"-client-tls, and trust ca.crt in it.")
	}
	return deploy.Comment(strings.Join(oneLineEach(lines), "\n")) + "\n" + r.report.Resources + "#\n" +
		deploy.Comment(tail+"\n\n"+r.report.Document) + "\n"
}
