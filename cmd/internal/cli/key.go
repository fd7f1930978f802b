package cli

import (
	"cmp"
	"crypto"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// keyOptions are the flags of key.
type keyOptions struct {
	output
	profileFlags
	passphrase
	dir       string
	encryptCA bool

	names []string
}

func (a *app) keyCommand() *cobra.Command {
	o := &keyOptions{}
	c := &cobra.Command{
		Use:   "key NAME...",
		Short: "Make private keys: ca.key, server.key or others",
		Long: `Make a private key for each NAME, as NAME.key in --dir: ca, server and client are
those of a set. The keys are in PKCS#8, for their owner only, and replace nothing.
All are written or none. A conf has no say in them.

This is the first of the steps of the Milvus documentation, each by itself: key,
ca, csr, sign. milvus-certs init does them all at once.

Exit status: 0 the keys are there, 1 the work could not be done, 2 the command line
is wrong.`,
		Example: `  milvus-certs key ca
  milvus-certs key server client --key-type ec-p256 -d certs
  milvus-certs key ca --encrypt-ca-key`,
		Args: func(_ *cobra.Command, args []string) error { o.names = args; return nil },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return setNames, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, _ []string) error { return a.runKey(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *keyOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory that the keys go into; it has to exist")
	o.keyTypeFlag(f, `default "rsa-2048"`)
	f.BoolVar(&o.encryptCA, "encrypt-ca-key", false, "encrypt ca.key with a pass phrase, which is asked for on a terminal")
	o.passphrase.flags(f)
	o.output.flags(f)
}

// caName is the NAME of the CA.
const caName = "ca"

func (o *keyOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir"); err != nil {
		return err
	}
	switch ca := slices.Contains(o.names, caName); {
	case len(o.names) == 0:
		return usagef("wanted ca, server, client or another name, found nothing")
	case o.encryptCA && !ca:
		return usagef("--encrypt-ca-key goes with the name ca: Milvus reads no encrypted key")
	case o.given() && !o.encryptCA:
		return usagef("a pass phrase goes with --encrypt-ca-key")
	}
	if err := o.passphrase.validate(f); err != nil {
		return err
	}
	return o.output.validate()
}

// files are what the names are called as files, each once.
func (o *keyOptions) files() ([]string, error) {
	var files []string
	for _, name := range o.names {
		file := name
		if !slices.Contains(setNames, name) {
			var err error
			if file, err = fileName(name); err != nil {
				return nil, usage(err)
			}
		}
		file += certset.KeyEnding
		// Some file systems do not tell letters of different case apart.
		if slices.ContainsFunc(files, func(f string) bool { return strings.EqualFold(f, file) }) {
			return nil, usagef("%q was there before; each name is for one key", name)
		}
		files = append(files, file)
	}
	return files, nil
}

const keysAreKept = "a key that is lost cannot be made again; move it away, or give another NAME"

func (a *app) runKey(o *keyOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	names, err := o.files()
	if err != nil {
		return err
	}
	asked, err := o.asked(f, a.now())
	if err != nil {
		return err
	}
	p, err := builtinProfile(asked, a.now())
	if err != nil {
		return err
	}
	if err := freeIn(o.dir, names, keysAreKept); err != nil {
		return err
	}
	secret, err := a.keySecret(o)
	if err != nil {
		return err
	}
	keys, err := a.makeKeys(o.output, p.CA().Key, len(names))
	if err != nil {
		return err
	}
	report := &keyReport{Schema: keySchema, Directory: o.dir, Keys: []keyFile{}, remarks: newRemarks()}
	files, err := report.make(names, keys, secret)
	if err != nil {
		return err
	}
	if err := a.writeNew(o.output, o.dir, files, keysAreKept); err != nil {
		return err
	}
	report.Next = afterKeys(o)
	return a.printReport(o.output, report, report.remarks, report.text())
}

func (a *app) keySecret(o *keyOptions) ([]byte, error) {
	if !o.encryptCA {
		return nil, nil
	}
	return a.newPassphrase(o.output, &o.passphrase, filepath.Join(o.dir, certset.CAKey))
}

func (a *app) makeKeys(o output, t profile.KeyType, n int) ([]crypto.Signer, error) {
	bar := a.newProgress(o, "making keys ("+t.String()+")", n, isSlow(t, n))
	defer bar.done()
	keys, errs := make([]crypto.Signer, n), make([]error, n)
	sideBySide(n, func(i int) {
		keys[i], errs[i] = issuance.NewKey(t)
		bar.step()
	})
	if err := cmp.Or(errs...); err != nil {
		return nil, fmt.Errorf("cannot make keys: %w", err)
	}
	return keys, nil
}

// keyPEM is the file of a key. The CA's alone is encrypted, where there is a pass phrase.
func keyPEM(name string, key crypto.Signer, secret []byte) (certset.File, error) {
	files, err := certset.Leaf{Name: strings.TrimSuffix(name, certset.KeyEnding), Entry: certset.Entry{Key: key}}.Files()
	if err != nil {
		return certset.File{}, err
	}
	if secret != nil && name == certset.CAKey {
		files[0].Data, err = certset.EncryptKey(key, secret)
	}
	return files[0], err
}

// afterKeys are the steps that come next.
func afterKeys(o *keyOptions) []string {
	next := []string{}
	for _, name := range o.names {
		switch {
		case name == caName:
			next = append(next, commandIn("ca", o.dir))
		case slices.Contains(setNames, name):
			next = append(next, commandIn("csr "+name, o.dir))
		default:
			next = append(next, commandIn("csr server "+shellQuote(name), o.dir)+"  # or csr client")
		}
	}
	return next
}

// keySchema names the form of the report. A change that could break a reader changes the number.
const keySchema = "milvus-certs/key/v1"

// keyReport is what key says, in JSON as it stands. Of a key nothing is in it but what its public half shows.
type keyReport struct {
	Schema    string    `json:"schema"`
	Directory string    `json:"directory"`
	Keys      []keyFile `json:"keys"`
	remarks
}

type keyFile struct {
	File      string `json:"file"`
	Mode      string `json:"mode"`
	KeyType   string `json:"key_type"`
	Encrypted bool   `json:"encrypted"`
	SHA256    string `json:"sha256"` // of the public key
}

// make makes the files of the keys.
func (r *keyReport) make(names []string, keys []crypto.Signer, secret []byte) (files []certset.File, err error) {
	for i, name := range names {
		file, err := keyPEM(name, keys[i], secret)
		if err == nil {
			err = r.add(file, keys[i], secret != nil && name == certset.CAKey)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func (r *keyReport) add(f certset.File, key crypto.Signer, encrypted bool) error {
	o, err := certset.ObjectOf(key)
	if err != nil {
		return err
	}
	sum := o.KeyHash()
	r.Keys = append(r.Keys, keyFile{
		File: f.Name, Mode: fmt.Sprintf("%04o", f.Mode), KeyType: certset.KeyTypeOf(o.PublicKeyInfo), Encrypted: encrypted,
		SHA256: hex.EncodeToString(sum[:]),
	})
	return nil
}

func (r *keyReport) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: made %s\n\n", r.Directory, countOf(len(r.Keys), "key", "keys"))
	for _, k := range r.Keys {
		encrypted := ""
		if k.Encrypted {
			encrypted = ", encrypted"
		}
		fmt.Fprintf(&out, "  %-10s  %s  %s%s\n", k.File, k.Mode, k.KeyType, encrypted)
	}
	return out.String()
}
