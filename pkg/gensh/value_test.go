package gensh_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/gensh"
)

// plainLines need no shell. They are harmless to run, for TestShellAgrees does.
var plainLines = []struct{ line, want string }{
	{`State="Shanghai"`, `Shanghai`},
	{`State='Shanghai'`, `Shanghai`},
	{`State=Shanghai`, `Shanghai`},
	{`State="New York"`, `New York`},
	{`State=" blanks at both ends "`, ` blanks at both ends `},

	// An empty value leaves the attribute out.
	{`State=`, ``},
	{`State=""`, ``},
	{`State=''`, ``},
	{`State= # nothing`, ``},

	// What stands around the assignment.
	{`  State=Shanghai`, `Shanghai`},
	{"\tState=Shanghai", `Shanghai`},
	{"State=\"Shanghai\" \t ", `Shanghai`},
	{`State="Shanghai" # where it is`, `Shanghai`},
	{`State=Shanghai # "where" it 'is`, `Shanghai`},
	{"State='Shanghai'\t#", `Shanghai`},
	{`export State="Shanghai"`, `Shanghai`},
	{"  export \t State=Shanghai", `Shanghai`},

	// Quotes take the meaning from what they enclose: double quotes from most, single quotes from everything.
	{`State="a;b|c&d<e>f(g)h{i}j[k]l*m?n#o~p!q"`, `a;b|c&d<e>f(g)h{i}j[k]l*m?n#o~p!q`},
	{`State="it's"`, `it's`},
	{`State='"so"'`, `"so"`},
	{`State='$HOME \ and a back` + "`" + `tick'`, `$HOME \ and a back` + "`" + `tick`},
	{`State="a = b"`, `a = b`},
	{`State='#no comment'`, `#no comment`},

	// What means nothing even outside quotes.
	{`State=a=b`, `a=b`},
	{`State=a/b,c:d.e-f_g+h@i%j^k`, `a/b,c:d.e-f_g+h@i%j^k`},
	{`State=上海`, `上海`},
	{`State="Zürich"`, `Zürich`},
	{"State=a\u00a0b", "a\u00a0b"}, // no blank to the shell

	// The last one wins.
	{"State=first\nState=\"last\"", `last`},
	{"State=first\nState=", ``},
}

func TestParseTakesPlainLines(t *testing.T) {
	for _, test := range plainLines {
		got, err := gensh.Parse("gen.sh", strings.NewReader(script(test.line)))
		if assert.NoError(t, err, test.line) {
			assert.Equal(t, test.want, got.State, test.line)
		}
	}
}

func TestShellAgrees(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil && os.Getenv("REQUIRE_PEERS") != "1" {
		t.Skip("no shell to compare with:", err)
	}
	require.NoError(t, err)

	for _, test := range plainLines {
		file := filepath.Join(t.TempDir(), "gen.sh")
		require.NoError(t, os.WriteFile(file, []byte(script(test.line)), 0o600))
		out, err := exec.Command(sh, "-c", `. "$1"; printf %s "$State"`, "sh", file).CombinedOutput()
		if assert.NoError(t, err, test.line) {
			assert.Equal(t, test.want, string(out), test.line)
		}
	}
}

