//go:build !windows

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// modelMatch finds what the tokens of a foretold state stand for.
type modelMatch struct {
	history *modelHistory
	stands  map[digest]digest
	taken   map[digest]bool
}

// is compares a digest with what was found. One that stands for something new must not have been there before.
func (m *modelMatch) is(want, have digest) bool {
	if !strings.HasPrefix(want, "?") {
		return want == have
	}
	if known, ok := m.stands[want]; ok {
		return known == have
	}
	if have == "" || m.taken[have] || m.history.tokens[have] {
		return false
	}
	m.stands[want], m.taken[have] = have, true
	return true
}

// matches returns what speaks against a foretold state, or nil.
func (h *modelHistory) matches(want *modelState, have *modelSeen) error {
	m := &modelMatch{h, map[digest]digest{}, map[digest]bool{}}
	if w, f := slices.Sorted(maps.Keys(want.files)), slices.Sorted(maps.Keys(have.files)); !slices.Equal(w, f) {
		return fmt.Errorf("wanted the files %v, found %v", w, f)
	}
	for name, t := range want.files {
		if !m.is(t, have.files[name]) {
			return fmt.Errorf("%s is not %s", name, kindOf(t))
		}
	}
	if len(want.cas) != len(have.cas) || want.encrypted != have.encrypted {
		return fmt.Errorf("wanted %d CAs in ca.pem, key encrypted: %v, found %d, %v", len(want.cas), want.encrypted, len(have.cas), have.encrypted)
	}
	for i, ca := range want.cas {
		if f := have.cas[i]; !m.is(ca.key, f.key) || !near(ca.end, f.end) || !near(ca.life, f.life) {
			return fmt.Errorf("CA %d in ca.pem: wanted %+v, found %+v", i+1, ca, f)
		}
	}
	for name, l := range want.leaves {
		f := have.leaves[name]
		if f.role != l.role || f.org != l.org || f.elsewhere != l.elsewhere || !near(f.end, l.end) || !near(f.life, l.life) || !m.is(l.ca, f.ca) {
			return fmt.Errorf("%s.pem: wanted %+v, found %+v", name, l, f)
		}
	}
	return m.backups(want.backups, have.backups)
}

func kindOf(t digest) string {
	if strings.HasPrefix(t, "?") {
		return "new"
	}
	return "as it was"
}

// near allows for the time that commands take.
func near(a, b int64) bool { return max(a-b, b-a) < 120 }

// backups wants the folders that are foretold, in whatever order, and no others.
func (m *modelMatch) backups(want, have []map[string]digest) error {
	if len(want) != len(have) {
		return fmt.Errorf("wanted %d backup folders, found %d", len(want), len(have))
	}
	if len(want) == 0 {
		return nil
	}
	for i, found := range have {
		stands, taken := maps.Clone(m.stands), maps.Clone(m.taken)
		if m.folder(want[0], found) && m.backups(want[1:], slices.Delete(slices.Clone(have), i, i+1)) == nil {
			return nil
		}
		m.stands, m.taken = stands, taken
	}
	return fmt.Errorf("wanted the backup folders %v, found %v", want, have)
}

func (m *modelMatch) folder(want, have map[string]digest) bool {
	if len(want) != len(have) {
		return false
	}
	for name, t := range want {
		if !m.is(t, have[name]) {
			return false
		}
	}
	return true
}

// check holds a directory to what has to be true whatever was done.
func (h *modelHistory) check(s *modelSeen) error {
	if !s.hasSet() {
		return nil
	}
	serial, err := certset.ParseSerial(s.data[certset.CASerial].Data)
	if err != nil {
		return err
	}
	if octets := serial.FillBytes(make([]byte, 20)); string(octets) < string(h.highest) {
		return fmt.Errorf("ca.srl holds %x, and %x was given out", octets, h.highest)
	}
	if err := h.checkCAKeys(s); err != nil {
		return err
	}
	names := map[string]bool{}
	certs, _, _ := certset.ParseCertificates(s.data[certset.CACertificate].Data)
	for _, c := range certs {
		if names[c.Subject()] {
			return fmt.Errorf("ca.pem holds two CAs of the name %s", c.Subject())
		}
		names[c.Subject()] = true
	}
	return h.verify(s)
}

// checkCAKeys wants ca.key to be the key of the first CA, and every key that was there to be there or in a backup folder.
func (h *modelHistory) checkCAKeys(s *modelSeen) error {
	own, err := h.keyOf(s.data[certset.CAKey])
	if err != nil {
		return err
	}
	if own != s.cas[0].key {
		return fmt.Errorf("ca.key is not the key of the first CA in ca.pem")
	}
	kept := map[digest]bool{own: true}
	for _, folder := range s.backups {
		if t := folder[certset.CAKey]; t != "" {
			key, err := h.keyOf(s.contents[t])
			if err != nil {
				return err
			}
			kept[key] = true
		}
	}
	h.caKeys[own] = true
	for _, ca := range s.cas {
		h.caKeys[ca.key] = true
	}
	for _, l := range s.leaves {
		h.caKeys[l.ca] = true
	}
	for key := range h.caKeys {
		if !kept[key] {
			return fmt.Errorf("the key %s of a CA is lost", key)
		}
	}
	return nil
}

// verify wants the set to be as verify wants it, and so every leaf of a CA in ca.pem. What was looked at before is not again.
func (h *modelHistory) verify(s *modelSeen) error {
	id := ""
	files := map[string]certset.File{}
	for _, name := range certset.Names() {
		files[name] = s.data[name]
		id += s.files[name]
	}
	options := verify.Options{At: time.Now(), Modes: true}
	if !h.sound[id] {
		if err := failure(verify.Set(verify.Input{Files: files}, options)); err != nil {
			return fmt.Errorf("the set: %w", err)
		}
		h.sound[id] = true
	}
	for name, l := range s.leaves {
		id := s.files[certset.CACertificate] + s.files[name+".pem"] + s.files[name+".key"]
		if s.isStranger(l) || h.sound[id] {
			continue
		}
		in := map[string]certset.File{certset.CACertificate: s.data[certset.CACertificate], l.role + ".pem": s.data[name+".pem"]}
		if !l.elsewhere {
			in[l.role+".key"] = s.data[name+".key"]
		}
		purpose := map[string]certpath.Purpose{"server": certpath.Server, "client": certpath.Client}[l.role]
		if err := failure(verify.Chain(verify.Input{Files: in}, options, purpose)); err != nil {
			return fmt.Errorf("%s.pem: %w", name, err)
		}
		h.sound[id] = true
	}
	return nil
}

func failure(r *verify.Report) error {
	if r.OK {
		return nil
	}
	return fmt.Errorf("verify fails: %+v", r.Findings)
}
