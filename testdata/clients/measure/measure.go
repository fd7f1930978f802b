package measure

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

// Set is a directory of certificates.
type Set struct {
	Name, Dir string
	As        []string // names that the server is to be for, besides those that it is dialled as
}

// Way is how the documentation has a client use a set.
type Way struct {
	Name   string
	Mode   stub.Mode
	Root   string // the file of the set that the client trusts
	Client string // the client's certificate and key, without .pem and .key
}

// Ways are the three of the documentation.
var Ways = []Way{
	{"one-way, root server.pem", stub.OneWay, "server.pem", ""},
	{"one-way, root ca.pem", stub.OneWay, "ca.pem", ""},
	{"two-way", stub.TwoWay, "ca.pem", "client"},
}

// Hosts are what the stub is dialled as. Under further names of a set it is dialled as the last of them.
var Hosts = []string{"localhost", "127.0.0.1"}

// Cell is the outcome of one set, client, way and host.
type Cell struct {
	Set    string `json:"set"`
	Client string `json:"client"`
	Way    string `json:"way"`
	Host   string `json:"host"` // or the further name
	peer.Outcome
}

// Matrix is what was measured, and with what.
type Matrix struct {
	Clients []Measured `json:"clients"`
	Cells   []Cell     `json:"cells"`
}

// Measured is a client that took part.
type Measured struct {
	Name    string        `json:"name"`
	Version string        `json:"version"`
	Took    time.Duration `json:"-"`
}

// lanes are how many clients run at a time. Some only wait for most of their time.
const lanes = 3

// Run tries all clients with all sets.
func Run(ctx context.Context, sets []Set, clients []peer.Client) (Matrix, error) {
	running, err := start(sets)
	defer running.stop()
	if err != nil {
		return Matrix{}, err
	}
	parts, errs := make([]Matrix, len(clients)), make([]error, len(clients))
	turns := make(chan struct{}, lanes)
	var trying sync.WaitGroup
	for i, c := range clients {
		turns <- struct{}{}
		trying.Go(func() {
			defer func() { <-turns }()
			if parts[i], errs[i] = running.try(ctx, c); errs[i] != nil {
				errs[i] = fmt.Errorf("%s: %w", c.Name, errs[i])
			}
		})
	}
	trying.Wait()
	var whole Matrix
	for _, part := range parts {
		whole.Clients = append(whole.Clients, part.Clients...)
		whole.Cells = append(whole.Cells, part.Cells...)
	}
	return whole, errors.Join(errs...)
}

// proxies are the stubs of all sets, one a mode.
type proxies []proxy

type proxy struct {
	set     Set
	mode    stub.Mode
	server  *stub.Server
	refusal stub.Refusal // why there is no server
}

func start(sets []Set) (started proxies, err error) {
	for _, set := range sets {
		for _, mode := range []stub.Mode{stub.OneWay, stub.TwoWay} {
			p := proxy{set: set, mode: mode}
			p.server, err = stub.Start(stub.Config{Dir: set.Dir, Mode: mode})
			if err != nil && !errors.As(err, &p.refusal) {
				return started, err
			}
			started = append(started, p)
		}
	}
	return started, nil
}

func (p proxies) stop() {
	for _, each := range p {
		if each.server != nil {
			each.server.Stop()
		}
	}
}

// try runs one client with everything.
func (p proxies) try(ctx context.Context, c peer.Client) (m Matrix, err error) {
	var jobs []peer.Job
	var of []int      // the cell of each job
	var dirs []string // and its set
	for _, proxy := range p {
		for _, cell := range proxy.cells(c.Name) {
			if proxy.server == nil {
				cell.Outcome = lasting(peer.Outcome{Shown: "Milvus does not start: " + proxy.refusal.Error()}, 0, proxy.set.Dir)
			} else {
				jobs, of, dirs = append(jobs, proxy.job(c, cell)), append(of, len(m.Cells)), append(dirs, proxy.set.Dir)
			}
			m.Cells = append(m.Cells, cell)
		}
	}
	version, err := c.Version()
	if err != nil {
		return m, err
	}
	begin := time.Now()
	outcomes, err := c.Run(ctx, jobs)
	m.Clients = []Measured{{c.Name, version, time.Since(begin).Round(time.Second)}}
	for i, outcome := range outcomes {
		m.Cells[of[i]].Outcome = lasting(outcome, jobs[i].Port, dirs[i])
	}
	return m, err
}

// cells are what is to be found out about a proxy.
func (p proxy) cells(client string) (cells []Cell) {
	for _, way := range Ways {
		if way.Mode != p.mode {
			continue
		}
		for _, host := range slices.Concat(Hosts, p.set.As) {
			cells = append(cells, Cell{Set: p.set.Name, Client: client, Way: way.Name, Host: host})
		}
	}
	return cells
}

func (p proxy) job(c peer.Client, cell Cell) peer.Job {
	way := Ways[slices.IndexFunc(Ways, func(w Way) bool { return w.Name == cell.Way })]
	job := peer.Job{Host: cell.Host, Port: p.server.GRPC, Root: filepath.Join(p.set.Dir, way.Root)}
	if !slices.Contains(Hosts, cell.Host) {
		job.Host, job.ServerName = Hosts[len(Hosts)-1], cell.Host
	}
	if c.Speaks == peer.REST {
		job.Port = p.server.REST
	}
	if way.Client != "" {
		job.Cert = filepath.Join(p.set.Dir, way.Client+".pem")
		job.Key = filepath.Join(p.set.Dir, way.Client+".key")
	}
	return job
}
