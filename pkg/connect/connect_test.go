package connect_test

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/connect"
)

// targets are all kinds of them, with files in a folder of that name.
func targets(dir string) (all []connect.Target) {
	for _, twoWay := range []bool{false, true} {
		for _, serverName := range []string{"", "db.example.com"} {
			for _, auth := range []bool{false, true} {
				t := connect.Target{
					Host: "::1", Port: 19530, HTTPPort: 8080, ServerName: serverName, CA: dir + "/ca.pem", Auth: auth,
					Verify: []string{"milvus-certs verify -d '" + dir + "'"}, Probe: "milvus-certs probe '[::1]:19530' -d '" + dir + "'",
				}
				if twoWay {
					t.Cert, t.Key = dir+"/client.pem", dir+"/client.key"
				}
				all = append(all, t)
			}
		}
	}
	return all
}

func client(t *testing.T, id string) connect.Client {
	t.Helper()
	i := slices.IndexFunc(connect.All(), func(c connect.Client) bool { return c.ID == id })
	require.GreaterOrEqual(t, i, 0)
	return connect.All()[i]
}

func snippet(t *testing.T, c connect.Client, target connect.Target) string {
	t.Helper()
	text, err := c.Snippet(target)
	require.NoError(t, err)
	return text
}

// TestEveryClient: each has a judge and a source, and names the target's files and no others.
func TestEveryClient(t *testing.T) {
	for _, c := range connect.All() {
		assert.True(t, slices.ContainsFunc(clients.All(), func(j clients.Client) bool { return j.ID == c.JudgedAs }), c.ID)
		assert.NotEmpty(t, c.Source, c.ID)
		assert.True(t, c.GRPC || c.REST, c.ID)
		for _, target := range targets("/certs") {
			text := snippet(t, c, target)
			assert.True(t, strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n\n"), c.ID)
			assert.NotContains(t, text, "<no value>", c.ID)
			assert.Contains(t, text, "/certs/ca.pem", c.ID)
			assert.Equal(t, target.Cert != "", strings.Contains(text, "/certs/client.pem"), c.ID)
			assert.Equal(t, target.Cert != "", strings.Contains(text, "/certs/client.key"), c.ID)
			assert.Equal(t, target.Auth, strings.Contains(text, "MILVUS_PASSWORD"), c.ID)
			assert.Contains(t, text, target.Verify[0], c.ID)
			assert.Contains(t, text, target.Probe, c.ID)
			assert.NotContains(t, text, "ca.key", c.ID)
			assert.LessOrEqual(t, longest(text), 180, c.ID)
		}
	}
}

func longest(text string) (n int) {
	for line := range strings.Lines(text) {
		n = max(n, utf8.RuneCountInString(line))
	}
	return n
}

// TestTraps: an option that would silence another one is not set beside it.
func TestTraps(t *testing.T) {
	for _, target := range targets("/certs") {
		twoWay := target.Cert != ""
		for id, option := range map[string]string{"pymilvus": "    server_pem_path=", "java": ".serverPemPath(", "milvus-cdc": `"server_pem_path": `} {
			assert.Equal(t, !twoWay, strings.Contains(snippet(t, client(t, id), target), option), id)
		}
		assert.Contains(t, snippet(t, client(t, "pymilvus"), target), "secure=True")
		assert.Contains(t, snippet(t, client(t, "java"), target), ".serverName(")
		assert.Contains(t, snippet(t, client(t, "node"), target), `address: "[::1]:19530"`)
		assert.Contains(t, snippet(t, client(t, "pymilvus"), target), `uri="https://[::1]:19530"`)
		assert.Contains(t, snippet(t, client(t, "attu"), target), "--network host")
	}
}

func TestGoIsFormatted(t *testing.T) {
	for _, target := range targets("/certs") {
		text := snippet(t, client(t, "go"), target)
		formatted, err := format.Source([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, string(formatted), text)
	}
}

func TestNotUTF8(t *testing.T) {
	_, err := client(t, "go").Snippet(connect.Target{CA: "/certs\xff/ca.pem"})
	assert.EqualError(t, err, `"/certs\xff/ca.pem" is not UTF-8, which go cannot write; move the files to a directory with another name`)
}

// FuzzTarget: whatever the folder is called, the snippet is printable, has no more lines than another, and names the file.
func FuzzTarget(f *testing.F) {
	for _, dir := range []string{"/certs", "/it's \"odd\"\n$x `y` {{.}} \\u000a", "*/\r\u2028#", `C:\users`} {
		f.Add(dir, dir)
	}
	var lines [][]int // of each target and client
	for _, target := range targets("/certs") {
		var counts []int
		for _, c := range connect.All() {
			text, err := c.Snippet(target)
			require.NoError(f, err)
			counts = append(counts, strings.Count(text, "\n"))
		}
		lines = append(lines, counts)
	}
	f.Fuzz(func(t *testing.T, dir, host string) {
		if !utf8.ValidString(dir) || !utf8.ValidString(host) {
			return
		}
		for i, target := range targets(dir) {
			if target.ServerName != "" {
				target.ServerName = "db" + host
			}
			if !target.Loopback() {
				target.Host = "db" + host
			}
			for j, c := range connect.All() {
				text := snippet(t, c, target)
				require.Equal(t, lines[i][j], strings.Count(text, "\n"), text)
				odd := func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }
				require.Equal(t, -1, strings.IndexFunc(text, odd), "%s: %q", c.ID, text)
				switch c.ID {
				case "go":
					require.Contains(t, goStrings(t, text), target.CA)
				case "milvus-backup":
					var config struct{ Milvus map[string]any }
					require.NoError(t, yaml.Unmarshal([]byte(text), &config), text)
					require.Equal(t, target.CA, config.Milvus["caCertPath"])
				}
			}
		}
	})
}

// goStrings are the strings in a Go program.
func goStrings(t *testing.T, text string) (out []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", text, 0)
	require.NoError(t, err, text)
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			s, err := strconv.Unquote(l.Value)
			require.NoError(t, err)
			out = append(out, s)
		}
		return true
	})
	return out
}

// TestFails: milvus-backup speaks REST too, and there has neither a certificate of its own nor another name to ask for.
func TestFails(t *testing.T) {
	for _, c := range connect.All() {
		for _, target := range targets("/certs") {
			want := c.ID == "milvus-backup" && (target.Cert != "" || target.ServerName != "")
			assert.Equal(t, want, c.Fails(target) != "", c.ID)
			assert.Equal(t, want, strings.Contains(snippet(t, c, target), ": these fail then."), c.ID)
		}
	}
}
