package cli

import (
	"bytes"
	"cmp"
	"crypto"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"sync"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// leafJob is a leaf to be made.
type leafJob struct {
	name   string           // of its files
	files  []string         // that are written
	newKey *profile.KeyType // of the key to be made; nil: none is
	old    []byte           // the file of the certificate that it replaces; nil: it is a new one
	judged bool             // what clients say of it is asked before anything of its group is written
	make   func(key crypto.Signer, serial *big.Int) (certset.Entry, []string, error)
}

// madeLeaf is a leaf that was written.
type madeLeaf struct {
	certset.Leaf
	notes []string
}

// batch makes leaves from one CA, any number of them. Keys are made on all cores and without the lock; the leaves are signed and
// written in groups, each under the lock, so that several runs can be at work side by side.
type batch struct {
	*app
	output
	path   string // of the directory
	dir    *store.Dir
	ca     *authority
	issuer *issuance.Issuer
	now    time.Time
	passBy func(leafJob, error) error // what becomes of a job whose place was taken meanwhile: nil lets the others go on
	step   func()                     // called for each leaf that is done with
}

// Groups are so small that a kill loses little, and so large that their commit costs little beside their keys.
const (
	fewInGroup  = 8  // for RSA keys that take seconds each
	someInGroup = 32 // for those of 2048 bits, which take a tenth of one
	manyInGroup = 256
	lookAhead   = 2 // groups for which keys are made while one is written
)

func groupSize(jobs []leafJob) int {
	const usualBits = 2048
	size := manyInGroup
	for _, j := range jobs {
		switch {
		case j.newKey == nil || j.newKey.Algorithm != profile.RSA:
		case j.newKey.Bits > usualBits:
			return fewInGroup
		default:
			size = someInGroup
		}
	}
	return size
}

// leafGroup are jobs that are written together.
type leafGroup struct {
	jobs    []leafJob
	keys    []crypto.Signer
	errs    []error
	waiting sync.WaitGroup // for keys
}

// keyTask is a place in a group that wants a key.
type keyTask struct {
	group *leafGroup
	place int
}

// run makes the leaves in their order, a group at a time: judge is shown those that are to be judged, and can refuse a group before
// it is written; done is told of all of it afterwards. After an error those that were written stay, and the others are not made.
func (b *batch) run(jobs []leafJob, judge func([]madeLeaf) error, done func([]madeLeaf)) error {
	stop := make(chan struct{})
	groups := b.generate(jobs, stop)
	defer func() {
		close(stop)
		for range groups { //nolint:revive // until whoever parts the jobs has ended; keys that are being made are of no use any more
		}
	}()
	for g := range groups {
		g.waiting.Wait()
		if err := cmp.Or(g.errs...); err != nil {
			return fmt.Errorf("cannot make keys: %w", err)
		}
		made, err := b.write(g, judge)
		if err != nil {
			return err
		}
		done(made)
	}
	return nil
}

// generate parts the jobs into groups and has their keys made, in order, so long as nothing is stopped.
func (b *batch) generate(jobs []leafJob, stop chan struct{}) <-chan *leafGroup {
	groups, tasks := make(chan *leafGroup, lookAhead), make(chan keyTask)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for t := range tasks {
				t.group.makeKey(t.place)
			}
		}()
	}
	go func() {
		defer close(groups)
		defer close(tasks)
		for size := groupSize(jobs); len(jobs) > 0; {
			n := min(size, len(jobs))
			g := &leafGroup{jobs: jobs[:n], keys: make([]crypto.Signer, n), errs: make([]error, n)}
			g.waiting.Add(n)
			jobs = jobs[n:]
			select {
			case groups <- g:
			case <-stop:
				return
			}
			for i := range n {
				select {
				case tasks <- keyTask{g, i}:
				case <-stop:
					return
				}
			}
		}
	}()
	return groups
}

func (g *leafGroup) makeKey(i int) {
	defer g.waiting.Done()
	if t := g.jobs[i].newKey; t != nil {
		g.keys[i], g.errs[i] = issuance.NewKey(*t)
	}
}

