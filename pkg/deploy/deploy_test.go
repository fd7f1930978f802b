package deploy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// unseen are texts that would break out of a line, or steer a terminal.
var unseen = []string{"a\nb", "a\rb", "a\x00b", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "a\u00a0b", "a\x7fb", "a\x80b", "\ufeffa"}

func TestCheckText(t *testing.T) {
	for _, text := range []string{"", "a b", `it's "x"`, "$HOME", "a: b # c", "über", "日本", `\`} {
		assert.NoError(t, CheckText(text), "%q", text)
	}
	for _, text := range unseen {
		assert.Error(t, CheckText(text), "%q", text)
		assert.Error(t, CheckContainerDir("/"+text), "%q", text)
	}
}

func TestCheckContainerDir(t *testing.T) {
	for dir, ok := range map[string]bool{
		"/milvus/tls": true, "/a b": true, "/$x": true, "": false, "tls": false, "/": false, "//": false, "/a/..": false, "/a:b": false, "./a": false,
		"/milvus": false, "/milvus/": false, "/milvus/configs": false, "//milvus//configs/": false, "/milvus/tls/../configs": false, "/milvus/configs/milvus.yaml": false,
		"/milvus/configs/tls": true, "/milvus/configs2": true, "/milvus2": true, "/milv": true,
	} {
		assert.Equal(t, ok, CheckContainerDir(dir) == nil, dir)
	}
}

func TestCheckNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"certs": true, "a.b-c.1": true, "1": true, "": false, "A": false, "a_b": false, "-a": false, "a-": false, "a..b": false, "a b": false, "a\n": false,
		strings.Repeat("a", 253): true, strings.Repeat("a", 254): false,
	} {
		assert.Equal(t, ok, CheckName(name) == nil, "%q", name)
	}
	for name, ok := range map[string]bool{"standalone": true, "A.b_c-1": true, "": false, "a b": false, "a:": false, "$a": false, "a\n": false} {
		assert.Equal(t, ok, CheckService(name) == nil, "%q", name)
	}
}

// TestDocumentKeepsTexts: whatever a name is, it reads as it was written, and a comment is one.
func TestDocumentKeepsTexts(t *testing.T) {
	for _, text := range append([]string{
		"", " ", "null", "~", "true", "no", "1", "1.0", "0x1", "1:30", "a: b", "a #b", "#a", "- a", "? a", "!a", "&a", "*a", "%a", "@a", "`a`", "|", ">", "'", `"`, `\`, "{a}", "[a]", "a,b",
		"---", "...", "<<", "=", "2026-01-02", "::1", "über", "日本", "$$", "${x}",
	}, unseen[:3]...) {
		out, err := document(map[string]string{"a": text}, remark{[]string{"a"}, "one\n\ntwo: #three"})
		require.NoError(t, err)
		back := map[string]any{}
		require.NoError(t, yaml.Unmarshal([]byte(out), &back), out)
		assert.Equal(t, map[string]any{"a": text}, back, out)
		assert.True(t, strings.HasPrefix(out, "# one\n#\n# two: #three\na:"), out)
	}
	_, err := document(map[string]string{"a": ""}, remark{[]string{"b"}, "x"})
	assert.Error(t, err)
	_, err = document(map[string]string{"a": ""}, remark{[]string{"a", "b"}, "x"})
	assert.Error(t, err)
}

func TestServiceOf(t *testing.T) {
	long := strings.Repeat("a", 60)
	for _, c := range []struct {
		way        Way
		name, want string
	}{
		{Operator, "my-release", "my-release-milvus"},
		{Operator, "milvus", "milvus-milvus"},
		{Helm, "my-release", "my-release-milvus"},
		{Helm, "milvus", "milvus"},
		{Helm, "my-milvus-1", "my-milvus-1"},
		{Helm, long, long + "-mi"},
		{Helm, strings.Repeat("a", 62), strings.Repeat("a", 62)},
	} {
		assert.Equal(t, c.want, c.way.ServiceOf(c.name))
	}
}

// TestServerSecretHoldsNothingElse of the files that it is given.
func TestServerSecretHoldsNothingElse(t *testing.T) {
	files := map[string]certset.File{}
	for _, name := range certset.Names() {
		files[name] = certset.File{Name: name, Data: []byte(name)}
	}
	text, err := ServerSecret("certs", "default", files)
	require.NoError(t, err)
	var s struct{ Data map[string]string }
	require.NoError(t, yaml.Unmarshal([]byte(text), &s))
	assert.Equal(t, map[string]string{"server.pem": "c2VydmVyLnBlbQ==", "server.key": "c2VydmVyLmtleQ==", "ca.pem": "Y2EucGVt"}, s.Data)
}
