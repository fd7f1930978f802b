package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// composeThere is what lies in the folder of a Compose file.
type composeThere struct {
	*composeOptions
	compose, override string // the files that Compose reads, by name, or nothing
	overrideText      string
	found             deploy.Service
	unreadable        error // why a Compose file was not understood
	httpPort          int   // of milvus.yaml, 0: it says nothing
	noConfiguration   error // what is wrong with milvus.yaml, as a file
}

// look reads what is in the folder already.
func (o *composeOptions) look() (*composeThere, error) {
	dir, err := store.Open(o.folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	t := &composeThere{composeOptions: o}
	if t.compose, err = firstThere(dir, deploy.ComposeFiles()); err != nil {
		return nil, err
	}
	if t.override, err = firstThere(dir, deploy.OverrideFiles()); err != nil {
		return nil, err
	}
	for _, name := range []string{t.compose, t.override} {
		if name == "" {
			continue
		}
		f, err := store.ReadFile(filepath.Join(o.folder, name), store.MaxFileSize)
		if err != nil {
			return nil, err
		}
		if name == t.override {
			t.overrideText = string(f.Data)
		}
		service, err := deploy.ReadService(f.Data, o.service)
		if err != nil {
			t.unreadable = fmt.Errorf("%s cannot be understood: %w", f.Name, err)
		}
		if name == t.compose {
			t.found = service
		} else {
			t.found = t.found.Merge(service)
		}
	}
	t.readConfiguration()
	return t, nil
}

// firstThere is the first of the names that is there, which Compose takes, or nothing.
func firstThere(dir *store.Dir, names []string) (string, error) {
	there, err := dir.Existing(names)
	if err != nil || len(there) == 0 {
		return "", err
	}
	return there[0], nil
}

// readConfiguration reads the port of REST from milvus.yaml.
func (t *composeThere) readConfiguration() {
	path := t.configuration()
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.noConfiguration = fmt.Errorf("%s is missing, without which docker does not start the container; put Milvus's own there, of the version that runs, then milvus-certs setup milvus %s",
			path, pathIn(path, ""))
		return
	case err == nil && info.IsDir():
		t.noConfiguration = fmt.Errorf("%s is a directory, as docker makes one where a file is missing; remove it and put Milvus's own file there, then milvus-certs setup milvus %s",
			path, pathIn(path, ""))
		return
	}
	f, err := store.ReadFile(path, store.MaxFileSize)
	if err != nil {
		t.noConfiguration = err
		return
	}
	t.httpPort = deploy.HTTPPort(f.Data)
}

// values are what goes into the override.
func (t *composeThere) values() deploy.Compose {
	c := deploy.Compose{Service: t.service, ContainerDir: t.containerDir, MilvusYAML: t.milvusYAML, HTTPPort: t.httpPort}
	if c.HTTPPort == 0 {
		c.HTTPPort = deploy.DefaultHTTPPort
	}
	c.Published = c.HTTPPort
	if t.ports != "" {
		c.Published, _ = deploy.ParseHTTPPort(t.ports) // it was checked before
		if t.httpPort == 0 && c.Published > 0 {
			c.HTTPPort = c.Published
		}
	}
	return c
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
