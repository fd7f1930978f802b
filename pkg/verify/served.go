package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// askClients adds what the clients make of the files, and a finding for each thing that makes one of them refuse.
func (c *check) askClients(o clients.Observation) {
	o.Files, o.InternalSNI, o.At = map[string][]byte{}, c.InternalSNI, c.At
	for name, f := range c.Files {
		o.Files[name] = f.Data
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
	i := slices.IndexFunc(c.report.Findings, func(f Finding) bool {
		same := f.Check == string(v.Reason.Cause) && f.File == v.Reason.File && (f.fromFiles || f.Problem == problem)
		return same || alreadySaid(f, v)
	})
	if i < 0 {
		i = len(c.report.Findings)
		c.add(Finding{Severity: severity, Check: string(v.Reason.Cause), File: v.Reason.File, Problem: problem, Wanted: c.wanted(v), Found: c.found(v), WayOut: wordsOf(v).wayOut})
	}
	f := &c.report.Findings[i]
	if slices.Index(severities, severity) < slices.Index(severities, f.Severity) {
		f.Severity = severity
	}
	if !slices.Contains(f.RefusedBy, v.Reason.By) {
		f.RefusedBy = append(f.RefusedBy, v.Reason.By)
	}
}

// alreadySaid: that a file is missing, unreadable or a key of another was said by looking at it.
func alreadySaid(f Finding, v clients.Verdict) bool {
	loading := v.Reason.Cause == clients.NoStart || v.Reason.Cause == clients.Unreadable || v.Reason.Cause == clients.NoClientCert
	return loading && f.File == v.Reason.File && f.fromFiles && f.Severity == Failure
}

// problem is what is wrong in words: those that were found by looking at the file, where there are some.
func (c *check) problem(v clients.Verdict) string {
	if i := slices.IndexFunc(c.report.Findings, func(f Finding) bool { return alreadySaid(f, v) }); i >= 0 {
		return c.report.Findings[i].Problem
	}
	w := wordsOf(v)
	if leaf := c.Set.Server.Certificate; v.Reason.Cause == certpath.Host && leaf != nil && len(leaf.Names()) == 0 {
		w.problem = "no name or address in subjectAltName"
	}
	from, until := c.validity(v.Reason)
	text := strings.NewReplacer("{usage}", usage(v), "{host}", v.Host, "{detail}", v.Reason.Detail, "{from}", from, "{until}", until).Replace(w.problem)
	if v.Reason.Place > 1 {
		return fmt.Sprintf("certificate %d in it %s", v.Reason.Place, text)
	}
	return text
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
