package cli

import (
	"fmt"
	"math/big"
	"path/filepath"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/store"
)

// readSerial returns the number in ca.srl, or nil where there is none.
func readSerial(dir *store.Dir, path string) (*big.Int, error) {
	files, err := dir.Read([]string{certset.CASerial})
	if err != nil {
		return nil, err
	}
	f, ok := files[certset.CASerial]
	if !ok {
		return nil, nil
	}
	path = filepath.Join(path, certset.CASerial)
	serial, err := certset.ParseSerial(f.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; correct it, or remove it to start with a new random number", path, err)
	}
	if _, err := certset.NextSerial(serial); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return serial, nil
}

// nextSerials returns n numbers that go on from ca.srl. Where a leaf of the set has a higher one, as when ca.srl was restored from
// an older copy, they go on from that; where there is no ca.srl, from a new random number.
func nextSerials(dir *store.Dir, path string, n int) ([]*big.Int, error) {
	last, err := readSerial(dir, path)
	if err != nil {
		return nil, err
	}
	if last == nil {
		if last, err = issuance.RandomSerial(); err != nil {
			return nil, err
		}
	} else if last, err = highestSerial(dir, last); err != nil {
		return nil, err
	}
	serials := make([]*big.Int, n)
	for i := range serials {
		if last, err = certset.NextSerial(last); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(path, certset.CASerial), err)
		}
		serials[i] = last
	}
	return serials, nil
}

// serialsOf are the numbers for n certificates of a CA, and the ca.srl that is written with them, if so. A CA that the directory does not
// know counts elsewhere, so that random numbers are the only ones that can be new.
func serialsOf(ca *authority, dir *store.Dir, path string, n int) (serials []*big.Int, file []certset.File, err error) {
	counted := ca.own
	if !counted {
		if counted, err = ca.isIn(dir); err != nil {
			return nil, nil, err
		}
	}
	if counted {
		if serials, err = nextSerials(dir, path, n); err != nil {
			return nil, nil, err
		}
		return serials, []certset.File{certset.SerialFile(serials[n-1])}, nil
	}
	for range n {
		serial, err := issuance.RandomSerial()
		if err != nil {
			return nil, nil, err
		}
		serials = append(serials, serial)
	}
	return serials, nil, nil
}

// highestSerial looks at the leaves of the set.
func highestSerial(dir *store.Dir, last *big.Int) (*big.Int, error) {
	files, err := dir.Read([]string{certset.ServerCertificate, certset.ClientCertificate})
	if err != nil {
		return nil, err
	}
	set := certset.ReadEach(files).Set
	set.Serial = last
	return set.LastSerial(), nil
}
