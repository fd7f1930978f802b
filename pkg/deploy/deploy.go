// Package deploy writes what a deployment of Milvus is given besides its configuration, so that it uses a set: a Compose
// override, the Secret and settings for Kubernetes, and the resources that let cert-manager issue in the set's place. Values go
// in, YAML comes out; what a user has already goes in as bytes. It touches no file.
package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// ServerFiles are the files of a set that Milvus reads. Nothing else of a set belongs near it.
func ServerFiles() []string {
	return []string{certset.ServerCertificate, certset.ServerKey, certset.CACertificate}
}

// milvusConfigs is where Milvus's image has its configuration.
const milvusConfigs = "/milvus/configs"

// CheckContainerDir wants a directory in a container that every way of mounting can name, and over which one can mount: not where
// Milvus's own configuration would be hidden. Compose's short form and Kubernetes part paths at colons.
func CheckContainerDir(dir string) error {
	if err := CheckText(dir); err != nil {
		return err
	}
	clean := path.Clean(dir)
	switch {
	case !path.IsAbs(dir) || clean == "/":
		return errors.New("wanted an absolute path, and not / itself")
	case strings.Contains(dir, ":"):
		return errors.New("wanted a path without a colon, at which mounts are parted")
	case clean == milvusConfigs+"/milvus.yaml" || strings.HasPrefix(milvusConfigs+"/", clean+"/"):
		return errors.New("wanted a directory of its own, for what is mounted there would hide Milvus's configuration in " + milvusConfigs)
	}
	return nil
}

// CheckText refuses what a terminal, a line of a YAML file or a shell command does not show as it is.
func CheckText(text string) error {
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, hidden) {
		return errors.New("wanted text in UTF-8 without characters that are not to be seen")
	}
	return nil
}

// subdomain is what Kubernetes takes for the name of most things (RFC 1123, DNS subdomain).
var subdomain = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// CheckName wants a name that Kubernetes takes.
func CheckName(name string) error {
	const longest = 253
	if len(name) > longest || !subdomain.MatchString(name) {
		return errors.New("wanted a name in lower-case letters, digits, hyphens and dots")
	}
	return nil
}

// remark is a comment above a part of a document, which its keys lead to.
type remark struct {
	at   []string
	text string
}

// document writes a value as YAML, with remarks.
func document(value any, remarks ...remark) (string, error) {
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		return "", err
	}
	for _, r := range remarks {
		key := lookUp(&n, r.at)
		if key == nil {
			return "", fmt.Errorf("deploy: a remark about %s, which is not there", strings.Join(r.at, "."))
		}
		key.HeadComment = Comment(r.text)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2) //nolint:mnd // as in everyone's YAML for Compose and Kubernetes
	if err := encoder.Encode(&n); err != nil {
		return "", err
	}
	err := encoder.Close()
	return out.String(), err
}

// lookUp is the key that a path of keys leads to.
func lookUp(n *yaml.Node, keys []string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != keys[0] {
			continue
		}
		if len(keys) == 1 {
			return n.Content[i]
		}
		return lookUp(n.Content[i+1], keys[1:])
	}
	return nil
}

// Comment makes a YAML comment of a text of one line or several, without a newline at its end.
func Comment(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("# "+line, " ")
	}
	return strings.Join(lines, "\n")
}