func TestParseRefusesWhatNeedsAShell(t *testing.T) {
	const (
		open    = ` without its closing one`
		inside  = `, which the shell interprets`
		outside = ` outside quotes, which the shell may interpret`
		joined  = `text joined to the closing quote`
		further = `a further word or command after the value`
	)
	for _, test := range []struct{ line, found string }{
		{`State="$PROVINCE"`, `$` + inside},
		{`State="a ${PROVINCE} b"`, `$` + inside},
		{`State="$(cat state)"`, `$` + inside},
		{`State="$(cat "state")"`, `$` + inside},
		{"State=\"`cat state`\"", "`" + inside},
		{`State="5 \$"`, `\` + inside},
		{`State="say \"hi\""`, `\` + inside},

		{`State=$PROVINCE`, `$` + outside},
		{"State=`cat`", "`" + outside},
		{`State=New\ York`, `\` + outside},
		{`State=Shanghai\`, `\` + outside},
		{`State=Shanghai;`, `;` + outside},
		{`State=Shanghai&`, `&` + outside},
		{`State=a|b`, `|` + outside},
		{`State=a>b`, `>` + outside},
		{`State=(a b)`, `(` + outside},
		{`State=*`, `*` + outside},
		{`State=~`, `~` + outside},
		{`State=#a`, `#` + outside},
		{`State=$'a'`, `$` + outside},
		{`State=it's`, `'` + outside},
		{`State=New" "York`, `"` + outside},

		{`State="New" "York"`, further},
		{`State="New"York`, joined},
		{`State="New"'York'`, joined},
		{`State="Shanghai"# no blank, so no comment`, joined},
		{`State="Shanghai";Location="x"`, joined},
		{`State="Shanghai" ; Location="x"`, further},
		{`State="Shanghai" openssl version`, further},
		{`State="Shanghai" && true`, further},
		{`State=New York`, further},
		{`State= "Shanghai"`, further},
		{`export State=Shanghai Location`, further},

		{`State="Shanghai`, `an opening "` + open},
		{`State='Shanghai`, `an opening '` + open},
		{`State="`, `an opening "` + open},
		{`State="Shanghai'`, `an opening "` + open},

		{`State ="Shanghai"`, `" =" in place of a plain "="`},
		{`State = "Shanghai"`, `" =" in place of a plain "="`},
		{`State+="Shanghai"`, `"+=" in place of a plain "="`},

		{"State=\"Shang\xffhai\"", `bytes that are not UTF-8`},
		{"State=\"Shang\thai\"", `the control character U+0009`},
		{"State=Shang\x00hai", `the control character U+0000`},
		{"State='Shang\u0085hai'", `the control character U+0085`},
		{"State=Shang\rhai", `the control character U+000D`},
		{"State=Shanghai\r\r\n", `the control character U+000D`},
	} {
		_, err := gensh.Parse("gen.sh", strings.NewReader(script(test.line)))
		want := "gen.sh:4: State: found " + test.found + "; write the value out"
		assert.EqualError(t, err, want, test.line)
	}
}

// An error does not go away because a later line would win.
func TestParseReportsTheFirstLineAtFault(t *testing.T) {
	_, err := gensh.Parse("gen.sh", strings.NewReader(script("State=$A\nState=$B\nState=Shanghai")))
	require.ErrorContains(t, err, "gen.sh:4: State: found $")
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(samples, "*.sh"))
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text))
	}
	for _, test := range plainLines {
		f.Add(script(test.line))
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := gensh.Parse("gen.sh", strings.NewReader(text))
		if err != nil {
			assert.Zero(t, v)
			return
		}
		values := []string{v.Country, v.State, v.Location, v.Organization, v.Organizational, v.CommonName}
		for _, value := range values {
			requireShown(t, value)
		}
		again, err := gensh.Parse("gen.sh", strings.NewReader(script("State="+quoted(t, v.State))))
		require.NoError(t, err)
		require.Equal(t, v.State, again.State)
	})
}

// requireShown holds if the value is text, and was written in a way that the shell leaves alone.
func requireShown(t *testing.T, value string) {
	t.Helper()
	require.True(t, utf8.ValidString(value), "%q", value)
	require.False(t, strings.ContainsFunc(value, unicode.IsControl), "%q", value)
	quoted(t, value)
}

// quoted writes a value as it must have stood in the script: an apostrophe fits into double quotes only, and those protect
// neither $ nor ` nor \.
func quoted(t *testing.T, value string) string {
	t.Helper()
	if !strings.Contains(value, `'`) {
		return `'` + value + `'`
	}
	require.False(t, strings.ContainsAny(value, "\"$`\\"), "%q", value)
	return `"` + value + `"`
}
