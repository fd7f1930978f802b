//go:build !windows

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// foretold is a state that comes of commands, with tokens for what is not known of it.
type foretold struct {
	*modelState
	made *int // how many tokens there are
	now  int64
}

func (f *foretold) fresh() digest { *f.made++; return fmt.Sprintf("?%d", *f.made) }

func (f *foretold) write(names ...string) {
	for _, name := range names {
		f.files[name] = f.fresh()
	}
}

// keep puts files that are there into a backup folder.
func (f *foretold) keep(names ...string) {
	kept := map[string]digest{}
	for _, name := range names {
		if f.files[name] != "" {
			kept[name] = f.files[name]
		}
	}
	if len(kept) > 0 {
		f.backups = append(f.backups, kept)
	}
}

const day = int64(24 * time.Hour / time.Second)

// issuer is the CA that a command issues from; there is none where the old one is asked for and not in ca.pem.
func (f *foretold) issuer(c *modelCommand) (ca modelCA, found bool) {
	if !c.old {
		return f.cas[0], true
	}
	for _, ca := range f.cas {
		if ca.key == c.oldPublic {
			return ca, true
		}
	}
	return ca, false
}

// certify makes the certificate of a leaf, which ends with its CA at the latest.
func (f *foretold) certify(name string, l modelLeaf, ca modelCA) {
	l.ca, l.end = ca.key, min(f.now+l.life, ca.end)
	l.life = l.end - f.now
	f.leaves[name] = l
	f.write(name+".pem", certset.CASerial)
}

func (f *foretold) issue(name string, l modelLeaf, ca modelCA) {
	if !l.elsewhere {
		f.write(name+".key", name+".csr")
	}
	f.certify(name, l, ca)
}

func (f *foretold) create(c *modelCommand) {
	f.keep(certset.Names()...)
	f.write(certset.CAKey, certset.CACertificate)
	f.cas, f.encrypted = []modelCA{{f.fresh(), f.now + c.caDays*day, c.caDays * day}}, c.encrypt
	for _, role := range []string{"server", "client"} {
		f.issue(role, modelLeaf{role: role, org: c.org, life: c.days * day}, f.cas[0])
	}
}

func (f *foretold) renew(name string, sameKey bool, ca modelCA) {
	l := f.leaves[name]
	if !sameKey {
		f.write(name + ".key")
	}
	if !l.elsewhere {
		f.write(name + ".csr")
	}
	f.certify(name, l, ca)
}

// foretell says what comes of a command: the state after it, and its exit status.
func (s *modelState) foretell(c *modelCommand, made *int, now int64) (*modelState, int) {
	f := &foretold{s.clone(), made, now}
	status := f.run(c)
	if status != 0 && c.kind != "renew" { // which can end with 1 for some leaves and renew others
		return s, status
	}
	return f.modelState, status
}

func (f *foretold) run(c *modelCommand) int {
	switch c.kind {
	case "wrong":
		return c.status
	case "init":
		return f.runInit(c)
	}
	if !f.hasSet() {
		return 1
	}
	switch c.kind {
	case "issue":
		return f.runIssue(c)
	case "sign":
		return f.runSign(c)
	case "renew":
		return f.runRenew(c)
	case "finish":
		return f.runFinish()
	}
	return f.runRenewCA(c)
}

// locked tells whether the CA's key cannot be used for want of its pass phrase.
func (f *foretold) locked(c *modelCommand) bool { return f.encrypted && !c.pass }

func (f *foretold) due(end int64, c *modelCommand) bool {
	return c.before > 0 && f.now > end-c.before*day
}

func (f *foretold) runInit(c *modelCommand) int {
	switch {
	case !f.hasSet() || c.force:
		f.create(c)
		return 0
	case !c.ifNeeded || f.due(f.cas[0].end, c):
		return 1
	}
	for _, name := range []string{"server", "client"} {
		if !f.due(f.leaves[name].end, c) {
			continue
		}
		if f.leaves[name].ca != f.cas[0].key || f.locked(c) {
			return 1 // it would go to another CA
		}
		f.renew(name, false, f.cas[0])
	}
	return 0
}

func (f *foretold) runIssue(c *modelCommand) int {
	ca, found := f.issuer(c)
	if !found || f.locked(c) {
		return 1
	}
	org := f.leaves[c.role].org
	for _, typed := range c.names {
		name := modelFile(typed)
		l, there := f.leaves[name]
		if there && (!c.list || l.elsewhere || l.ca != ca.key || l.role != c.role) {
			return 1
		}
		if !there {
			f.issue(name, modelLeaf{role: c.role, org: org, life: c.days * day}, ca)
		}
	}
	return 0
}

func (f *foretold) runSign(c *modelCommand) int {
	if f.locked(c) || f.has(c.names[0]) {
		return 1
	}
	f.issue(c.names[0], modelLeaf{role: c.role, org: c.org, life: c.days * day, elsewhere: true}, f.cas[0])
	return 0
}

func (f *foretold) runRenew(c *modelCommand) int {
	before := f.clone()
	refuse := func() int { *f.modelState = *before; return 1 }
	var names []string
	status := 0
	for _, name := range f.renewed(c) {
		l := f.leaves[name]
		unfit := f.isStranger(l) || l.elsewhere && !c.sameKey
		switch {
		case len(c.names) == 0 && !f.isStranger(l) && unfit && c.ifNeeded && f.due(l.end, c):
			status = 1 // it stays as it is, and that is said
		case len(c.names) > 0 && (!f.has(name) || unfit):
			return refuse()
		case !unfit && (!c.ifNeeded || f.due(l.end, c)):
			names = append(names, name)
		}
	}
	ca, found := f.issuer(c)
	if len(names) > 0 && (!found || f.locked(c)) {
		return refuse()
	}
	for _, name := range names {
		switch {
		case c.ifNeeded && f.leaves[name].end >= ca.end:
			status = 1 // it cannot last longer
		case c.ifNeeded && f.leaves[name].ca != ca.key:
			return refuse() // which would move it to another CA
		default:
			f.renew(name, c.sameKey, ca)
		}
	}
	return status
}

// renewed are the leaves that renew looks at.
func (f *foretold) renewed(c *modelCommand) (names []string) {
	for _, typed := range c.names {
		names = append(names, modelFile(typed))
	}
	if len(names) == 0 {
		names = f.names()
	}
	return names
}

func (f *foretold) runRenewCA(c *modelCommand) int {
	if f.changesCA() || f.locked(c) {
		return 1
	}
	if c.pass && !c.encrypt && !f.encrypted {
		return 2 // a pass phrase that nothing is encrypted with
	}
	was := f.cas[0]
	is := modelCA{was.key, f.now + was.life, was.life}
	if c.sameKey {
		f.keep(certset.CACertificate)
		f.cas = []modelCA{is}
	} else {
		f.keep(certset.CACertificate, certset.CAKey)
		f.write(certset.CAKey)
		is.key = f.fresh()
		f.cas = []modelCA{is, was}
		f.encrypted = f.encrypted || c.encrypt
	}
	f.write(certset.CACertificate)
	return 0
}

func (f *foretold) runFinish() int {
	if !f.changesCA() || len(f.waiting()) > 0 {
		return 1
	}
	f.keep(certset.CACertificate)
	f.cas = f.cas[:1]
	f.write(certset.CACertificate)
	return 0
}

// modelFile is what the files of a name are called.
func modelFile(typed string) string {
	if rest, ok := strings.CutPrefix(typed, "*."); ok {
		return "_wildcard." + rest
	}
	return strings.ReplaceAll(typed, ":", "_")
}
