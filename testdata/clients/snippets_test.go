package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
	"github.com/milvus-certs/milvus-certs/testdata/clients/snippet"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

// The user that the stub wants to see, whose password wants quoting in every language. Where it becomes JSON, which the shell
// writes, it has what JSON wants escaped too; headers of HTTP would not take that.
const (
	userName = "root"
	password = `Mil"vus\ $1%'s`
	controls = "\t\x01\x1f\x7fü\r\n"
)

// trying is how many snippets run at a time: most of their time goes into starting programs.
var trying = make(chan struct{}, 4*runtime.NumCPU())

// TestSnippets runs what milvus-certs connect prints for every client, both modes, with and without user name and password, and
// under a name that the certificate lacks, and wants it to connect. Then it does so with servers that are not right, and wants
// the errors that the comments of the snippet name.
func TestSnippets(t *testing.T) {
	program, err := sets.Build(filepath.Join("..", ".."), t.TempDir())
	require.NoError(t, err)
	module, err := filepath.Abs(".")
	require.NoError(t, err)
	s := snippetSets{program: program, plain: t.TempDir(), odd: filepath.Join(t.TempDir(), oddName)}
	require.NoError(t, os.Mkdir(s.odd, 0o700))
	require.NoError(t, program.Init(s.plain, "--key-type", "ec-p256"))
	require.NoError(t, program.Init(s.odd, "--key-type", "ec-p256", "--common-name", "db.example.com"))
	for _, r := range snippet.Runners(module, t.TempDir()) {
		t.Run(r.Client, func(t *testing.T) {
			t.Parallel()
			r.Installed(t)
			for _, w := range snippetWays {
				t.Run(fmt.Sprintf("mode %d, auth %v, another name %v", w.mode, w.auth, w.odd), func(t *testing.T) {
					t.Parallel()
					s.assertConnects(t, r, w)
				})
			}
			for _, f := range wrongServers {
				if _, asked := f.says[r.Client]; !asked {
					continue
				}
				t.Run(f.name, func(t *testing.T) {
					t.Parallel()
					s.assertRefused(t, r, f)
				})
			}
		})
	}
}

// snippetWays are ways to connect, in which each two of the three go together once. odd is with the set in a folder with an odd name, whose
// certificate is not for the host that is dialled.
var snippetWays = []snippetWay{{stub.OneWay, false, false}, {stub.TwoWay, true, false}, {stub.OneWay, true, true}, {stub.TwoWay, false, true}}

type snippetWay struct {
	mode      stub.Mode
	auth, odd bool
}

// oddName wants quoting in every language: a folder that is called so.
const oddName = "it's \"odd\", $HOME `x` %d {{.}} \\u000a a:b\nü"

// snippetSets are a set for localhost, and one for db.example.com in a folder with an odd name.
type snippetSets struct {
	program    sets.Program
	plain, odd string
}

func (s snippetSets) assertConnects(t *testing.T, r snippet.Runner, w snippetWay) {
	config := stub.Config{Dir: s.plain, Mode: w.mode}
	var flags, env []string
	if w.odd {
		config.Dir, flags = s.odd, append(flags, "--host", "127.0.0.1")
	}
	if w.auth {
		secret := password
		if r.Client == "milvus-cdc" {
			secret += controls
		}
		config.User, flags = stub.User(userName+":"+secret), append(flags, "--auth")
		env = []string{"MILVUS_USER=" + userName, "MILVUS_PASSWORD=" + secret}
	}
	outcome, text := s.run(t, r, config, config.Dir, w.mode, flags, env)
	assert.True(t, outcome.OK, "%s\n%s", outcome.Said, text)
}

// run prints a snippet for a set, and runs it against a stub.
func (s snippetSets) run(t *testing.T, r snippet.Runner, config stub.Config, dir string, mode stub.Mode, flags, env []string) (snippet.Outcome, string) {
	t.Helper()
	server, err := stub.Start(config)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	port := map[peer.Port]int{peer.GRPC: server.GRPC, peer.REST: server.REST}[r.Speaks]
	flag := "--port"
	if r.Client == "curl" {
		flag = "--http-port"
	}
	text, err := s.program.Connect(dir, slices.Concat(flags, []string{"--client", r.Client, "--mode", strconv.Itoa(int(mode)), flag, strconv.Itoa(port)})...)
	require.NoError(t, err)
	trying <- struct{}{}
	defer func() { <-trying }()
	outcome, err := r.Run(t.Context(), snippet.Snippet{Text: text, Env: env}, t.TempDir())
	require.NoError(t, err, text)
	return outcome, text
}

