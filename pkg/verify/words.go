package verify

import (
	"cmp"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// words are how a cause reads: behind the name of the file, and what to do.
type words struct{ problem, wayOut string }

// The ways out that several causes share.
const (
	anewFromConf = "take it out of the conf, or state it right, and issue anew: milvus-certs lint shows the line"
	issuedAnew   = "whoever issued it has to issue it anew, and complete it"
	expired      = "whoever issued it has to renew it"
)

// causes are the words for all causes. {usage}, {host}, {from}, {until} and {detail} are filled in.
var causes = map[certpath.Cause]words{
	certpath.UnknownIssuer:          {"there is no path from it to a root that is trusted", "take the ca.pem of the CA that issued it; intermediates belong behind the leaf in its file, the root into ca.pem"},
	certpath.LeafAsRoot:             {"no root for these clients, who take none but one that is signed by itself", "have them trust ca.pem instead"},
	certpath.KeyIDMismatch:          {"its authorityKeyIdentifier is not that of the CA that issued it", "issue it anew"},
	certpath.OneSubject:             {"has the subject of its CA and no key identifiers, so that these clients take it for signed by itself", issuedAnew + "; or give the CA a name of its own: --ca-common-name"},
	certpath.SameNamedCAs:           {"several CAs of one name are there, and these clients try the first alone", "issue it anew, with key identifiers"},
	certpath.BadSignature:           {"the CA that it names did not sign it", "take the ca.pem of the CA that issued it, or issue it anew"},
	certpath.NotYetValid:            {"not valid before {from}", "look at the clocks, or wait"},
	certpath.Expired:                {"expired on {until}", expired},
	certpath.NoBasicConstraints:     {"no basicConstraints", issuedAnew},
	certpath.NotCA:                  {"basicConstraints does not say CA:TRUE", "state basicConstraints = critical, CA:TRUE in v3_ca, or leave it out"},
	certpath.ConstraintsNotCritical: {"basicConstraints is not critical", issuedAnew},
	certpath.PathTooLong:            {"more CAs below it than its pathlen allows", "leave pathlen out, or issue from a CA higher up"},
	certpath.PathLenWithoutCA:       {"basicConstraints has a pathlen without CA:TRUE", anewFromConf},
	certpath.NoKeyUsage:             {"no keyUsage", issuedAnew},
	certpath.NoCertSign:             {"keyUsage lacks keyCertSign", "state keyUsage = critical, keyCertSign, cRLSign in v3_ca, or leave it out"},
	certpath.CertSignWithoutCA:      {"keyUsage has keyCertSign without CA:TRUE", anewFromConf},
	certpath.NoSubjectKeyID:         {"no subjectKeyIdentifier", issuedAnew},
	certpath.NoAuthorityKeyID:       {"no key identifier in authorityKeyIdentifier", issuedAnew},
	certpath.CriticalKeyID:          {"a key identifier is critical", anewFromConf},
	certpath.ExtKeyUsage:            {"extendedKeyUsage lacks {usage}", "state {usage} too, or leave extendedKeyUsage out, which completes it, and issue anew"},
	certpath.AnyUsageAlone:          {"extendedKeyUsage says anyExtendedKeyUsage and not {usage}", "state {usage} too"},
	certpath.KeyUsage:               {"keyUsage does not allow what TLS does with the key", "state digitalSignature and keyEncipherment, or leave keyUsage out"},
	certpath.NetscapeCertType:       {"nsCertType does not allow {usage}", anewFromConf},
	certpath.UnhandledCritical:      {"a critical extension that they do not handle: {detail}", anewFromConf},
	certpath.NameConstraints:        {"a CA above it does not allow its names (nameConstraints)", "issue it from a CA that allows the names"},
	certpath.Host:                   {"subjectAltName does not cover {host}", "issue it with the name, or dial one that it has"},
	certpath.WeakKey:                {"the key is too short", "RSA wants 2048 bits or more: --key-type rsa-2048"},
	certpath.WeakSignature:          {"signed with a digest that is too weak", "issue it anew, with default_md = sha256"},
	certpath.UnsupportedKey:         {"a key that they cannot use: {detail}", "issue it anew: --key-type rsa-2048 or ec-p256"},
	certpath.EmptyName:              {"a name is empty that must not be", "give it a CommonName"},
	certpath.InconsistentAlgorithms: {"names two signature algorithms", "issue it anew"},
	certpath.ExtensionsInOldVersion: {"has extensions and is not of version 3", "issue it anew"},
	certpath.Malformed:              {"{detail}", "issue it anew; names in A-labels (xn--…)"},
	certpath.Other:                  {"{detail}", ""},
	clients.HostWithDot:             {"Milvus takes the dot at the end of {host} for an error, and these clients send it", "dial it without the dot"},
	clients.NoStart:                 {"Milvus does not start: {detail}", ""},
	clients.Unreadable:              {"{detail}", ""},
	clients.Aborts:                  {"{detail}, which aborts the client's process", ""},
	clients.RefusedLive:             {"the running server refuses it: {detail}", "restart Milvus where its ca.pem was replaced since it started"},
	clients.NoClientCert:            {"clients cannot show it: {detail}", "two-way mode needs it; --mode 1 checks one-way alone"},
}

// renewal is how the directory's own CA puts right what is wrong with a leaf, or with itself; empty: it does not. {leaf}, {sans} and
// {dir} are filled in.
type renewal struct{ leaf, ca string }

var completing = renewal{"milvus-certs renew {leaf}{dir} completes it", "milvus-certs renew ca --same-key{dir} completes it"}

// renewals by the names of checks.
var renewals = map[string]renewal{
	string(certpath.Expired):                {"milvus-certs renew {leaf}{dir}", "milvus-certs renew ca{dir} makes a new one, whose ca.pem every client then needs"},
	expiresSoon:                             {"milvus-certs renew {leaf}{dir}", "milvus-certs renew ca{dir} begins a change to a new one without an outage"},
	string(certpath.NoBasicConstraints):     completing,
	string(certpath.ConstraintsNotCritical): completing,
	string(certpath.NoKeyUsage):             completing,
	string(certpath.NoSubjectKeyID):         completing,
	string(certpath.NoAuthorityKeyID):       completing,
	string(certpath.KeyIDMismatch):          {"milvus-certs renew {leaf}{dir}", ""},
	string(certpath.SameNamedCAs):           {"milvus-certs renew {leaf}{dir} adds key identifiers", ""},
	string(certpath.OneSubject):             {"milvus-certs renew {leaf}{dir} adds key identifiers; or give the CA a name of its own: milvus-certs renew ca{dir}", ""},
	string(certpath.ExtKeyUsage):            {"milvus-certs renew {leaf} --reset-usage{dir}", ""},
	string(certpath.AnyUsageAlone):          {"milvus-certs renew {leaf} --reset-usage{dir}", ""},
	string(certpath.Host):                   {"milvus-certs renew {leaf}{sans}{dir}, or dial a name that it has", ""},
	string(certpath.WeakKey):                {"milvus-certs renew {leaf} --key-type rsa-2048{dir}", "milvus-certs renew ca --key-type rsa-2048{dir} begins a change to a new one"},
}

// renewHere puts the directory's own CA, where its key is here, into the ways out.
func (c *check) renewHere() {
	if _, ok := c.Files[certset.CAKey]; !ok {
		return
	}
	for i := range c.report.Findings {
		f := &c.report.Findings[i]
		r := renewals[f.Check]
		leaf, isCertificate := strings.CutSuffix(f.File, ".pem")
		switch _, foreign := c.Labels[f.File]; {
		case foreign || !isCertificate || f.place > 1 || f.Check == string(certpath.Host) && len(f.hosts) == 0:
		case f.File == certset.CACertificate:
			f.WayOut = cmp.Or(c.withDir(r.ca), f.WayOut)
		case r.leaf != "":
			var sans string
			for _, host := range f.hosts {
				sans += " --san " + host
			}
			f.WayOut = c.withDir(strings.NewReplacer("{leaf}", leaf, "{sans}", sans).Replace(r.leaf))
		}
	}
}

// withDir has a command name the directory.
func (c *check) withDir(text string) string {
	flag := ""
	if c.DirFlag != "" {
		flag = " " + c.DirFlag
	}
	return strings.ReplaceAll(text, "{dir}", flag)
}

func wordsOf(v clients.Verdict) words {
	w, ok := causes[v.Reason.Cause]
	if !ok {
		w = causes[certpath.Other]
	}
	w.wayOut = strings.ReplaceAll(w.wayOut, "{usage}", usage(v))
	leaf := v.Reason.File != certset.CACertificate
	switch cause := v.Reason.Cause; {
	case cause == certpath.LeafAsRoot && v.Way != clients.RootServer:
		w.wayOut = "put the certificate of the CA into ca.pem"
	case cause == certpath.NoCertSign && leaf && v.Reason.Place == 1:
		w.wayOut = anewFromConf
	}
	return w
}

// found says what names there are, where a host is not among them.
func (c *check) found(v clients.Verdict) string {
	leaf := c.Set.Server.Certificate
	if v.Reason.Cause != certpath.Host || leaf == nil {
		return ""
	}
	if _, ok := clients.MatchingAltName(certpath.IdentityOf(leaf), v.Host); ok {
		return "" // the problem names it
	}
	const most = 8
	names := leaf.Names()
	switch {
	case len(names) == 0 && c.commonName() != "":
		return "CommonName " + c.commonName()
	case len(names) == 0:
		return "no names"
	case len(names) > most:
		names = append(names[:most:most], "…")
	}
	return strings.Join(names, ", ")
}
