package deploy

import (
	"encoding/base64"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// The keys of a Secret of the type kubernetes.io/tls, and the one that cert-manager has beside them.
const (
	tlsCertificate = "tls.crt"
	tlsKey         = "tls.key"
	tlsCA          = "ca.crt"
)

// The types of Secrets.
const (
	opaque  = "Opaque"
	tlsType = "kubernetes.io/tls"
)

// The resource, by the names of k8s.io/api/core/v1.
type secret struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   meta              `yaml:"metadata"`
	Type       string            `yaml:"type"`
	Data       map[string]string `yaml:"data"`
}

// ServerSecret is the Secret with the files that Milvus reads, under their own names. It holds a private key.
func ServerSecret(name, namespace string, files map[string]certset.File) (string, error) {
	data := map[string]string{}
	for _, file := range ServerFiles() {
		data[file] = base64.StdEncoding.EncodeToString(files[file].Data)
	}
	return document(newSecret(name, namespace, opaque, data))
}

// CASecret is the Secret of a CA from which cert-manager issues: its certificate, those above it, and its key, all in PEM.
func CASecret(name, namespace string, certificates, key []byte) (string, error) {
	return document(newSecret(name, namespace, tlsType, map[string]string{
		tlsCertificate: base64.StdEncoding.EncodeToString(certificates),
		tlsKey:         base64.StdEncoding.EncodeToString(key),
	}))
}

func newSecret(name, namespace, kind string, data map[string]string) secret {
	return secret{"v1", "Secret", meta{name, namespace}, kind, data}
}
