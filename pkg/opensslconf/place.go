package opensslconf

import (
	"fmt"
	"strings"
	"unicode"
)

// Position is a place in a conf: a file's name as it was given or included, and a line counted from 1. The zero
// Position stands for what no file said.
type Position struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// IsZero reports whether the position names no file.
func (p Position) IsZero() bool { return p == Position{} }

func (p Position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Value is one setting of a conf: Text is what remains after unquoting and expansion.
type Value struct {
	Section, Key, Text string
	Pos                Position
}

// Errorf returns an *Error at the place of the value.
func (v Value) Errorf(format string, args ...any) error {
	return &Error{Pos: v.Pos, Section: v.Section, Key: v.Key, Msg: fmt.Sprintf(format, args...)}
}

// Error says what is wrong at one place of a conf. Section and Key are empty where the fault belongs to neither, Pos is
// zero where the value came from elsewhere, such as a flag.
type Error struct {
	Pos          Position
	Section, Key string
	Msg          string
}

func (e *Error) Error() string { return oneLine(place(e.Pos, e.Section, e.Key) + e.Msg) }

// Warning is legal but likely not what its writer meant.
type Warning struct {
	Pos          Position
	Section, Key string
	Msg          string
}

func (w Warning) String() string { return oneLine(place(w.Pos, w.Section, w.Key) + w.Msg) }

// Warnf returns a Warning at the place of the value.
func (v Value) Warnf(format string, args ...any) Warning {
	return Warning{Pos: v.Pos, Section: v.Section, Key: v.Key, Msg: fmt.Sprintf(format, args...)}
}

// place is the head of every message: "openssl.cnf:214: [v3_req] keyUsage: ".
func place(pos Position, section, key string) string {
	section, key = excerpt(section), excerpt(key)
	var head string
	if !pos.IsZero() {
		head = pos.String() + ": "
	}
	switch {
	case section != "" && key != "":
		head += fmt.Sprintf("[%s] %s: ", section, key)
	case section != "":
		head += fmt.Sprintf("[%s]: ", section)
	case key != "":
		head += key + ": "
	}
	return head
}

// oneLine keeps what a conf contains from breaking a message into lines, or from steering the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// excerpt shortens what a message quotes from a conf to what can be read.
func excerpt(s string) string {
	const length = 60
	if len(s) <= length {
		return s
	}
	return s[:length] + "…"
}
