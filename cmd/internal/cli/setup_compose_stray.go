package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

const strayCheck = "stray-key"

// strayKeys are private keys in tls/ that Milvus does not read: they would be mounted into its container. Folders in tls/ are looked
// into, those in them are not.
func strayKeys(o *composeOptions) []verify.Finding {
	if !exists(o.tls()) {
		return nil // that is said
	}
	findings, folders := strayIn(o.tls(), certset.ServerKey)
	for _, folder := range folders {
		more, deeper := strayIn(folder, "")
		findings = append(findings, more...)
		for _, d := range deeper {
			findings = append(findings, verify.Finding{Severity: verify.NotChecked, Check: strayCheck, File: d, Problem: "is mounted into the container, and was not looked into"})
		}
	}
	return findings
}

// strayIn looks at the files of a folder, but for one. Links are passed over: what they lead to is not mounted with them.
func strayIn(folder, but string) (findings []verify.Finding, folders []string) {
	const most = 1000
	entries, err := readFolder(folder, most)
	if err != nil {
		return []verify.Finding{{Severity: verify.NotChecked, Check: strayCheck, File: folder, Problem: "cannot be looked at: " + withoutPath(err, folder).Error()}}, nil
	}
	if len(entries) > most {
		findings = append(findings, verify.Finding{Severity: verify.NotChecked, Check: strayCheck, File: folder, Problem: "is mounted into the container, and has more files than are looked at"})
		entries = entries[:most]
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		switch {
		case e.IsDir() && strings.HasPrefix(e.Name(), ".milvus-certs."):
			// files of an interrupted command, which is told of
		case e.IsDir():
			folders = append(folders, path)
		case e.Type().IsRegular() && e.Name() != but:
			findings = append(findings, strayKey(path)...)
		}
	}
	return findings, folders
}

// readFolder returns what is in a folder, sorted, and up to one more than most.
func readFolder(path string, most int) ([]os.DirEntry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	entries, err := f.ReadDir(most + 1)
	if errors.Is(err, io.EOF) {
		err = nil // it is empty
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

func strayKey(path string) []verify.Finding {
	f, err := store.ReadFile(path, store.MaxFileSize)
	switch {
	case holdsKey(path, f.Data):
		return []verify.Finding{{Severity: verify.Failure, Check: strayCheck, Problem: path + " is mounted into the container, and Milvus does not need that key",
			WayOut: "remove it there, once it is kept elsewhere: rm " + pathIn(path, "")}}
	case err != nil:
		return []verify.Finding{{Severity: verify.NotChecked, Check: strayCheck, File: path, Problem: withoutPath(err, path).Error()}}
	}
	return nil
}

// keyStores are endings of files in which keys are kept, and which are not read.
var keyStores = []string{certset.KeyEnding, ".p12", ".pfx", ".jks"}

// holdsKey tells whether a private key is in a file, by what it holds or else by its name.
func holdsKey(path string, data []byte) bool {
	if slices.Contains(keyStores, strings.ToLower(filepath.Ext(path))) || bytes.Contains(data, []byte("PRIVATE KEY-----")) {
		return true
	}
	objects, _, err := certset.ParseObjects(data)
	return err == nil && slices.ContainsFunc(objects, func(o certset.Object) bool { return o.Kind == "a private key" })
}
