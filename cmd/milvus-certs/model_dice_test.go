//go:build !windows

package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// modelNames are few, so that they are taken again and again.
var modelNames = []string{"alice", "bob", "carol", "node1.example.com", "node2.example.com", "10.0.0.7", "fd00::7", "*.example.com", "Dora", "n1", "n2", "n3"}

// modelDice draws commands.
type modelDice struct {
	*rand.Rand
	lists int // files of names
}

func (d *modelDice) oneIn(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d *modelDice, from ...T) T { return from[d.IntN(len(from))] }

// step draws what comes next for a directory in a state. Where it is not known what a kill left, it is a command that finds out.
func (d *modelDice) step(s *modelState, unsettled int) modelStep {
	if unsettled > 0 {
		c := d.command(s, blind)
		if unsettled < 3 && d.oneIn(4) {
			c.kill = d.kill()
		}
		return modelStep{c}
	}
	switch n := d.IntN(100); {
	case n < 18:
		c := d.command(s, alone)
		c.kill = d.kill()
		return modelStep{c}
	case n < 38:
		return d.group(s)
	}
	return modelStep{d.command(s, alone)}
}

// group draws commands that run side by side, often such as are in each other's way.
func (d *modelDice) group(s *modelState) (step modelStep) {
	draw := func() *modelCommand { return d.command(s, beside) }
	switch d.IntN(3) {
	case 0: // the same one
		c := d.command(s, beside)
		draw = func() *modelCommand { again := *c; return &again }
	case 1: // those that change the CA, and others
		draw = func() *modelCommand {
			c := d.command(s, beside)
			for d.IntN(5) < 3 && c.kind != "renew ca" && c.kind != "finish" && !c.force {
				c = d.command(s, beside)
			}
			return c
		}
	}
	sameKey := d.oneIn(3)
	for range 2 + d.IntN(3) {
		c := draw()
		if c.ifNeeded && c.kind == "renew" {
			c.sameKey = sameKey // what one has renewed the other passes over, with whatever key
		}
		if d.oneIn(2) {
			c.delay = time.Duration(d.Int64N(int64(20 * time.Millisecond)))
		}
		if d.oneIn(4) {
			c.kill = d.kill()
		}
		step = append(step, c)
	}
	return step
}

func (d *modelDice) kill() *modelKill {
	switch d.IntN(3) {
	case 0:
		return &modelKill{journalFile, time.Duration(d.Int64N(int64(800 * time.Microsecond)))}
	case 1:
		return &modelKill{stagingFolder, time.Duration(d.Int64N(int64(10 * time.Millisecond)))}
	}
	return &modelKill{"", time.Duration(d.Int64N(int64(60 * time.Millisecond)))}
}

// moment is when a command is drawn for.
type moment int

const (
	alone  moment = iota
	beside        // others, so that its outcome must not hang on a second
	blind         // to what a kill has left: it has to take the lock, and to name nothing that may not be there
)

// command draws a command.
func (d *modelDice) command(s *modelState, at moment) *modelCommand {
	if !s.hasSet() && d.IntN(10) < 8 {
		return d.init(s, d.oneIn(4), false)
	}
	c := d.other(s, at)
	for at == blind && (c.kind == "wrong" || c.kind == "sign") {
		c = d.other(s, at)
	}
	if (c.kind == "issue" || c.kind == "renew") && at != blind && s.hasSet() && (s.changesCA() && d.oneIn(5) || d.oneIn(40)) {
		c.old, c.pass = true, true
		return c
	}
	makesKey := c.kind == "init" && !c.ifNeeded // for which a pass phrase goes with --encrypt-ca-key
	if s.encrypted && c.kind != "finish" && c.kind != "wrong" && !makesKey && !d.oneIn(12) {
		c.pass = true
	}
	return c
}

