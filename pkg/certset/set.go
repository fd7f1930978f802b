package certset

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
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
	key, request, certificate string
}

func (s *Set) members() []member {
	return []member{
		{&s.CA, CAKey, "", CACertificate},
		{&s.Server, ServerKey, ServerRequest, ServerCertificate},
		{&s.Client, ClientKey, ClientRequest, ClientCertificate},
	}
}

// Files returns the nine files, in the order of Names: keys in PKCS#8 and for the owner only.
func (s *Set) Files() ([]File, error) {
	const private, public = 0o600, 0o644
	var files []File
	for _, m := range s.members() {
		key, err := encodeKey(m.entry.Key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.key, err)
		}
		files = append(files, File{m.key, private, key})
		if m.request != "" {
			files = append(files, File{m.request, public, encode(pemRequest, m.entry.Request.Raw)})
		}
		files = append(files, File{m.certificate, public, encode(pemCertificate, m.entry.Certificate.Raw)})
		if m.entry == &s.CA {
			files = append(files, File{CASerial, public, FormatSerial(s.Serial)})
		}
	}
	return files, nil
}
