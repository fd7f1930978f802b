package milvus

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// ContainerDir is where the documentation's page mounts the files.
const ContainerDir = "/milvus/tls"

// The ports where nothing else is said: Milvus's own for gRPC, and the one that REST is given, which has none with TLS.
const (
	GRPCPort = clients.GRPCPort
	RESTPort = 8080
)

// TLS is what a milvus.yaml is to say of TLS.
type TLS struct {
	Mode         int    // common.security.tlsMode, 1 or 2; 0: 2 where the file means that, else 1
	ContainerDir string // where Milvus finds server.pem, server.key and ca.pem, with slashes
	REST         REST
	Internal     bool // TLS between the components too
	// SNI is internaltls.sni: what the components want the server's certificate to be for. Empty: the file's where Server is for
	// it, or nobody knows, else the first DNS name of Server.
	SNI    string
	Server *certset.Certificate // that Milvus is to have; nil: it is not known
}

// REST is what proxy.http is to be. The zero value leaves it as it is where Milvus can start with it, else has it on port 8080.
type REST struct {
	Off  bool
	Port int // from 1 to 65535; 0: it is not asked for
}

// Configured is a milvus.yaml with its settings.
type Configured struct {
	TLS     TLS // what was asked for, and what was decided where it was not
	Data    []byte
	Changes []yamledit.Change // what became of each setting
	Notes   []string          // what was decided and set besides, and why
}

// Configure sets TLS in a milvus.yaml, and leaves the rest as it was. The error is ErrNoSNI or a *yamledit.Error: of yamledit.Set,
// of a file that is no milvus.yaml, or of a REST port that Milvus uses otherwise.
func Configure(data []byte, t TLS) (Configured, error) {
	c, err := readConfig(data)
	if err != nil {
		return Configured{}, err
	}
	t, decisions, err := c.decided(t)
	if err != nil {
		return Configured{}, err
	}
	rest, notes, err := c.restSettings(t.REST)
	if err != nil {
		return Configured{}, err
	}
	settings := append([]yamledit.Setting{setting(keyMode, t.Mode)}, t.pathSettings(c.internal(t))...)
	settings = append(settings, rest...)
	if t.Internal {
		settings = append(settings, setting(keyInternalEnabled, true), setting(keySNI, t.SNI))
	}
	if len(c.faults) > 0 {
		return Configured{}, c.faults[0]
	}
	out := Configured{TLS: t, Notes: append(decisions, notes...)}
	out.Data, out.Changes, err = yamledit.Set(data, foldKey, settings)
	return out, err
}

func setting(key string, value any) yamledit.Setting {
	return yamledit.Setting{Path: strings.Split(key, "."), Value: value}
}

// pathKey is a setting that is the path of a file of the set.
type pathKey struct{ key, file string }

var (
	serverPaths   = []pathKey{{keyServerPem, certset.ServerCertificate}, {keyServerKey, certset.ServerKey}, {keyCAPem, certset.CACertificate}}
	internalPaths = []pathKey{{keyInternalPem, certset.ServerCertificate}, {keyInternalKey, certset.ServerKey}, {keyInternalCA, certset.CACertificate}}
)

// path is where Milvus finds a file.
func (t TLS) path(file string) string { return strings.TrimSuffix(t.ContainerDir, "/") + "/" + file }

func (t TLS) pathSettings(internal bool) (out []yamledit.Setting) {
	paths := slices.Clone(serverPaths)
	if internal {
		paths = append(paths, internalPaths...)
	}
	for _, p := range paths {
		out = append(out, setting(p.key, t.path(p.file)))
	}
	return out
}

// restSettings are those that keep Milvus from ending at start, for with TLS REST cannot share the port of gRPC.
func (c *config) restSettings(r REST) (settings []yamledit.Setting, notes []string, err error) {
	trap := c.restTrap()
	switch {
	case r.Off:
		return []yamledit.Setting{setting(keyHTTPEnabled, false)}, nil, nil
	case r.Port == 0 && trap == "":
		return nil, nil, nil
	case r.Port == 0:
		r.Port = RESTPort
		notes = append(notes, fmt.Sprintf("%s %s, and with TLS Milvus does not start unless it is a port of its own, not that of gRPC (%s); it is set to %d; --http-port PORT chooses another, --http-port off switches REST off",
			keyHTTPPort, trap, c.grpcPort(), r.Port))
	}
	if user, taken := c.portUser(r.Port); taken {
		return nil, nil, &yamledit.Error{Line: user.line, Problem: fmt.Sprintf("%s cannot be %d, for that is %s", keyHTTPPort, r.Port, user.why()), WayOut: "choose another with --http-port PORT, or switch REST off with --http-port off"}
	}
	if !c.get(keyHTTPEnabled).flag(true) {
		settings = append(settings, setting(keyHTTPEnabled, true))
		notes = append(notes, keyHTTPEnabled+" was false; it is set to true, for --http-port asks for REST")
	}
	return append(settings, setting(keyHTTPPort, r.Port)), notes, nil
}

// Fragment is what a milvus.yaml has to have, for one who writes it in by hand; there are no changes. The error is that of Configure.
func Fragment(t TLS) (Configured, error) {
	if t.REST == (REST{}) {
		t.REST.Port = RESTPort
	}
	configured, err := Configure(nil, t)
	if err != nil {
		return configured, err
	}
	t = configured.TLS
	var out strings.Builder
	section := func(name string, paths []pathKey, more ...string) {
		fmt.Fprintf(&out, "%s:\n", name)
		for _, p := range paths {
			fmt.Fprintf(&out, "  %s: %s\n", p.key[len(name)+1:], yamledit.Quote(t.path(p.file)))
		}
		out.WriteString(strings.Join(more, ""))
	}
	out.WriteString("# TLS of Milvus, for milvus.yaml: add these keys to the sections of the same names.\n")
	section("tls", serverPaths)
	out.WriteString("\ncommon:\n  security:\n    tlsMode: " + strconv.Itoa(t.Mode) + modeRemarks[t.Mode] + "\n")
	if t.Internal {
		out.WriteString("    internaltlsEnabled: true\n")
	}
	out.WriteString("\nproxy:\n  http:\n" + t.REST.fragment())
	if t.Internal {
		out.WriteString("\n# TLS between the components of Milvus. sni has to be a name in subjectAltName of server.pem.\n")
		section("internaltls", internalPaths, "  sni: "+yamledit.Quote(t.SNI)+"\n")
	}
	return Configured{TLS: t, Data: []byte(out.String()), Notes: configured.Notes}, nil
}

var modeRemarks = map[int]string{1: " # 1: one-way, clients verify the server", 2: " # 2: two-way, clients show a certificate too"}

func (r REST) fragment() string {
	if r.Off {
		return "    enabled: false # with TLS, REST needs a port of its own; this switches it off\n"
	}
	return fmt.Sprintf("    enabled: true\n    port: %d # with TLS, Milvus does not start where this is empty or the port of gRPC\n", r.Port)
}
