package cli

import (
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
	conf, remark, err := readConf(p.config, path)
	if err != nil {
		return nil, "", err
	}
	if remark != "" {
		a.say(o, "%s", remark)
	}
	if asked.Default, err = subjectOf(dir, role); err != nil {
		return nil, "", err
	}
	resolved, err := profile.New(conf, asked)
	return resolved, conf.Name(), usage(err)
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
	files, err := leaf.Files()
	if err != nil {
		return []string{err.Error()}
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
	for _, finding := range report.Findings {
		if finding.Severity == verify.Failure && len(finding.RefusedBy) > 0 {
			sentences = append(sentences, finding.Sentence())
		}
	}
	return sentences
}
