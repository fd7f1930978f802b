package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// composeThere is what lies in the folder of a Compose file.
type composeThere struct {
	*composeOptions
	compose string // the file that Compose reads, by name, or nothing
	composeOverride
	found           deploy.Service
	unreadable      error         // why a Compose file was not understood
	others          []deploy.Port // that are published, but for what this program's override publishes
	milvusText      []byte        // of milvus.yaml
	rest            milvus.REST   // what that says of REST; the zero value: nothing with which Milvus starts
	noConfiguration error         // what is wrong with milvus.yaml, as a file
}

// composeOverride is the override file that Compose reads.
type composeOverride struct {
	override string // its name, or nothing
	text     string
	own      *deploy.Compose // what it says, where this program wrote it
}

// look reads what is in the folder already.
func (o *composeOptions) look() (*composeThere, error) {
	dir, err := store.Open(o.folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	t := &composeThere{composeOptions: o}
	if err := t.readCompose(dir); err != nil {
		return nil, err
	}
	if t.composeOverride, err = o.readOverride(dir); err != nil {
		return nil, err
	}
	t.others = t.found.Ports
	if t.override != "" {
		override := t.readService(t.override, []byte(t.text))
		t.found = t.found.Merge(override)
		if t.own == nil {
			t.others = t.found.Ports
		}
	}
	t.readConfiguration()
	return t, nil
}

func (t *composeThere) readCompose(dir *store.Dir) (err error) {
	if t.compose, err = firstThere(dir, deploy.ComposeFiles()); err != nil || t.compose == "" {
		return err
	}
	f, err := store.ReadFile(filepath.Join(t.folder, t.compose), store.MaxFileSize)
	if err != nil {
		return err
	}
	t.found = t.readService(t.compose, f.Data)
	return nil
}

func (t *composeThere) readService(name string, data []byte) deploy.Service {
	service, err := deploy.ReadService(data, t.service)
	if err != nil {
		t.unreadable = fmt.Errorf("%s cannot be understood: %w", filepath.Join(t.folder, name), err)
	}
	return service
}

func (o *composeOptions) readOverride(dir *store.Dir) (r composeOverride, err error) {
	if r.override, err = firstThere(dir, deploy.OverrideFiles()); err != nil || r.override == "" {
		return r, err
	}
	f, err := store.ReadFile(filepath.Join(o.folder, r.override), store.MaxFileSize)
	if err != nil {
		return r, err
	}
	r.text = string(f.Data)
	if own, ok := deploy.ParseOverride(r.text); ok {
		r.own = &own
	}
	return r, nil
}

// firstThere is the first of the names that is there, which Compose takes, or nothing.
func firstThere(dir *store.Dir, names []string) (string, error) {
	there, err := dir.Existing(names)
	if err != nil || len(there) == 0 {
		return "", err
	}
	return there[0], nil
}

// readConfiguration reads milvus.yaml.
func (t *composeThere) readConfiguration() {
	path := t.configuration()
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.noConfiguration = fmt.Errorf("%s is missing, without which docker does not start the container; put Milvus's own there, of the version that runs, then %s", path, t.setupMilvus())
		return
	case err == nil && info.IsDir():
		t.noConfiguration = fmt.Errorf("%s is a directory, as docker makes one where a file is missing; remove it and put Milvus's own file there, then %s", path, t.setupMilvus())
		return
	}
	f, err := store.ReadFile(path, yamledit.MaxSize)
	if err != nil {
		t.noConfiguration = err
		return
	}
	t.milvusText = f.Data
	t.rest, _, _ = milvus.RESTOf(f.Data) // what is wrong with it milvus.Check says
}

// setupMilvus is the command that sets milvus.yaml.
func (o *composeOptions) setupMilvus() string {
	words := "setup milvus " + pathIn(o.configuration(), "")
	if dir := path.Clean(o.containerDir); dir != milvus.ContainerDir {
		words += " --container-dir " + shellQuote(dir)
	}
	return commandIn(words, o.dir)
}

// configured is what does not fit between milvus.yaml and the set.
func (t *composeThere) configured(set *deployed, at time.Time) []verify.Finding {
	if t.noConfiguration != nil {
		return []verify.Finding{{Severity: verify.Failure, Check: "milvus-yaml", Problem: t.noConfiguration.Error()}}
	}
	return milvus.Check{
		File: t.configuration(), Data: t.milvusText, Set: set.Input, At: at, Want: milvus.TLS{ContainerDir: path.Clean(t.containerDir)}, Command: t.setupMilvus(),
	}.Findings()
}

// values are what goes into the override. Taken is who has the port of the machine already that REST would have had.
func (t *composeThere) values() (c deploy.Compose, taken *deploy.Port) {
	c = deploy.Compose{Service: t.service, ContainerDir: t.containerDir, MilvusYAML: t.milvusYAML, HTTPPort: cmp.Or(t.rest.Port, milvus.RESTPort)}
	c.Published = c.HTTPPort
	if t.ports != "" {
		c.Published, _ = milvus.ParseHTTPPort(t.ports) // it was checked before
	}
	if t.rest.Off {
		c.Published = 0
	}
	for _, p := range t.others {
		isREST := p.Service == t.service && p.LeadsTo(c.HTTPPort)
		if isREST && (t.ports == "" || p.Takes(c.Published)) {
			c.Published = 0 // that is done
		}
	}
	for _, p := range t.others {
		if p.Takes(c.Published) {
			c.Published, taken = 0, &p
		}
	}
	return c, taken
}

// container is what the service's container is called, so far as that can be told.
func (t *composeThere) container() string {
	if t.found.Found || t.found.ContainerName != "" || t.service != milvus.ComposeService {
		return t.found.ContainerName
	}
	return milvus.ComposeContainer
}

// lacks is which names of the deployment the certificate lacks.
func (t *composeThere) lacks(set *deployed) []verify.Finding {
	names := milvus.ComposeNames(t.service, t.container())
	sans := "--san-for compose"
	if t.service != milvus.ComposeService || t.container() != milvus.ComposeContainer {
		var flags []string
		if server := set.Set.Server.Certificate; server != nil {
			for _, name := range milvus.Missing(server, names) {
				flags = append(flags, "--san "+shellQuote(name))
			}
		}
		sans = strings.Join(flags, " ")
	}
	return set.lacks(names, commandIn("renew server "+sans, set.dir))
}
