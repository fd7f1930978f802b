package verify_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// some takes these files of an input, and no others.
func some(in verify.Input, names ...string) verify.Input {
	all := in.Files
	in.Files = map[string]certset.File{}
	for _, n := range names {
		in.Files[n] = all[n]
	}
	return in
}

// TestServerChain: a server's certificate and its CA alone. Keys count where they are given, names where hosts are.
func TestServerChain(t *testing.T) {
	set, other := family{}.input(t), family{}.input(t)
	nameless := input(t, confSet(t, confCase{ca: goodCA, server: "keyUsage=digitalSignature\n"}))
	over := family{server: []edit{since(now.Add(-2 * day)), until(now.Add(-day))}}.input(t)
	for _, tc := range []struct {
		name  string
		in    verify.Input
		hosts []string
		want  []string
	}{
		{"alone", some(set, caPEM, serverPEM), nil, nil},
		{"for its host", some(set, caPEM, serverPEM), []string{"localhost"}, nil},
		{"for another", some(set, caPEM, serverPEM), []string{"milvus"}, []string{"failure host server.pem: subjectAltName does not cover milvus: refused by every client"}},
		{"for no name at all", some(nameless, caPEM, serverPEM), nil, nil},
		{"with its key", some(set, caPEM, serverPEM, serverKey), nil, nil},
		{"with another key", put(some(set, caPEM, serverPEM), serverKey, other.Files[serverKey].Data), nil, []string{"failure key server.key: is not the key of server.pem"}},
		{"over", some(over, caPEM, serverPEM), nil, []string{"failure expired server.pem: expired on 2026-01-01T03:04:05Z: refused by every client"}},
		{"with its intermediate", some(below(t, nil, nil, true), caPEM, serverPEM), nil, nil},
		{"without", some(below(t, nil, nil, false), caPEM, serverPEM), nil, []string{"failure unknown-issuer server.pem: there is no path from it to a root that is trusted: refused by every client"}},
		{"the client's", put(some(set, caPEM), serverPEM, set.Files[clientPEM].Data), nil, []string{"failure extended-key-usage server.pem: extendedKeyUsage lacks serverAuth: refused by every client"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := verify.Chain(tc.in, verify.Options{At: now, Hosts: tc.hosts}, certpath.Server)
			assert.Equal(t, tc.want, found(r))
			assert.Equal(t, tc.want == nil, r.OK)
			assert.Len(t, r.Hosts, len(tc.hosts))
			for _, v := range r.Clients {
				assert.Equal(t, clients.RootCA, v.Way)
				assert.NotEqual(t, clients.MilvusID, v.Client, "it is asked about what it sends, and not whether it starts")
			}
		})
	}
}

// TestClientChain: a client's certificate is for Milvus to judge.
func TestClientChain(t *testing.T) {
	set := family{}.input(t)
	over := family{client: []edit{since(now.Add(-2 * day)), until(now.Add(-day))}}.input(t)
	for _, tc := range []struct {
		name string
		in   verify.Input
		want []string
	}{
		{"alone", some(set, caPEM, clientPEM), nil},
		{"with its key", some(set, caPEM, clientPEM, clientKey), nil},
		{"with another key", put(some(set, caPEM, clientPEM), clientKey, set.Files[serverKey].Data), []string{"failure key client.key: is not the key of client.pem"}},
		{"over", some(over, caPEM, clientPEM), []string{"failure expired client.pem: expired on 2026-01-01T03:04:05Z: refused by Milvus"}},
		{"with its intermediate", some(below(t, nil, nil, true), caPEM, clientPEM), nil},
		{"without", some(below(t, nil, nil, false), caPEM, clientPEM), []string{"failure unknown-issuer client.pem: there is no path from it to a root that is trusted: refused by Milvus"}},
		{"the server's", put(some(set, caPEM), clientPEM, set.Files[serverPEM].Data), []string{"failure extended-key-usage client.pem: extendedKeyUsage lacks clientAuth: refused by Milvus"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := verify.Chain(tc.in, verify.Options{At: now}, certpath.Client)
			assert.Equal(t, tc.want, found(r))
			assert.Equal(t, tc.want == nil, r.OK)
			assert.Empty(t, r.Hosts)
			require.Len(t, r.Clients, 1)
			assert.Equal(t, []string{clients.MilvusID, string(clients.TwoWay)}, []string{r.Clients[0].Client, string(r.Clients[0].Way)})
		})
	}
}