// write signs a group and writes it, under the lock. Signing and writing take turns on the cores: while the disk makes some leaves
// last, others are signed.
func (b *batch) write(g *leafGroup, judge func([]madeLeaf) error) (made []madeLeaf, err error) {
	if err := b.lock(b.output, b.dir, b.path); err != nil {
		return nil, err
	}
	defer func() {
		if unlockErr := b.dir.Unlock(); unlockErr != nil && err == nil {
			b.say(b.output, "warning: %v", unlockErr)
		}
	}()
	if err := b.ca.unchanged(); err != nil {
		return nil, err
	}
	if err := b.takePlaces(g); err != nil || len(g.jobs) == 0 {
		return nil, err
	}
	serials, numbers, err := serialsOf(b.ca, b.dir, b.path, len(g.jobs))
	if err != nil {
		return nil, err
	}
	if made, err = b.signJudged(g, serials, judge); err != nil {
		return nil, err
	}
	parts := store.Parts(numbers)
	for i, j := range g.jobs {
		parts = append(parts, store.Part{Names: j.files, Make: func() (files []certset.File, err error) {
			if !j.judged {
				if made[i], err = b.sign(j, g.keys[i], serials[i]); err != nil {
					return nil, err
				}
			}
			return made[i].Files()
		}})
	}
	return made, b.dir.CommitParts(parts, "")
}

// signJudged signs the leaves of a group that are judged before anything is written.
func (b *batch) signJudged(g *leafGroup, serials []*big.Int, judge func([]madeLeaf) error) (made []madeLeaf, err error) {
	made = make([]madeLeaf, len(g.jobs))
	var judged []madeLeaf
	for i, j := range g.jobs {
		if !j.judged {
			continue
		}
		if made[i], err = b.sign(j, g.keys[i], serials[i]); err != nil {
			return nil, err
		}
		judged = append(judged, made[i])
	}
	return made, judge(judged)
}

// takePlaces leaves out the jobs whose place was taken since they were planned, where that is no error.
func (b *batch) takePlaces(g *leafGroup) error {
	kept := 0
	for i, j := range g.jobs {
		if err := b.place(j); err != nil {
			if err := b.passBy(j, err); err != nil {
				return err
			}
			b.step()
			continue
		}
		g.jobs[kept], g.keys[kept] = j, g.keys[i]
		kept++
	}
	g.jobs, g.keys = g.jobs[:kept], g.keys[:kept]
	return nil
}

var errReplaced = errors.New("another command has replaced it meanwhile")

// place wants the files of a new leaf not to be there, and the certificate of an old one to be as it was.
func (b *batch) place(j leafJob) error {
	if j.old == nil {
		taken, err := b.dir.Existing(leafFiles(j.name))
		if err == nil && len(taken) > 0 {
			err = fmt.Errorf("%s exists", pathIn(b.path, taken[0]))
		}
		return err
	}
	name := j.name + certset.CertificateEnding
	files, err := b.dir.Read([]string{name})
	if err == nil && !bytes.Equal(files[name].Data, j.old) {
		err = fmt.Errorf("%s: %w", pathIn(b.path, name), errReplaced)
	}
	return err
}

func leafFiles(name string) []string {
	return []string{name + certset.KeyEnding, name + certset.RequestEnding, name + certset.CertificateEnding}
}

// sign makes a leaf. What it makes wrong is not written.
func (b *batch) sign(j leafJob, key crypto.Signer, serial *big.Int) (madeLeaf, error) {
	entry, notes, err := j.make(key, serial)
	made := madeLeaf{certset.Leaf{Name: j.name, Entry: entry}, notes}
	if err == nil {
		err = verify.Made(made.Leaf, b.issuer.Certificate, b.now)
	}
	if err != nil {
		return madeLeaf{}, fmt.Errorf("%s: %w", j.name+certset.CertificateEnding, err)
	}
	b.step()
	return made, nil
}

// sideBySide does something for each of n places, on all cores.
func sideBySide(n int, do func(i int)) {
	places := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range places {
				do(i)
			}
		})
	}
	for i := range n {
		places <- i
	}
	close(places)
	workers.Wait()
}
