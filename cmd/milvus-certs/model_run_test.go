//go:build !windows

package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// modelRun is a directory and what is known of it: the states in which it can be, which are several after a kill.
type modelRun struct {
	path, dir, beside string
	counts            *modelCounts
	history           *modelHistory
	states            []*modelState
	unsettled         int // steps that were killed since it was last looked at
	made              int
}

// runModel runs steps until there is none, or one of them turns out other than foretold. It returns those that it ran.
func runModel(t *testing.T, path string, counts *modelCounts, draw func(s *modelState, n, unsettled int) modelStep) (steps []modelStep, err error) {
	base := t.TempDir()
	r := &modelRun{path: path, dir: filepath.Join(base, "set"), beside: filepath.Join(base, "beside"), counts: counts,
		history: newModelHistory(), states: []*modelState{newModelState()}}
	for _, dir := range []string{r.dir, r.beside} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
	}
	for {
		step := draw(r.states[0], len(steps), r.unsettled)
		if step == nil {
			return steps, r.conclude()
		}
		steps = append(steps, step)
		if err := r.step(step); err != nil {
			return steps, err
		}
	}
}

// step runs commands, and looks whether what became of them was to be expected.
func (r *modelRun) step(step modelStep) error {
	for _, c := range step {
		if err := r.prepare(c); err != nil {
			return err
		}
	}
	if len(step) > 1 {
		r.counts.groups.Add(int64(len(step)))
	}
	now, results := time.Now().Unix(), make([]ran, len(step))
	var all sync.WaitGroup
	for i, c := range step {
		all.Go(func() { results[i] = r.run(c) })
	}
	all.Wait()
	killed := false
	for _, got := range results {
		killed = killed || got.status < 0
	}
	e := &modelOrders{run: r, step: step, results: results, now: now, reasons: map[string]bool{}}
	for _, s := range r.states {
		e.explore(s, 0)
	}
	if len(e.ends) == 0 {
		return fmt.Errorf("an exit status other than foretold: %v\n%+v", slices.Sorted(maps.Keys(e.reasons)), results)
	}
	if killed {
		r.states, r.unsettled = e.ends, r.unsettled+1
		r.counts.unsettled.Add(1)
		return r.checkInterrupted()
	}
	return r.settle(e.ends, results)
}

// checkInterrupted wants status to tell that a commit was begun and not finished.
func (r *modelRun) checkInterrupted() error {
	if _, err := os.Stat(filepath.Join(r.dir, stagingFolder)); err != nil {
		return nil //nolint:nilerr // there is none
	}
	got := r.start("status", "-o", "json")
	if got.stdout != "" && !strings.Contains(got.stdout, `"interrupted": true`) || got.status > 1 {
		return fmt.Errorf("status of an interrupted command: %+v", got)
	}
	return nil
}

// settle finds out in which of the possible states the directory is.
func (r *modelRun) settle(possible []*modelState, results []ran) error {
	seen, err := r.history.look(r.dir)
	if err != nil {
		return fmt.Errorf("%w\n%+v", err, results)
	}
	reasons := map[string]bool{}
	for _, s := range possible {
		if err := r.history.matches(s, seen); err == nil {
			r.states, r.unsettled = []*modelState{seen.modelState}, 0
			r.history.remember(seen)
			return errors.Join(r.history.check(seen), checkStatus(seen, r.start("status", "-o", "json")))
		} else {
			reasons[err.Error()] = true
		}
	}
	return fmt.Errorf("the directory is other than foretold:\n%s\n%+v", strings.Join(slices.Sorted(maps.Keys(reasons)), "\n"), results)
}

// conclude has the program itself verify what there is.
func (r *modelRun) conclude() error {
	s := r.states[0]
	if r.unsettled > 0 || !s.hasSet() {
		return nil
	}
	if got := r.start("verify", "-q"); got.status != 0 {
		return fmt.Errorf("verify: %+v", got)
	}
	for name, l := range s.leaves {
		args := []string{"verify", "-q", "--ca", "ca.pem", "--cert", name + ".pem", "--purpose", l.role}
		if !l.elsewhere {
			args = append(args, "--key", name+".key")
		}
		wanted := 0
		if s.isStranger(l) {
			wanted = 1
		}
		if got := r.start(args...); got.status != wanted {
			return fmt.Errorf("%v: %+v", args, got)
		}
	}
	return nil
}

