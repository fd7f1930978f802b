package cli

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain text, two\nlines":   "plain text, two\nlines",
		"Zürich 上海":                "Zürich 上海",
		"\x1b[31mred\x1b[0m":       "�[31mred�[0m",
		"over\rwritten":            "over�written",
		"bell\a, back\b, null\x00": "bell�, back�, null�",
		"a\tb":                     "a�b",
		"\u009b31m":                "�31m", // CSI in one character
		"user\u202egnp.exe":        "user�gnp.exe",
		"zero\u200bwidth":          "zero�width",
		"line\u2028separator":      "line�separator",
		"no\xffUTF-8":              "no�UTF-8",
		"":                         "",
	} {
		got := printable(text)
		assert.Equal(t, want, got)
		assert.True(t, utf8.ValidString(got))
	}
}

func TestShellQuote(t *testing.T) {
	for arg, want := range map[string]string{
		"certs/server.pem":        "certs/server.pem",
		"/etc/milvus_2.6/ca.pem":  "/etc/milvus_2.6/ca.pem",
		"https://localhost:19530": "https://localhost:19530",
		"":                        "''",
		"my certs/ca.pem":         "'my certs/ca.pem'",
		"it's":                    `'it'\''s'`,
		"$HOME":                   "'$HOME'",
		"a;b":                     "'a;b'",
		"`id`":                    "'`id`'",
		`back\slash`:              `'back\slash'`,
		"*":                       "'*'",
		"~":                       "'~'",
		"a\nb":                    "'a\nb'",
		"Zürich":                  "'Zürich'",
		"https://[::1]:19530":     "'https://[::1]:19530'",
		"''":                      `''\'''\'''`,
	} {
		t.Run(arg, func(t *testing.T) {
			assert.Equal(t, want, shellQuote(arg))
			sh, err := exec.LookPath("sh")
			if err != nil {
				t.Skip("no shell to ask")
			}
			out, err := exec.Command(sh, "-c", "printf %s "+shellQuote(arg)).Output()
			require.NoError(t, err)
			assert.Equal(t, arg, string(out), "a shell takes it for the argument")
		})
	}
}

func TestWrap(t *testing.T) {
	names := func(n int) []string {
		return strings.Fields(strings.Repeat("DNS:node.milvus.example.com ", n))
	}
	for _, test := range []struct {
		title string
		names []string
		want  string
	}{
		{"none", nil, ""},
		{"one", []string{"DNS:localhost"}, "DNS:localhost"},
		{"what fits stands on one line", []string{"DNS:localhost", "IP:127.0.0.1", "IP:::1"}, "DNS:localhost, IP:127.0.0.1, IP:::1"},
		{
			"what does not goes on below", names(4),
			"DNS:node.milvus.example.com, DNS:node.milvus.example.com,\n" +
				"           DNS:node.milvus.example.com, DNS:node.milvus.example.com",
		},
		{"a name longer than a line has one for itself", []string{"DNS:a", strings.Repeat("x", 90), "DNS:b"},
			"DNS:a,\n           " + strings.Repeat("x", 90) + ",\n           DNS:b"},
	} {
		t.Run(test.title, func(t *testing.T) { assert.Equal(t, test.want, wrap(test.names)) })
	}

	assert.NotContains(t, wrap(names(20)), "more")
	assert.True(t, strings.HasSuffix(wrap(names(21)), "\n           and 1 more"), wrap(names(21)))
	for line := range strings.Lines("           " + wrap(names(200))) {
		assert.LessOrEqual(t, len(strings.TrimRight(line, "\n")), 80, line)
	}
}

func TestSay(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{stderr: &stderr}
	a.say(output{}, "note: %s", "a\x1bb")
	a.say(output{quiet: true}, "never")
	assert.Equal(t, "note: a�b\n", stderr.String())
}
