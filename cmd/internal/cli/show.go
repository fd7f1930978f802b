package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/store"
)

// showOptions are the flags of show.
type showOptions struct {
	output
	dir   string
	files []string
	stdin io.Reader
}

// standardInput is the FILE that means it.
const standardInput = "-"

func (a *app) showCommand() *cobra.Command {
	o := &showOptions{}
	c := &cobra.Command{
		Use:   "show [FILE]...",
		Short: "Show what certificates, requests and keys hold",
		Long: `Show what is in certificates, certification requests and private keys: of a key
its kind, its form and a hash of its public half, never the key. Without FILE it
is the set in --dir, as much of it as there is; - is standard input. A file may
hold several objects, PEM or DER. Nothing is judged here, only what cannot be
read is said.

"key hash" is the SHA-256 of the public key (its SubjectPublicKeyInfo in DER): a
key, a request and a certificate that belong together have the same one.

In JSON (schema milvus-certs/show/v1) files lists the files in order, each with
file, error (why it cannot be read), remarks, objects and, of ca.srl, serial. An
object has number, kind, error, key and certificate or request. A key has type,
form, encrypted, sha256 (the key hash) and same_as (where else it is). A
certificate has subject, issuer, self_signed, serial, names, key_usage,
extended_key_usage, ca, path_length, key_type, not_before, not_after, days (its
whole time), days_left (below 0 where it has expired), sha256, sha1, key_id,
issuer_key_id, version, signature_algorithm, extensions (oid, name, critical,
value) and refused_by_go (what crypto/x509 says where it refuses it). A request
has those of them that it can ask for, and signature_valid.

Exit status: 0 all was read, 1 a file could not be read (the others are shown),
2 the command line is wrong.`,
		Example: `  milvus-certs show -d certs
  milvus-certs show server.pem server.key
  kubectl get secret milvus-tls -o jsonpath='{.data.tls\.crt}' | base64 -d |
    milvus-certs show -`,
		RunE: func(c *cobra.Command, args []string) error {
			o.files, o.stdin = args, c.InOrStdin()
			if err := o.validate(c.Flags()); err != nil {
				return err
			}
			return a.runShow(o)
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *showOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set that is shown where no FILE is given")
	o.output.flags(f)
}

func (o *showOptions) validate(f *pflag.FlagSet) error {
	stdin := 0
	for _, name := range o.files {
		switch name {
		case "":
			return usagef("wanted the name of a file, found nothing")
		case standardInput:
			stdin++
		}
	}
	switch {
	case stdin > 1:
		return usagef("standard input (-) can be read once, found it %d times", stdin)
	case len(o.files) > 0 && f.Changed("dir"):
		return usagef("--dir and a FILE exclude each other")
	}
	if err := wantNames(f, "dir"); err != nil {
		return err
	}
	return o.output.validate()
}

func (a *app) runShow(o *showOptions) error {
	read, err := o.read()
	if err != nil {
		return err
	}
	report := newShowReport(read, a.now())
	if err := a.printShow(o, report); err != nil {
		return err
	}
	return a.complain(report)
}

// complain writes a line for each file that could not be read. The last one is returned, for Main to write.
func (a *app) complain(r *showReport) (err error) {
	for _, message := range r.errors() {
		if err != nil {
			a.printError(err)
		}
		err = errors.New(message)
	}
	return err
}

// shownFile is a file as it was read, or why it was not.
type shownFile struct {
	name    string
	objects []certset.Object
	serial  string
	remarks []string
	err     error
}

// read reads the files that are meant, each on its own.
func (o *showOptions) read() ([]shownFile, error) {
	if len(o.files) == 0 {
		return readSetFiles(o.dir)
	}
	var read []shownFile
	for _, name := range o.files {
		data, err := o.content(name)
		read = append(read, newShownFile(name, data, err))
	}
	return read, nil
}

// readSetFiles reads the files of a set that are in the directory.
func readSetFiles(path string) ([]shownFile, error) {
	dir, err := openSet(path)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	existing, err := dir.Existing(certset.Names())
	if err != nil {
		return nil, err
	}
	if len(existing) == 0 {
		return nil, fmt.Errorf("there is no file of a set in %s; milvus-certs init makes one, or name the files to show", path)
	}
	var read []shownFile
	for _, name := range existing {
		files, err := dir.Read([]string{name})
		read = append(read, newShownFile(name, files[name].Data, err))
	}
	return read, nil
}

// content reads a file that was named, as much of it as may be.
func (o *showOptions) content(name string) ([]byte, error) {
	if name != standardInput {
		f, err := store.ReadFile(name, store.MaxFileSize)
		return f.Data, err
	}
	data, err := io.ReadAll(io.LimitReader(o.stdin, store.MaxFileSize+1))
	if err == nil && len(data) > store.MaxFileSize {
		err = fmt.Errorf("standard input is too long: at most %d bytes are read", store.MaxFileSize)
	}
	return data, err
}
