package certset

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"math/big"
)

// Set is the nine files in memory.
type Set struct {
	CA, Server, Client Entry
	Serial             *big.Int // the serial number last used
}

// Entry is a key with what was made for it. A CA has no request.
type Entry struct {
	Key         crypto.Signer
	Request     *Request
	Certificate *Certificate
	Chain       []*Certificate // the certificates behind the first one in the certificate's file
}

// HasKey reports whether the certificate is for the entry's key. Where one of them is missing, it is not.
func (e Entry) HasKey() bool {
	if e.Key == nil || e.Certificate == nil {
		return false
	}
	info, err := x509.MarshalPKIXPublicKey(e.Key.Public())
	return err == nil && bytes.Equal(info, e.Certificate.PublicKeyInfo)
}

// LastSerial returns the highest serial number that the set shows: ca.srl's, or that of a leaf where ca.srl lags behind, as
// one does that was restored from an older copy.
func (s *Set) LastSerial() *big.Int {
	last := s.Serial
	if last == nil {
		last = new(big.Int)
	}
	for _, leaf := range []Entry{s.Server, s.Client} {
		if leaf.Certificate == nil {
			continue
		}
		if n := leaf.Certificate.SerialNumber; n.Cmp(last) > 0 && n.BitLen() <= MaxSerialBits {
			last = n
		}
	}
	return last
}

// member says which file a part of the set is.
type member struct {
	entry                     *Entry
	name                      string
	key, request, certificate string
}

func (s *Set) members() []member {
	return []member{
		{&s.CA, "ca", CAKey, "", CACertificate},
		{&s.Server, "server", ServerKey, ServerRequest, ServerCertificate},
		{&s.Client, "client", ClientKey, ClientRequest, ClientCertificate},
	}
}

// Files returns the files of the set, in the order of Names: keys in PKCS#8 and for the owner only. A key that is not there,
// as a CA's that is kept elsewhere, has no file.
func (s *Set) Files() ([]File, error) {
	var files []File
	for _, m := range s.members() {
		of, err := Leaf{Name: m.name, Entry: *m.entry}.Files()
		if err != nil {
			return nil, err
		}
		files = append(files, of...)
		if m.entry == &s.CA {
			files = append(files, SerialFile(s.Serial))
		}
	}
	return files, nil
}
