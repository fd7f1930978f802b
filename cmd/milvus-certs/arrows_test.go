package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/milvus-certs/milvus-certs/"

// goPackage is a package of this module as go list knows it, without its tests. Path has no module in front.
type goPackage struct {
	ImportPath, Dir, Name   string
	GoFiles, IgnoredGoFiles []string
	Imports, Deps           []string

	Path string `json:"-"`
}

func (p goPackage) under(folder string) bool { return strings.HasPrefix(p.Path, folder+"/") }

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Name,GoFiles,IgnoredGoFiles,Imports,Deps", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	require.NoError(t, err)
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		p.Path = strings.TrimPrefix(p.ImportPath, module)
		packages = append(packages, p)
	}
	require.NotEmpty(t, packages)
	return packages
}

// TestOnlyImporters holds what one package alone may import.
func TestOnlyImporters(t *testing.T) {
	owners := map[string]string{
		"gopkg.in/ini.v1":                        "pkg/opensslconf",
		"github.com/go-playground/validator/v10": "pkg/profile",
		"github.com/gofrs/flock":                 "pkg/store",
		"github.com/spf13/cobra/doc":             "cmd/gen-docs",
		"github.com/schollz/progressbar/v3":      "cmd/internal/cli",
		"golang.org/x/term":                      "cmd/internal/cli",
		"github.com/youmark/pkcs8":               "pkg/certset",
		module + "cmd/internal/cli":              "cmd/gen-docs cmd/milvus-certs",
		module + "pkg/gensh":                     "cmd/internal/cli",
		module + "pkg/store":                     "cmd/internal/cli",
		module + "pkg/issuance":                  "cmd/internal/cli",
		module + "pkg/probe":                     "cmd/internal/cli pkg/live",
		module + "pkg/live":                      "cmd/internal/cli",
	}
	for _, p := range listPackages(t) {
		for _, imported := range p.Imports {
			if owner, ok := owners[imported]; ok {
				assert.Contains(t, strings.Fields(owner), p.Path, "%s imports %s", p.Path, imported)
			}
		}
	}
}

// TestDiskIsTheStores: below pkg only the store opens files, starts programs or talks to a network.
func TestDiskIsTheStores(t *testing.T) {
	outside := []string{"os", "os/exec", "os/signal", "io/ioutil", "syscall", "golang.org/x/sys/unix", "golang.org/x/sys/windows", "log", "log/slog", "net/http"}
	needs := map[string][]string{
		"pkg/store": outside,
		"pkg/probe": {"net/http", "syscall", "golang.org/x/sys/windows"}, // to ask, and to tell the system's errors apart
	}
	for _, p := range listPackages(t) {
		if !p.under("pkg") {
			continue
		}
		for _, imported := range p.Imports {
			assert.False(t, slices.Contains(outside, imported) && !slices.Contains(needs[p.Path], imported), "%s imports %s", p.Path, imported)
		}
	}
}

// TestArrows holds who may not know whom, be it through others.
func TestArrows(t *testing.T) {
	strangers := map[string][]string{
		"pkg/opensslconf": {"pkg/x509v3", "pkg/profile", "pkg/issuance", "pkg/certset", "pkg/store"},
		"pkg/gensh":       {"pkg/opensslconf", "pkg/profile", "pkg/store"},
		"pkg/x509v3":      {"pkg/profile", "pkg/issuance", "pkg/certset", "pkg/store"},
		"pkg/profile":     {"pkg/issuance", "pkg/certset", "pkg/store", "pkg/verify", "pkg/clients"},
		"pkg/issuance":    {"pkg/store", "pkg/verify", "pkg/clients"},
		"pkg/certset":     {"pkg/opensslconf", "pkg/x509v3", "pkg/profile", "pkg/issuance", "pkg/store", "pkg/certpath", "pkg/verify", "pkg/clients"},
		"pkg/store":       {"pkg/opensslconf", "pkg/x509v3", "pkg/profile", "pkg/issuance", "pkg/verify", "pkg/clients"},
		// A mistake of the maker must not be shared by its checker.
		"pkg/verify":   {"pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/opensslconf", "pkg/store", "pkg/probe"},
		"pkg/clients":  {"pkg/verify", "pkg/probe", "pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/store"},
		"pkg/probe":    {"pkg/certset", "pkg/certpath", "pkg/clients", "pkg/verify", "pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/opensslconf", "pkg/store"},
		"pkg/live":     {"pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/opensslconf", "pkg/store"},
		"pkg/expiry":   {"pkg/certpath", "pkg/clients", "pkg/verify", "pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/opensslconf", "pkg/store"},
		"pkg/connect":  {"pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/opensslconf", "pkg/store"},
		"pkg/milvus":   {"pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/opensslconf", "pkg/store"},
		"pkg/yamledit": {"pkg/milvus", "pkg/verify", "pkg/clients", "pkg/certset", "pkg/store"},
		"pkg/deploy":   {"pkg/clients", "pkg/verify", "pkg/probe", "pkg/issuance", "pkg/profile", "pkg/store"},
		"pkg/certpath": {"pkg/clients", "pkg/verify", "pkg/probe", "pkg/issuance", "pkg/profile", "pkg/x509v3", "pkg/store"},
	}
	for _, p := range listPackages(t) {
		for _, dep := range p.Deps {
			dep, ours := strings.CutPrefix(dep, module)
			if !ours {
				continue
			}
			assert.False(t, slices.Contains(strangers[p.Path], dep), "%s knows %s", p.Path, dep)
			assert.False(t, p.under("pkg") && strings.HasPrefix(dep, "cmd/"), "%s knows %s", p.Path, dep)
		}
	}
}

// TestPackageNames: a package is called after what it is about.
func TestPackageNames(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "shared"}
	for _, p := range listPackages(t) {
		assert.NotContains(t, empty, p.Name, p.Path)
		assert.True(t, p.Name == "main" || p.Name == path.Base(p.Path), "%s is called %s", p.Path, p.Name)
	}
}

// TestClock: only the command line asks what time it is; everything else is told.
func TestClock(t *testing.T) {
	clock := []string{"Now", "Since", "Until"}
	eachFile(t, func(p goPackage, file *ast.File, at func(ast.Node) token.Position) {
		if p.Path == "cmd/internal/cli" {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(clock, s.Sel.Name) {
				of, ok := s.X.(*ast.Ident)
				assert.False(t, ok && of.Name == "time", "%s: time.%s", at(s), s.Sel.Name)
			}
			return true
		})
	})
}

// TestNoInit: nothing happens before main.
func TestNoInit(t *testing.T) {
	eachFile(t, func(_ goPackage, file *ast.File, at func(ast.Node) token.Position) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			assert.False(t, ok && f.Recv == nil && f.Name.Name == "init", "%s: an init function", at(d))
		}
	})
}

// eachFile parses the files of every package, those of other systems too.
func eachFile(t *testing.T, visit func(goPackage, *ast.File, func(ast.Node) token.Position)) {
	t.Helper()
	files := token.NewFileSet()
	for _, p := range listPackages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, 0)
			require.NoError(t, err)
			visit(p, file, func(n ast.Node) token.Position { return files.Position(n.Pos()) })
		}
	}
}
