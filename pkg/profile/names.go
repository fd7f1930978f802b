package profile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The bounds of a list of names: bytes in a line, and leaves, which have three files each in one directory.
const (
	maxNamesLine = 64 << 10
	maxNames     = 300_000
)

// ReadNames reads the names of further leaves, one a line: the CommonName, and behind it, parted by blanks or commas, names in the
// form of Asked.SANs. Empty lines, and what follows a "#", are passed over. Name is what errors call the text.
func ReadNames(name string, r io.Reader) ([]Leaf, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxNamesLine)
	var leaves []Leaf
	n := 0
	for lines.Scan() {
		n++
		line := lines.Bytes()
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")) // as Windows editors begin a file
		}
		text, _, _ := strings.Cut(string(line), "#")
		words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\r' })
		if len(words) == 0 {
			continue
		}
		from := fmt.Sprintf("%s:%d", name, n)
		if len(leaves) == maxNames {
			return nil, fmt.Errorf("%s: wanted %d names at most, found more; part them into several files, and directories", from, maxNames)
		}
		leaves = append(leaves, Leaf{CommonName: Setting{words[0], from}, SANs: words[1:], SANsFrom: from + ":"})
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("wanted lines of %d bytes at most, found a longer one", maxNamesLine)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	return leaves, nil
}
