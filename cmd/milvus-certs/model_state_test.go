//go:build !windows

package main

import (
	"maps"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// digest stands for the content of a file, or for a key: a hash, or in what a command has yet to write a text that begins with "?".
type digest = string

// modelCA is a CA in ca.pem.
type modelCA struct {
	key       digest
	end, life int64 // in Unix time, and in seconds
}

// modelLeaf is a server or client certificate in the directory.
type modelLeaf struct {
	role, org string
	ca        digest // key of the CA that issued it
	end, life int64  // in Unix time, and in seconds
	elsewhere bool   // its key is not here
}

// modelState is what a directory holds, all of it.
type modelState struct {
	files     map[string]digest
	backups   []map[string]digest
	leaves    map[string]modelLeaf
	cas       []modelCA
	encrypted bool // ca.key
}

func newModelState() *modelState {
	return &modelState{files: map[string]digest{}, leaves: map[string]modelLeaf{}}
}

func (s *modelState) clone() *modelState {
	c := *s
	c.files, c.leaves = maps.Clone(s.files), maps.Clone(s.leaves)
	c.cas, c.backups = slices.Clone(s.cas), slices.Clone(s.backups)
	return &c
}

func (s *modelState) hasSet() bool      { return s.files[certset.CACertificate] != "" }
func (s *modelState) changesCA() bool   { return len(s.cas) > 1 }
func (s *modelState) names() []string   { return slices.Sorted(maps.Keys(s.leaves)) }
func (s *modelState) has(n string) bool { _, ok := s.leaves[n]; return ok }

// isStranger tells a leaf of a CA that is not in ca.pem, as init --force leaves them behind.
func (s *modelState) isStranger(l modelLeaf) bool {
	return !slices.ContainsFunc(s.cas, func(ca modelCA) bool { return ca.key == l.ca })
}

// waiting are the leaves that hold up a change of the CA.
func (s *modelState) waiting() (names []string) {
	for _, name := range s.names() {
		if l := s.leaves[name]; s.changesCA() && l.ca == s.cas[1].key {
			names = append(names, name)
		}
	}
	return names
}

// stage is what status says of the change of the CA.
func (s *modelState) stage() string {
	switch {
	case !s.changesCA():
		return ""
	case len(s.waiting()) > 0:
		return "both-cas"
	}
	return "leaves-moved"
}
