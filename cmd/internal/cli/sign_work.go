package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// signRun is one run of sign.
type signRun struct {
	*app
	*signOptions
	now     time.Time
	store   *store.Dir
	target  target
	request *certset.Request
	subject []byte // what the certificate is for, in DER
	profile *profile.Profile
	cert    profile.Certificate
	ca      *authority
	issuer  *issuance.Issuer
	report  *signReport
}

const certificateIsKept = "milvus-certs renew makes it anew, --out names another file"

func (a *app) runSign(o *signOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	name, err := o.name(f)
	if err != nil {
		return err
	}
	t, err := o.target()
	if err != nil {
		return err
	}
	dir, err := openSet(o.dir)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // every lock was released before
	r := &signRun{app: a, signOptions: o, now: a.now(), store: dir, target: t, report: newSignReport(o, t)}
	for _, step := range []func() error{
		func() error { return r.readRequest(name == nil) },
		func() error { return r.resolve(f, name) },
		func() error { return t.isFree(certificateIsKept) },
		r.readIssuer,
		r.work,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return a.printReport(o.output, r.report, r.report.remarks, r.report.text())
}

// maxRequest bounds a request in bytes: with the longest key and a hundred names it has a tenth of that.
const maxRequest = 64 << 10

// readRequest reads the request and judges it. Whether its subject will do only matters where it is used.
func (r *signRun) readRequest(subject bool) error {
	data, err := r.requestFile()
	if err != nil {
		return err
	}
	title := fileTitle(r.file)
	request, odd, err := certset.ReadRequest(data)
	if err == nil {
		err = request.CheckKey()
	}
	if err == nil {
		err = request.CheckSignature()
	}
	if errors.Is(err, certset.ErrBadSignature) {
		err = errors.New("it is not signed with its own key, so that whoever sent it need not have that key; have it made anew")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", title, err)
	}
	r.request = request
	for _, remark := range odd {
		r.report.note(title + ": " + remark)
	}
	r.report.Request.requestReport = newRequestReport(request)
	if !subject {
		return nil
	}
	return r.takeSubject(title)
}

func (r *signRun) requestFile() ([]byte, error) {
	if r.file == standardInput {
		data, err := io.ReadAll(io.LimitReader(r.stdin, maxRequest+1))
		if err == nil && len(data) > maxRequest {
			err = fmt.Errorf("standard input is too long: at most %d bytes of a certification request are read", maxRequest)
		}
		return data, err
	}
	f, err := store.ReadFile(r.file, maxRequest)
	if errors.Is(err, fs.ErrNotExist) && r.dir != "." {
		err = fmt.Errorf("%w; FILE is looked for in the working directory, not in --dir", err)
	}
	return f.Data, err
}

const subjectWayOut = "give one with --subject, such as /C=CN/O=milvus/CN=localhost"

// takeSubject takes the subject from the request.
func (r *signRun) takeSubject(title string) error {
	name, err := x509v3.ReadSubject(r.request.RawSubject)
	switch {
	case err != nil:
		return fmt.Errorf("%s: its subject is refused: %w; %s", title, err, subjectWayOut)
	case len(name) == 0:
		return fmt.Errorf("%s: its subject is empty; %s", title, subjectWayOut)
	}
	r.cert.Subject, r.subject = name, r.request.RawSubject
	return nil
}

// resolve decides by conf and flags what the certificate is to be. A name that is not nil is that of --subject.
func (r *signRun) resolve(f *pflag.FlagSet, name x509v3.Name) error {
	asked, err := r.asked(f, r.now)
	if err != nil {
		return err
	}
	asked.SANs, asked.CAElsewhere = nil, true
	asked.KeyType = theKey
	if r.profile, r.report.Conf, err = r.resolveProfile(r.output, r.config, r.dir, asked); err != nil {
		return err
	}
	if err := r.report.warnConf(r.strict, r.profile.Warnings()); err != nil {
		return err
	}
	if name != nil {
		if r.subject, err = name.DER(r.profile.StringMask()); err != nil {
			return usagef("--subject: %w", err)
		}
		r.cert.Subject = name
	}
	leaf := profile.Leaf{File: r.target.name, SANs: r.sans, SANsFrom: "--san"}
	cert, notes, err := r.profile.LeafFor(r.role, r.cert.Subject, leaf)
	r.cert = cert
	r.report.note(notes...)
	return usage(err)
}

func (r *signRun) readIssuer() (err error) {
	if r.ca, err = r.readCA(r.output, &r.caFlags, r.store, r.dir); err != nil {
		return err
	}
	if r.issuer, err = r.ca.issuer(r.now); err != nil {
		return err
	}
	r.report.note(r.ca.changing()...)
	warning, err := r.ca.vouchedFor(r.store, r.dir)
	if err == nil && warning != "" {
		err = r.report.warn(r.strict, warning)
	}
	return err
}

// work signs under the lock. A certificate that goes elsewhere than ca.srl is written after it: a number that is missing does no
// harm, one that is there twice does.
func (r *signRun) work() error {
	here := r.target.in(r.dir)
	certificate, err := r.sign(here)
	if err == nil && !here {
		err = r.writeNew(r.output, r.target.dir, []certset.File{certificate}, certificateIsKept)
	}
	return err
}

// sign makes the certificate and writes ca.srl, and with it the certificate where both go here.
func (r *signRun) sign(here bool) (file certset.File, err error) {
	path := r.dir
	if err := r.lock(r.output, r.store, path); err != nil {
		return file, err
	}
	defer func() {
		if unlockErr := r.store.Unlock(); unlockErr != nil && err == nil {
			r.say(r.output, "warning: %v", unlockErr)
		}
	}()
	if err := r.ca.unchanged(); err != nil {
		return file, err
	}
	if here {
		if err := free(r.store, path, []string{r.target.name}, certificateIsKept); err != nil {
			return file, err
		}
	}
	serials, files, err := serialsOf(r.ca, r.store, path, 1)
	if err != nil {
		return file, err
	}
	entry, notes, err := r.issuer.Sign(r.profile, r.cert, r.subject, r.request, serials[0])
	if err == nil {
		err = verify.Made(certset.Leaf{Entry: entry}, r.issuer.Certificate, r.now)
	}
	if err != nil {
		return file, fmt.Errorf("%s: %w", r.target.name, err)
	}
	if file, err = r.judge(entry, notes); err != nil {
		return file, err
	}
	if here {
		files = append(files, file)
	}
	return file, r.store.Commit(files, "")
}

// judge reports what was made, and what clients have against it, and returns its file.
func (r *signRun) judge(entry certset.Entry, notes []string) (certset.File, error) {
	entry.Request = nil // whoever made it has it
	name := strings.TrimSuffix(r.target.name, certset.CertificateEnding)
	leaf := certset.Leaf{Name: name, Entry: entry}
	r.report.note(notes...)
	r.report.granted(r.request, entry.Certificate, r.profile.Exact(), r.now)
	if err := r.report.warn(r.strict, r.warnings(leaf)...); err != nil {
		return certset.File{}, err
	}
	files, err := leaf.Files()
	if err != nil {
		return certset.File{}, err
	}
	files[0].Name = r.target.name
	return files[0], nil
}

// warnings are what clients have against a leaf. Its file need not have the usual ending.
func (r *signRun) warnings(leaf certset.Leaf) []string {
	warnings := refusedLeaf(r.ca, r.role, leaf)
	for i, sentence := range warnings {
		warnings[i] = strings.ReplaceAll(sentence, leaf.Name+certset.CertificateEnding, r.target.name)
	}
	return warnings
}
