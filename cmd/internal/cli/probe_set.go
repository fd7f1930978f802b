package cli

import (
	"crypto/tls"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// set reads what the server is held against. Where none was asked for by name, there need be none.
func (o *probeOptions) set() (verify.Input, error) {
	in := verify.Input{}
	if o.setNamed {
		return o.input()
	}
	dir, err := store.Open(o.dir)
	if err != nil {
		return in, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	existing, err := dir.Existing(certset.Names())
	if err != nil || len(existing) == 0 {
		return in, err
	}
	return o.input()
}

// clientPair is what is shown to a server that asks for a certificate; nil: there is none that could be. Why, is for verify to say.
func clientPair(set verify.Input) *tls.Certificate {
	pair, err := tls.X509KeyPair(set.Files[certset.ClientCertificate].Data, set.Files[certset.ClientKey].Data)
	if err != nil {
		return nil
	}
	return &pair
}

// filesIn are those under a directory that a pattern fits, each read when its turn comes; what cannot be read is passed over.
func filesIn(dir, pattern string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		names, _ := fs.Glob(os.DirFS(dir), pattern) // the pattern is a right one
		for _, name := range names {
			f, err := store.ReadFile(filepath.Join(dir, filepath.FromSlash(name)), store.MaxFileSize)
			if err == nil && !yield(name, f.Data) {
				return
			}
		}
	}
}
