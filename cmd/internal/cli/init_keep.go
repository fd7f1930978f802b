package cli

import (
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// keep leaves a sound set as it is, but for leaves that are due. LockErr tells why nothing can be written, if so. Whatever
// speaks against the set is found before anything changes.
func (r *initRun) keep(existing []string, lockErr error) (*initReport, error) {
	files, set, err := r.readSound(existing)
	if err != nil {
		return nil, err
	}
	if err := r.wanted(set); err != nil {
		return nil, err
	}
	refusals, err := r.refusals(set)
	if err != nil {
		return nil, err
	}
	found := &initReport{}
	if err := r.warn(found, append(refusals, r.looseKeys(files)...)...); err != nil {
		return nil, err
	}
	report, err := r.renewDue(set, lockErr)
	if err != nil {
		return nil, err
	}
	if files, err = r.dir.Read(certset.Names()); err != nil {
		return nil, err
	}
	for _, name := range certset.Names() {
		report.addFiles([]certset.File{files[name]})
	}
	report.Warnings = append(report.Warnings, found.Warnings...)
	return report, nil
}

// wanted refuses a set that is other than asked for, or whose CA is due.
func (r *initRun) wanted(set *certset.Set) error {
	differences, err := issuance.Differences(set, r.profile, r.asked, r.confAsked)
	if err != nil {
		return err
	}
	if len(differences) > 0 {
		return fmt.Errorf("the set in %s is other than asked for: %s; nothing was changed", r.initOptions.dir, strings.Join(differences, "; "))
	}
	if end := set.CA.Certificate.NotAfter; r.due(set.CA.Certificate) {
		return fmt.Errorf("the CA in %s is due, it ends on %s; nothing was changed; init --force makes a new set, whose ca.pem every client needs",
			r.initOptions.dir, end.Format(time.DateOnly))
	}
	return nil
}

// readSound reads the set and refuses one that is broken. A leaf that has expired is due, not broken.
func (r *initRun) readSound(existing []string) (map[string]certset.File, *certset.Set, error) {
	broken := func(reason any) error {
		wayOut := "init --force makes a new one and keeps this one in a dated folder"
		if strings.HasPrefix(fmt.Sprint(reason), certset.CASerial) {
			wayOut = "put the serial number last used into it, in hexadecimal, or a higher one"
		}
		return fmt.Errorf("the set in %s is broken: %v; nothing was changed; %s", r.initOptions.dir, reason, wayOut)
	}
	for _, name := range certset.Names() {
		if !slices.Contains(existing, name) {
			return nil, nil, broken(name + " is missing")
		}
	}
	files, err := r.dir.Read(certset.Names())
	if err != nil {
		return nil, nil, err
	}
	set, err := certset.Parse(files)
	if err != nil {
		return nil, nil, broken(err)
	}
	expired := func(f verify.Finding) bool {
		return f.File == certset.ServerCertificate && r.now.After(set.Server.Certificate.NotAfter) ||
			f.File == certset.ClientCertificate && r.now.After(set.Client.Certificate.NotAfter)
	}
	failures := append(verify.Matching(set), slices.DeleteFunc(verify.InTime(set, r.now), expired)...)
	if len(failures) > 0 {
		return nil, nil, broken(failures[0])
	}
	return files, set, nil
}

// due tells whether a certificate ends within --renew-before. Where that was not given, it is not due before two thirds of
// its time are over: one of twenty days would be from its first day on.
func (r *initRun) due(c *certset.Certificate) bool {
	before := time.Duration(r.renewBefore)
	if !r.renewBeforeAsked {
		const part = 3
		before = min(before, c.NotAfter.Sub(c.NotBefore)/part)
	}
	return c.NotAfter.Before(r.now.Add(before))
}

// renewDue renews the leaves that are due, from the CA that there is.
func (r *initRun) renewDue(set *certset.Set, lockErr error) (*initReport, error) {
	var renewed, notes []string
	for _, leaf := range []struct {
		entry *certset.Entry
		files []string
	}{
		{&set.Server, []string{certset.ServerKey, certset.ServerRequest, certset.ServerCertificate}},
		{&set.Client, []string{certset.ClientKey, certset.ClientRequest, certset.ClientCertificate}},
	} {
		if !r.due(leaf.entry.Certificate) {
			continue
		}
		if lockErr != nil {
			return nil, lockErr
		}
		entry, serial, more, err := issuance.Renew(*leaf.entry, set.CA, issuance.Options{Now: r.now, LastSerial: set.LastSerial()})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", leaf.files[2], err)
		}
		*leaf.entry, set.Serial = entry, serial
		renewed = append(renewed, leaf.files...)
		notes = append(notes, leaf.files[2]+": renewed with a new key")
		notes = append(notes, more...)
	}
	if len(renewed) > 0 && (r.due(set.Server.Certificate) || r.due(set.Client.Certificate)) {
		notes = append(notes, "--renew-before is longer than the certificates live, so every run will renew them")
	}
	report := r.newReport(kept, set)
	if len(renewed) == 0 {
		return report, nil
	}
	report.Action, report.Notes = renewedLeaves, notes
	return report, r.commitRenewed(set, append(renewed, certset.CASerial))
}

func (r *initRun) commitRenewed(set *certset.Set, names []string) error {
	if failures := verify.Sound(set, r.now); len(failures) > 0 {
		return fmt.Errorf("what was renewed is not sound and was not written: %s", failures[0])
	}
	files, err := set.Files()
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(f certset.File) bool { return !slices.Contains(names, f.Name) })
	return r.dir.Commit(files, "")
}

// looseKeys warns of keys that others than their owner can read.
func (r *initRun) looseKeys(files map[string]certset.File) []string {
	if runtime.GOOS == "windows" {
		return nil // which has no such modes
	}
	const others fs.FileMode = 0o077
	var warnings []string
	for _, name := range []string{certset.CAKey, certset.ServerKey, certset.ClientKey} {
		if mode := files[name].Mode; mode&others != 0 {
			warnings = append(warnings, fmt.Sprintf("%s: others than its owner can use this key (mode %04o); chmod 600 %s", name, mode, pathIn(r.initOptions.dir, name)))
		}
	}
	return warnings
}
