//go:build !windows

package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// modelSeen is a directory as it was found.
type modelSeen struct {
	*modelState
	data     map[string]certset.File // of the directory
	contents map[digest]certset.File // of the backup folders too
}

// modelHistory is what was seen in a directory over its whole life.
type modelHistory struct {
	tokens  map[digest]bool                 // contents of files and keys that were there
	cas     map[digest]*certset.Certificate // certificates of CAs, by their files' tokens and places
	keys    map[digest]digest               // of files with keys: the public key
	issuers map[digest]digest               // of files with leaves: the key of the CA
	caKeys  map[digest]bool                 // keys that were in ca.key
	serials map[string]string               // by issuer and number: the certificate
	highest []byte                          // of the leaves' numbers, in 20 octets
	sound   map[string]bool                 // what was verified before
}

func newModelHistory() *modelHistory {
	return &modelHistory{map[digest]bool{}, map[digest]*certset.Certificate{}, map[digest]digest{}, map[digest]digest{}, map[digest]bool{}, map[string]string{}, nil, map[string]bool{}}
}

func digestOf(data []byte) digest { return fmt.Sprintf("%x", sha256.Sum256(data))[:24] }

const modelPass = "a pass phrase of the model"

// look reads a directory, and wants nothing to be in it but files and backup folders, with their modes.
func (h *modelHistory) look(dir string) (*modelSeen, error) {
	s := &modelSeen{modelState: newModelState(), data: map[string]certset.File{}, contents: map[digest]certset.File{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			if s.files[e.Name()], err = s.read(dir, e.Name()); err != nil {
				return nil, err
			}
			s.data[e.Name()] = s.contents[s.files[e.Name()]]
			continue
		}
		kept, err := s.backup(dir, e)
		if err != nil {
			return nil, err
		}
		s.backups = append(s.backups, kept)
	}
	return s, h.understand(s)
}

func (s *modelSeen) backup(dir string, e fs.DirEntry) (map[string]digest, error) {
	info, err := e.Info()
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(e.Name(), "backup-") || info.Mode().Perm() != 0o700 {
		return nil, fmt.Errorf("folder %s is there, mode %v", e.Name(), info.Mode())
	}
	kept := map[string]digest{}
	inside, err := os.ReadDir(filepath.Join(dir, e.Name()))
	for _, f := range inside {
		if kept[f.Name()], err = s.read(dir, e.Name()+"/"+f.Name()); err != nil {
			return nil, err
		}
	}
	return kept, err
}

func (s *modelSeen) read(dir, name string) (digest, error) {
	path := filepath.Join(dir, name)
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	wanted := fs.FileMode(0o644)
	if strings.HasSuffix(name, ".key") {
		wanted = 0o600
	}
	if strings.HasPrefix(name, ".") || info.Mode() != wanted {
		return "", fmt.Errorf("%s is there, mode %v", name, info.Mode())
	}
	data, err := os.ReadFile(path)
	t := digestOf(data)
	s.contents[t] = certset.File{Name: filepath.Base(name), Mode: wanted, Data: data}
	return t, err
}

// understand reads what the files say.
func (h *modelHistory) understand(s *modelSeen) error {
	for _, folder := range append(slices.Clone(s.backups), s.files) {
		if err := h.addCAs(folder[certset.CACertificate], s); err != nil {
			return err
		}
	}
	if s.hasSet() {
		certs, _, err := certset.ParseCertificates(s.data[certset.CACertificate].Data)
		if err != nil {
			return err
		}
		for _, c := range certs {
			s.cas = append(s.cas, modelCA{digestOf(c.PublicKeyInfo), c.NotAfter.Unix(), seconds(c)})
		}
		s.encrypted = bytes.Contains(s.data[certset.CAKey].Data, []byte("ENCRYPTED"))
	}
	for file, f := range s.data {
		name, ok := strings.CutSuffix(file, ".pem")
		if !ok || name == "ca" {
			continue
		}
		leaf, err := h.leaf(name, f, s)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		s.leaves[name] = leaf
	}
	return nil
}

