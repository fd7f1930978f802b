package cli

import (
	"bytes"
	"crypto"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// work makes the new certificates.
func (r *renewRun) work() error {
	if len(r.leaves) == 0 {
		return nil
	}
	jobs := make([]leafJob, len(r.leaves))
	for i, l := range r.leaves {
		jobs[i] = r.job(l)
		role := judgedAs(r.roleOf(l.name, l.role), l.anyUsage)
		jobs[i].judged = len(r.leaves) <= fewLeaves || !r.judged[role]
		r.judged[role] = true
	}
	slow := slices.ContainsFunc(jobs, func(j leafJob) bool { return j.newKey != nil && isSlow(*j.newKey, len(jobs)) })
	bar := r.newProgress(r.output, "renewing", len(jobs), slow || len(jobs) >= manyLeaves)
	defer bar.done()
	b := &batch{
		app: r.app, output: r.output, path: r.dir, dir: r.store, ca: r.ca, issuer: r.issuer, now: r.now, step: bar.step,
		passBy: r.passBy,
	}
	err := b.run(jobs, r.judge, func(made []madeLeaf) {
		for _, m := range made {
			r.report.add(leafRenewed, r.roleOf(m.Name, statedRole(m.Leaf)), m.Leaf)
			r.report.noteEach(len(jobs), m.notes...)
		}
	})
	if n := r.report.count(leafRenewed); err != nil && n > 0 {
		return fmt.Errorf("%w; %s were renewed before", err, countOf(n, "leaf", "leaves"))
	}
	if err == nil {
		r.conclude()
	}
	return err
}

func (r *renewRun) job(l dirLeaf) leafJob {
	renewal := issuance.Renewal{Role: r.roleOf(l.name, l.role), ResetUsage: r.resetUsage, SANs: r.added, Days: r.lifetime}
	newKey := r.keyTypeFor(l)
	return leafJob{name: l.name, files: renewedFiles(l, newKey != nil), newKey: newKey, old: l.files[l.file()].Data, make: func(key crypto.Signer, serial *big.Int) (certset.Entry, []string, error) {
		renewal := renewal
		renewal.Key = key
		old, err := l.read()
		if err != nil {
			return certset.Entry{}, nil, err
		}
		entry, notes, err := r.issuer.Renew(old, renewal, serial)
		if key == nil {
			entry.Key = nil // its file stays as it is
		}
		return entry, inFileOf(l.name, notes), err
	}}
}

// renewedFiles are those that a renewal writes: a request only where there is a key to sign it with, or an old one.
func renewedFiles(l dirLeaf, newKey bool) []string {
	files := leafFiles(l.name)
	_, hasKey := l.files[files[0]]
	_, hasRequest := l.files[files[1]]
	switch {
	case newKey:
		return files
	case hasKey || hasRequest:
		return files[1:]
	}
	return files[2:]
}

// keyTypeFor is the type of the key to be made, or nil.
func (r *renewRun) keyTypeFor(l dirLeaf) *profile.KeyType {
	if r.sameKey {
		return nil
	}
	if r.keyType != nil {
		return r.keyType
	}
	return l.key
}

// passBy lets cron jobs meet: what another one has renewed meanwhile is not due any more.
func (r *renewRun) passBy(j leafJob, err error) error {
	if !r.ifNeeded {
		return err
	}
	i := slices.IndexFunc(r.leaves, func(l dirLeaf) bool { return l.name == j.name })
	r.report.addFound(leafNotNeeded, r.leaves[i])
	r.report.note(oneLine(j.name + certset.CertificateEnding + ": another command has renewed it meanwhile"))
	return nil
}

// judge says what clients will have against the leaves.
func (r *renewRun) judge(made []madeLeaf) error {
	for _, m := range made {
		role := judgedAs(r.roleOf(m.Name, statedRole(m.Leaf)), len(m.Certificate.Uses().ExtKeyUsage) == 0)
		findings, err := leafRefusals(r.ca, role, m.Leaf)
		if err != nil {
			return err
		}
		for _, f := range findings {
			text := f.Sentence()
			if cause := certpath.Cause(f.Check); cause == certpath.ExtKeyUsage || cause == certpath.AnyUsageAlone {
				text += "; " + r.resetCommand(m.Leaf, role) + " puts it right"
			}
			if err := r.warn(text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *renewRun) resetCommand(l certset.Leaf, role profile.Role) string {
	words := "renew " + shellQuote(l.Name) + " --reset-usage"
	if isFurther(l.Name) {
		words += " --role " + string(role)
	}
	return commandIn(words, r.dir)
}

// conclude says what is to be done with the new certificates.
func (r *renewRun) conclude() {
	if r.ifNeeded && r.alwaysDue() {
		r.report.note("--renew-before is longer than the certificates live, so every run will renew them")
	}
	renewed := map[string]bool{}
	for _, l := range r.report.Leaves {
		renewed[l.Name] = l.State == leafRenewed
	}
	server := false
	var others []string
	var until time.Time
	for _, l := range r.leaves {
		switch {
		case !renewed[l.name]:
		case l.name == string(profile.ServerRole):
			server = true
		default:
			others = append(others, pathIn(r.dir, l.file()))
			if until.IsZero() || l.NotAfter.Before(until) {
				until = l.NotAfter
			}
		}
	}
	r.report.Next = append(r.report.Next, r.nextSteps(server, others, until)...)
}

// alwaysDue tells whether a certificate is due as soon as it is made.
func (r *renewRun) alwaysDue() bool {
	return slices.ContainsFunc(r.report.Leaves, func(l leafReport) bool {
		return l.State == leafRenewed && r.renewBefore.due(l.times(), r.now)
	})
}

func (r *renewRun) nextSteps(server bool, others []string, until time.Time) (steps []string) {
	if server {
		steps = append(steps, "before the restart: clients that trust server.pem refuse the new one, whatever key it has; have them trust ca.pem")
	}
	if change := r.changeOver(); change != nil {
		r.report.note(change.String())
		return append(steps, change.Next(dirFlag(r.dir))...)
	}
	if server {
		steps = append(steps, "restart Milvus with the new server.pem: it does not read its files again by itself; milvus-certs probe HOST:PORT says which one it shows")
	}
	if len(others) > 0 {
		step := "hand out " + expiry.ShortList(others)
		if !r.sameKey {
			step += ", with the keys"
		}
		if until.After(r.now) {
			step += "; the old ones work until " + until.Format(time.DateOnly)
		}
		steps = append(steps, step)
	}
	return steps
}

// changeOver is where a change of the CA stands with the new leaves.
func (r *renewRun) changeOver() *expiry.ChangeOver {
	if r.change == nil || r.ofOldCA() {
		return r.change
	}
	moved := map[string]bool{}
	for _, l := range r.report.Leaves {
		moved[l.File] = l.State == leafRenewed
	}
	c := *r.change
	c.Waiting = slices.DeleteFunc(slices.Clone(c.Waiting), func(file string) bool { return moved[file] })
	return &c
}

// ofOldCA tells whether the CA that is being replaced issues.
func (r *renewRun) ofOldCA() bool { return bytes.Equal(r.issuer.Certificate.Raw, r.change.Old.Raw) }

// addFound adds a leaf that stays as it is.
func (r *leavesReport) addFound(state leafState, l dirLeaf) {
	r.Leaves = append(r.Leaves, leafReport{l.name, state, l.role, l.certificateReport})
}

// times are a certificate of which only its time is asked for.
func (c certificateReport) times() *certset.Certificate {
	return &certset.Certificate{NotBefore: c.NotBefore, NotAfter: c.NotAfter}
}
