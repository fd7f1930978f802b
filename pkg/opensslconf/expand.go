package opensslconf

import (
	"fmt"
	"strings"
)

// maxValue bounds a value during expansion: what is expanded already, what is not yet, and a terminating NUL.
const maxValue = 65536

var controls = map[byte]byte{'r': '\r', 'n': '\n', 'b': '\b', 't': '\t'}

// expand resolves the quotes, escapes and variables of text, in which scope is the section whose keys are looked up first.
func (r *reader) expand(scope, text string) (string, error) {
	var out strings.Builder
	size := len(text) + 1
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case isQuote(c):
			n := scanQuoted(text[i:])
			unquote(&out, text[i:i+n])
			i += n
		case c == '\\':
			if i+1 < len(text) {
				out.WriteByte(unescape(text[i+1]))
			}
			i += 2
		case c == '$' && (!r.dollarID || strings.HasPrefix(text[i+1:], "(") || strings.HasPrefix(text[i+1:], "{")):
			value, n, err := r.variable(scope, text[i:])
			if err != nil {
				return "", err
			}
			if size += len(value) - n; size > maxValue {
				return "", fmt.Errorf("the value grows over %d bytes as its variables are expanded", maxValue)
			}
			out.WriteString(value)
			i += n
		default:
			out.WriteByte(c)
			i++
		}
	}
	if r.expanded += out.Len(); r.expanded > maxExpanded {
		return "", fmt.Errorf("the conf grows over %d bytes as its variables are expanded", maxExpanded)
	}
	return out.String(), nil
}

func unescape(c byte) byte {
	if control, ok := controls[c]; ok {
		return control
	}
	return c
}

// unquote writes what stands between the quotes. The closing one may be missing.
func unquote(out *strings.Builder, quoted string) {
	for i := 1; i < len(quoted); i++ {
		if quoted[i] == quoted[0] {
			return
		}
		if quoted[i] == '\\' {
			if i++; i == len(quoted) {
				return
			}
		}
		out.WriteByte(quoted[i])
	}
}

// variable looks up the reference at the head of text: $name, ${name}, $(name), $section::name. It returns the value and
// the length of the reference.
func (r *reader) variable(scope, text string) (value string, n int, err error) {
	i, closing := 1, ""
	switch {
	case strings.HasPrefix(text[i:], "{"):
		i, closing = 2, "}"
	case strings.HasPrefix(text[i:], "("):
		i, closing = 2, ")"
	}
	name := text[i : i+scanVariable(text[i:], r.dollarID)]
	i += len(name)
	if strings.HasPrefix(text[i:], "::") {
		i += 2
		scope = name
		name = text[i : i+scanVariable(text[i:], r.dollarID)]
		i += len(name)
	}
	if !strings.HasPrefix(text[i:], closing) {
		return "", 0, fmt.Errorf("wanted %q after %q, found %q", closing, excerpt(text[:i]), excerpt(text[i:]))
	}
	i += len(closing)
	value, ok := r.lookup(scope, name)
	if !ok {
		return "", 0, undefined(excerpt(text[:i]), scope, name)
	}
	return value, i, nil
}

// lookup finds a variable: in its section, for ENV in the environment, in the default section.
func (r *reader) lookup(scope, name string) (string, bool) {
	if v, ok := r.sections[scope].get(name); ok {
		return v, true
	}
	if scope == "ENV" {
		if v, ok := r.lookupEnv(name); ok {
			return v, true
		}
	}
	return r.sections[defaultSection].get(name)
}

func undefined(reference, scope, name string) error {
	switch {
	case scope == "ENV":
		return fmt.Errorf("variable %s has no value; set the environment variable %s, or put a line %s = … at the top of the conf", reference, excerpt(name), excerpt(name))
	case name == "":
		return fmt.Errorf(`a lone "$" has no value; write \$ for the character itself`)
	}
	return fmt.Errorf(`variable %s has no value above this line; set it, or write \$ for the character itself`, reference)
}
