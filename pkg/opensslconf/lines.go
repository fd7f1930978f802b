package opensslconf

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

const (
	// maxBytes bounds what one conf and all that it includes may hold together.
	maxBytes = 1 << 20
	// maxDepth bounds how deep includes nest. OpenSSL knows no bound and runs out of file descriptors.
	maxDepth = 32
	// chunkSize is what OpenSSL reads of a line at once. It shows: a NUL cuts the chunk, and a carriage return that
	// happens to end one is taken for the line's.
	chunkSize = 510
)

// OpenFunc opens what an include names, a file or a directory, as os.Open does.
type OpenFunc func(path string) (fs.File, error)

// line is a logical line: continued lines are joined, line ends are gone. Pos is where it starts.
type line struct {
	text string
	pos  Position
}

// source is one open file.
type source struct {
	name  string
	in    *bufio.Reader
	close func() error
	line  int
}

// lineReader yields the logical lines of a file and of all that it includes.
type lineReader struct {
	open    OpenFunc
	stack   []*source // the file being read comes last
	pending []string  // files of an included directory, not yet read
	started bool
	left    int // bytes that may still be read
}

func newLineReader(name string, in io.Reader, open OpenFunc) *lineReader {
	main := &source{name: name, in: bufio.NewReader(in), close: func() error { return nil }}
	return &lineReader{open: open, stack: []*source{main}, left: maxBytes}
}

// next returns the next logical line, or io.EOF. A line is continued where its last byte is a backslash and the byte
// before is none.
func (r *lineReader) next() (line, error) {
	var (
		text      []byte
		pos       Position
		continued bool
	)
	for {
		at := r.position()
		chunk, err := r.chunk()
		if err != nil {
			return line{}, err
		}
		if len(chunk) == 0 && !continued {
			if !r.endFile() {
				return line{}, io.EOF
			}
			continue
		}
		if pos.IsZero() {
			pos = at
		}
		kept := bytes.TrimRight(chunk, "\r\n")
		continued = len(chunk) > 0 && len(kept) == len(chunk)
		text = append(text, kept...)
		if !continued && endsInBackslash(text) {
			text = text[:len(text)-1]
			continued = true
		}
		if !continued {
			return line{string(text), pos}, nil
		}
	}
}

func endsInBackslash(text []byte) bool {
	return bytes.HasSuffix(text, []byte(`\`)) && !bytes.HasSuffix(text, []byte(`\\`))
}

func (r *lineReader) top() *source { return r.stack[len(r.stack)-1] }

// position is that of the line about to be read.
func (r *lineReader) position() Position { return Position{r.top().name, r.top().line + 1} }

// chunk reads up to a line end, but at most chunkSize bytes, and cuts them at the first NUL. It is empty at the end of
// the file, and where a line starts with NUL, which ends the file as well.
func (r *lineReader) chunk() ([]byte, error) {
	src := r.top()
	var chunk []byte
	for len(chunk) < chunkSize {
		c, err := src.in.ReadByte()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", src.name, err)
		}
		if r.left--; r.left < 0 {
			return nil, &Error{Pos: r.position(), Msg: fmt.Sprintf("a conf may hold %d bytes at most, with all that it includes", maxBytes)}
		}
		chunk = append(chunk, c)
		if c == '\n' {
			src.line++
			break
		}
	}
	if !r.started {
		r.started = true
		chunk = bytes.TrimPrefix(chunk, []byte("\ufeff"))
	}
	if nul := bytes.IndexByte(chunk, 0); nul >= 0 {
		chunk = chunk[:nul]
	}
	return chunk, nil
}

// endFile leaves the current file for the next one of an included directory, or else for the one that included it. It
// reports whether there is any.
func (r *lineReader) endFile() bool {
	for len(r.pending) > 0 {
		name := r.pending[0]
		r.pending = r.pending[1:]
		if f, err := r.open(name); err == nil {
			_ = r.top().close()
			r.stack[len(r.stack)-1] = fileSource(name, f)
			return true
		}
	}
	_ = r.top().close()
	if len(r.stack) == 1 {
		return false
	}
	r.stack = r.stack[:len(r.stack)-1]
	return true
}

// closeAll closes what is still open after an error.
func (r *lineReader) closeAll() {
	for _, src := range r.stack {
		_ = src.close()
	}
}

func fileSource(name string, f fs.File) *source {
	return &source{name: name, in: bufio.NewReader(f), close: f.Close}
}

// include reads on in the file that path names, or in the *.cnf and *.conf files of the directory that it names. What
// cannot be opened is passed over, as in OpenSSL; the reason comes back as ignored.
func (r *lineReader) include(path string) (ignored, err error) {
	if r.open == nil {
		return errors.New("this conf may not include files"), nil
	}
	if len(r.stack) >= maxDepth {
		return nil, fmt.Errorf("files are included more than %d deep", maxDepth)
	}
	if slices.ContainsFunc(r.stack, func(s *source) bool { return s.name == path }) {
		return nil, fmt.Errorf("%s includes itself", path)
	}
	f, err := r.open(path)
	if err != nil {
		return err, nil
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return err, nil
	}
	if info.IsDir() {
		defer f.Close() //nolint:errcheck // it was only read
		return r.includeDir(path, f), nil
	}
	r.stack = append(r.stack, fileSource(path, f))
	return nil, nil
}

// includeDir queues the files of a directory by name; OpenSSL takes them as the directory lists them.
func (r *lineReader) includeDir(path string, f fs.File) (ignored error) {
	if len(r.pending) > 0 {
		return errors.New("a directory is already being included")
	}
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return errors.New("the directory cannot be listed")
	}
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isConfName(e.Name()) {
			r.pending = append(r.pending, path+"/"+e.Name())
		}
	}
	slices.Sort(r.pending)
	return r.firstPending()
}

// firstPending puts the first readable file of a directory on the stack, above the file that included it.
func (r *lineReader) firstPending() error {
	for len(r.pending) > 0 {
		name := r.pending[0]
		r.pending = r.pending[1:]
		if f, err := r.open(name); err == nil {
			r.stack = append(r.stack, fileSource(name, f))
			return nil
		}
	}
	return errors.New("no *.cnf or *.conf file in the directory can be read")
}

func isConfName(name string) bool {
	lower := strings.ToLower(name)
	return len(name) > 5 && strings.HasSuffix(lower, ".conf") || len(name) > 4 && strings.HasSuffix(lower, ".cnf")
}
