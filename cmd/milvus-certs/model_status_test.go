//go:build !windows

package main

import (
	"encoding/json"
	"fmt"
	"slices"
)

// modelStatus is what is read of status -o json.
type modelStatus struct {
	OK          bool
	Directories []modelStatusDirectory
}

type modelStatusDirectory struct {
	HasCAKey     bool `json:"has_ca_key"`
	Interrupted  bool
	Certificates []struct {
		File, Role string
		Number, Of int
		IssuedBy   string `json:"issued_by"`
	}
	Problems   []any
	ChangeOver struct {
		Stage   string
		Waiting []string
	} `json:"change_over"`
}

// checkStatus holds what status says to what is there.
func checkStatus(s *modelSeen, got ran) error {
	if !s.hasSet() {
		if got.status != 1 || got.stdout != "" {
			return fmt.Errorf("status of nothing: %+v", got)
		}
		return nil
	}
	var r modelStatus
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
		return fmt.Errorf("status: %w: %+v", err, got)
	}
	if got.status != 0 || !r.OK || len(r.Directories) != 1 {
		return fmt.Errorf("status: %+v", got)
	}
	return r.Directories[0].check(s)
}

func (d modelStatusDirectory) check(s *modelSeen) error {
	var waiting []string
	for _, name := range s.waiting() {
		waiting = append(waiting, name+".pem")
	}
	slices.Sort(waiting)
	slices.Sort(d.ChangeOver.Waiting)
	if d.ChangeOver.Stage != s.stage() || !slices.Equal(d.ChangeOver.Waiting, waiting) {
		return fmt.Errorf("status: wanted stage %q, waiting %v, found %+v", s.stage(), waiting, d.ChangeOver)
	}
	if !d.HasCAKey || d.Interrupted || len(d.Problems) > 0 {
		return fmt.Errorf("status: %+v", d)
	}
	var rows []string
	for _, c := range d.Certificates {
		rows = append(rows, fmt.Sprintf("%s %d/%d %s of %s", c.File, c.Number, c.Of, c.Role, c.IssuedBy))
	}
	wanted := s.rows()
	slices.Sort(rows)
	slices.Sort(wanted)
	if !slices.Equal(rows, wanted) {
		return fmt.Errorf("status: wanted the certificates %v, found %v", wanted, rows)
	}
	return nil
}

// rows are the certificates, as status should list them.
func (s *modelState) rows() (rows []string) {
	place := func(i int) string {
		if len(s.cas) == 1 {
			return "ca.pem"
		}
		return fmt.Sprintf("ca.pem (%d)", i+1)
	}
	for i := range s.cas {
		rows = append(rows, fmt.Sprintf("ca.pem %d/%d ca of %s", i+1, len(s.cas), place(i)))
	}
	for name, l := range s.leaves {
		by := ""
		if i := slices.IndexFunc(s.cas, func(ca modelCA) bool { return ca.key == l.ca }); i >= 0 {
			by = place(i)
		}
		rows = append(rows, fmt.Sprintf("%s.pem 1/1 %s of %s", name, l.role, by))
	}
	return rows
}
