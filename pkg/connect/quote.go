package connect

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf16"
)

// quotes are what templates write values with. Whatever the value, nothing unprintable comes out.
var quotes = template.FuncMap{
	"python":  strconv.Quote, // whose escapes are Python's, YAML's and Go's alike
	"yaml":    strconv.Quote,
	"golang":  strconv.Quote,
	"js":      quoteUTF16,
	"java":    quoteUTF16,
	"json":    quoteUTF16,
	"sh":      quoteShell,
	"shIn":    insideShell,
	"mount":   quoteMount,
	"curl":    escapeCurl,
	"remark":  remark,
	"remarkJ": remarkJava,
}

// quoteUTF16 writes a string of JavaScript, Java or JSON. Ends of lines are no \u000a, which ends the line for javac.
func quoteUTF16(text string) string {
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(text)
	return `"` + escapeUTF16(text) + `"`
}

// quoteShell writes an argument for a POSIX shell. What cannot be printed is left to printf.
func quoteShell(arg string) string {
	single := func(text string) string { return "'" + insideShell(text) + "'" }
	if strings.IndexFunc(arg, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return single(arg)
	}
	var out strings.Builder
	for _, r := range arg {
		switch {
		case r == '\\':
			out.WriteString(`\\`)
		case unicode.IsPrint(r):
			out.WriteRune(r)
		default:
			for _, b := range []byte(string(r)) {
				fmt.Fprintf(&out, `\0%03o`, b)
			}
		}
	}
	return `"$(printf %b ` + single(out.String()) + `)"`
}

// insideShell is text between the single quotes of a shell.
func insideShell(text string) string { return strings.ReplaceAll(text, "'", `'\''`) }

// quoteMount writes a file as docker run --mount takes it: the fields of a CSV record (docker/cli, opts/mount.go).
func quoteMount(file, as string) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"type=bind", "src=" + file, "dst=" + as, "readonly"}) // a strings.Builder takes everything
	w.Flush()
	return quoteShell(strings.TrimSuffix(out.String(), "\n"))
}

// escapeCurl keeps curl from taking what is behind a colon in --cert for a pass phrase (curl(1)).
func escapeCurl(path string) string {
	return strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(path)
}

// remark is text in a comment, which must not end there.
func remark(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// remarkJava is remark for javac, which looks for Unicode escapes in comments too: an even number of backslashes begins none
// (JLS, 3.3). What is not ASCII becomes one, for javac may read files in any encoding.
func remarkJava(text string) string {
	return escapeUTF16(strings.ReplaceAll(remark(text), `\`, `\\`))
}

// escapeUTF16 writes what is not printable ASCII as an escape of JavaScript, Java and JSON.
func escapeUTF16(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < unicode.MaxASCII && unicode.IsPrint(r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}
