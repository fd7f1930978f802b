package connect

import (
	"encoding/csv"
	"encoding/json"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// odd are texts that mean something to some language.
var odd = []string{
	"", "plain", "a b", `it's`, `"quoted"`, `C:\users\new`, `\u000a`, `\\u000a`, "$HOME ${x} $(id) `id`", "%s %d %%", "{{.}}", "#{x}", "a\nb", "a\r\nb", "\x1b[31m\x07\x7f",
	"\u0085\u2028\u2029\u200b\ufeff", "ü 中 \U0001f600", "-x", "a,b=c:d", "*/ // #", "\t", `\`, `'\''`,
}

func TestQuotesReadBack(t *testing.T) {
	for _, text := range odd {
		read, err := strconv.Unquote(strconv.Quote(text))
		require.NoError(t, err)
		assert.Equal(t, text, read, "Go and Python")

		require.NoError(t, json.Unmarshal([]byte(quoteUTF16(text)), &read), "%q", text)
		assert.Equal(t, text, read, "JavaScript and JSON")

		require.NoError(t, yaml.Unmarshal([]byte(strconv.Quote(text)), &read), "%q", text)
		assert.Equal(t, text, read, "YAML")

		mount, err := csv.NewReader(strings.NewReader(fromShell(t, quoteMount("/"+text, "/to")))).Read()
		require.NoError(t, err, "%q", text)
		// CR LF within a field reads as LF, as in docker, so that only such a path cannot be mounted.
		assert.Equal(t, []string{"type=bind", "src=/" + strings.ReplaceAll(text, "\r\n", "\n"), "dst=/to", "readonly"}, mount)

		assert.Equal(t, text+"/x", fromShell(t, quoteShell(text+"/x")))
	}
}

// fromShell is what a shell makes of an argument.
func fromShell(t *testing.T, quoted string) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	out, err := exec.Command(sh, "-c", "printf %s "+quoted).Output()
	require.NoError(t, err, quoted)
	return string(out)
}

// TestQuotesArePrintable: whatever the value, no control character reaches a terminal.
func TestQuotesArePrintable(t *testing.T) {
	for _, text := range odd {
		for name, quote := range quotes {
			f, ok := quote.(func(string) string)
			if !ok || name == "shIn" || name == "curl" { // these two go through another one
				continue
			}
			assertPrintable(t, f(text))
		}
		assertPrintable(t, quoteMount(text, "/to"))
	}
}

func assertPrintable(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		assert.True(t, unicode.IsPrint(r), "%q in %q", r, text)
	}
}

// lineEscapes are those that javac takes for the ends of lines and of strings, wherever they stand after an odd backslash.
var lineEscapes = regexp.MustCompile(`(^|[^\\])(\\\\)*\\u+(000[aAdD]|0022|005[cC])`)

func TestJavaEscapesEndNothing(t *testing.T) {
	for _, text := range odd {
		assert.NotRegexp(t, lineEscapes, quoteUTF16(text))
		assert.NotRegexp(t, lineEscapes, remarkJava(text))
		assert.NotRegexp(t, `(^|[^\\])(\\\\)*\\u+[^0-9a-f]`, remarkJava(text))
	}
	assert.Equal(t, `C:\\users\\neu`, remarkJava(`C:\users\neu`))
	assert.Regexp(t, lineEscapes, `\u000a`)
	assert.Regexp(t, lineEscapes, `\\\u000a`)
}

// TestCurlTakesNoPassPhrase: what follows a colon in --cert would be one.
func TestCurlTakesNoPassPhrase(t *testing.T) {
	assert.Equal(t, `/a\:b\\c`, escapeCurl(`/a:b\c`))
}
