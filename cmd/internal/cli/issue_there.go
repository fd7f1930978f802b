package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// lying are the names of what lies in the directory, to be looked up many at a time.
func (r *issueRun) lying() (map[string]bool, error) {
	names, err := r.store.List()
	if err != nil {
		return nil, err
	}
	lying := make(map[string]bool, len(names))
	for _, name := range names {
		lying[name] = true
	}
	return lying, nil
}

// there tells whether a leaf is there already, and right, which is no error for a name from a file: the command may have been
// interrupted. Anything else under its name is one.
func (r *issueRun) there(name string, wanted profile.Leaf, lying map[string]bool) (bool, error) {
	existing := slices.DeleteFunc(leafFiles(name), func(file string) bool { return !lying[file] })
	if len(existing) == 0 {
		return false, nil
	}
	path := filepath.Join(r.dir, existing[0])
	switch {
	case !slices.Contains(existing, name+certset.CertificateEnding):
		return false, fmt.Errorf("%s is there without a certificate; %s and sign make one for it, or move it away; nothing was issued", path,
			commandIn(fmt.Sprintf("csr %s %s", r.role, shellQuote(name)), r.dir))
	case r.namesFrom == "":
		return false, fmt.Errorf("%s exists; milvus-certs renew %s makes it anew, nothing was issued", path, shellQuote(name))
	}
	files, err := r.store.Read(existing)
	if err != nil {
		return false, err
	}
	leaf, err := certset.ReadLeaf(name, files)
	if err == nil {
		err = r.asWanted(leaf, wanted)
	}
	if err != nil {
		return false, fmt.Errorf("%s exists, and is not what is wanted: %w; nothing was issued", path, err)
	}
	r.report.add(leafPresent, r.role, leaf)
	return true, nil
}

// asWanted wants a leaf that is there to be this one's.
func (r *issueRun) asWanted(leaf certset.Leaf, wanted profile.Leaf) error {
	c, _, err := r.profile.Leaf(r.role, wanted)
	if err != nil {
		return err
	}
	want, _ := c.Subject.Get(x509v3.OIDCommonName)
	have, _ := leaf.Certificate.Attribute(x509v3.OIDCommonName)
	lacks := slices.DeleteFunc(c.Names(), func(name string) bool { return slices.Contains(leaf.Certificate.Names(), name) })
	role := statedRole(leaf)
	switch {
	case !leaf.HasKey():
		return errors.New("key and certificate do not belong together")
	case leaf.Certificate.SignedBy(r.issuer.Certificate) != nil:
		return errors.New("another CA issued it")
	case have != want:
		return fmt.Errorf("it is for %q", have)
	case role != "" && role != r.role:
		return fmt.Errorf("it is a %s's", role)
	case len(lacks) > 0:
		return fmt.Errorf("it lacks the name %s", lacks[0])
	case !r.now.Before(leaf.Certificate.NotAfter):
		return errors.New("it has expired")
	}
	return nil
}

// passBy takes a leaf from a file of names that another command has issued meanwhile, where it is this one's.
func (r *issueRun) passBy(j leafJob, err error) error {
	if r.namesFrom == "" {
		return err
	}
	existing, err := r.store.Existing(leafFiles(j.name))
	if err != nil {
		return err
	}
	lying := map[string]bool{}
	for _, name := range existing {
		lying[name] = true
	}
	if _, err := r.there(j.name, r.wanted[j.name], lying); err != nil {
		return err
	}
	r.say(r.output, "note: %s: another command has issued it meanwhile", j.name)
	return nil
}
