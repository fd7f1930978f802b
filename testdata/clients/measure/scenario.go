package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

// Scenario is a way for a connection to fail with certificates that are right.
type Scenario struct {
	Name   string
	Server stub.Config // but for the directory
	Down   bool        // the server is gone
	Root   bool        // the server sends the CA too
	Ask    func(*peer.Job, Running)
	Only   []string // the clients that can be asked so; empty: all
}

// Running is what a scenario may ask about.
type Running struct {
	Dir    string
	Server *stub.Server
}

func (r Running) file(name string) string { return filepath.Join(r.Dir, name) }

// Who can be asked for what: openssl s_client and JSSE know nothing but TLS, the Node SDK and pymilvus have no switch for its
// version, and only SDKs know users of Milvus.
var (
	speakPlaintext = []string{"Go SDK", "Node SDK", "pymilvus", "curl", "Python 3.13", "requests"}
	chooseVersion  = []string{"Go SDK", "JSSE", "curl", "openssl s_client", "Python 3.13", "requests"}
	sdks           = []string{"Go SDK", "Node SDK", "pymilvus"}
	mistakeable    = []string{"Go SDK", "Node SDK", "pymilvus", "curl", "Python 3.13", "requests"}
)

// Scenarios are what goes wrong without a fault in a file.
var Scenarios = []Scenario{
	{Name: "plaintext client", Server: stub.Config{Mode: stub.OneWay}, Only: speakPlaintext, Ask: func(j *peer.Job, _ Running) { j.Plaintext = true }},
	{Name: "plaintext server", Server: stub.Config{Mode: stub.Plain}},
	{Name: "no client certificate", Server: stub.Config{Mode: stub.TwoWay}},
	{Name: "TLS 1.2", Server: stub.Config{Mode: stub.TwoWay}, Only: chooseVersion, Ask: func(j *peer.Job, r Running) {
		j.Cert, j.Key, j.TLS12 = r.file("client.pem"), r.file("client.key"), true
	}},
	{Name: "no root given", Server: stub.Config{Mode: stub.OneWay}, Ask: func(j *peer.Job, _ Running) { j.Root = "" }},
	{Name: "no root given and the CA sent", Server: stub.Config{Mode: stub.OneWay}, Root: true, Ask: func(j *peer.Job, _ Running) { j.Root = "" }},
	{Name: "nobody listens", Server: stub.Config{Mode: stub.OneWay}, Down: true},
	{Name: "the other port", Server: stub.Config{Mode: stub.OneWay}, Only: mistakeable, Ask: func(j *peer.Job, r Running) { j.Port = r.Server.GRPC + r.Server.REST - j.Port }},
	{Name: "the other port over HTTP/1.1", Server: stub.Config{Mode: stub.OneWay}, Only: []string{"curl"}, Ask: func(j *peer.Job, r Running) { j.Port, j.HTTP1 = r.Server.GRPC, true }},
	{Name: "no such name", Server: stub.Config{Mode: stub.OneWay}, Ask: func(j *peer.Job, _ Running) { j.Host = "milvus.invalid" }}, // RFC 6761, 6.4
	{Name: "no user", Server: stub.Config{Mode: stub.OneWay, User: "root:Milvus"}, Only: sdks},
	{Name: "wrong password", Server: stub.Config{Mode: stub.OneWay, User: "root:Milvus"}, Only: sdks, Ask: func(j *peer.Job, _ Running) { j.User = "root:wrong" }},
	arguments("secure=True missing", stub.TwoWay, "client_pem_path", "client_key_path", "ca_pem_path"),
	arguments("server_pem_path beside the other three", stub.TwoWay, "secure", "server_pem_path", "client_pem_path", "client_key_path", "ca_pem_path"),
	arguments("ca_pem_path alone", stub.OneWay, "secure", "ca_pem_path"),
}

// arguments are what pymilvus is given: the files of the set, and secure=True.
func arguments(name string, mode stub.Mode, given ...string) Scenario {
	files := map[string]string{
		"server_pem_path": "server.pem", "client_pem_path": "client.pem", "client_key_path": "client.key", "ca_pem_path": "ca.pem",
	}
	return Scenario{Name: name, Server: stub.Config{Mode: mode}, Only: []string{"pymilvus"}, Ask: func(j *peer.Job, r Running) {
		j.Root = ""
		j.Arguments = map[string]any{"uri": fmt.Sprintf("http://%s:%d", j.Host, j.Port)}
		for _, argument := range given {
			j.Arguments[argument] = argument == "secure"
			if file, ok := files[argument]; ok {
				j.Arguments[argument] = r.file(file)
			}
		}
	}}
}

// Play tries all scenarios, with a set that every client accepts. In the cells they stand for the set.
func Play(ctx context.Context, dir string, scenarios []Scenario, clients []peer.Client) ([]Cell, error) {
	withRoot, err := sendingRoot(dir)
	if err != nil {
		return nil, err
	}
	running := make([]Running, len(scenarios))
	for i, s := range scenarios {
		if s.Server.Dir = dir; s.Root {
			s.Server.Dir = withRoot
		}
		server, err := stub.Start(s.Server)
		if err != nil {
			return nil, err
		}
		if running[i] = (Running{dir, server}); s.Down {
			server.Stop()
		} else {
			defer server.Stop()
		}
	}
	parts, errs := make([][]Cell, len(clients)), make([]error, len(clients))
	var playing sync.WaitGroup
	for i, c := range clients {
		playing.Go(func() { parts[i], errs[i] = play(ctx, c, scenarios, running) })
	}
	playing.Wait()
	return slices.Concat(parts...), errors.Join(errs...)
}

// sendingRoot makes a folder in a set with what the server reads, and the CA behind the leaf in server.pem.
func sendingRoot(dir string) (string, error) {
	second := filepath.Join(dir, "sending-root")
	leaf, err := os.ReadFile(filepath.Join(dir, "server.pem"))
	root, err2 := os.ReadFile(filepath.Join(dir, "ca.pem"))
	key, err3 := os.ReadFile(filepath.Join(dir, "server.key"))
	const private = 0o600
	return second, errors.Join(err, err2, err3, os.Mkdir(second, private|0o100),
		os.WriteFile(filepath.Join(second, "server.pem"), slices.Concat(leaf, root), private),
		os.WriteFile(filepath.Join(second, "server.key"), key, private))
}

func play(ctx context.Context, c peer.Client, scenarios []Scenario, running []Running) ([]Cell, error) {
	var cells []Cell
	var jobs []peer.Job
	for i, s := range scenarios {
		if len(s.Only) > 0 && !slices.Contains(s.Only, c.Name) {
			continue
		}
		job := peer.Job{Host: Hosts[0], Port: running[i].Server.GRPC, Root: running[i].file("ca.pem"), Told: true}
		if c.Speaks == peer.REST {
			job.Port = running[i].Server.REST
		}
		if s.Ask != nil {
			s.Ask(&job, running[i])
		}
		jobs, cells = append(jobs, job), append(cells, Cell{Set: s.Name, Client: c.Name, Host: job.Host})
	}
	outcomes, err := c.Run(ctx, jobs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	for i, outcome := range outcomes {
		cells[i].Outcome = lasting(outcome, jobs[i].Port, running[0].Dir)
	}
	return cells, nil
}
