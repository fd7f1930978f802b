package gensh

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	blanks = " \t"

	// quotedSpecials keep their meaning between double quotes (POSIX, Shell Command Language, 2.2.3).
	quotedSpecials = "$`\\"

	// bareSpecials have, or may have, a meaning outside quotes (2.2). Some have none in an assignment, or not in every
	// shell; refusing them all spares the reader the differences.
	bareSpecials = quotedSpecials + `"'` + "|&;<>(){}[]*?#~!"
)

// parseValue returns the value that starts what follows NAME=. Only blanks and a comment may stand behind it.
func parseValue(text string) (string, error) {
	value, rest, err := cutWord(text)
	if err != nil {
		return "", err
	}
	if err := checkRest(rest); err != nil {
		return "", err
	}
	return value, checkText(value)
}

func cutWord(text string) (value, rest string, err error) {
	if strings.HasPrefix(text, `"`) || strings.HasPrefix(text, `'`) {
		return cutQuoted(text[1:], text[:1])
	}
	end := strings.IndexAny(text, blanks)
	if end < 0 {
		end = len(text)
	}
	if i := strings.IndexAny(text[:end], bareSpecials); i >= 0 {
		return "", "", fmt.Errorf("found %c outside quotes, which the shell may interpret", text[i])
	}
	return text[:end], text[end:], nil
}

func cutQuoted(text, quote string) (value, rest string, err error) {
	value, rest, closed := strings.Cut(text, quote)
	if i := strings.IndexAny(value, quotedSpecials); i >= 0 && quote == `"` {
		return "", "", fmt.Errorf("found %c, which the shell interprets", value[i])
	}
	if !closed {
		return "", "", fmt.Errorf("found an opening %s without its closing one", quote)
	}
	return value, rest, nil
}

// checkRest wants nothing but a comment, which starts only after a blank: "a"#b is one word to the shell.
func checkRest(rest string) error {
	behind := strings.TrimLeft(rest, blanks)
	switch {
	case behind == "":
		return nil
	case behind == rest:
		return errors.New("found text joined to the closing quote")
	case !strings.HasPrefix(behind, "#"):
		return errors.New("found a further word or command after the value")
	}
	return nil
}

func checkText(value string) error {
	if !utf8.ValidString(value) {
		return errors.New("found bytes that are not UTF-8")
	}
	if i := strings.IndexFunc(value, unicode.IsControl); i >= 0 {
		r, _ := utf8.DecodeRuneInString(value[i:])
		return fmt.Errorf("found the control character %U", r)
	}
	return nil
}
