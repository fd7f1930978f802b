package clients_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/measure"
	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

// milvusLog stands for the log of a running Milvus among the clients that show texts.
const milvusLog = "log of Milvus"

// unwelcome is a client of REST that Milvus logs something of.
type unwelcome struct {
	of, client string
	mode       stub.Mode
	set        string // whose client.pem it shows; empty: it shows none
	ask        func(*peer.Job)
}

var unwelcomes = []unwelcome{
	{"no client certificate", "curl", stub.TwoWay, "", nil},
	{"TLS 1.2", "curl", stub.TwoWay, "init", func(j *peer.Job) { j.TLS12 = true }},
	{"plaintext client", "curl", stub.OneWay, "", func(j *peer.Job) { j.Plaintext = true }},
	{"plaintext gRPC", "Go SDK", stub.OneWay, "", func(j *peer.Job) { j.Plaintext = true }},
	{"no root given", "curl", stub.OneWay, "", func(j *peer.Job) { j.Root = "" }},
	{"no root given", "curl", stub.OneWay, "", func(j *peer.Job) { j.Root, j.TLS12 = "", true }},
	{"no root given", "JSSE", stub.OneWay, "", func(j *peer.Job) { j.Root = "" }},
	{"another name", "Python 3.13", stub.OneWay, "", func(j *peer.Job) { j.ServerName = "other.example.com" }},
	{"another name", "Python 3.13", stub.OneWay, "", func(j *peer.Job) { j.ServerName, j.TLS12 = "other.example.com", true }},
	{"client.pem of another CA", "curl", stub.TwoWay, "baseline", nil},
	{"client.pem for servers", "curl", stub.TwoWay, "newer-gen-sh", nil},
	{"client.pem expired", "curl", stub.TwoWay, "client-expired", nil},
}

// lines are what was logged. What there is no room for is dropped.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- strings.TrimSpace(string(line)):
	default:
	}
	return len(line), nil
}

// logged are the lines that Milvus logs of clients that cannot connect to REST.
func logged(t *testing.T, made []measure.Set) (happened []happening) {
	t.Helper()
	dir := func(set string) string {
		return made[slices.IndexFunc(made, func(s measure.Set) bool { return s.Name == set })].Dir
	}
	all := peer.Clients(".")
	for _, u := range unwelcomes {
		log := make(lines, 1)
		config := stub.Config{Dir: dir("init"), Mode: u.mode, Log: log}
		if u.set == "newer-gen-sh" || u.set == "client-expired" {
			config.Dir = dir(u.set) // whose CA issued it
		}
		server := start(t, config)
		job := peer.Job{Host: "localhost", Port: server.REST, Root: filepath.Join(config.Dir, "ca.pem"), Told: true}
		if u.set != "" {
			job.Cert, job.Key = filepath.Join(dir(u.set), "client.pem"), filepath.Join(dir(u.set), "client.key")
		}
		if u.ask != nil {
			u.ask(&job)
		}
		client := all[slices.IndexFunc(all, func(c peer.Client) bool { return c.Name == u.client })]
		outcomes, err := client.Run(t.Context(), []peer.Job{job})
		require.NoError(t, err)
		assert.False(t, outcomes[0].OK, u.of)
		happened = append(happened, happening{milvusLog, place{}, u.of, []string{<-log}, nil})
	}
	return happened
}
