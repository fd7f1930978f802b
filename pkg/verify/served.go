package verify

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// askClients adds what the clients make of the files, and a finding for each thing that makes one of them refuse.
func (c *check) askClients(o clients.Observation) {
	o.Files, o.InternalSNI, o.At = map[string][]byte{}, c.InternalSNI, c.At
	for name, f := range c.Files {
		o.Files[name] = f.Data
		if errors.Is(c.Reading.Errors[name], certset.ErrTooMuch) {
			o.Files[name] = []byte{} // it was refused already, and would keep every client busy
		}
	}
	for _, h := range c.hosts {
		o.Hosts = append(o.Hosts, h.Host)
	}
	verdicts := clients.Judge(o, c.Clients, c.Ways)
	served := servedIn(verdicts)
	for _, v := range verdicts {
		c.report.Clients = append(c.report.Clients, c.verdict(v))
		if v.Reason == nil {
			continue
		}
		c.addRefusal(v, served[modeOf(v)])
		for _, also := range v.Reason.Also {
			also.By = v.Reason.By
			c.addRefusal(clients.Verdict{Client: v.Client, Way: v.Way, Host: v.Host, Reason: also}, served[modeOf(v)])
		}
	}
}

func (c *check) verdict(v clients.Verdict) Verdict {
	out := Verdict{Client: v.Client, Name: clientName(v.Client), Way: v.Way, Host: v.Host, OK: v.Reason == nil}
	if r := v.Reason; r != nil {
		out.Cause, out.File, out.Problem, out.Shown, out.Behind = r.Cause, r.File, c.problem(v), r.Shown, r.Behind
	}
	return out
}

func clientName(id string) string {
	all := clients.All()
	return all[slices.IndexFunc(all, func(c clients.Client) bool { return c.ID == id })].Name
}

// mode is one client in one mode of Milvus: one-way it is served where one of the two roots works.
type mode struct {
	client string
	way    clients.Way // RootCA stands for both roots
}

func modeOf(v clients.Verdict) mode {
	return mode{v.Client, cmp.Or(map[clients.Way]clients.Way{clients.RootServer: clients.RootCA}[v.Way], v.Way)}
}

// servedIn tells in which modes clients reach Milvus under all hosts.
func servedIn(verdicts []clients.Verdict) map[mode]bool {
	works := map[mode]map[clients.Way]bool{}
	for _, v := range verdicts {
		m := modeOf(v)
		if works[m] == nil {
			works[m] = map[clients.Way]bool{}
		}
		sofar, known := works[m][v.Way]
		works[m][v.Way] = v.Reason == nil && (sofar || !known)
	}
	served := map[mode]bool{}
	for m, ways := range works {
		for _, ok := range ways {
			served[m] = served[m] || ok
		}
	}
	return served
}

// addRefusal adds a refusal to the finding of the same cause in the same file, or makes one. Where a client is served in
// another way, that it is not in this one is advice.
func (c *check) addRefusal(v clients.Verdict, served bool) {
	severity := Failure
	if served || v.Way == clients.RootServer && v.Reason.Cause == certpath.LeafAsRoot {
		severity = Advice
	}
	problem := c.problem(v)
	i := slices.IndexFunc(c.report.Findings, func(f Finding) bool { return f.says(v, problem) })
	if i < 0 {
		i = len(c.report.Findings)
		c.add(Finding{Severity: severity, Check: string(v.Reason.Cause), File: v.Reason.File, place: v.Reason.Place, Problem: problem, Found: c.found(v), WayOut: wordsOf(v).wayOut})
	}
	f := &c.report.Findings[i]
	if slices.Index(severities, severity) < slices.Index(severities, f.Severity) {
		f.Severity = severity
	}
	if !slices.Contains(f.RefusedBy, v.Reason.By) {
		f.RefusedBy = append(f.RefusedBy, v.Reason.By)
	}
	switch cause := v.Reason.Cause; {
	case cause == certpath.Host && !slices.Contains(f.hosts, v.Host):
		f.hosts, f.template = append(f.hosts, v.Host), c.hostProblem(v.Host)
	case cause == certpath.OneSubject && f.fromFiles:
		f.Problem, f.WayOut, f.Found = problem, wordsOf(v).wayOut, ""
	}
}

