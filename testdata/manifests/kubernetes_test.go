package manifests

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// serverFiles are what Milvus reads.
var serverFiles = []string{"ca.pem", "server.key", "server.pem"}

// wantMounted wants the volume of the Secret where milvus.yaml has the files.
func wantMounted(t *testing.T, volumes []corev1.Volume, mounts []corev1.VolumeMount, conf milvusYAML, secret, dir string) {
	t.Helper()
	if len(volumes) != 1 || len(mounts) != 1 || volumes[0].Name != mounts[0].Name || !mounts[0].ReadOnly {
		t.Fatalf("volumes %+v, mounts %+v", volumes, mounts)
	}
	if s := volumes[0].Secret; s == nil || s.SecretName != secret || mounts[0].MountPath != dir {
		t.Errorf("volume %+v at %s, wanted Secret %s at %s", volumes[0], mounts[0].MountPath, secret, dir)
	}
	files := []string{conf.TLS.CAPemPath, conf.TLS.ServerKeyPath, conf.TLS.ServerPemPath}
	for i, name := range serverFiles {
		if files[i] != dir+"/"+name {
			t.Errorf("%s is at %s", name, files[i])
		}
	}
}

func TestOperator(t *testing.T) {
	dir := newSet(t, ec)
	for _, c := range []struct {
		args      []string
		mode      int
		name      string
		namespace string
		secret    string
		mounted   string
		port      int // 0: REST is off
	}{
		{nil, 1, "my-release", "default", "certs", "/certs", 8080},
		{[]string{"--mode", "2"}, 2, "my-release", "default", "certs", "/certs", 8080},
		{strings.Fields("--name on --namespace 1234 --secret null --container-dir /a.b/#c --http-port 9000"), 1, "on", "1234", "null", "/a.b/#c", 9000},
		{[]string{"--container-dir", "/it's: \"x\" $y", "--http-port", "off"}, 1, "my-release", "default", "certs", `/it's: "x" $y`, 0},
	} {
		if strings.Contains(c.mounted, ":") {
			c.args[1], c.mounted = strings.ReplaceAll(c.args[1], ":", ""), strings.ReplaceAll(c.mounted, ":", "")
		}
		text := run(t, dir, append([]string{"setup", "kubernetes", "-d", "certs", "-q"}, c.args...)...)
		m := strict[milvus](t, text)
		if m.APIVersion != "milvus.io/v1beta1" || m.Kind != "Milvus" || m.Name != c.name || m.Namespace != c.namespace {
			t.Errorf("%+v %+v", m.TypeMeta, m.ObjectMeta)
		}
		wantMounted(t, m.Spec.Components.Volumes, m.Spec.Components.VolumeMounts, m.Spec.Config, c.secret, c.mounted)
		wantConf(t, m.Spec.Config, c.mode, c.port)
		if !strings.HasPrefix(text, "#") || !strings.Contains(text, "kubectl create secret generic "+c.secret+" -n "+c.namespace+" ") {
			t.Errorf("no command:\n%s", text)
		}
	}
	refuses[milvus](t, run(t, dir, "setup", "kubernetes", "-d", "certs", "-q"),
		"apiVersion", "metadata", "name", "components", "volumes", "secret", "secretName", "volumeMounts", "mountPath", "readOnly", "config", "serverPemPath", "tlsMode", "port")
	misplaced := strings.ReplaceAll(run(t, dir, "setup", "kubernetes", "-d", "certs", "-q"), "\n    tls:", "\n    common:\n      tls:")
	if refuses[milvus](t, misplaced); strings.Count(misplaced, "    common:") != 2 {
		t.Error("nothing was misplaced")
	}
}

func wantConf(t *testing.T, conf milvusYAML, mode, port int) {
	t.Helper()
	h := conf.Proxy.HTTP
	if conf.Common.Security.TLSMode != mode || h.Enabled != (port != 0) || h.Enabled && (h.Port == nil || *h.Port != port) {
		t.Errorf("%+v, wanted mode %d and port %d", conf, mode, port)
	}
}

func TestHelm(t *testing.T) {
	dir := newSet(t, ec)
	for _, mode := range []string{"1", "2"} {
		text := run(t, dir, "setup", "kubernetes", "-d", "certs", "-q", "--for", "helm", "--mode", mode)
		v := strict[helmValues](t, text)
		conf := strict[milvusYAML](t, v.ExtraConfigFiles.User)
		wantMounted(t, v.Volumes, v.VolumeMounts, conf, "certs", "/milvus/tls")
		wantConf(t, conf, int(mode[0]-'0'), 8080)
		refuses[helmValues](t, text, "volumes", "volumeMounts", "extraConfigFiles", "user.yaml", "secretName", "mountPath")
		refuses[milvusYAML](t, v.ExtraConfigFiles.User, "tls", "serverKeyPath", "security", "http")
	}
}

func TestServerSecret(t *testing.T) {
	for _, way := range []string{"operator", "helm"} {
		dir := newSet(t, ec)
		text := run(t, dir, "setup", "kubernetes", "-d", "certs", "-q", "--for", way, "--out", "secret.yaml", "--namespace", "search")
		s := strict[corev1.Secret](t, string(read(t, dir, "secret.yaml")))
		if s.APIVersion != "v1" || s.Kind != "Secret" || s.Name != "certs" || s.Namespace != "search" || s.Type != corev1.SecretTypeOpaque {
			t.Errorf("%+v %+v %s", s.TypeMeta, s.ObjectMeta, s.Type)
		}
		var keys []string
		for name, data := range s.Data {
			keys = append(keys, name)
			sameBytes(t, name, data, read(t, dir, "certs", name))
		}
		if slices.Sort(keys); !slices.Equal(keys, serverFiles) {
			t.Errorf("keys %v", keys)
		}
		refuses[corev1.Secret](t, string(read(t, dir, "secret.yaml")), "apiVersion", "metadata", "type", "data")
		if !strings.Contains(text, "kubectl apply -f secret.yaml") {
			t.Errorf("no command:\n%s", text)
		}
		info, err := os.Stat(filepath.Join(dir, "secret.yaml"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info.Mode(), err)
		}
	}
}

// TestJSON: the documents in the report are those that are printed.
func TestJSON(t *testing.T) {
	dir := newSet(t, ec)
	for _, command := range []string{"kubernetes", "cert-manager"} {
		var report struct{ Resources, Document string }
		if err := json.Unmarshal([]byte(run(t, dir, "setup", command, "-d", "certs", "-o", "json")), &report); err != nil {
			t.Fatal(err)
		}
		strict[milvus](t, report.Document)
		text := run(t, dir, "setup", command, "-d", "certs", "-q")
		if !strings.Contains(text, report.Resources) || !strings.Contains(strings.ReplaceAll(text, "\n# ", "\n"), report.Document) {
			t.Errorf("%s prints others", command)
		}
	}
}
