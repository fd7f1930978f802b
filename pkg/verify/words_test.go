package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
)

// eachNode shows all nodes of a package's files, but of its tests.
func eachNode(t *testing.T, dir string, show func(ast.Node)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool { show(n); return true })
	}
}

// constants are the values of all constants that are declared as Cause.
func constants(t *testing.T, dir string) (out []certpath.Cause) {
	t.Helper()
	eachNode(t, dir, func(n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) == 0 {
			return
		}
		isCause := false
		switch kind := spec.Type.(type) {
		case *ast.Ident:
			isCause = kind.Name == "Cause"
		case *ast.SelectorExpr:
			isCause = kind.Sel.Name == "Cause"
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok && isCause {
			value, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			out = append(out, certpath.Cause(value))
		}
	})
	return out
}

// TestEveryCauseHasWords, and no words are for a cause that there is not.
func TestEveryCauseHasWords(t *testing.T) {
	all := append(constants(t, "../certpath"), constants(t, "../clients")...)
	require.Contains(t, all, certpath.UnknownIssuer)
	require.Contains(t, all, certpath.Cause("milvus-does-not-start"))
	for _, c := range all {
		assert.NotEmpty(t, causes[c].problem, c)
	}
	assert.Len(t, causes, len(all))
}

// TestChecksAreDocumented: the page lists each name of a check.
func TestChecksAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/verify.md")
	require.NoError(t, err)
	var names []string
	for cause := range causes {
		names = append(names, string(cause))
	}
	eachNode(t, ".", func(n ast.Node) {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		key, _ := pair.Key.(*ast.Ident)
		if value, ok := pair.Value.(*ast.BasicLit); ok && key != nil && key.Name == "Check" {
			names = append(names, strings.Trim(value.Value, `"`))
		}
	})
	require.Contains(t, names, "missing")
	for _, name := range names {
		assert.True(t, strings.Contains(string(page), "`"+name+"`"), name)
	}
}

var (
	command = regexp.MustCompile(`milvus-certs ([a-z-]+)|(openssl|chmod|chown) `)
	option  = regexp.MustCompile(`(^|[ (])(--[a-z][a-z-]+)`)
)

// TestWaysOut: what the texts tell users to type is there, commands and flags.
func TestWaysOut(t *testing.T) {
	pages, err := filepath.Glob("../../docs/cli/*.md")
	require.NoError(t, err)
	var manual strings.Builder
	commands := map[string]bool{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		manual.Write(text)
		_, name, _ := strings.Cut(strings.TrimSuffix(filepath.Base(page), ".md"), "_")
		commands[name] = true
	}
	typed := 0
	eachNode(t, ".", func(n ast.Node) {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return
		}
		text, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			typed++
			assert.True(t, m[2] != "" || commands[m[1]], text)
		}
		for _, m := range option.FindAllStringSubmatch(text, -1) {
			typed++
			assert.True(t, strings.Contains(manual.String(), m[2]+" "), text)
		}
	})
	assert.Greater(t, typed, 20)
}
