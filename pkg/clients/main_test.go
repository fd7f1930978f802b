package clients_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// made is what a set is made of, as far as it is not the usual.
type made struct {
	ca, server, client string // what the conf states of extensions, besides what is completed
	commonName         string // of the CA
	keyType            string // ec-p256
	at                 time.Time
}

// files makes a set for localhost that every client takes, or one that is spoilt.
func files(t testing.TB, m made) map[string][]byte {
	t.Helper()
	text := "[v3_ca]\n" + m.ca + "\n[server]\n" + m.server + "\n[client]\n" + m.client + "\n"
	conf, err := opensslconf.Parse("x.cnf", strings.NewReader(text), opensslconf.System{})
	require.NoError(t, err)
	if m.at.IsZero() {
		m.at = now
	}
	if m.keyType == "" {
		m.keyType = "ec-p256"
	}
	p, err := profile.New(conf, profile.Asked{
		Now: m.at, Days: new(10), CADays: new(20), KeyType: profile.Setting{Value: m.keyType, From: "--key-type"},
		ServerExtensions: "server", ClientExtensions: "client", CACommonName: profile.Setting{Value: m.commonName, From: "--ca-common-name"},
	})
	require.NoError(t, err)
	set, _, err := issuance.NewSet(p, issuance.Options{Now: m.at})
	require.NoError(t, err)
	out := map[string][]byte{}
	written, err := set.Files()
	require.NoError(t, err)
	for _, f := range written {
		out[f.Name] = f.Data
	}
	return out
}

// with returns a copy of the files, some of them changed; nil takes one away.
func with(all map[string][]byte, changed map[string][]byte) map[string][]byte {
	out := maps.Clone(all)
	maps.Copy(out, changed)
	maps.DeleteFunc(out, func(_ string, data []byte) bool { return data == nil })
	return out
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "files", name))
	require.NoError(t, err)
	return data
}

// observe is the files as they are, dialled as localhost.
func observe(files map[string][]byte) clients.Observation {
	return clients.Observation{Files: files, Hosts: []string{"localhost"}, At: now}
}

func client(t *testing.T, id string) clients.Client {
	t.Helper()
	i := slices.IndexFunc(clients.All(), func(c clients.Client) bool { return c.ID == id })
	require.GreaterOrEqual(t, i, 0, id)
	return clients.All()[i]
}

// ask returns what one client makes of one way and one host.
func ask(t *testing.T, o clients.Observation, id string, way clients.Way) *clients.Reason {
	t.Helper()
	verdicts := clients.Judge(o, []clients.Client{client(t, id)}, []clients.Way{way})
	require.Len(t, verdicts, 1)
	return verdicts[0].Reason
}

// refusers are the clients that do not come about in one way, such as "node openssl".
func refusers(t *testing.T, o clients.Observation, way clients.Way) string {
	t.Helper()
	var out []string
	for _, v := range clients.Judge(o, clients.All(), []clients.Way{way}) {
		if v.Reason != nil && !slices.Contains(out, v.Client) {
			out = append(out, v.Client)
		}
	}
	return strings.Join(out, " ")
}

// everyone dials.
const everyone = "pymilvus go node java curl python requests openssl"

func dialling() []string { return strings.Fields(everyone) }

// The files by shorter names.
const (
	caPEM     = certset.CACertificate
	serverPEM = certset.ServerCertificate
	serverKey = certset.ServerKey
	clientPEM = certset.ClientCertificate
	clientKey = certset.ClientKey
)
