package milvus

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// setsIt ends the commands of ways out.
const setsIt = " sets it"

// set is the command that sets the file so.
func (c *checking) set(flags string) string {
	command := strings.TrimSpace(c.Command+" "+flags) + setsIt
	if c.blocked != nil {
		return "by hand, or once " + c.place(c.blocked.Line) + " is mended: " + command
	}
	return command
}

// whyBlocked tries what the ways out would do.
func (c *checking) whyBlocked() *yamledit.Error {
	t := c.Want
	t.Mode, t.Internal, t.ContainerDir = c.mode, c.isOn, cmp.Or(t.ContainerDir, ContainerDir)
	t.SNI = cmp.Or(t.SNI, c.get(keySNI).text, ComposeService) // any does
	t.REST.Port = 0                                           // which only one of them sets
	_, err := Configure(c.Data, t)
	e, _ := errors.AsType[*yamledit.Error](err)
	return e
}

// blockedFirst puts what blocks the way out of findings before them, as grave as they are.
func (c *checking) blockedFirst() {
	if c.blocked == nil {
		return
	}
	for _, severity := range severities {
		if slices.ContainsFunc(c.findings, func(f verify.Finding) bool { return f.Severity == severity && strings.Contains(f.WayOut, setsIt) }) {
			first := c.ofError(c.blocked)
			first.Severity = severity
			c.findings = slices.Insert(c.findings, 0, first)
			return
		}
	}
}
