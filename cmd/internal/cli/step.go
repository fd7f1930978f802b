package cli

import (
	"crypto"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
)

// What the page's steps (key, ca, csr, sign) have in common.

// target is where a new file goes: into the directory of the set, or elsewhere.
type target struct{ dir, name string }

func (t target) path() string { return filepath.Join(t.dir, t.name) }

// newTarget is what --out names, or else a file in the directory. Of the nine files of a set it may be but own.
func newTarget(out, dir, own, usual string) (target, error) {
	if out == "" {
		return target{dir, usual}, nil
	}
	t := target{filepath.Dir(out), filepath.Base(out)}
	switch {
	case os.IsPathSeparator(out[len(out)-1]) || strings.ContainsAny(t.name[:1], ".-"):
		return t, usagef("--out: wanted the name of a file, found %q", out)
	case slices.Contains(certset.Names(), strings.ToLower(t.name)) && t.name != own:
		return t, usagef("--out: %s is the name of another file of a set; wanted %s or a name that is none of them", t.name, own)
	case filepath.Ext(t.name) != filepath.Ext(own) && slices.Contains(leafEndings, strings.ToLower(filepath.Ext(t.name))):
		return t, usagef("--out: %s is called as another kind of file is; wanted the ending %s, or none of a leaf's", t.name, filepath.Ext(own))
	}
	return t, nil
}

// in tells whether the target lies in the directory, whatever names lead there.
func (t target) in(dir string) bool {
	mine, err := os.Stat(t.dir)
	if err != nil {
		return false
	}
	other, err := os.Stat(dir)
	return err == nil && os.SameFile(mine, other)
}

// free wants nothing to exist under the names of new files.
func free(dir *store.Dir, path string, names []string, wayOut string) error {
	taken, err := dir.Existing(names)
	if err == nil && len(taken) > 0 {
		err = fmt.Errorf("%s exists, and is not replaced; %s", filepath.Join(path, taken[0]), wayOut)
	}
	return err
}

// isFree is free for a target, before anything is asked for or made.
func (t target) isFree(wayOut string) error { return freeIn(t.dir, []string{t.name}, wayOut) }

// freeIn is free before the lock is taken.
func freeIn(path string, names []string, wayOut string) error {
	dir, err := store.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // nothing was changed
	return free(dir, path, names, wayOut)
}

// writeNew writes new files into a directory, all or none, and replaces nothing.
func (a *app) writeNew(o output, path string, files []certset.File, wayOut string) (err error) {
	dir, err := store.Open(path)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := dir.Close(); closeErr != nil && err == nil {
			a.say(o, "warning: %v", closeErr)
		}
	}()
	if err := a.lock(o, dir, path); err != nil {
		return err
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if err := free(dir, path, names, wayOut); err != nil {
		return err
	}
	return dir.Commit(files, "")
}

// stepName is how the files of a leaf are called: NAME may be that of the role, for the set's own leaf.
func stepName(role profile.Role, name string) (string, error) {
	switch {
	case name == string(role):
		return name, nil
	case slices.Contains(setNames, strings.ToLower(name)):
		return "", fmt.Errorf("%q is not the name of a %s; wanted %s or a name that is none of a set's own", name, role, role)
	}
	return fileName(name)
}

// readStepKey reads a private key, wherever it is kept.
func (a *app) readStepKey(o output, p *passphrase, path, wayOut string) (crypto.Signer, error) {
	f, err := store.ReadFile(path, store.MaxFileSize)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, wayOut)
	}
	key, _, err := a.parseCAKey(o, p, f, path)
	return key, err
}

// theKey stands for the type of keys where none is made, so that what a conf says of new ones, right or wrong, is of no account.
var theKey = profile.Setting{Value: profile.KeyTypes()[0], From: "the key"}

// builtinProfile is what is made of a leaf where nothing is said about it.
func builtinProfile(asked profile.Asked, now time.Time) (*profile.Profile, error) {
	conf, err := profile.Builtin()
	if err != nil {
		return nil, err
	}
	asked.Now = now
	p, err := profile.New(conf, asked)
	return p, usage(err)
}

// stepFlags are those that csr and sign share.
func (p *profileFlags) stepFlags(f *pflag.FlagSet) {
	p.sanFlag(f, "further name")
	f.StringVar(&p.sections[0], "extensions", "", `section of the conf with the extensions (default "v3_req")`)
	f.BoolVar(&p.exact, "exact", false, "complete nothing: what OpenSSL makes of the conf with gen.sh's commands")
}

// roleFirst completes the role, and then, if so, files.
func roleFirst(then cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, then
		}
		return []string{string(profile.ServerRole), string(profile.ClientRole)}, cobra.ShellCompDirectiveNoFileComp
	}
}
