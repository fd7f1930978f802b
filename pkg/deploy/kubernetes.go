package deploy

import (
	"path"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Way is how Milvus is deployed in a cluster.
type Way string

// The ways.
const (
	Operator Way = "operator" // github.com/zilliztech/milvus-operator
	Helm     Way = "helm"     // the chart of github.com/zilliztech/milvus-helm
)

// ServiceOf is the Service under which clients reach a Milvus of that name. The operator's is NAME-milvus
// (GetServiceInstanceName in pkg/controllers/components.go), the chart's too unless the name has milvus in it already
// ("milvus.fullname" in templates/_helpers.tpl).
func (w Way) ServiceOf(name string) string {
	const longest = 63
	if w == Operator {
		return name + "-milvus"
	}
	if !strings.Contains(name, "milvus") {
		name += "-milvus"
	}
	return strings.TrimSuffix(name[:min(len(name), longest)], "-")
}

// ContainerDir is where the files are mounted where nobody says otherwise: as in the operator's documentation, or beside what the
// image has.
func (w Way) ContainerDir() string {
	if w == Operator {
		return "/certs"
	}
	return "/milvus/tls"
}

// Kubernetes is a Milvus in a cluster that gets its files from a Secret.
type Kubernetes struct {
	Name, Namespace string // of the Milvus or the release
	Secret          string
	Items           []Item // which keys of the Secret are which files; none: they are called as the files are
	ContainerDir    string
	Mode            int // tlsMode, 1 or 2
	HTTPPort        int // of REST, 0: it is switched off
}

// Item makes a file of a key of a Secret.
type Item struct {
	Key  string `yaml:"key"`
	Path string `yaml:"path"`
}

// The resources, by the names of k8s.io/api/core/v1, the operator's milvus.io/v1beta1 and the chart's values.yaml.
type (
	meta struct {
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace"`
	}
	volume struct {
		Name   string       `yaml:"name"`
		Secret secretVolume `yaml:"secret"`
	}
	secretVolume struct {
		SecretName string `yaml:"secretName"`
		Items      []Item `yaml:"items,omitempty"`
	}
	volumeMount struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	}
	mounts struct {
		Volumes      []volume      `yaml:"volumes"`
		VolumeMounts []volumeMount `yaml:"volumeMounts"`
	}
	milvusResource struct {
		APIVersion string     `yaml:"apiVersion"`
		Kind       string     `yaml:"kind"`
		Metadata   meta       `yaml:"metadata"`
		Spec       milvusSpec `yaml:"spec"`
	}
	milvusSpec struct {
		Components mounts     `yaml:"components"`
		Config     milvusConf `yaml:"config"`
	}
	helmValues struct {
		mounts     `yaml:",inline"`
		ExtraFiles map[string]string `yaml:"extraConfigFiles"`
	}

	// milvusConf is the part of milvus.yaml that TLS needs.
	milvusConf struct {
		TLS    tlsConf    `yaml:"tls"`
		Common commonConf `yaml:"common"`
		Proxy  proxyConf  `yaml:"proxy"`
	}
	tlsConf struct {
		ServerPem string `yaml:"serverPemPath"`
		ServerKey string `yaml:"serverKeyPath"`
		CAPem     string `yaml:"caPemPath"`
	}
	commonConf struct {
		Security securityConf `yaml:"security"`
	}
	securityConf struct {
		TLSMode int `yaml:"tlsMode"`
	}
	proxyConf struct {
		HTTP httpConf `yaml:"http"`
	}
	httpConf struct {
		Enabled bool `yaml:"enabled"`
		Port    int  `yaml:"port,omitempty"`
	}
)

// volumeName is what the volume is called in a pod.
const volumeName = "milvus-tls"

func (k Kubernetes) mounts() mounts {
	return mounts{
		[]volume{{volumeName, secretVolume{k.Secret, k.Items}}},
		[]volumeMount{{volumeName, k.ContainerDir, true}},
	}
}

func (k Kubernetes) conf() milvusConf {
	in := func(name string) string { return path.Join(k.ContainerDir, name) }
	return milvusConf{
		TLS:    tlsConf{in(certset.ServerCertificate), in(certset.ServerKey), in(certset.CACertificate)},
		Common: commonConf{securityConf{k.Mode}},
		Proxy:  proxyConf{httpConf{k.HTTPPort > 0, k.HTTPPort}},
	}
}

const (
	tlsRemark = "At the top level of the configuration: under common, where samples have it, Milvus does not look."
	restOff   = "With TLS on and no port of its own REST would keep Milvus from starting."
	restPort  = "With TLS on REST needs a port of its own; without one Milvus does not start."
)

func (k Kubernetes) restRemark() string {
	if k.HTTPPort == 0 {
		return restOff
	}
	return restPort
}

// Resource is the part of the operator's resource that has to do with TLS.
func (k Kubernetes) Resource() (string, error) {
	rest := k.restRemark()
	if k.HTTPPort > 0 {
		rest += "\nThe Service leads to it where spec.components.standalone.serviceRestfulPort, or in a cluster proxy's, is set."
	}
	return document(milvusResource{
		"milvus.io/v1beta1", "Milvus", meta{k.Name, k.Namespace}, milvusSpec{k.mounts(), k.conf()},
	}, remark{[]string{"spec", "config", "tls"}, tlsRemark}, remark{[]string{"spec", "config", "proxy"}, rest})
}

const helmRemark = `user.yaml goes before everything else that the chart sets; what you have in yours belongs in here too. proxy.tls of
the chart stays off: it makes a Secret of a key that is written into the values, and mounts and switches on nothing.`

// Values are the part of the chart's values that has to do with TLS.
func (k Kubernetes) Values() (string, error) {
	rest := k.restRemark()
	if k.HTTPPort > 0 {
		rest += "\nThe chart's Service does not lead to it."
	}
	user, err := document(k.conf(), remark{[]string{"proxy"}, rest})
	if err != nil {
		return "", err
	}
	return document(helmValues{k.mounts(), map[string]string{"user.yaml": user}}, remark{[]string{"extraConfigFiles"}, helmRemark})
}

// Part is the part that has to do with TLS of what is applied in that way.
func (k Kubernetes) Part(w Way) (string, error) {
	if w == Helm {
		return k.Values()
	}
	return k.Resource()
}
