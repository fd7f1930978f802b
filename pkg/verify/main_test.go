package verify_test

import (
	"encoding/pem"
	"fmt"
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
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

const day = 24 * time.Hour

func flag(value string) profile.Setting { return profile.Setting{Value: value, From: "--flag"} }

// files are the nine files of a set, by name.
func files(t testing.TB, set *certset.Set) map[string]certset.File {
	t.Helper()
	written, err := set.Files()
	require.NoError(t, err)
	out := map[string]certset.File{}
	for _, f := range written {
		out[f.Name] = f
	}
	return out
}

func input(t testing.TB, set *certset.Set) verify.Input { return verify.Input{Files: files(t, set)} }

// put changes the content of a file, or takes it away where there is none.
func put(in verify.Input, name string, data []byte) verify.Input {
	in.Files = maps.Clone(in.Files)
	f := in.Files[name]
	f.Name, f.Data = name, data
	in.Files[name] = f
	if data == nil {
		delete(in.Files, name)
	}
	return in
}

func testFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "files", name))
	require.NoError(t, err)
	return data
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func derOf(data []byte) []byte {
	b, _ := pem.Decode(data)
	return b.Bytes
}

// usual is said of every server.pem that is a leaf: it is advice, for ca.pem works.
const (
	usualKind = "advice leaf-as-root server.pem: "
	usual     = usualKind + "no root for these clients, who take none but one that is signed by itself: refused by "
)

// found lists the findings of a report, without the usual one: severity, check, sentence.
func found(r *verify.Report) []string {
	var out []string
	for _, f := range r.Findings {
		if line := fmt.Sprintf("%s %s %s", f.Severity, f.Check, f.Sentence()); !strings.HasPrefix(line, usualKind) {
			out = append(out, line)
		}
	}
	return out
}

// check checks a set at the usual time, with one change to the options or none.
func check(in verify.Input, options ...func(*verify.Options)) *verify.Report {
	o := verify.Options{At: now, Modes: true}
	for _, change := range options {
		change(&o)
	}
	return verify.Set(in, o)
}

func hosts(names ...string) func(*verify.Options) {
	return func(o *verify.Options) { o.Hosts = names }
}

func ways(w ...clients.Way) func(*verify.Options) {
	return func(o *verify.Options) { o.Ways = w }
}

func asking(ids ...string) func(*verify.Options) {
	return func(o *verify.Options) {
		o.Clients = slices.DeleteFunc(clients.All(), func(c clients.Client) bool { return !slices.Contains(ids, c.ID) })
	}
}

// The files by shorter names.
const (
	caKey     = certset.CAKey
	caPEM     = certset.CACertificate
	caSerial  = certset.CASerial
	serverKey = certset.ServerKey
	serverCSR = certset.ServerRequest
	serverPEM = certset.ServerCertificate
	clientKey = certset.ClientKey
	clientCSR = certset.ClientRequest
	clientPEM = certset.ClientCertificate
)
