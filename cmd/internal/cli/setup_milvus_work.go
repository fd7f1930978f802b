package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

func (a *app) runSetupMilvus(o *setupMilvusOptions, t milvus.TLS) error {
	if o.check {
		return a.checkMilvus(o, t)
	}
	report := &setupMilvusReport{Schema: setupMilvusSchema, File: o.file, Mode: t.Mode, Changes: []settingReport{}, Unchanged: []settingReport{}, remarks: newRemarks()}
	if t.Internal && t.SNI == "" {
		sni, err := o.sniOfSet()
		if err != nil {
			return err
		}
		t.SNI = sni
		report.note(fmt.Sprintf("internaltls.sni is %s, the first DNS name of %s; --sni chooses another", sni, filepath.Join(o.dir, certset.ServerCertificate)))
	}
	switch {
	case o.file == "":
		return a.printFragment(o, t, report)
	case o.dryRun:
		return a.previewMilvus(o, t, report)
	}
	return a.setMilvus(o, t, report)
}

// sniOfSet is the first DNS name of server.pem that can be dialled.
func (o *setupMilvusOptions) sniOfSet() (string, error) {
	path := filepath.Join(o.dir, certset.ServerCertificate)
	const wayOut = "give the name with --sni, or the directory of the set with --dir"
	f, err := store.ReadFile(path, store.MaxFileSize)
	if err != nil {
		return "", fmt.Errorf("--internal wants a name: %w; %s", err, wayOut)
	}
	certs, _, err := certset.ParseCertificates(f.Data)
	if err != nil {
		return "", fmt.Errorf("%s: %w; %s", path, err, wayOut)
	}
	for _, name := range certs[0].Names() {
		dns, ok := strings.CutPrefix(name, "DNS:")
		if host, err := verify.ParseHost(dns); ok && err == nil {
			return host, nil
		}
	}
	return "", fmt.Errorf("%s has no DNS name that the components could dial; give a name with --sni, and have it in the certificate: %s", path, commandIn("renew server --san NAME", o.dir))
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
	report.Next = o.next()
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
	in, err := (&verifyOptions{dir: o.dir, setAlone: true}).input()
	if err != nil {
		return err
	}
	if !o.changed("mode") {
		t.Mode = 0
	}
	if !o.changed("container-dir") {
		t.ContainerDir = ""
	}
	check := milvus.Check{File: o.file, Data: f.Data, Set: in, At: a.now(), Want: t, Command: o.command()}
	return a.printCheck(o.output, setupMilvusCheckSchema, o.file, check.Findings())
}