// fault is a server that a snippet is not for.
type fault struct {
	name   string
	server stub.Config
	dir    func(t *testing.T, s snippetSets) string // what the server has instead of the set; nil: the set
	auth   bool
	env    []string
	other  bool // the snippet has the other port of Milvus
	// says are texts of each client's error, or of what is behind it where it hides that: one of them is to be there. The comments of
	// the snippet have to name them all.
	says map[string]string
}

var wrongServers = []fault{
	{
		name: "another CA", server: stub.Config{Mode: stub.OneWay}, dir: anotherCA,
		says: map[string]string{
			"pymilvus": "certificate verify failed", "go": "x509: certificate signed by unknown authority", "node": "unable to verify the first certificate",
			"java": "PKIX path ", "curl": "unable to get local issuer certificate", "milvus-backup": "x509: certificate signed by unknown authority",
		},
	},
	{
		name: "another name", server: stub.Config{Mode: stub.OneWay}, dir: anotherName,
		says: map[string]string{
			"pymilvus": "Peer name localhost is not in peer certificate", "milvus-backup": "x509: certificate is valid for ", "node": "Hostname/IP does not match certificate's altnames",
			"java": "No subject alternative ", "curl": "no alternative certificate subject name matches target host name",
		},
	},
	{
		name: "two-way", server: stub.Config{Mode: stub.TwoWay},
		says: map[string]string{
			"pymilvus": "certificate required|Endpoint read failed", "go": "remote error: tls: certificate required|broken pipe", "node": "alert certificate required",
			"java": "Received fatal alert: certificate_required|Broken pipe", "curl": "alert certificate required|(55) ", "milvus-backup": "remote error: tls: certificate required",
		},
	},
	{
		name: "plaintext", server: stub.Config{Mode: stub.Plain},
		says: map[string]string{
			"pymilvus": "wrong version number", "milvus-backup": "tls: first record does not look like a TLS handshake", "node": "wrong version number",
			"java": "Unsupported or unrecognized SSL message", "curl": "wrong version number",
		},
	},
	{
		name: "another password", server: stub.Config{Mode: stub.OneWay, User: userName + ":" + password}, auth: true, env: []string{"MILVUS_USER=root", "MILVUS_PASSWORD=Milvus"},
		says: map[string]string{
			"pymilvus": "auth check failure", "go": "auth check failure", "node": "16 UNAUTHENTICATED", "java": "UNAUTHENTICATED", "curl": "error: 401",
			"milvus-backup": "auth check failure", "milvus-cdc": "auth check failure",
		},
	},
	{name: "the other port", server: stub.Config{Mode: stub.OneWay}, other: true, says: map[string]string{"curl": "(52) Empty reply from server"}},
	{name: "no password", server: stub.Config{Mode: stub.OneWay, User: userName + ":" + password}, says: map[string]string{"pymilvus": "", "curl": ""}},
}

// anotherCA is a set that another CA issued.
func anotherCA(t *testing.T, s snippetSets) string {
	dir := t.TempDir()
	require.NoError(t, s.program.Init(dir, "--key-type", "ec-p256"))
	return dir
}

// anotherName is a server of the same CA with another name.
func anotherName(t *testing.T, s snippetSets) string {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(s.plain)))
	require.NoError(t, s.program.Run(dir, "issue", "server", "other.example.com", "-q", "--key-type", "ec-p256"))
	for _, ending := range []string{".pem", ".key"} {
		require.NoError(t, os.Rename(filepath.Join(dir, "other.example.com"+ending), filepath.Join(dir, "server"+ending)))
	}
	return dir
}

func (s snippetSets) assertRefused(t *testing.T, r snippet.Runner, f fault) {
	config, flags := f.server, []string(nil)
	config.Dir = s.plain
	if f.dir != nil {
		config.Dir = f.dir(t, s)
	}
	if f.auth {
		flags = []string{"--auth"}
	}
	if f.other {
		r.Speaks = peer.GRPC + peer.REST - r.Speaks
	}
	outcome, text := s.run(t, r, config, s.plain, stub.OneWay, flags, f.env)
	assert.False(t, outcome.OK)
	said := false
	for want := range strings.SplitSeq(f.says[r.Client], "|") {
		said = said || strings.Contains(outcome.Said, want)
		assert.Contains(t, text, want)
	}
	assert.True(t, said, "wanted %q, found %s", f.says[r.Client], outcome.Said)
}
