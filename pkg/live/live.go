// Package live judges a live server: what package probe saw of it, held against a set of files, goes in, and the report that
// package verify makes of what the server sends comes out, with what only a live server shows: its mode, whether it sends what
// the set has, what answers.
package live

import (
	"errors"
	"fmt"
	"iter"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// Files are files by their paths in a directory, each read when its turn comes.
type Files = iter.Seq2[string, []byte]

// Input is what a server is held against.
type Input struct {
	Set     verify.Input // without files: there is no set
	Dir     string       // what its directory is called
	Others  Files        // that could have certificates, in the directory
	Backups Files        // likewise, in the folders with what was replaced
}

// Options say how the server was looked at, and what is wanted of it.
type Options struct {
	verify.Options               // Ways are chosen here: those in which clients can reach the server
	Target         string        // HOST:PORT
	NameGiven      bool          // the first host is not that of the target
	Step           time.Duration // that probe was given
	Mode           Mode          // that is wanted; Unknown: any
}

// Report is what was seen of a server, and what it means.
type Report struct {
	*verify.Report
	Target   string
	Seen     *probe.Server
	Leaf     *certset.Certificate // that it sends; nil: none that could be judged, and the first finding says why
	Relation Relation

	in Input
	o  Options
}

// Judge holds what was seen against the set, and asks the clients about it as verify does.
func Judge(seen *probe.Server, in Input, o Options) *Report {
	r := &Report{Target: o.Target, Seen: seen, in: in, o: o}
	chain, err := chainOf(seen)
	if seen.Trouble != "" || err != nil {
		r.Report = &verify.Report{At: o.At.UTC(), Hosts: []verify.Host{}, Certificates: []verify.Certificate{}, Clients: []verify.Verdict{}}
		r.Add(r.trouble(err))
		return r
	}
	r.Leaf, r.Relation = chain[0], in.relate(chain)
	r.o.Ways = r.ways()
	r.Report = verify.Set(r.sent(chain), r.o.Options)
	r.nameHost()
	r.fitWaysOut()
	r.explainRefusal()
	r.lowerCommonName()
	if !r.verdictsHold() {
		r.Clients = []verify.Verdict{}
	}
	r.Add(slices.Concat(r.modeFindings(), r.absentFindings(), r.restartFindings(), r.versionFindings(), r.serviceFindings(), r.portFindings())...)
	return r
}

// nameHost says where the first host comes from. A chain that is too long to be looked at has none.
func (r *Report) nameHost() {
	switch {
	case len(r.Hosts) == 0:
	case r.o.NameGiven:
		r.Hosts[0].From = "--server-name"
	default:
		r.Hosts[0].From = "dialled"
	}
}

// lowerCommonName: which of its names a server is dialled by, its certificate has no say in.
func (r *Report) lowerCommonName() {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Check == "common-name" && f.Severity == verify.Warning {
			f.Severity = verify.Advice
		}
	}
}

// chainOf is what the server sent: all of it, for what stands first is the server's own, and nothing else can be judged in its place.
func chainOf(seen *probe.Server) (chain []*certset.Certificate, err error) {
	for i, der := range seen.Chain {
		c, err := certset.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of %d that it sends cannot be read: %w", i+1, len(seen.Chain), err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("it sends no certificate")
	}
	return chain, nil
}

// sent is what the clients get to see, with what they have themselves.
func (r *Report) sent(chain []*certset.Certificate) verify.Input {
	in := verify.Input{
		Files:  map[string]certset.File{certset.ServerCertificate: {Name: certset.ServerCertificate, Data: certset.EncodeCertificates(chain)}},
		Errors: map[string]error{}, Labels: map[string]string{certset.ServerCertificate: r.Target}, Paths: r.in.Set.Paths, Running: true,
	}
	names := []string{certset.CACertificate}
	if r.Seen.Asks {
		names = append(names, certset.ClientCertificate, certset.ClientKey)
	}
	for _, name := range names {
		if f, ok := r.in.Set.Files[name]; ok {
			in.Files[name] = f
		}
		if err, ok := r.in.Set.Errors[name]; ok {
			in.Errors[name] = err
		}
		if label, ok := r.in.Set.Labels[name]; ok {
			in.Labels[name] = label
		}
	}
	if _, port, err := net.SplitHostPort(r.Target); err == nil && r.Seen.Service != probe.REST {
		in.Port, _ = strconv.Atoi(port) // a port that was dialled is a number
	}
	if with := r.Seen.With; with != nil {
		in.Answer = &clients.Answer{Taken: with.Taken, Alert: int(with.Alert)}
	}
	return in
}

// has tells whether a file is there, readable or not.
func (in Input) has(name string) bool {
	_, readable := in.Set.Files[name]
	return readable || in.Set.Errors[name] != nil
}

// fitWaysOut says what to do about what is wrong: with the set, what verify says of that, and a restart after it; where the
// set is in order, a restart alone.
func (r *Report) fitWaysOut() {
	if len(r.in.Set.Files) == 0 {
		return
	}
	set := r.in.Set
	set.Running = true // a key that is kept elsewhere does not make server.pem another
	own := verify.Set(set, r.o.Options)
	for i := range r.Findings {
		f := &r.Findings[i]
		served := f.File == r.Target
		file := f.File
		if served {
			file = certset.ServerCertificate
		}
		same := slices.IndexFunc(own.Findings, func(g verify.Finding) bool { return g.Check == f.Check && g.File == file })
		switch {
		case served && r.Relation.Kind == Issued: // which is not what the set's server.pem is
		case same >= 0 && own.Findings[same].WayOut != "":
			f.WayOut = own.Findings[same].WayOut
			if served && f.Severity != verify.Advice {
				f.WayOut += ", and then restart Milvus"
			}
		case same < 0 && served && f.Severity != verify.Advice && r.in.has(certset.ServerCertificate):
			f.WayOut = fmt.Sprintf("restart Milvus with the server.pem of %s, of which this cannot be said; or -d names the set that it was started with", r.in.Dir)
		}
	}
}

// oneLine is for what comes from the network, and must not break the line that it is printed in.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
