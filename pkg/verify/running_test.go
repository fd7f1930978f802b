package verify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// running is what there is of a set where its server runs: what it sends, and what its clients have.
func running(in verify.Input, names ...string) verify.Input {
	out := verify.Input{Files: map[string]certset.File{}, Running: true}
	for _, name := range names {
		out.Files[name] = in.Files[name]
	}
	return out
}

// TestRunning: a server that runs has shown that it starts, and keeps its key to itself.
func TestRunning(t *testing.T) {
	whole := family{}.input(t)
	twoWay := running(whole, serverPEM, caPEM, clientPEM, clientKey)
	assert.Empty(t, found(check(twoWay)))
	assert.Contains(t, found(check(put(twoWay, clientKey, whole.Files[serverKey].Data))), "failure key client.key: is the key of server.pem, not of client.pem: refused by every client")

	twoWay.Answer = &clients.Answer{Alert: 48}
	assert.Equal(t, []string{"failure refused-by-the-server client.pem: the running server refuses it: alert 48, unknown certificate authority: refused by Milvus"}, found(check(twoWay)))
	twoWay.Answer = &clients.Answer{Taken: true}
	assert.Empty(t, found(check(twoWay)))

	oneWay := verify.Set(running(whole, serverPEM), verify.Options{At: now, Hosts: []string{"localhost"}, Ways: []clients.Way{clients.RootServer}})
	assert.True(t, oneWay.OK, "what is not there was not looked for: %v", oneWay.Findings)
}

// TestAdd: what others found comes first among its equals, and decides too.
func TestAdd(t *testing.T) {
	r := check(family{}.input(t))
	r.Findings = []verify.Finding{{Severity: verify.Warning, Check: "a"}, {Severity: verify.Advice, Check: "b"}}
	assert.True(t, r.OK)
	r.Add(verify.Finding{Severity: verify.Warning, Check: "c"}, verify.Finding{Severity: verify.NotChecked, Check: "d"}, verify.Finding{Severity: verify.Failure, Check: "e"})
	var order string
	for _, f := range r.Findings {
		order += f.Check
	}
	assert.Equal(t, "ecabd", order)
	assert.False(t, r.OK)
}
