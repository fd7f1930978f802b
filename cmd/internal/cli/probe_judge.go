package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// judge holds what was seen against the set, and asks the clients about it as verify does.
func (o *probeOptions) judge(set verify.Input, options verify.Options, seen *probe.Server) *probeReport {
	r := &probeReport{Target: o.target.String(), seen: seen, dir: o.dir}
	chain, err := chainOf(seen)
	if seen.Trouble != "" || err != nil {
		r.Report = &verify.Report{At: options.At.UTC(), Hosts: []verify.Host{}, Certificates: []verify.Certificate{}, Clients: []verify.Verdict{}}
		r.Add(o.trouble(seen, err))
		return r
	}
	r.leaf, r.SetCertificate = chain[0], o.relate(set, chain[0])
	options.Ways = ways(set, r)
	r.Report = verify.Set(r.sent(set, chain), options)
	r.nameHost(o)
	r.fitWaysOut(set, options)
	r.explainRefusal()
	r.Add(slices.Concat(o.modeFindings(r), o.absentFindings(set, r), r.restartFindings(set), r.serverFindings())...)
	return r
}

// nameHost says where the first host comes from. A chain that is too long to be looked at has none.
func (r *probeReport) nameHost(o *probeOptions) {
	switch {
	case len(r.Hosts) == 0:
	case o.serverName != "":
		r.Hosts[0].From = "--server-name"
	default:
		r.Hosts[0].From = "dialled"
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
func (r *probeReport) sent(set verify.Input, chain []*certset.Certificate) verify.Input {
	in := verify.Input{
		Files:  map[string]certset.File{certset.ServerCertificate: {Name: certset.ServerCertificate, Data: certset.EncodeCertificates(chain)}},
		Errors: map[string]error{}, Labels: map[string]string{certset.ServerCertificate: r.Target}, Paths: set.Paths, Running: true,
	}
	names := []string{certset.CACertificate}
	if r.seen.Asks {
		names = append(names, certset.ClientCertificate, certset.ClientKey)
	}
	for _, name := range names {
		if f, ok := set.Files[name]; ok {
			in.Files[name] = f
		}
		if err, ok := set.Errors[name]; ok {
			in.Errors[name] = err
		}
		if label, ok := set.Labels[name]; ok {
			in.Labels[name] = label
		}
	}
	if with := r.seen.With; with != nil {
		in.Answer = &clients.Answer{Taken: with.Taken, Alert: int(with.Alert)}
	}
	return in
}

// has tells whether a file is there, readable or not.
func has(set verify.Input, name string) bool {
	_, readable := set.Files[name]
	return readable || set.Errors[name] != nil
}

// ways are those in which clients can reach a server of this mode with what is there. The server's certificate as a root is
// asked about where clients have it: it is the set's, or there is nothing else to trust.
func ways(set verify.Input, r *probeReport) (ways []clients.Way) {
	haveCA := has(set, certset.CACertificate)
	canShow := haveCA && has(set, certset.ClientCertificate) && has(set, certset.ClientKey)
	mode := r.mode()
	if mode == twoWay && canShow {
		return []clients.Way{clients.TwoWay}
	}
	if !haveCA || r.SetCertificate.Relation == isCurrent {
		ways = append(ways, clients.RootServer)
	}
	if haveCA {
		ways = append(ways, clients.RootCA)
	}
	if mode == optional && canShow {
		ways = append(ways, clients.TwoWay)
	}
	return ways
}

// fitWaysOut says what to do about what is wrong: with the set, what verify says of that, and a restart after it; where the
// set is in order, a restart alone.
func (r *probeReport) fitWaysOut(set verify.Input, options verify.Options) {
	if len(set.Files) == 0 {
		return
	}
	own := verify.Set(set, options)
	for i := range r.Findings {
		f := &r.Findings[i]
		served := f.File == r.Target
		file := f.File
		if served {
			file = certset.ServerCertificate
		}
		same := slices.IndexFunc(own.Findings, func(g verify.Finding) bool { return g.Check == f.Check && g.File == file })
		switch {
		case served && r.SetCertificate.Relation == isIssued: // which is not what the set's server.pem is
		case same >= 0 && own.Findings[same].WayOut != "":
			f.WayOut = own.Findings[same].WayOut
			if served && f.Severity != verify.Advice {
				f.WayOut += ", and then restart Milvus"
			}
		case same < 0 && served && f.Severity != verify.Advice && has(set, certset.ServerCertificate):
			f.WayOut = fmt.Sprintf("restart Milvus with the server.pem of %s, of which this cannot be said; or -d names the set that it was started with", r.dir)
		}
	}
}
