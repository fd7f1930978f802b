// Package gensh reads the six variables that users of Milvus's gen.sh edit at its head.
//
// It is no shell. It takes the lines whose meaning needs none, NAME="value", NAME='value' and NAME=value, and refuses such
// a line where a shell would work something out, rather than guess at a subject that ends up in a certificate.
package gensh

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// Variables are the values of the six variables. An empty one was set to nothing: its attribute is to be left out.
type Variables struct {
	Country        string
	State          string
	Location       string // the locality: L of the subject
	Organization   string
	Organizational string // the organizational unit: OU of the subject
	CommonName     string
}

// maxSize is far beyond any gen.sh (some 2 KiB), so whatever exceeds it was named by mistake.
const maxSize = 1 << 20

// assignment matches the lines that are read. It lets blanks and a + stand before the =, which a plain assignment cannot
// have, so that they are reported and not taken for a line of no interest.
var assignment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`^[ \t]*(?:export[ \t]+)?(Country|State|Location|Organization|Organizational|CommonName)([ \t]*\+?)=(.*)`)
})

// Parse reads the variables of the script r; name is what errors call it. As in the shell, the last assignment of a
// variable wins. CR LF line ends and a UTF-8 byte order mark, as Windows editors leave them, are no part of a value.
//
// It is an error if a value needs a shell to be understood ($, `, \, further words, quotes left open or joined), is not
// UTF-8 or contains control characters, if one of the six variables is never set, or if the script exceeds 1 MiB.
//
// Parse looks at single lines. It does not follow the script: an assignment in a branch, a function or a here-document
// counts like any other, and one that does not start its line is not seen.
func Parse(name string, r io.Reader) (Variables, error) {
	text, err := read(r)
	if err != nil {
		return Variables{}, fmt.Errorf("%s: %w", name, err)
	}
	var v Variables
	fields := v.fields()
	number := 0
	for line := range strings.Lines(text) {
		number++
		f, err := fields.assign(line)
		if err != nil {
			return Variables{}, fmt.Errorf("%s:%d: %s: %w; write the value out", name, number, f.name, err)
		}
	}
	if err := fields.complete(); err != nil {
		return Variables{}, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

func read(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxSize {
		return "", errors.New("larger than 1 MiB, which no gen.sh is")
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// field is a variable: its name, where its value goes, and whether a line has set it.
type field struct {
	name  string
	value *string
	set   bool
}

type fields []*field

func (v *Variables) fields() fields {
	return fields{
		{name: "Country", value: &v.Country},
		{name: "State", value: &v.State},
		{name: "Location", value: &v.Location},
		{name: "Organization", value: &v.Organization},
		{name: "Organizational", value: &v.Organizational},
		{name: "CommonName", value: &v.CommonName},
	}
}

// assign sets the variable that the line assigns, if it assigns one, and returns it.
func (fs fields) assign(line string) (*field, error) {
	m := assignment().FindStringSubmatch(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
	if m == nil {
		return nil, nil
	}
	f := fs.named(m[1])
	if m[2] != "" {
		return f, fmt.Errorf(`found %q in place of a plain "="`, m[2]+"=")
	}
	var err error
	*f.value, err = parseValue(m[3])
	f.set = true
	return f, err
}

func (fs fields) named(name string) *field {
	for _, f := range fs {
		if f.name == name {
			return f
		}
	}
	panic("gensh: assignment matches a variable that fields does not have: " + name)
}

func (fs fields) complete() error {
	var names []string
	for _, f := range fs {
		if !f.set {
			names = append(names, f.name)
		}
	}
	switch len(names) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf(`%s is missing; add the line %[1]s="value"`, names[0])
	}
	return fmt.Errorf(`%s are missing; add lines like %s="value"`, strings.Join(names, ", "), names[0])
}