// says tells whether a finding is about what a client refuses: it was found by looking at the files, or another client
// refuses it too.
func (f Finding) says(v clients.Verdict, problem string) bool {
	cause := v.Reason.Cause
	switch {
	case alreadySaid(f, v):
		return true
	case f.Check == misplaced:
		// Whatever is wrong with the path is wrong because of that.
		return slices.Contains(pathCauses, cause) && (f.File == certset.CACertificate && v.Way != clients.RootServer || f.File == v.Reason.File)
	case f.File != v.Reason.File:
		return false
	case f.Check != string(cause):
		return f.fromFiles && slices.Contains(chainCauses, certpath.Cause(f.Check)) && slices.Contains(chainCauses, cause)
	case f.template != "":
		return strings.ReplaceAll(f.template, "{host}", v.Host) == problem // hosts are gathered, and put into the words at the end
	}
	// The same weakness in another certificate of the file is another matter.
	weakness := cause == certpath.WeakSignature || cause == certpath.WeakKey
	return f.fromFiles && !weakness || f.Problem == problem
}

var (
	// chainCauses are what is found by looking at the files too.
	chainCauses = []certpath.Cause{certpath.UnknownIssuer, certpath.BadSignature}
	// pathCauses are what comes of a certificate in the wrong file.
	pathCauses = append([]certpath.Cause{certpath.LeafAsRoot, certpath.NotCA, certpath.NoBasicConstraints, certpath.NoCertSign, certpath.KeyIDMismatch, certpath.OneSubject}, chainCauses...)
)

// readingCauses are those that end in a file that nobody, or not everybody, can read.
var readingCauses = []certpath.Cause{clients.NoStart, clients.Unreadable, clients.NoClientCert, clients.Aborts, certpath.Malformed}

// alreadySaid: that a file is missing, unreadable or a key of another was said by looking at it.
func alreadySaid(f Finding, v clients.Verdict) bool {
	explains := f.fromFiles && (slices.Contains(readingChecks, f.Check) && f.Severity != NotChecked || f.Check == "serial" && f.Severity == Failure)
	return explains && slices.Contains(readingCauses, v.Reason.Cause) && f.File == v.Reason.File
}

// readingChecks are those that explain why a file is not read, or not taken.
var readingChecks = []string{"missing", "unreadable", "encrypted", "key", misplaced}

// nameHosts puts the hosts of a finding into its words.
func (c *check) nameHosts() {
	for i := range c.report.Findings {
		f := &c.report.Findings[i]
		if len(f.hosts) > 1 {
			f.Problem = strings.ReplaceAll(f.template, "{host}", strings.Join(f.hosts, ", "))
			f.WayOut = "issue it with these names (--san, once for each), or dial those that it has"
		}
	}
}

// problem is what is wrong in words: those that were found by looking at the file, where there are some.
func (c *check) problem(v clients.Verdict) string {
	if i := slices.IndexFunc(c.report.Findings, func(f Finding) bool { return alreadySaid(f, v) }); i >= 0 {
		return c.report.Findings[i].Problem
	}
	text := wordsOf(v).problem
	if v.Reason.Cause == certpath.Host {
		text = c.hostProblem(v.Host)
	}
	from, until := c.validity(v.Reason)
	text = strings.NewReplacer("{usage}", usage(v), "{host}", v.Host, "{detail}", v.Reason.Detail, "{from}", from, "{until}", until).Replace(text)
	text = c.withPath(text, v.Reason.File)
	if v.Reason.Place > 1 && v.Reason.Cause != certpath.LeafAsRoot {
		return fmt.Sprintf("certificate %d in it: %s", v.Reason.Place, text)
	}
	return text
}

// hostProblem says why a certificate is not for a host. Some clients do not take a name that is.
func (c *check) hostProblem(host string) string {
	leaf := c.Set.Server.Certificate
	switch {
	case leaf == nil || len(leaf.Names()) == 0:
		return "no name or address in subjectAltName"
	default:
		if name, ok := clients.MatchingAltName(certpath.IdentityOf(leaf), host); ok {
			return "has " + name + ", which these clients do not take for {host}"
		}
	}
	return causes[certpath.Host].problem
}

// validity is the time of the certificate that a reason is about.
func (c *check) validity(r *clients.Reason) (from, until string) {
	i := slices.IndexFunc(c.report.Certificates, func(cert Certificate) bool { return cert.File == c.label(r.File) && cert.Place == r.Place })
	if i < 0 {
		return "some later time", "some earlier time" // the file cannot be read as a whole
	}
	return c.report.Certificates[i].NotBefore.Format(time.RFC3339), c.report.Certificates[i].NotAfter.Format(time.RFC3339)
}

func (c *check) commonName() string {
	if leaf := c.Set.Server.Certificate; leaf != nil {
		return strings.Join(certpath.IdentityOf(leaf).CommonNames, ", ")
	}
	return ""
}

// usage is the extendedKeyUsage that a certificate is asked for.
func usage(v clients.Verdict) string {
	if v.Reason.By == clients.MilvusID {
		return certpath.Client.Usage()
	}
	return certpath.Server.Usage()
}