func (h *modelHistory) addCAs(file digest, s *modelSeen) error {
	if file == "" || h.cas[file+"0"] != nil {
		return nil
	}
	certs, _, err := certset.ParseCertificates(s.contents[file].Data)
	if err != nil {
		return err
	}
	for i, c := range certs {
		if err := c.SignedBy(c); err != nil {
			return fmt.Errorf("certificate %d of ca.pem: %w", i+1, err)
		}
		h.cas[fmt.Sprint(file, i)] = c
		if err := h.number(c, c); err != nil {
			return err
		}
	}
	return nil
}

func seconds(c *certset.Certificate) int64 { return int64(c.NotAfter.Sub(c.NotBefore) / time.Second) }

// leaf reads a leaf, whose key and request have to be its own.
func (h *modelHistory) leaf(name string, f certset.File, s *modelSeen) (modelLeaf, error) {
	files := map[string]certset.File{}
	for _, ending := range []string{".key", ".csr", ".pem"} {
		if there, ok := s.data[name+ending]; ok {
			files[name+ending] = there
		}
	}
	l, err := certset.ReadLeaf(name, files)
	if err != nil {
		return modelLeaf{}, err
	}
	c := l.Certificate
	ca, err := h.issuerOf(f, c)
	if err != nil {
		return modelLeaf{}, err
	}
	out := modelLeaf{ca: ca, end: c.NotAfter.Unix(), life: seconds(c), elsewhere: len(files) == 1}
	switch {
	case len(files) == 2, len(l.Chain) > 0:
		return out, fmt.Errorf("%d files, %d certificates behind it", len(files), len(l.Chain))
	case !out.elsewhere && !l.HasKey():
		return out, fmt.Errorf("its key is another")
	case !out.elsewhere && !bytes.Equal(l.Request.PublicKeyInfo, c.PublicKeyInfo):
		return out, fmt.Errorf("its request is for another key")
	case c.X509 == nil || len(c.X509.ExtKeyUsage) != 1 || len(c.X509.Subject.Organization) != 1:
		return out, fmt.Errorf("its uses or its subject are others")
	}
	out.role = map[x509.ExtKeyUsage]string{x509.ExtKeyUsageServerAuth: "server", x509.ExtKeyUsageClientAuth: "client"}[c.X509.ExtKeyUsage[0]]
	out.org = c.X509.Subject.Organization[0]
	return out, nil
}

// issuerOf finds the CA of a leaf among all that there ever were.
func (h *modelHistory) issuerOf(f certset.File, c *certset.Certificate) (digest, error) {
	t := digestOf(f.Data)
	if known := h.issuers[t]; known != "" {
		return known, nil
	}
	for _, ca := range h.cas {
		if c.SignedBy(ca) != nil {
			continue
		}
		h.issuers[t] = digestOf(ca.PublicKeyInfo)
		octets := c.SerialNumber.FillBytes(make([]byte, 20))
		if bytes.Compare(octets, h.highest) > 0 {
			h.highest = octets
		}
		return h.issuers[t], h.number(c, ca)
	}
	return "", fmt.Errorf("no CA that was ever here issued it")
}

// number wants a serial number to be that of one certificate of a CA.
func (h *modelHistory) number(c, ca *certset.Certificate) error {
	id := fmt.Sprintf("%s %s %x", ca.Subject(), digestOf(ca.PublicKeyInfo), c.SerialNumber)
	if was := h.serials[id]; was != "" && was != digestOf(c.Raw) {
		return fmt.Errorf("serial number %x came twice", c.SerialNumber)
	}
	h.serials[id] = digestOf(c.Raw)
	return nil
}

// keyOf is the public key in a file with a key.
func (h *modelHistory) keyOf(f certset.File) (digest, error) {
	t := digestOf(f.Data)
	if h.keys[t] == "" {
		key, _, err := certset.ParseKeyWith(f.Data, func() ([]byte, error) { return []byte(modelPass), nil })
		if err != nil {
			return "", fmt.Errorf("%s: %w", f.Name, err)
		}
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return "", err
		}
		h.keys[t] = digestOf(public)
	}
	return h.keys[t], nil
}

// remember takes what is there for known, so that nothing of it can be new again.
func (h *modelHistory) remember(s *modelSeen) {
	for t := range maps.Keys(s.contents) {
		h.tokens[t] = true
	}
	for _, ca := range s.cas {
		h.tokens[ca.key] = true
	}
}
