package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// resolveLeaf turns flags and conf into a profile for further leaves, whose subjects are the set's where nothing else is said.
// It returns the name of the conf too.
func (a *app) resolveLeaf(o output, p *profileFlags, f *pflag.FlagSet, dir *store.Dir, path string, role profile.Role, now time.Time) (*profile.Profile, string, error) {
	asked, err := p.asked(f, now)
	if err != nil {
		return nil, "", err
	}
	asked.CommonName, asked.SANs, asked.CAElsewhere = profile.Setting{}, nil, true
	if asked.Default, err = subjectOf(dir, role); err != nil {
		return nil, "", err
	}
	return a.resolveProfile(o, p.config, path, asked)
}

// subjectOf is the subject of the set's leaf of a role, or nil where there is none.
func subjectOf(dir *store.Dir, role profile.Role) (*profile.Subject, error) {
	name := string(role) + certset.CertificateEnding
	files, err := dir.Read([]string{name})
	if err != nil {
		return nil, err
	}
	certs, _, err := certset.ParseCertificates(files[name].Data)
	if err != nil {
		return nil, nil //nolint:nilerr // one that cannot be read says nothing; verify tells of it
	}
	subject := &profile.Subject{}
	subject.Country, _ = certs[0].Attribute(x509v3.OIDCountry)
	subject.Organization, _ = certs[0].Attribute(x509v3.OIDOrganization)
	subject.OrganizationalUnit, _ = certs[0].Attribute(x509v3.OIDOrganizationalUnit)
	return subject, nil
}

// refusedLeaf is what clients, or for a client's leaf Milvus, have against a leaf for good, a sentence each.
func refusedLeaf(ca *authority, role profile.Role, leaf certset.Leaf) (sentences []string) {
	findings, err := leafRefusals(ca, role, leaf)
	if err != nil {
		return []string{err.Error()}
	}
	for _, f := range findings {
		sentences = append(sentences, f.Sentence())
	}
	if isNameless(role, leaf.Certificate.Names()) {
		sentences = append(sentences, nameless(leaf.Name+certset.CertificateEnding)) // whatever they say of its chain
	}
	return sentences
}

// isNameless tells a server's leaf that no host or address is in.
func isNameless(role profile.Role, names []string) bool {
	isHost := func(name string) bool { return strings.HasPrefix(name, "DNS:") || strings.HasPrefix(name, "IP:") }
	return role == profile.ServerRole && !slices.ContainsFunc(names, isHost)
}

func nameless(file string) string {
	return file + ": no host name or address in subjectAltName, so that most clients refuse it; --san adds one"
}

// leafRefusals are the findings behind refusedLeaf.
func leafRefusals(ca *authority, role profile.Role, leaf certset.Leaf) ([]verify.Finding, error) {
	files, err := leaf.Files()
	if err != nil {
		return nil, err
	}
	purpose := certpath.Server
	if role == profile.ClientRole {
		purpose = certpath.Client
	}
	in := verify.Input{Files: map[string]certset.File{}, Labels: map[string]string{}}
	in.Files[certset.CACertificate] = certset.File{Name: certset.CACertificate, Data: ca.data}
	in.Labels[certset.CACertificate] = ca.certPath
	for _, f := range files {
		name := string(role) + f.Name[len(leaf.Name):]
		in.Labels[name], f.Name = f.Name, name
		in.Files[name] = f
	}
	report := verify.Chain(in, verify.Options{At: leaf.Certificate.NotBefore}, purpose)
	return slices.DeleteFunc(report.Findings, func(f verify.Finding) bool {
		return f.Severity != verify.Failure || len(f.RefusedBy) == 0
	}), nil
}
