package manifests

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The types of the Milvus operator cannot be had as a module, so that these are its CRD's, as far as TLS goes:
// github.com/zilliztech/milvus-operator, apis/milvus.io/v1beta1, milvus_types.go (MilvusSpec) and components_types.go
// (ComponentSpec, MilvusComponents). Volumes are corev1.Volume there in the shape of any values.
type (
	milvus struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              milvusSpec `json:"spec"`
	}
	milvusSpec struct {
		Mode       string           `json:"mode,omitempty"`
		Components milvusComponents `json:"components"`
		Config     milvusYAML       `json:"config"`
	}
	milvusComponents struct {
		VolumeMounts []corev1.VolumeMount `json:"volumeMounts"`
		Volumes      []corev1.Volume      `json:"volumes"`
	}

	// The keys of milvus.yaml (configs/milvus.yaml of github.com/milvus-io/milvus, 2.6) that TLS needs. The operator hands
	// spec.config to Milvus as it stands, so that tls belongs to its top level.
	milvusYAML struct {
		TLS struct {
			ServerPemPath string `json:"serverPemPath"`
			ServerKeyPath string `json:"serverKeyPath"`
			CAPemPath     string `json:"caPemPath"`
		} `json:"tls"`
		Common struct {
			Security struct {
				TLSMode int `json:"tlsMode"`
			} `json:"security"`
		} `json:"common"`
		Proxy struct {
			HTTP struct {
				Enabled bool `json:"enabled"`
				Port    *int `json:"port"`
			} `json:"http"`
		} `json:"proxy"`
	}

	// The values of the chart (github.com/zilliztech/milvus-helm, charts/milvus/values.yaml) that are set. Its templates copy volumes
	// and volumeMounts into the pods (templates/standalone-deployment.yaml, proxy-deployment.yaml and the other components), and each
	// entry of extraConfigFiles into the ConfigMap, of which user.yaml is mounted (templates/configmap.yaml).
	helmValues struct {
		Volumes          []corev1.Volume      `json:"volumes"`
		VolumeMounts     []corev1.VolumeMount `json:"volumeMounts"`
		ExtraConfigFiles struct {
			User string `json:"user.yaml"`
		} `json:"extraConfigFiles"`
	}
)