func (d *modelDice) other(s *modelState, at moment) *modelCommand {
	soon := []int64{0, 1, 21, 21, 500, 4000}
	if at != alone {
		soon = soon[:4]
	}
	switch n := d.IntN(100); {
	case n < 20:
		return &modelCommand{kind: "issue", role: d.role(), names: d.names(1 + d.IntN(3)), days: d.days()}
	case n < 30:
		d.lists++
		return &modelCommand{kind: "issue", role: d.role(), names: d.names(1 + d.IntN(5)), days: d.days(), list: true, input: "names-" + strconv.Itoa(d.lists)}
	case n < 38:
		return &modelCommand{kind: "sign", role: d.role(), names: []string{pick(d, "alice", "far1", "far2", "far3")}, days: d.days(), org: "milvus"}
	case n < 44:
		return &modelCommand{kind: "renew", sameKey: d.oneIn(3)}
	case n < 52:
		return &modelCommand{kind: "renew", sameKey: d.oneIn(3), names: d.renewed(s)}
	case n < 60:
		return &modelCommand{kind: "renew", sameKey: d.oneIn(3), ifNeeded: true, before: pick(d, soon...)}
	case n < 72:
		encrypt := d.oneIn(30)
		return &modelCommand{kind: "renew ca", encrypt: encrypt, pass: encrypt}
	case n < 75:
		return &modelCommand{kind: "renew ca", sameKey: true}
	case n < 83:
		return &modelCommand{kind: "finish"}
	case n < 86:
		return d.init(s, false, true)
	case n < 88:
		return d.init(s, false, false)
	case n < 95:
		c := d.init(s, true, false)
		c.before = pick(d, soon...)
		return c
	}
	return d.wrong(s)
}

func (d *modelDice) role() string { return pick(d, "server", "client") }
func (d *modelDice) days() int64  { return pick[int64](d, 20, 20, 400, longest) }

func (d *modelDice) init(s *modelState, ifNeeded, force bool) *modelCommand {
	c := &modelCommand{kind: "init", ifNeeded: ifNeeded, force: force, days: longest, caDays: longest, org: "milvus"}
	if ifNeeded {
		return c
	}
	c.days, c.org = d.days(), pick(d, "milvus", "Acme")
	if d.oneIn(6) {
		c.caDays = 300
	}
	if d.oneIn(25) {
		c.encrypt, c.pass = true, true
	}
	return c
}

// names draws names, each once.
func (d *modelDice) names(n int) []string {
	names := slices.Clone(modelNames)
	d.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names[:n]
}

// renewed draws names to renew, mostly such as are there.
func (d *modelDice) renewed(s *modelState) []string {
	there := s.names()
	if len(there) == 0 || d.oneIn(8) {
		return d.names(1)
	}
	d.Shuffle(len(there), func(i, j int) { there[i], there[j] = there[j], there[i] })
	return there[:1+d.IntN(min(2, len(there)))]
}

// wrong draws a command that is refused, whatever there is.
func (d *modelDice) wrong(s *modelState) *modelCommand {
	wrong := []modelCommand{
		{status: 2, words: []string{"issue", "client"}},
		{status: 2, words: []string{"issue", "client", "server"}},
		{status: 2, words: []string{"issue", "admin", "alice"}},
		{status: 2, words: []string{"issue", "client", "zoe", "zoe"}},
		{status: 2, words: []string{"issue", "client", "../zoe"}},
		{status: 2, words: []string{"init", "--force", "--if-needed"}},
		{status: 2, words: []string{"init", "--renew-before", "3d"}},
		{status: 2, words: []string{"renew", "--san", "zoe"}},
		{status: 2, words: []string{"renew", "ca", "--finish", "--same-key"}},
		{status: 2, words: []string{"renew", "server", "server"}},
		{status: 2, words: []string{"sign", "client"}},
		{status: 1, words: []string{"renew", "zoe"}},
		{status: 1, words: []string{"sign", "client", "../beside/zoe.csr"}},
		{status: 1, words: []string{"issue", "client", "zoe", "--ca-key", "server.key"}},
	}
	if s.hasSet() {
		wrong = append(wrong, modelCommand{status: 1, words: []string{"key", "ca"}}, modelCommand{status: 1, words: []string{"ca"}},
			modelCommand{status: 1, words: []string{"csr", "server"}}, modelCommand{status: 1, words: []string{"sign", "server", "server.csr"}})
	}
	c := pick(d, wrong...)
	c.kind = "wrong"
	return &c
}
