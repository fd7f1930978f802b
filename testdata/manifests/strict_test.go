package manifests

import (
	"bytes"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// strict reads YAML as the API server does with fieldValidation=Strict: an unknown or repeated field is an error.
func strict[T any](t *testing.T, text string) T {
	t.Helper()
	var into T
	if err := yaml.UnmarshalStrict([]byte(text), &into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return into
}

// refuses wants strict to refuse each of the fields under another name, or it would show nothing.
func refuses[T any](t *testing.T, text string, fields ...string) {
	t.Helper()
	for _, field := range fields {
		other := strings.Replace(text, field+":", field+"x:", 1)
		var into T
		if other == text || yaml.UnmarshalStrict([]byte(other), &into) == nil {
			t.Errorf("%sx is taken", field)
		}
	}
}

// documents parts a stream, and drops what is comment only.
func documents(text string) (out []string) {
	for d := range strings.SplitSeq(text, "\n---\n") {
		out = append(out, d)
	}
	return out
}

// uncommented are the lines behind the last document that are comments.
func uncommented(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "#")
		if !ok {
			lines = nil
			continue
		}
		lines = append(lines, strings.TrimPrefix(rest, " "))
	}
	_, part, _ := strings.Cut(strings.Join(lines, ""), ":\n\n")
	return part
}

func sameBytes(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not the file", what)
	}
}
