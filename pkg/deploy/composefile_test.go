package deploy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadService(t *testing.T) {
	for name, c := range map[string]struct {
		text      string
		mounts    bool
		container string
	}{
		"short":              {"volumes: [./tls:/milvus/tls]", true, ""},
		"short, read-only":   {"volumes: ['./tls:/milvus/tls/:ro']", true, ""},
		"variable":           {"volumes: ['${DIR:-.}/tls:/milvus/tls']", true, ""},
		"variable, absolute": {"volumes: ['${DIR:-/data}/tls:/milvus/tls:ro,z']", true, ""},
		"named":              {"volumes: ['tls:/milvus/tls']", true, ""},
		"anonymous":          {"volumes: [/milvus/tls]", true, ""},
		"long":               {"volumes: [{type: bind, source: ./tls, target: /milvus/tls}]", true, ""},
		"anchor":             {"volumes: [&a './tls:/milvus/tls', *a]", true, ""},
		"elsewhere":          {"volumes: ['./tls:/milvus', '/milvus/tls:/certs', {type: bind, source: /milvus/tls}]", false, ""},
		"nothing":            {"image: x", false, ""},
		"container":          {"container_name: vdb", false, "vdb"},
		"container, by name": {"container_name: ${NAME}", false, ""},
	} {
		s, err := ReadService([]byte("services:\n  standalone:\n    "+c.text+"\n"), "standalone")
		require.NoError(t, err, name)
		assert.True(t, s.Found, name)
		assert.Equal(t, c.mounts, s.Mounts("/milvus/tls"), name)
		assert.Equal(t, c.container, s.ContainerName, name)
	}
	for _, text := range []string{"", "services:", "services: {}", "services:\n  other: {}", "- a"} {
		s, _ := ReadService([]byte(text), "standalone")
		assert.False(t, s.Found, text)
	}
	_, err := ReadService([]byte("services: ["), "standalone")
	assert.Error(t, err)
}

func TestMerge(t *testing.T) {
	base, override := Service{Found: true, ContainerName: "a", targets: []string{"/a"}}, Service{Found: true, targets: []string{"/b"}}
	s := base.Merge(override)
	assert.True(t, s.Mounts("/a") && s.Mounts("/b") && s.ContainerName == "a")
	override.ContainerName = "b"
	assert.Equal(t, "b", base.Merge(override).ContainerName)
	assert.False(t, Service{}.Merge(override).Found, "what the override alone has is no service")
}

func TestHTTPPort(t *testing.T) {
	for text, want := range map[string]int{
		"proxy: {http: {port: 8443}}": 8443, "proxy: {http: {port: '8443'}}": 8443, "proxy: {http: {port: 19530}}": 0, "proxy: {http: {port: }}": 0,
		"proxy: {http: {port: [1]}}": 0, "proxy: [": 0, "": 0, "proxy: {port: 8443}": 0, "proxy: {http: {port: off}}": 0,
	} {
		assert.Equal(t, want, HTTPPort([]byte(text)), text)
	}
}

// FuzzReadService: a Compose file and a milvus.yaml are anyone's, and no crash.
func FuzzReadService(f *testing.F) {
	for _, text := range []string{
		"services:\n  standalone:\n    container_name: a\n    volumes: [./a:/b, {target: /c}]\n", "proxy: {http: {port: 1}}", "services: {standalone: &a {volumes: *a}}",
		"services: {standalone: null}", "services: {standalone: {<<: *x}}", "a: &a [*a]", "%YAML 1.2\n---\n", "\xff", "services: {standalone: {volumes: [[], {target: []}, null]}}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadService(data, "standalone")
		if err != nil {
			assert.Empty(t, s.targets)
		}
		assert.GreaterOrEqual(t, HTTPPort(data), 0)
	})
}
