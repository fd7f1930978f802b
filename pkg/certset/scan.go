package certset

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// maxBlocks bounds the PEM blocks of a file. The CAs that a system trusts, about 150, and one's own are fewer.
const maxBlocks = 200

// block is a PEM block, RFC 7468, with its place.
type block struct {
	kind    string
	number  int // in the file, from 1
	headers map[string]string
	der     []byte
}

// scanner takes a file apart line by line. encoding/pem passes over whatever it does not understand; this one says what
// it was. Each byte is looked at a fixed number of times.
type scanner struct {
	blocks  []block
	remarks []string

	line    int
	inside  bool
	kind    string // of the block that is open
	begin   int    // where it begins, in bytes and in lines
	atLine  int
	blank   bool // a blank line in it, other than the first
	text    bool // text since the last block
	between bool // text between blocks was remarked
}

var (
	beginMark = []byte("-----BEGIN ")
	endMark   = []byte("-----END ")
	dashes    = []byte("-----")
	bom       = []byte("\xef\xbb\xbf")
)

// scan returns the PEM blocks of a file. A block that Go or OpenSSL would not see is an error.
func scan(data []byte) (*scanner, error) {
	s := &scanner{}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the file is empty")
	}
	for at := 0; at < len(data); {
		end := len(data)
		if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		s.line++
		if err := s.take(data, at, end); err != nil {
			return nil, err
		}
		at = end
	}
	if s.inside {
		return nil, s.unfinished()
	}
	if s.text && len(s.blocks) > 0 {
		s.remarks = append(s.remarks, "text behind the last block, which is passed over")
	}
	return s, nil
}

// take looks at the line data[at:end].
func (s *scanner) take(data []byte, at, end int) error {
	line := bytes.TrimRight(data[at:end], " \t\r\n")
	begins, ends := bytes.Index(line, beginMark), bytes.Index(line, endMark)
	switch {
	case begins >= 0 && (ends >= 0 || bytes.LastIndex(line, beginMark) != begins):
		return fmt.Errorf("line %d: -----BEGIN and -----END stand in one line, where neither Go nor OpenSSL sees them; put line breaks between", s.line)
	case begins >= 0:
		return s.opens(line, begins, at)
	case ends >= 0:
		return s.closes(line, data[s.begin:end])
	case !s.inside && len(line) > 0:
		s.text = true
	case s.inside && len(line) == 0 && s.line > s.atLine+1:
		s.blank = true
	}
	return nil
}

// opens takes a line with a BEGIN in it.
func (s *scanner) opens(line []byte, column, at int) error {
	switch before := line[:column]; {
	case bytes.Equal(before, bom):
		return fmt.Errorf("line %d: a byte order mark (UTF-8 BOM) stands before -----BEGIN, so that Go, and so Milvus, does not see the block; save the file without it", s.line)
	case column > 0 && len(bytes.TrimSpace(before)) == 0:
		return fmt.Errorf("line %d: -----BEGIN is indented, so that neither Go nor OpenSSL sees the block; take the blanks away", s.line)
	case s.inside && column == 0:
		return s.unfinished()
	case column > 0:
		s.text = s.text || !s.inside // a text that speaks of such lines
		return nil
	}
	kind, ok := bytes.CutSuffix(line[len(beginMark):], dashes)
	if !ok || len(kind) == 0 {
		return fmt.Errorf("line %d: wanted a line such as -----BEGIN CERTIFICATE-----, found another end of it", s.line)
	}
	if len(s.blocks) == maxBlocks {
		return fmt.Errorf("%w: more than %d PEM blocks; at most so many are read", ErrTooMuch, maxBlocks)
	}
	if s.text && len(s.blocks) == 0 {
		s.remarks = append(s.remarks, "text before the first block, which is passed over")
	}
	if s.text && len(s.blocks) > 0 && !s.between {
		s.between = true
		s.remarks = append(s.remarks, "text between the blocks, which is passed over")
	}
	s.text, s.blank, s.inside = false, false, true
	s.kind, s.begin, s.atLine = string(kind), at, s.line
	return nil
}

// closes takes a line with an END in it, of what began with the first line of the text.
func (s *scanner) closes(line, text []byte) error {
	if !s.inside {
		return fmt.Errorf("line %d: an -----END without its -----BEGIN; the file has lost its beginning", s.line)
	}
	if !bytes.Equal(line, fmt.Appendf(nil, "-----END %s-----", s.kind)) {
		return fmt.Errorf("line %d: wanted the end of the block %s that begins in line %d, found another line -----END", s.line, quoteKind(s.kind), s.atLine)
	}
	decoded, _ := pem.Decode(text)
	if decoded == nil {
		return fmt.Errorf("the block %s in line %d is damaged: it holds no base64", quoteKind(s.kind), s.atLine)
	}
	if s.blank && len(decoded.Headers) == 0 {
		return fmt.Errorf("the block %s in line %d has a blank line in it, before which OpenSSL expects headers; take it out", quoteKind(s.kind), s.atLine)
	}
	s.blocks = append(s.blocks, block{s.kind, len(s.blocks) + 1, decoded.Headers, decoded.Bytes})
	s.inside = false
	return nil
}

func (s *scanner) unfinished() error {
	return fmt.Errorf("the file is cut short: the block %s in line %d has no -----END", quoteKind(s.kind), s.atLine)
}

// label is the type of a PEM block for messages. Where the line has been mangled it can hold anything, a piece of a key
// too; only what looks like a type is repeated.
func label(kind string) string {
	const longest, longestWord = 48, 16
	for word := range strings.SplitSeq(kind, " ") {
		if len(word) > longestWord || len(kind) > longest || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.#") != "" {
			return "…"
		}
	}
	return kind
}

func quoteKind(kind string) string { return `"` + label(kind) + `"` }