// TestChainFiles: of a chain that cannot be read, no more is said than that.
func TestChainFiles(t *testing.T) {
	set := family{}.input(t)
	in := put(some(set, serverPEM), caPEM, []byte{})
	r := verify.Chain(in, verify.Options{At: now}, certpath.Server)
	assert.False(t, r.OK)
	assert.Contains(t, found(r)[0], "failure unreadable ca.pem: the file is empty")

	in = some(set, caPEM)
	in.Errors = map[string]error{serverPEM: errors.New("no such file or directory")}
	r = verify.Chain(in, verify.Options{At: now, Hosts: []string{"localhost"}}, certpath.Server)
	assert.False(t, r.OK)
	assert.Equal(t, []string{"failure unreadable server.pem: no such file or directory: refused by every client"}, found(r))
	assert.Empty(t, r.Hosts, "nothing is known of a host without a certificate")
}

// TestLabels: files that have other names are called by them, and commands name them as a shell does.
func TestLabels(t *testing.T) {
	set := family{}.input(t)
	in := put(some(set, caPEM, serverPEM), serverKey, testFile(t, "encrypted-pkcs8.key"))
	in.Labels = map[string]string{caPEM: "root ca", serverPEM: "tls.crt", serverKey: "tls.key"}
	in.Paths = map[string]string{serverKey: "'tls.key'"}
	r := check(in, modeOne, hosts("milvus"))
	var lines []string
	for _, f := range r.Findings {
		if f.Severity == verify.Failure {
			lines = append(lines, f.File+" | "+f.Problem+" | "+f.WayOut)
		}
	}
	assert.Equal(t, []string{"tls.key | is encrypted, and nobody gives Milvus the pass phrase | openssl pkey -in 'tls.key' -out NEW decrypts it"}, lines)
	for _, v := range r.Clients {
		assert.Equal(t, "tls.key", v.File)
	}
	assert.Equal(t, []string{"root ca", "tls.crt"}, []string{r.Certificates[0].File, r.Certificates[1].File})

	in = put(some(set, caPEM, serverPEM), serverKey, set.Files[clientKey].Data)
	in.Labels = map[string]string{caPEM: "ca", serverPEM: "tls.crt", serverKey: "tls.key"}
	assert.Contains(t, found(check(in, modeOne)), "failure key tls.key: is not the key of tls.crt: refused by Milvus")

	in = put(some(set, serverPEM), caPEM, []byte{})
	in.Labels = map[string]string{caPEM: "ca", serverPEM: "s"}
	r = verify.Chain(in, verify.Options{At: now}, certpath.Server)
	assert.Equal(t, "ca", r.Findings[0].File)
}

// TestCertificates: the tree of what the files hold.
func TestCertificates(t *testing.T) {
	r := check(below(t, nil, nil, true))
	type line struct {
		file             string
		place, by        int
		subject, keyType string
		names            []string
	}
	var lines []line
	for _, c := range r.Certificates {
		lines = append(lines, line{c.File, c.Place, c.IssuedBy, c.Subject, c.KeyType, c.Names})
	}
	none, localhost := []string{}, []string{"DNS:localhost"}
	assert.Equal(t, []line{
		{caPEM, 1, -1, "CN=a root", "ec-p256", none},
		{serverPEM, 1, 2, "CN=localhost", "ec-p256", localhost},
		{serverPEM, 2, 0, "CN=an intermediate", "ec-p256", none},
		{clientPEM, 1, 2, "CN=localhost", "ec-p256", localhost},
		{clientPEM, 2, 0, "CN=an intermediate", "ec-p256", none},
	}, lines)
}
