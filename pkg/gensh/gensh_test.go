package gensh_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/gensh"
)

// handedOut are the values of the docs' script before anyone edits it.
var handedOut = gensh.Variables{
	Country: "CN", State: "Shanghai", Location: "Shanghai",
	Organization: "milvus", Organizational: "milvus", CommonName: "localhost",
}

func TestParseFiles(t *testing.T) {
	edited := gensh.Variables{
		Country: "DE", State: "Baden-Württemberg", Location: "Freiburg im Breisgau",
		Organization: "Vector & Söhne", Organizational: "", CommonName: "milvus.example.com",
	}
	quoting := handedOut
	quoting.State, quoting.Organizational, quoting.CommonName = "Shanghai $HOME", "it's # ours", ""
	reassigned := handedOut
	reassigned.CommonName = "milvus.example.com"

	for file, want := range map[string]gensh.Variables{
		"plain.sh":            handedOut,
		"edited.sh":           edited,
		"quoting.sh":          quoting,
		"reassigned.sh":       reassigned,
		"crlf.sh":             handedOut,
		"bom.sh":              handedOut,
		"no-final-newline.sh": handedOut,
	} {
		t.Run(file, func(t *testing.T) {
			got, err := parseFile(t, file)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestParseRefusesFiles(t *testing.T) {
	for file, want := range map[string]string{
		"expands-variable.sh":    `8: CommonName: found $, which the shell interprets; write the value out`,
		"expands-command.sh":     "8: CommonName: found ` outside quotes, which the shell may interpret; write the value out",
		"expands-default.sh":     `8: CommonName: found $ outside quotes, which the shell may interpret; write the value out`,
		"escapes.sh":             `6: Organization: found \, which the shell interprets; write the value out`,
		"unquoted-blank.sh":      `4: State: found a further word or command after the value; write the value out`,
		"unterminated-quote.sh":  `4: State: found an opening " without its closing one; write the value out`,
		"joined-quotes.sh":       `8: CommonName: found text joined to the closing quote; write the value out`,
		"two-commands.sh":        `3: Country: found text joined to the closing quote; write the value out`,
		"blank-before-equals.sh": `4: State: found " =" in place of a plain "="; write the value out`,
		"control-character.sh":   `4: State: found the control character U+001B; write the value out`,
		"latin1.sh":              `4: State: found bytes that are not UTF-8; write the value out`,
		"missing-state.sh":       ` State is missing; add the line State="value"`,
		"missing-all.sh":         ` Country, State, Location, Organization, Organizational, CommonName are missing; add lines like Country="value"`,
	} {
		t.Run(file, func(t *testing.T) {
			got, err := parseFile(t, file)
			assert.EqualError(t, err, file+":"+want)
			assert.Zero(t, got)
		})
	}
}

// Every sample is used: a file that neither test names would say nothing.
func TestFilesAreAllNamed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(samples, "*.sh"))
	require.NoError(t, err)
	assert.Len(t, files, 7+13)
}

func TestParseDocsScript(t *testing.T) {
	file, err := os.Open("../../../shared/reference/milvus-docs-gen.sh")
	if err != nil && os.Getenv("REQUIRE_PEERS") != "1" {
		t.Skip("the docs' gen.sh is not here:", err)
	}
	require.NoError(t, err)
	defer file.Close()

	got, err := gensh.Parse("gen.sh", file)
	require.NoError(t, err)
	assert.Equal(t, handedOut, got)
}

// Only the lines of the six variables count, whatever the rest of the script does.
func TestParseIgnoresOtherLines(t *testing.T) {
	for _, line := range []string{
		``,
		`# State="commented out"`,
		`#State="commented out"`,
		`state="lower case"`,
		`STATE="upper case"`,
		`States="another name"`,
		`MyState="another name"`,
		`DIR="$(dirname "$0")"`,
		`echo "State=$State"`,
		`openssl req -subj "/C=$Country/ST=$State"`,
		"a line of \xff bytes that are not UTF-8",
		strings.Repeat("a long line ", 50_000),
	} {
		got, err := gensh.Parse("gen.sh", strings.NewReader(script("State=Shanghai")+line+"\n"))
		require.NoError(t, err, "%.60q", line)
		assert.Equal(t, "Shanghai", got.State, "%.60q", line)
	}
}

func TestParseBoundsItsReading(t *testing.T) {
	head := script("State=Shanghai") + "# "
	full := head + strings.Repeat("x", 1<<20-len(head))

	_, err := gensh.Parse("gen.sh", strings.NewReader(full))
	require.NoError(t, err, "1 MiB is not too much")

	_, err = gensh.Parse("gen.sh", io.MultiReader(strings.NewReader(full), endless{}))
	require.EqualError(t, err, "gen.sh: larger than 1 MiB, which no gen.sh is")
}

func TestParseReportsReadErrors(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := gensh.Parse("gen.sh", iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "gen.sh: the disk is gone")
}

const samples = "../../testdata/gensh"

func parseFile(t *testing.T, name string) (gensh.Variables, error) {
	t.Helper()
	file, err := os.Open(filepath.Join(samples, name))
	require.NoError(t, err)
	defer file.Close()
	return gensh.Parse(name, file)
}

// script is a gen.sh whose fourth line is the one given, in the place where State is set.
func script(line string) string {
	return "#!/bin/sh\n# for a test\nCountry=\"CN\"\n" + line + "\n" +
		"Location=\"Shanghai\"\nOrganization=\"milvus\"\nOrganizational=\"milvus\"\nCommonName=\"localhost\"\n"
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}
