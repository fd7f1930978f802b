package verify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// Input is what there is to check, by the names of package certset.
type Input struct {
	Files       map[string]certset.File
	Errors      map[string]error  // why a file could not be read at all
	Labels      map[string]string // what to call a file that has another name
	Paths       map[string]string // how a command names a file, in ways out; none: as it is called
	DirFlag     string            // how commands name the directory, in ways out, such as "-d certs"; empty: it is the working directory
	Foreign     map[string]bool   // files that belong to someone other than who asks, the owner of the directory, and root
	Interrupted bool              // a command that was to change the files was interrupted
	Running     bool              // server.pem is what a running server sends: whether it starts, and with what, is not asked
	Port        int               // of gRPC that clients dial; 0: the usual one, 19530
	Answer      *clients.Answer   // what that server was seen to make of client.pem; nil: what ca.pem says of it
}

// Options say what to check for. The zero value of each field is said.
type Options struct {
	At          time.Time        // has to be given
	Hosts       []string         // names and addresses that clients dial; none: those of the server's certificate, see Hosts
	HostFlag    string           // with which one says Hosts, for ways out; empty: there is none
	Ways        []clients.Way    // none: the three of the documentation
	InternalSNI string           // internaltls.sni; empty: internal TLS is not asked about
	Clients     []clients.Client // none: all
	ExpiresIn   time.Duration    // certificates have to last so much longer; 0: being in time is enough
	Modes       bool             // the modes of files mean what they mean on Unix
}

// check is everything that the checks of one set look at.
type check struct {
	Input
	Options
	certset.Reading
	ca        *certset.Certificate // the one in ca.pem that issued something in the set
	misplaced []Finding            // certificates in the wrong file
	hosts     []Host
	anyHost   bool // a certificate without hosts to be for is not asked for its own
	report    *Report
}

// Set checks a set. Everything is checked that can be, and all that is wrong is in the report.
func Set(in Input, o Options) *Report {
	c := newCheck(in, o)
	c.run(setChecks)
	return c.finish(clients.Observation{Running: in.Running, Port: in.Port, Answer: in.Answer})
}

// Chain checks a chain alone: the server.pem of the input, or for the purpose of a client its client.pem, against its ca.pem.
// Keys are checked where they are in the input. Without hosts any name will do.
func Chain(in Input, o Options, purpose certpath.Purpose) *Report {
	o.Ways = []clients.Way{clients.RootCA}
	if purpose == certpath.Client {
		o.Ways = []clients.Way{clients.TwoWay}
	}
	if o.Clients == nil {
		// A client's certificate is for Milvus to judge, a server's for those who dial it.
		o.Clients = slices.DeleteFunc(clients.All(), func(c clients.Client) bool { return c.Dials() == (purpose == certpath.Client) })
	}
	c := newCheck(in, o)
	c.anyHost = true
	c.run(chainChecks)
	return c.finish(clients.Observation{Running: true})
}

func newCheck(in Input, o Options) *check {
	if len(o.Ways) == 0 {
		o.Ways = []clients.Way{clients.RootServer, clients.RootCA, clients.TwoWay}
	}
	if o.InternalSNI != "" {
		o.Ways = append(slices.Clone(o.Ways), clients.Internal)
	}
	if o.Clients == nil {
		o.Clients = clients.All()
	}
	c := &check{Input: in, Options: o, Reading: certset.ReadEach(in.Files), report: &Report{At: o.At.UTC(), Findings: []Finding{}, Clients: []Verdict{}}}
	c.ca, c.misplaced = issuingCA(c.Set), findMisplaced(c.Set)
	return c
}

func (c *check) add(findings ...Finding) {
	c.report.Findings = append(c.report.Findings, findings...)
}

// run makes the checks that look at the files.
func (c *check) run(checks []func(*check) []Finding) {
	for _, check := range checks {
		c.add(check(c)...)
	}
	for i := range c.report.Findings {
		f := &c.report.Findings[i]
		f.fromFiles = true
		if f.Severity == Failure && !c.twoWay() && slices.Contains(clientFiles, f.File) {
			f.Severity = Warning // one-way nobody reads it
		}
	}
}

var clientFiles = []string{certset.ClientKey, certset.ClientRequest, certset.ClientCertificate}

// finish asks the clients, and puts the report in order.
func (c *check) finish(o clients.Observation) *Report {
	c.report.Hosts = []Host{}
	if c.Set.Server.Certificate != nil {
		c.report.Hosts = append(c.report.Hosts, c.hosts...)
	}
	c.report.Certificates = c.certificates()
	c.askClients(o)
	c.nameHosts()
	c.renewHere()
	slices.SortStableFunc(c.report.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(certset.Names(), a.File), slices.Index(certset.Names(), b.File))
	})
	c.relabel()
	c.report.Add()
	return c.report
}

// path is how a command names a file.
func (c *check) path(name string) string {
	if path, ok := c.Paths[name]; ok {
		return path
	}
	return c.label(name)
}

// label is what a file is called.
func (c *check) label(name string) string {
	if label, ok := c.Labels[name]; ok {
		return label
	}
	return name
}

// relabel calls files that have other names than those of a set by their own, which some texts do already.
func (c *check) relabel() {
	var pairs [][2]string
	for name, label := range c.Labels {
		pairs = append(pairs, [2]string{name, label}, [2]string{label, label})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return cmp.Or(cmp.Compare(len(b[0]), len(a[0])), slices.Compare(a[:], b[:])) })
	var olds []string // the longest first, so that no part of a label is taken for a name
	for _, p := range pairs {
		olds = append(olds, p[:]...)
	}
	replacer := strings.NewReplacer(olds...)
	for i := range c.report.Findings {
		f := &c.report.Findings[i]
		f.File, f.Problem, f.WayOut = c.label(f.File), replacer.Replace(f.Problem), replacer.Replace(f.WayOut)
	}
	for i := range c.report.Hosts {
		h := &c.report.Hosts[i]
		h.From = replacer.Replace(h.From)
	}
	for i := range c.report.Clients {
		v := &c.report.Clients[i]
		v.File, v.Problem = c.label(v.File), replacer.Replace(v.Problem)
	}
}

// twoWay tells whether a mode is asked about in which clients show certificates.
func (c *check) twoWay() bool { return slices.Contains(c.Ways, clients.TwoWay) }
