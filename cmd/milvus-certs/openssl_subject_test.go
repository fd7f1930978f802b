package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// subjects are the values that a user of gen.sh can edit.
type subjects struct{ country, state, locality, organization, unit, name string }

// escape protects what has a meaning in openssl's -subj.
var escape = strings.NewReplacer(`\`, `\\`, "/", `\/`, "+", `\+`, ",", `\,`, "=", `\=`).Replace

// apply puts the values into both command lines.
func (s subjects) apply(g *genSh) {
	g.subject = "/C=" + escape(s.country) + "/O=" + escape(s.organization) + "/OU=" + escape(s.unit) + "/CN=" + escape(s.name)
	g.caSubject = "/C=" + escape(s.country) + "/ST=" + escape(s.state) + "/L=" + escape(s.locality) +
		"/O=" + escape(s.organization) + "/OU=" + escape(s.unit) + "/CN=" + escape(s.name)
	g.flags = slices.Concat(g.flags, []string{
		"--country", s.country, "--state", s.state, "--locality", s.locality,
		"--organization", s.organization, "--organizational-unit", s.unit, "--common-name", s.name,
	})
}

// subjectConf is a conf with some lines in [req].
func subjectConf(t *testing.T, req string) string {
	t.Helper()
	dir := t.TempDir()
	text := "[req]\ndistinguished_name = dn\n" + req + "\n[dn]\n" +
		"[v3_req]\nsubjectAltName = DNS:localhost\n[v3_ca]\nbasicConstraints = CA:TRUE\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "in.cnf"), []byte(text), 0o600))
	return dir
}

func TestExactSubjects(t *testing.T) {
	needOpenSSL(t)
	k := ecKeys(t)
	reqs := map[string]string{
		"no utf8": "", "utf8 = yes": "utf8 = yes", "utf8 = no": "utf8 = no",
		"nombstr": "string_mask = nombstr", "pkix": "utf8 = yes\nstring_mask = pkix", "default": "string_mask = default",
	}
	tests := map[string]subjects{
		"plain":             {"DE", "Hessen", "Fulda", "Example", "Search", "milvus.example.com"},
		"lower-case C":      {"de", "Hessen", "Fulda", "Example", "Search", "milvus.example.com"},
		"blanks":            {"DE", "North Rhine", "Bad Tölz am See", " Example ", "a  b", "milvus.example.com"},
		"commas":            {"DE", "a,b", "a, b", "Example, Inc.", ",", "milvus.example.com"},
		"plus and equals":   {"DE", "a+b", "a=b", "A+B=C", "=+", "milvus.example.com"},
		"slash, backslash":  {"DE", "a/b", `a\b`, `/\`, `C:\x`, "milvus.example.com"},
		"quotes and signs":  {"DE", `"a"`, "a'b", "a*b", "a&b@c", "milvus.example.com"},
		"Latin-1 letters":   {"DE", "Baden-Württemberg", "Zürich", "Käse & Söhne", "é", "milvus.example.com"},
		"Chinese":           {"CN", "上海市", "上海", "向量", "数据库", "localhost"},
		"beyond 16 bits":    {"DE", "𝒳", "Fulda", "🐦", "Search", "milvus.example.com"},
		"empty attributes":  {"DE", "", "", "Example", "", "milvus.example.com"},
		"longest":           {"DE", strings.Repeat("s", 128), strings.Repeat("l", 128), strings.Repeat("o", 64), strings.Repeat("u", 64), strings.Repeat("n", 64)},
		"longest, 64 of é":  {"DE", "Hessen", "Fulda", strings.Repeat("é", 64), "Search", "milvus.example.com"},
		"an IP as the name": {"DE", "Hessen", "Fulda", "Example", "Search", "192.0.2.1"},
	}
	for setting, req := range reqs {
		folder := subjectConf(t, req)
		for name, values := range tests {
			t.Run(setting+"/"+name, func(t *testing.T) {
				t.Parallel()
				g := newGenSh(t, folder, "in.cnf")
				values.apply(&g)
				g.requireSameOrRefused(t, k, folder)
			})
		}
	}
}

// requireSameOrRefused wants a refusal, and nothing written, where OpenSSL cannot write the subject.
func (g genSh) requireSameOrRefused(t *testing.T, k keys, folder string) {
	t.Helper()
	theirs, refusal := g.run(t, k, folder)
	if refusal == "" {
		g.compare(t, k, folder, theirs)
		return
	}
	assertRefusal(t, 2, command(copyFolder(t, folder), program(t), g.init(k)...))
}