// prepare makes what a command reads and is not in the directory.
func (r *modelRun) prepare(c *modelCommand) error {
	if c.old {
		if err := r.findOldKey(c); err != nil {
			return err
		}
	}
	if c.list {
		return os.WriteFile(filepath.Join(r.beside, c.input), []byte(strings.Join(c.names, "\n")+"\n"), 0o600)
	}
	if c.kind != "sign" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(r.beside, c.names[0]+".csr")); err == nil {
		return nil
	}
	for _, args := range [][]string{{"key", c.names[0], "--key-type", "ec-p256"}, {"csr", c.role, c.names[0]}} {
		if got := r.start(append(args, "-q", "-d", "../beside")...); got.status != 0 {
			return fmt.Errorf("%v: %+v", args, got)
		}
	}
	return nil
}

// findOldKey finds the CA's key that was put away last.
func (r *modelRun) findOldKey(c *modelCommand) error {
	c.oldKey, c.oldPublic = "backup/ca.key", ""
	kept, err := filepath.Glob(filepath.Join(r.dir, "backup-*", "ca.key"))
	if err != nil || len(kept) == 0 {
		return err
	}
	path := kept[len(kept)-1]
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	c.oldKey = filepath.Join(filepath.Base(filepath.Dir(path)), "ca.key")
	c.oldPublic, err = r.history.keyOf(certset.File{Name: c.oldKey, Data: data})
	return err
}

func (r *modelRun) start(args ...string) ran {
	return r.run(&modelCommand{kind: "wrong", words: args})
}

// run runs a command, and kills it where it is to be.
func (r *modelRun) run(c *modelCommand) ran {
	time.Sleep(c.delay)
	p := command(r.dir, r.path, c.args()...)
	p.Env = append(p.Env, "MODEL_PASS="+modelPass)
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	if err := p.Start(); err != nil {
		return ran{99, "", err.Error()}
	}
	r.counts.commands.Add(1)
	exited := make(chan struct{})
	go func() { _ = p.Wait(); close(exited) }()
	if c.kill != nil {
		r.kill(p, c.kill, exited)
	}
	<-exited
	if !p.ProcessState.Exited() {
		r.counts.kills.Add(1)
	}
	return ran{p.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (r *modelRun) kill(p *exec.Cmd, k *modelKill, exited <-chan struct{}) {
	if k.event != "" {
		waitFor(filepath.Join(r.dir, k.event), exited)
	}
	if k.after > 2*time.Millisecond {
		select {
		case <-time.After(k.after):
		case <-exited:
		}
	}
	for end := time.Now().Add(k.after); k.after <= 2*time.Millisecond && time.Now().Before(end); {
		// Sleeping would take longer than the moves do.
	}
	_ = p.Process.Kill()
}

// modelOrders goes through the orders in which commands can have come into effect.
type modelOrders struct {
	run     *modelRun
	step    modelStep
	results []ran
	now     int64
	ends    []*modelState
	reasons map[string]bool // why orders are ruled out
}

// explore adds the states that can come of a state. Each command has come into effect or not; one that was not killed only has not
// where it found that another one had come before it.
func (e *modelOrders) explore(s *modelState, done uint) {
	complete := true
	for i, c := range e.step {
		if done&(1<<i) != 0 {
			continue
		}
		got := e.results[i]
		complete = complete && (got.status < 0 || got.status == 1 && strings.Contains(got.stderr, "meanwhile"))
		next, status := s.foretell(c, &e.run.made, e.now)
		if got.status >= 0 && got.status != status {
			e.reasons[fmt.Sprintf("wanted %d of %v, found %d: %s", status, c.args(), got.status, got.stderr)] = true
			continue
		}
		e.explore(next, done|1<<i)
	}
	if complete {
		e.ends = append(e.ends, s)
	}
}
