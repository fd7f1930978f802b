package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// keep leaves a sound set as it is, but for leaves that are due. LockErr tells why nothing can be written, if so. Whatever
// speaks against the set is found before anything changes.
func (r *initRun) keep(existing []string, lockErr error) (*initReport, error) {
	files, set, err := r.readSound(existing)
	if err != nil {
		return nil, err
	}
	if err := r.wanted(existing, set); err != nil {
		return nil, err
	}
	refusals, err := r.refusals(set)
	if err != nil {
		return nil, err
	}
	found := &initReport{}
	if err := found.warn(r.strict, append(refusals, r.looseKeys(files)...)...); err != nil {
		return nil, err
	}
	report, err := r.renewDue(set, lockErr)
	if err != nil {
		return nil, err
	}
	if files, err = r.dir.Read(certset.Names()); err != nil {
		return nil, err
	}
	for _, name := range existing {
		report.addFiles([]certset.File{files[name]})
	}
	report.Warnings = addNew(report.Warnings, found.Warnings)
	return report, nil
}

// wanted refuses a set that is other than asked for, or whose CA is due. A CA whose key is not here may be someone else's, with a name of
// its own.
func (r *initRun) wanted(existing []string, set *certset.Set) error {
	asked := r.asked
	asked.CAElsewhere = asked.CAElsewhere || !slices.Contains(existing, certset.CAKey)
	differences, err := issuance.Differences(set, r.profile, asked, r.confAsked)
	if err != nil {
		return err
	}
	more, err := r.otherCA(set)
	if err != nil {
		return err
	}
	if differences = append(differences, more...); len(differences) > 0 {
		return fmt.Errorf("the set in %s is other than asked for: %s; nothing was changed", r.initOptions.dir, strings.Join(differences, "; "))
	}
	if end := set.CA.Certificate.NotAfter; r.due(set.CA.Certificate) {
		wayOut := commandIn("renew ca", r.initOptions.dir) + " begins a change to a new one without an outage"
		if ca := set.CA.Certificate; ca.SignedBy(ca) != nil {
			wayOut = "its issuer renews it: " + oneLine(ca.Issuer())
		} else if !slices.Contains(existing, certset.CAKey) {
			wayOut = "it is renewed where its key is"
		}
		return fmt.Errorf("the CA in %s is due, it ends on %s; nothing was changed; %s", r.initOptions.dir, end.Format(time.DateOnly), wayOut)
	}
	return nil
}

// otherCA tells where the CA is another than asked for, or its key is not kept as was asked for.
func (r *initRun) otherCA(set *certset.Set) (differences []string, err error) {
	if r.elsewhere() {
		certs, err := readCertificates(r.caCert)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(certs, func(c *certset.Certificate) bool { return bytes.Equal(c.Raw, set.CA.Certificate.Raw) }) {
			differences = append(differences, "ca.pem is another CA than "+r.caCert)
		}
	}
	if r.encryptCAKey && set.CA.Key != nil {
		differences = append(differences, "ca.key is not encrypted")
	}
	return differences, nil
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
		// The CA's key may be kept elsewhere, and better is.
		if name != certset.CAKey && !slices.Contains(existing, name) {
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

func (r *initRun) due(c *certset.Certificate) bool { return r.renewBefore.due(c, r.now) }

// renewDue renews the leaves that are due, from the CA that there is.
func (r *initRun) renewDue(set *certset.Set, lockErr error) (*initReport, error) {
	var (
		renewed, notes []string
		issuer         *issuance.Issuer
		err            error
	)
	for _, leaf := range []struct {
		entry *certset.Entry
		name  string
		role  profile.Role
	}{
		{&set.Server, "server", profile.ServerRole},
		{&set.Client, "client", profile.ClientRole},
	} {
		if !r.due(leaf.entry.Certificate) {
			continue
		}
		if lockErr != nil {
			return nil, lockErr
		}
		if issuer == nil {
			if issuer, err = r.setIssuer(set); err != nil {
				return nil, err
			}
		}
		more, err := r.renewLeaf(issuer, set, leaf.entry, leaf.role)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", leaf.name+certset.CertificateEnding, err)
		}
		renewed = append(renewed, leafFiles(leaf.name)...)
		notes = append(notes, leaf.name+certset.CertificateEnding+": renewed with a new key")
		notes = append(notes, inFileOf(leaf.name, more)...)
	}
	if len(renewed) > 0 && (r.due(set.Server.Certificate) || r.due(set.Client.Certificate)) {
		notes = append(notes, "--renew-before is longer than the certificates live, so every run will renew them")
	}
	report := r.newReport(kept, set)
	if len(renewed) == 0 {
		return report, nil
	}
	report.Action = renewedLeaves
	report.note(notes...)
	return report, r.commitRenewed(set, append(renewed, certset.CASerial))
}

// inFileOf says which leaf the notes of a renewal are about, but for those about all of them.
func inFileOf(name string, notes []string) []string {
	out := slices.Clone(notes)
	for i, n := range out {
		if strings.HasPrefix(n, "added ") {
			out[i] = name + certset.CertificateEnding + ": " + n
		}
	}
	return out
}

// renewLeaf replaces a leaf of the set by one with a new key.
func (r *initRun) renewLeaf(i *issuance.Issuer, set *certset.Set, leaf *certset.Entry, role profile.Role) ([]string, error) {
	if change := expiry.Progress(set.CA); change != nil && change.HoldsUp(*leaf) {
		return nil, fmt.Errorf("it is due, and of the CA that is being replaced: once ca.pem with both CAs is everywhere, %s moves it to the new one", commandIn("renew", r.initOptions.dir))
	}
	key, err := issuance.NewKey(issuance.KeyTypeOf(leaf.Key.Public()))
	if err != nil {
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	serial, err := certset.NextSerial(set.LastSerial())
	if err != nil {
		return nil, err
	}
	entry, notes, err := i.Renew(*leaf, issuance.Renewal{Key: key, Role: role}, serial)
	if err != nil {
		return nil, err
	}
	*leaf, set.Serial = entry, serial
	return notes, nil
}

// setIssuer is the CA of the set, whose key may be encrypted or elsewhere.
func (r *initRun) setIssuer(set *certset.Set) (*issuance.Issuer, error) {
	ca := set.CA
	if ca.Key == nil {
		key, err := r.readCAKey(r.output, &r.caFlags, r.initOptions.dir)
		if err != nil {
			return nil, err
		}
		ca.Key = key
	}
	return issuance.NewIssuer(ca, r.now)
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
	var warnings []string
	for _, name := range []string{certset.CAKey, certset.ServerKey, certset.ClientKey} {
		if f, ok := files[name]; ok {
			if warning := looseKey(f, filepath.Join(r.initOptions.dir, name)); warning != "" {
				warnings = append(warnings, warning)
			}
		}
	}
	return warnings
}
