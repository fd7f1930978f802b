package certset

import (
	"errors"
	"fmt"
	"math/big"
)

// The endings of a leaf's files behind its name.
const (
	KeyEnding         = ".key"
	RequestEnding     = ".csr"
	CertificateEnding = ".pem"
)

// The modes of files: keys are for their owner only.
const (
	privateMode = 0o600
	publicMode  = 0o644
)

// Leaf is a leaf of a directory: the set's server or client, or one that was issued besides, under a name of its own.
type Leaf struct {
	Name string
	Entry
}

// Files returns the files of the leaf that there is something for: its key in PKCS#8, its request, its certificate with the
// chain behind it.
func (l Leaf) Files() ([]File, error) {
	var files []File
	if l.Key != nil {
		key, err := encodeKey(l.Key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Name+KeyEnding, err)
		}
		files = append(files, File{l.Name + KeyEnding, privateMode, key})
	}
	if l.Request != nil {
		files = append(files, File{l.Name + RequestEnding, publicMode, EncodeRequest(l.Request)})
	}
	if l.Certificate != nil {
		files = append(files, File{l.Name + CertificateEnding, publicMode, EncodeCertificates(append([]*Certificate{l.Certificate}, l.Chain...))})
	}
	return files, nil
}

// SerialFile is a ca.srl with the number last used.
func SerialFile(last *big.Int) File { return File{CASerial, publicMode, FormatSerial(last)} }

// ReadLeaf reads the files of a leaf, by name. Key and request may be missing. The error is that of the first file that is wrong, and
// names it.
func ReadLeaf(name string, files map[string]File) (Leaf, error) {
	l := Leaf{Name: name}
	r := Reading{Errors: map[string]error{}, Remarks: map[string][]string{}}
	l.Key = readOne(r, files, name+KeyEnding, ParseKey)
	l.Request = readOne(r, files, name+RequestEnding, parseRequestPEM)
	certs := readOne(r, files, name+CertificateEnding, ParseCertificates)
	for _, ending := range []string{CertificateEnding, KeyEnding, RequestEnding} {
		err := r.Errors[name+ending]
		if err != nil && (ending == CertificateEnding || !errors.Is(err, ErrMissing)) {
			return Leaf{}, fmt.Errorf("%s: %w", name+ending, err)
		}
	}
	l.Certificate, l.Chain = certs[0], certs[1:]
	return l, nil
}
