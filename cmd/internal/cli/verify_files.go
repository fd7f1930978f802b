package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// modesMatter: Windows has no such modes.
const modesMatter = runtime.GOOS != "windows"

// renamed are the files that flags name, by the names that they have in a set.
func (o *verifyOptions) renamed() map[string]string {
	cert, key := certset.ServerCertificate, certset.ServerKey
	if o.purpose == "client" {
		cert, key = certset.ClientCertificate, certset.ClientKey
	}
	named := map[string]string{}
	for name, path := range map[string]string{certset.CACertificate: o.ca, cert: o.cert, key: o.key} {
		if path != "" {
			named[name] = path
		}
	}
	return named
}

// input reads what is to be checked. A file that cannot be read is for the check to report.
func (o *verifyOptions) input() (verify.Input, error) {
	in := verify.Input{
		Files: map[string]certset.File{}, Errors: map[string]error{}, Labels: o.renamed(), Paths: map[string]string{}, Foreign: map[string]bool{},
	}
	for name, path := range in.Labels {
		in.Paths[name] = shellQuote(path)
		f, err := store.ReadFile(path, store.MaxFileSize)
		if err != nil {
			in.Errors[name] = withoutPath(err, path)
			continue
		}
		in.Files[name], in.Foreign[name] = f, store.Foreign(path)
	}
	if o.chain {
		return in, nil
	}
	err := o.readSet(&in)
	return in, err
}

// withoutPath is an error of package store that stands behind the name of the file.
func withoutPath(err error, path string) error {
	for _, begin := range []string{"cannot read ", ""} {
		if rest, ok := strings.CutPrefix(err.Error(), begin+path); ok {
			return errors.New(begin + "it" + rest)
		}
	}
	return err
}

// openSet opens a directory that is only to be read, and so has to have a set in it.
func openSet(path string) (*store.Dir, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("directory %s: no such directory; --dir names the directory of a set", path)
	}
	return store.Open(path)
}

// noSet names the flags that there are.
func (o *verifyOptions) noSet() error {
	wayOut := "--ca, --cert and --key name files that are called otherwise"
	if o.dirAlone {
		wayOut = "--dir names the directory of one"
	}
	return fmt.Errorf("there is no file of a set in %s; milvus-certs init makes one, and %s", o.dir, wayOut)
}

// readSet adds the files of the directory to those that were named.
func (o *verifyOptions) readSet(in *verify.Input) error {
	dir, err := openSet(o.dir)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	existing, err := dir.Existing(certset.Names())
	if err != nil {
		return err
	}
	if len(existing) == 0 && len(in.Labels) == 0 {
		return o.noSet()
	}
	for _, name := range existing {
		if _, named := in.Labels[name]; named {
			continue
		}
		in.Paths[name] = pathIn(o.dir, name)
		files, err := dir.Read([]string{name})
		if err != nil {
			in.Errors[name] = withoutPath(err, filepath.Join(o.dir, name))
			continue
		}
		in.Files[name], in.Foreign[name] = files[name], store.Foreign(filepath.Join(o.dir, name))
	}
	in.DirFlag = dirFlag(o.dir)
	in.Interrupted, err = dir.Interrupted()
	return err
}
