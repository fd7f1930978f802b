package certset

import (
	"errors"
	"fmt"
)

// ErrMissing is what is wrong with a file that is not there.
var ErrMissing = errors.New("the file is missing")

// ErrTooMuch is what is wrong with a file that holds more than is looked at.
var ErrTooMuch = errors.New("too much")

// mostInChain bounds the certificates in server.pem and client.pem. Real chains have three or four.
const mostInChain = 32

// Reading is what the nine files of a set hold, whatever their state.
type Reading struct {
	// Set has what could be read. A key, request, certificate or serial number that is missing or cannot be read is nil.
	Set *Set
	// Errors are, by file name, why something in Set is nil: ErrMissing, ErrEncrypted or another.
	Errors map[string]error
	// Remarks are, by file name, what is odd in a file and of no harm to any reader.
	Remarks map[string][]string
}

// ReadEach reads the nine files, by name, each on its own. ca.pem may be a bundle of CAs, server.pem and client.pem a chain:
// the first certificate is the set's, the others are in Chain. Errors and remarks are one line each and do not name the file.
func ReadEach(files map[string]File) Reading {
	r := Reading{Set: &Set{}, Errors: map[string]error{}, Remarks: map[string][]string{}}
	for _, m := range r.Set.members() {
		m.entry.Key = readOne(r, files, m.key, ParseKey)
		if m.request != "" {
			m.entry.Request = readOne(r, files, m.request, parseRequestPEM)
		}
		certs := readOne(r, files, m.certificate, ParseCertificates)
		if m.request != "" && len(certs) > mostInChain {
			r.Errors[m.certificate] = fmt.Errorf("%w: %d certificates; a chain of at most %d is looked at", ErrTooMuch, len(certs), mostInChain)
			continue
		}
		for i, c := range certs {
			if i == 0 {
				m.entry.Certificate = c
			} else {
				m.entry.Chain = append(m.entry.Chain, c)
			}
		}
	}
	r.Set.Serial = readOne(r, files, CASerial, parseSerialFile)
	return r
}

// readOne reads a file, and notes what is to be said about it. What cannot be read is T's zero value.
func readOne[T any](r Reading, files map[string]File, name string, parse func([]byte) (T, []string, error)) T {
	var none T
	f, ok := files[name]
	if !ok {
		r.Errors[name] = ErrMissing
		return none
	}
	parsed, remarks, err := parse(f.Data)
	if err != nil {
		r.Errors[name] = err
		if errors.Is(err, ErrKeyBeside) {
			return parsed // what TLS finds in it is checked as well
		}
		return none
	}
	if len(remarks) > 0 {
		r.Remarks[name] = remarks
	}
	return parsed
}

// Parse reads the nine files, by name, and wants them as Files writes them, with nothing in them that Files would not write.
// The key of the CA may be elsewhere, or encrypted. The error is that of the first file in the order of Names, and names it.
func Parse(files map[string]File) (*Set, error) {
	r := ReadEach(files)
	for _, name := range Names() {
		err := r.Errors[name]
		switch {
		case name == CAKey && (errors.Is(err, ErrMissing) || errors.Is(err, ErrEncrypted)):
			continue
		case err == nil && name != CASerial:
			err = nothingElse(files[name].Data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r.Set, nil
}

// nothingElse wants a file that was read to hold blocks of one kind, besides the curve of a key.
func nothingElse(data []byte) error {
	s, err := scan(data)
	if err != nil {
		return err
	}
	blocks := s.blocks
	if len(blocks) > 1 && blocks[0].kind == pemParameters {
		blocks = blocks[1:]
	}
	for _, b := range blocks {
		if kindName(b.kind) != kindName(blocks[0].kind) {
			return fmt.Errorf("wanted nothing else in it, found another PEM block, %s", quoteKind(b.kind))
		}
	}
	return nil
}
