// Package connect writes how each client of Milvus connects with a set of certificates: what to connect to goes in, a program
// or a configuration that runs as it is comes out, with the traps of that client avoided. It reads no files, and keys are
// named in it and nothing more.
package connect

import (
	"embed"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"
)

//go:embed snippets
var snippets embed.FS

// Target is what a client connects to, and how.
type Target struct {
	Host       string // that is dialled: a name or an address, without brackets
	Port       int    // of gRPC
	HTTPPort   int    // of REST, proxy.http.port
	ServerName string // that the certificate is for, where that is not Host
	CA         string // file with the root
	Cert, Key  string // files with the client's certificate and its key; empty: one-way
	Auth       bool   // user name and password too, from the environment

	// Commands that say more, for the comments: of the files, and of the server.
	Verify []string
	Probe  string
}

// Way is how connections of a target are called.
func (t Target) Way() string {
	if t.Cert != "" {
		return "two-way TLS (tlsMode 2)"
	}
	return "one-way TLS (tlsMode 1)"
}

// Mode is common.security.tlsMode.
func (t Target) Mode() int {
	if t.Cert != "" {
		return 2
	}
	return 1
}

// Name is the name that the certificate has to be for.
func (t Target) Name() string {
	if t.ServerName != "" {
		return t.ServerName
	}
	return t.Host
}

// Address is where gRPC is dialled.
func (t Target) Address() string { return join(t.Host, t.Port) }

// URI is Address as SDKs take it.
func (t Target) URI() string { return "https://" + t.Address() }

// Endpoint is the URL of the REST interface as it is dialled.
func (t Target) Endpoint() string { return "https://" + join(t.Host, t.HTTPPort) }

// REST is the URL of the REST interface, by the name that the certificate is for.
func (t Target) REST() string { return "https://" + join(t.Name(), t.HTTPPort) }

// Detour has curl dial Host for REST, as its --connect-to takes it.
func (t Target) Detour() string { return join(t.Name(), t.HTTPPort) + ":" + join(t.Host, t.HTTPPort) }

// Loopback tells whether Host is the machine itself, which in a container is the container.
func (t Target) Loopback() bool {
	address, err := netip.ParseAddr(t.Host)
	return t.Host == "localhost" || err == nil && address.IsLoopback()
}

// IPv6 tells whether Host is such an address.
func (t Target) IPv6() bool {
	address, err := netip.ParseAddr(t.Host)
	return err == nil && address.Is6()
}

func join(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

// Client is a client that there is a snippet for.
type Client struct {
	ID, Name string
	JudgedAs string // ID of the client in package clients whose verdicts hold for it
	Language string
	File     string // what the snippet may be called
	GRPC     bool   // it speaks gRPC
	REST     bool   // it speaks REST
	Source   string // of its options
}

// All returns the clients, in the order in which help has them.
func All() []Client {
	return []Client{
		{"pymilvus", "pymilvus", "pymilvus", "python", "connect.py", true, false, "milvus-io/pymilvus: pymilvus/client/grpc_handler.py, connection_manager.py"},
		{"go", "Go SDK", "go", "go", "main.go", true, false, "milvus-io/milvus: client/milvusclient/client.go, v2.6.2"},
		{"node", "Node SDK", "node", "javascript", "connect.mjs", true, false, "@zilliz/milvus2-sdk-node 3.0.6: dist/milvus/grpc/BaseClient.js"},
		{"java", "Java SDK", "java", "java", "Connect.java", true, false, "milvus-io/milvus-sdk-java: io/milvus/v2/client/ConnectConfig.java, io/milvus/v2/utils/ClientUtils.java"},
		{"curl", "curl", "curl", "sh", "connect.sh", false, true, "curl(1); REST by Milvus's documentation, Encryption in transit"},
		{"attu", "Attu", "node", "sh", "attu.sh", true, false, "zilliztech/attu: README.md of v3.0.0 (TLS / SSL), docs/milvus-mtls-local-docker.md; for 2.x server/src/milvus/milvus.service.ts"},
		{"milvus-backup", "milvus-backup", "go", "yaml", "backup.yaml", true, true, "zilliztech/milvus-backup: configs/backup.yaml, internal/cfg/cfg.go, internal/client/milvus/grpc.go and restful.go; internal/cfg/v2/cfg.go"},
		{"milvus-cdc", "Milvus-CDC", "go", "sh", "cdc.sh", true, false, "zilliztech/milvus-cdc: server/model/common.go, core/util/milvus_dial_option.go, doc/cdc-usage.md"},
	}
}

// Port is the port that the client dials first.
func (c Client) Port(t Target) int {
	if c.GRPC {
		return t.Port
	}
	return t.HTTPPort
}

// Fails says what of the client does not work with the target, though it connects: nothing where it is empty.
func (c Client) Fails(t Target) string {
	switch {
	case c.ID != "milvus-backup":
		return ""
	case t.Cert != "":
		return "REST (restore, segments) does not work: it shows no client certificate there, which tlsMode 2 wants"
	case t.ServerName != "":
		return "REST (restore, segments) does not work: it wants the certificate to be for " + t.Host + " there, whatever serverName says"
	}
	return ""
}

// Snippet writes how the client connects to the target. The error is that a file's name is not UTF-8, which not every
// language can write.
func (c Client) Snippet(t Target) (string, error) {
	for _, path := range []string{t.CA, t.Cert, t.Key} {
		if !utf8.ValidString(path) {
			return "", fmt.Errorf("%q is not UTF-8, which %s cannot write; move the files to a directory with another name", path, c.Language)
		}
	}
	name := c.ID + ".tmpl"
	parsed, err := template.New(name).Funcs(quotes).ParseFS(snippets, "snippets/"+name)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = parsed.Execute(&out, t)
	return out.String(), err
}
