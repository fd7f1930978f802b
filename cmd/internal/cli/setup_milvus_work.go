package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

func (a *app) runSetupMilvus(o *setupMilvusOptions, t milvus.TLS) (err error) {
	if err := o.wantDir(); err != nil {
		return err
	}
	if o.check {
		return a.checkMilvus(o, t)
	}
	if t.Internal && t.SNI == "" {
		if t.Server, err = o.server(); err != nil {
			return err
		}
	}
	report := &setupMilvusReport{Schema: setupMilvusSchema, File: o.file, Changes: []settingReport{}, Unchanged: []settingReport{}, remarks: newRemarks()}
	switch {
	case o.file == "":
		return a.printFragment(o, t, report)
	case o.dryRun:
		return a.previewMilvus(o, t, report)
	}
	return a.setMilvus(o, t, report)
}

// wantDir wants a directory that was named to be there.
func (o *setupMilvusOptions) wantDir() error {
	if !o.changed("dir") {
		return nil
	}
	dir, err := openSet(o.dir)
	if err != nil {
		return err
	}
	return dir.Close()
}

// serverPath is where server.pem is, or would be.
func (o *setupMilvusOptions) serverPath() string {
	return filepath.Join(o.dir, certset.ServerCertificate)
}

// server is the certificate of the set; nil: there is none.
func (o *setupMilvusOptions) server() (*certset.Certificate, error) {
	const wayOut = "give the name for --internal with --sni"
	f, err := store.ReadFile(o.serverPath(), store.MaxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // as the sentence above has it
	case err != nil:
		return nil, fmt.Errorf("%w; %s", err, wayOut)
	}
	certs, _, err := certset.ParseCertificates(f.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s", o.serverPath(), err, wayOut)
	}
	return certs[0], nil
}

// noSNI says how internal TLS gets a name, where neither the file nor the set has one.
func (o *setupMilvusOptions) noSNI(t milvus.TLS) error {
	if t.Server == nil {
		return fmt.Errorf("--internal wants a name, and there is no %s that has one; give the name with --sni, or the directory of the set with --dir", o.serverPath())
	}
	return fmt.Errorf("%s has no DNS name that the components could dial; give a name with --sni, and have it in the certificate: %s", o.serverPath(), commandIn("renew server --san NAME", o.dir))
}

// theFile is FILE as a target. Writing never follows links, so one is refused before anything is done.
func (o *setupMilvusOptions) theFile() (target, error) {
	t := target{filepath.Dir(o.file), filepath.Base(o.file)}
	info, err := os.Lstat(o.file)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return t, fmt.Errorf("%s is a symbolic link, and is not written through; name the file that it leads to", o.file)
	}
	return t, o.missing(err)
}

// missing says where a milvus.yaml comes from, where there is none.
func (o *setupMilvusOptions) missing(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s: no such file; Milvus's image has one: docker cp %s:/milvus/configs/milvus.yaml %s; without FILE the settings are printed", o.file, milvus.ComposeContainer, shellQuote(o.file))
}

// read reads FILE.
func (o *setupMilvusOptions) read() (certset.File, error) {
	if _, err := os.Stat(o.file); err != nil {
		return certset.File{}, o.missing(err)
	}
	return store.ReadFile(o.file, yamledit.MaxSize)
}

// configure makes the settings in the file's text. An error names the line.
func (o *setupMilvusOptions) configure(data []byte, t milvus.TLS) (milvus.Configured, error) {
	configured, err := milvus.Configure(data, t)
	if errors.Is(err, milvus.ErrNoSNI) {
		return configured, o.noSNI(t)
	}
	fault, ok := errors.AsType[*yamledit.Error](err)
	if !ok {
		return configured, err
	}
	place := o.file
	if fault.Line > 0 {
		place = fmt.Sprintf("%s:%d", o.file, fault.Line)
	}
	err = fmt.Errorf("%s: %s", place, fault.Problem)
	if fault.WayOut != "" {
		err = fmt.Errorf("%w; %s", err, fault.WayOut)
	}
	return configured, err
}

func (a *app) previewMilvus(o *setupMilvusOptions, t milvus.TLS, report *setupMilvusReport) error {
	if _, err := o.theFile(); err != nil {
		return err
	}
	f, err := o.read()
	if err != nil {
		return err
	}
	configured, err := o.configure(f.Data, t)
	if err != nil {
		return err
	}
	report.DryRun = true
	report.add(configured)
	return a.printDiff(o, f.Data, configured.Data, report)
}

// setMilvus reads the file, sets what is to be set and writes it, under the lock of its directory.
func (a *app) setMilvus(o *setupMilvusOptions, t milvus.TLS, report *setupMilvusReport) error {
	at, err := o.theFile()
	if err != nil {
		return err
	}
	if err := a.changeFile(o.output, at, func(data []byte) ([]byte, error) {
		configured, err := o.configure(data, t)
		if err != nil {
			return nil, err
		}
		report.add(configured)
		return configured.Data, nil
	}); err != nil {
		return err
	}
	report.Next = o.next(t)
	return a.printReport(o.output, report, report.remarks, report.text())
}

// changeFile replaces a file with what change makes of it, all or nothing; the same is not written.
func (a *app) changeFile(o output, at target, change func([]byte) ([]byte, error)) error {
	dir, err := store.Open(at.dir)
	if err != nil {
		return err
	}
	defer func() {
		if err := dir.Close(); err != nil {
			a.say(o, "warning: %v", err)
		}
	}()
	if err := a.lock(o, dir, at.dir); err != nil {
		return err
	}
	files, err := dir.Read([]string{at.name})
	if err != nil {
		return err
	}
	f, ok := files[at.name]
	if !ok {
		return fmt.Errorf("%s: no such file", at.path())
	}
	data, err := change(f.Data)
	if err != nil || slices.Equal(data, f.Data) {
		return err
	}
	f.Data = data
	return dir.Commit([]certset.File{f}, "")
}

// checkMilvus says whether FILE and the set fit together.
func (a *app) checkMilvus(o *setupMilvusOptions, t milvus.TLS) error {
	f, err := o.read()
	if err != nil {
		return err
	}
	in, err := (&verifyOptions{dir: o.dir, dirAlone: true}).input()
	if err != nil {
		return err
	}
	if !o.changed("container-dir") {
		t.ContainerDir = ""
	}
	check := milvus.Check{File: o.file, Data: f.Data, Set: in, At: a.now(), Want: t, Command: o.command()}
	return a.printCheck(o.output, setupMilvusCheckSchema, o.file, check.Findings())
}
