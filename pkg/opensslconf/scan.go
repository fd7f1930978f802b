package opensslconf

import "strings"

// The character classes of OpenSSL's default CONF method. Bytes over 127 belong to none.

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// isVariable tells the bytes of a variable's name.
func isVariable(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// isName tells the bytes of a section's or a key's name.
func isName(c byte) bool { return isVariable(c) || strings.IndexByte("!%&*+,-./;?@^|~", c) >= 0 }

const blanks = " \t\r\n"

func trimLeft(s string) string { return strings.TrimLeft(s, blanks) }

func trimRight(s string) string { return strings.TrimRight(s, blanks) }

// scanName returns the length of the name at the head of s. A backslash takes the byte behind it along.
func scanName(s string, dollar bool) int {
	i := 0
	for i < len(s) {
		switch {
		case s[i] == '\\':
			i = min(i+2, len(s))
		case isName(s[i]), dollar && s[i] == '$':
			i++
		default:
			return i
		}
	}
	return i
}

// scanVariable returns the length of the variable's name at the head of s.
func scanVariable(s string, dollar bool) int {
	i := 0
	for i < len(s) && (isVariable(s[i]) || dollar && s[i] == '$') {
		i++
	}
	return i
}

// scanQuoted returns the length of the quoted piece at the head of s, both quotes counted. It ends with s where the
// closing quote is missing.
func scanQuoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case s[0]:
			return i + 1
		case '\\':
			i++
		}
	}
	return len(s)
}

// cutComment returns s up to the first '#' that is neither quoted nor escaped.
func cutComment(s string) string {
	for i := 0; i < len(s); {
		switch {
		case s[i] == '#':
			return s[:i]
		case isQuote(s[i]):
			i += scanQuoted(s[i:])
		case s[i] == '\\':
			i += 2
		default:
			i++
		}
	}
	return s
}
