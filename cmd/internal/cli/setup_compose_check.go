package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

const composeCheckSchema = "milvus-certs/setup-compose-check/v1"

func (a *app) checkCompose(o *composeOptions) error {
	set, err := lookAtDeployed(o.dir)
	if err != nil {
		return err
	}
	there, err := o.look()
	if err != nil {
		return err
	}
	findings := slices.Concat(set.failures("1", a.now()), checkTLS(o, set), strayKeys(o), there.mounted(), there.lacks(set))
	return a.printCheck(o.output, composeCheckSchema, o.folder, findings)
}

// again is the command that puts tls/ right.
func (o *composeOptions) again() string {
	words := "setup compose"
	if filepath.Clean(o.folder) != "." {
		words += " " + pathIn(o.folder, "")
	}
	return commandIn(words, o.dir)
}

// checkTLS wants the files in tls/ to be those of the set.
func checkTLS(o *composeOptions, set *deployed) (findings []verify.Finding) {
	for _, name := range deploy.ServerFiles() {
		of, ok := set.Files[name]
		if !ok {
			continue // that was said
		}
		path := filepath.Join(o.tls(), name)
		f := verify.Finding{Severity: verify.Failure, Check: "tls-folder", File: path, WayOut: o.again()}
		was, err := store.ReadFile(path, store.MaxFileSize)
		switch {
		case err != nil && !exists(path):
			f.Problem = "is missing"
		case err != nil:
			f.Problem = withoutPath(err, path).Error()
		case !bytes.Equal(was.Data, of.Data):
			f.Problem = "is not " + name + " of the set, but an old or another one"
		case looseKey(was, path) != "" && filepath.Ext(name) == certset.KeyEnding && !readByGroup(was):
			f.Severity, f.Problem = verify.Warning, fmt.Sprintf("others than its owner can use this key (mode %04o)", was.Mode)
		default:
			continue
		}
		findings = append(findings, f)
	}
	return findings
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// strayKeys are private keys in tls/ that Milvus does not read: they would be mounted into its container.
func strayKeys(o *composeOptions) (findings []verify.Finding) {
	dir, err := store.Open(o.tls())
	if err != nil {
		return nil // it is missing, and that is said
	}
	defer dir.Close() //nolint:errcheck // it was only read
	names, err := dir.List()
	if err != nil {
		return nil // so is that
	}
	for _, name := range names {
		if filepath.Ext(name) != certset.KeyEnding || name == certset.ServerKey {
			continue
		}
		path := filepath.Join(o.tls(), name)
		findings = append(findings, verify.Finding{Severity: verify.Failure, Check: "stray-key", Problem: path + " is mounted into the container, and Milvus does not need that key",
			WayOut: "remove it there, once it is kept elsewhere: rm " + pathIn(path, "")})
	}
	return findings
}

// mounted wants Compose to mount what it should, so far as its files can be read without it.
func (t *composeThere) mounted() (findings []verify.Finding) {
	if t.noConfiguration != nil {
		findings = append(findings, verify.Finding{Severity: verify.Failure, Check: "milvus-yaml", Problem: t.noConfiguration.Error()})
	}
	f := verify.Finding{Severity: verify.Failure, Check: "mount", File: filepath.Join(t.folder, t.compose), WayOut: t.again()}
	switch {
	case t.unreadable != nil:
		f.Severity, f.File, f.Problem, f.WayOut = verify.NotChecked, "", t.unreadable.Error(), ""
	case t.compose == "":
		f.Severity, f.File, f.Problem = verify.NotChecked, "", "there is no docker-compose.yml in "+t.folder
		f.WayOut = "FOLDER names the folder that it lies in"
	case !t.found.Found:
		f.Problem, f.WayOut = "has no service "+t.service, "--service names that of Milvus"
	case !t.found.Mounts(t.containerDir):
		f.Problem = "nothing is mounted at " + t.containerDir + " in service " + t.service
	case !t.found.MountsConfiguration():
		f.Problem = "no milvus.yaml is mounted in service " + t.service
	default:
		return findings
	}
	return append(findings, f)
}
