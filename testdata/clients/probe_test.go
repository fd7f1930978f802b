package clients_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

// probed is what is looked at in a report of milvus-certs probe, or of verify.
type probed struct {
	Schema, Target, Mode, Service string
	Reachable, TLS, OK            bool
	Versions, ALPN                []string
	MilvusVersion                 string `json:"milvus_version"`
	Auth                          bool   `json:"user_authentication"`
	SetCertificate                struct {
		Relation, File string
	} `json:"set_certificate"`
	ClientCertificate *struct{ Taken bool } `json:"client_certificate"`
	ClientCAs         []string              `json:"client_cas"`
	Certificates      []struct {
		File string
	}
	Findings []probeFinding
	Clients  []probeVerdict
}

type probeFinding struct {
	Severity, Check, File, Problem string
	WayOut                         string `json:"way_out"`
}

type probeVerdict struct {
	Client, Way, Host                   string
	OK                                  bool
	Cause, File, Problem, Shown, Behind string
}

func (p probed) finding(check string) probeFinding {
	i := slices.IndexFunc(p.Findings, func(f probeFinding) bool { return f.Check == check })
	if i < 0 {
		return probeFinding{}
	}
	return p.Findings[i]
}

// run runs the program, wants an exit status, and returns its report and what it says on standard error.
func run(t *testing.T, program sets.Program, want int, args ...string) (report probed, said string) {
	t.Helper()
	out, said, status, err := program.Answer(append(args, "-o", "json")...)
	require.NoError(t, err)
	require.Equal(t, want, status, "%s%s", out, said)
	require.NoError(t, json.Unmarshal([]byte(out), &report), out)
	return report, said
}

func probeAt(t *testing.T, program sets.Program, want, port int, dir string, flags ...string) (probed, string) {
	t.Helper()
	return run(t, program, want, append([]string{"probe", fmt.Sprintf("localhost:%d", port), "-d", dir}, flags...)...)
}

func TestProbe(t *testing.T) {
	program, err := sets.Build(filepath.Join("..", ".."), t.TempDir())
	require.NoError(t, err)
	for name, test := range map[string]func(*testing.T, sets.Program){
		"modes": probeModes, "restart due": probeRestartDue, "other sets": probeOtherSets, "expired": probeExpired, "agrees with verify": probeAgreesWithVerify,
	} {
		t.Run(name, func(t *testing.T) { test(t, program) })
	}
}

func initialised(t *testing.T, program sets.Program) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, program.Init(dir, "--key-type", "ec-p256"))
	return dir
}

func start(t *testing.T, config stub.Config) *stub.Server {
	t.Helper()
	server, err := stub.Start(config)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	return server
}

// probeModes: what probe sees of Milvus in each of its modes, on each of its ports, with users and without.
func probeModes(t *testing.T, program sets.Program) {
	dir := initialised(t, program)
	versions := map[stub.Mode][]string{stub.Plain: {}, stub.OneWay: {"TLS 1.2", "TLS 1.3"}, stub.TwoWay: {"TLS 1.3"}}
	for _, mode := range []stub.Mode{stub.Plain, stub.OneWay, stub.TwoWay} {
		for _, user := range []stub.User{"", "root:Milvus"} {
			auth := user != ""
			server := start(t, stub.Config{Dir: dir, Mode: mode, User: user})
			for service, port := range map[string]int{"grpc": server.GRPC, "rest": server.REST} {
				t.Run(fmt.Sprintf("mode %d, auth %v, %s", mode, auth, service), func(t *testing.T) {
					status := 0
					if mode == stub.Plain {
						status = 1
					}
					got, said := probeAt(t, program, status, port, dir)
					assert.Equal(t, "milvus-certs/probe/v1", got.Schema)
					assert.Equal(t, fmt.Sprint(int(mode)), got.Mode)
					assert.Equal(t, service, got.Service)
					assert.Equal(t, auth, got.Auth)
					assert.True(t, got.Reachable)
					assert.Equal(t, versions[mode], got.Versions)
					if service == "grpc" && !auth {
						assert.Equal(t, "v2.6.2", got.MilvusVersion)
					}
					if mode == stub.Plain {
						assert.False(t, got.TLS)
						assert.Empty(t, got.Certificates)
						assert.Contains(t, said, "TLS is off (tlsMode 0): Milvus")
						assert.Contains(t, said, "; milvus-certs setup milvus milvus.yaml turns it on\n")
						assert.Equal(t, 1, strings.Count(said, "\n"))
						return
					}
					assert.True(t, got.TLS)
					assert.Equal(t, "current", got.SetCertificate.Relation)
					assert.Equal(t, mode == stub.TwoWay, got.ClientCertificate != nil && got.ClientCertificate.Taken)
					assert.Equal(t, map[string][]string{"grpc": {"h2"}, "rest": {"h2", "http/1.1"}}[service], got.ALPN)
					assert.Len(t, got.Certificates, int(mode)+1)

					wanted, _ := probeAt(t, program, 0, port, dir, "--mode", fmt.Sprint(int(mode)), "--strict")
					assert.True(t, wanted.OK)
					otherName, _ := run(t, program, 0, "probe", fmt.Sprintf("127.0.0.1:%d", port), "-d", dir, "--strict")
					assert.Equal(t, "advice", otherName.finding("common-name").Severity)
					for _, client := range []string{"pymilvus", "curl"} {
						fits := (client == "curl") == (service == "rest")
						named, _ := probeAt(t, program, map[bool]int{false: 1}[fits], port, dir, "--client", client, "--strict")
						assert.Equal(t, !fits, named.finding("other-port").Severity == "warning")
					}
					other, _ := probeAt(t, program, 1, port, dir, "--mode", fmt.Sprint(3-int(mode)))
					assert.Equal(t, "failure", other.finding("mode").Severity)
				})
			}
		}
	}
}

// probeRestartDue: the files have changed since Milvus started.
func probeRestartDue(t *testing.T, program sets.Program) {
	for _, mode := range []stub.Mode{stub.OneWay, stub.TwoWay} {
		t.Run(fmt.Sprint("mode ", mode), func(t *testing.T) {
			dir := initialised(t, program)
			server := start(t, stub.Config{Dir: dir, Mode: mode})
			renew := func(args ...string) {
				_, said, status, err := program.Answer(append([]string{"renew", "-q", "-d", dir}, args...)...)
				require.NoError(t, err)
				require.Zero(t, status, said)
			}

			renew("server")
			got, _ := probeAt(t, program, 0, server.GRPC, dir)
			assert.Equal(t, "replaced", got.SetCertificate.Relation)
			assert.Equal(t, "warning", got.finding("restart-due").Severity)
			assert.Contains(t, got.finding("restart-due").WayOut, "restart Milvus")
			probeAt(t, program, 1, server.GRPC, dir, "--strict")

			restarted := start(t, stub.Config{Dir: dir, Mode: mode})
			got, _ = probeAt(t, program, 0, restarted.GRPC, dir, "--strict")
			assert.Equal(t, "current", got.SetCertificate.Relation)

			renew("ca") // the leaves are of the old one still, and ca.pem has both
			got, _ = probeAt(t, program, 0, restarted.GRPC, dir)
			assert.Equal(t, "current", got.SetCertificate.Relation)
			assert.Equal(t, mode == stub.TwoWay, got.finding("restart-due").File == "ca.pem", got.Findings)

			renew("server")
			got, _ = probeAt(t, program, 0, restarted.GRPC, dir)
			assert.Equal(t, "replaced", got.SetCertificate.Relation)

			_, said, status, err := program.Answer("init", "-q", "--force", "--key-type", "ec-p256", "-d", dir)
			require.NoError(t, err)
			require.Zero(t, status, said)
			got, _ = probeAt(t, program, 1, restarted.GRPC, dir)
			assert.Equal(t, "replaced", got.SetCertificate.Relation, "its CA is in the backup")
			assert.Contains(t, got.finding("bad-signature").WayOut, "restart Milvus")
			if mode == stub.TwoWay {
				assert.False(t, got.ClientCertificate.Taken)
				assert.Equal(t, "failure", got.finding("refused-by-the-server").Severity)
			}
		})
	}
}

// probeOtherSets: what is held against the server is not what it was started with.
func probeOtherSets(t *testing.T, program sets.Program) {
	dir, other := initialised(t, program), initialised(t, program)
	oneWay, twoWay := start(t, stub.Config{Dir: dir, Mode: stub.OneWay}), start(t, stub.Config{Dir: dir, Mode: stub.TwoWay})

	got, _ := probeAt(t, program, 1, oneWay.GRPC, other)
	assert.Equal(t, "other-ca", got.SetCertificate.Relation)
	assert.Equal(t, "failure", got.finding("bad-signature").Severity)
	got, _ = probeAt(t, program, 1, twoWay.GRPC, other)
	assert.False(t, got.ClientCertificate.Taken)
	for _, v := range got.Clients {
		assert.False(t, v.OK, v.Client)
	}

	// A CA and nothing else, or nothing at all.
	only := t.TempDir()
	data, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(only, "ca.pem"), data, 0o600))
	got, _ = probeAt(t, program, 0, oneWay.GRPC, only)
	assert.Equal(t, "same-ca", got.SetCertificate.Relation)
	got, _ = probeAt(t, program, 0, twoWay.GRPC, only)
	assert.Equal(t, "not-checked", got.finding("no-client-certificate").Severity)
	assert.Equal(t, "warning", got.finding("certificate-required").Severity)
	assert.Nil(t, got.ClientCertificate)
	assert.Empty(t, got.Clients)
	probeAt(t, program, 1, twoWay.GRPC, only, "--strict")

	// What issue made is as good as client.pem, wherever it lies.
	_, said, status, err := program.Answer("issue", "client", "app", "-q", "-d", dir)
	require.NoError(t, err)
	require.Zero(t, status, said)
	got, _ = probeAt(t, program, 0, twoWay.GRPC, only, "--cert", filepath.Join(dir, "app.pem"))
	assert.True(t, got.ClientCertificate.Taken)
	got, _ = probeAt(t, program, 1, twoWay.GRPC, dir, "--cert", filepath.Join(other, "client.pem"))
	assert.False(t, got.ClientCertificate.Taken)
	assert.True(t, strings.HasSuffix(got.finding("bad-signature").File, "client.pem"), "it is known from the files why: %v", got.Findings)
}

// probeExpired: the way out is a renewal and a restart, or where there was a renewal, the restart.
func probeExpired(t *testing.T, program sets.Program) {
	folder := t.TempDir()
	require.NoError(t, sets.Make(folder, slices.DeleteFunc(sets.All(program), func(s sets.Set) bool { return s.Name != "server-expired" })))
	dir := filepath.Join(folder, "server-expired")
	server := start(t, stub.Config{Dir: dir, Mode: stub.OneWay})
	got, said := probeAt(t, program, 1, server.GRPC, dir)
	assert.Equal(t, "milvus-certs renew server -d "+dir+", and then restart Milvus", got.finding("expired").WayOut)
	assert.Contains(t, said, "check fails")

	_, said, status, err := program.Answer("renew", "server", "-q", "-d", dir)
	require.NoError(t, err)
	require.Zero(t, status, said)
	got, _ = probeAt(t, program, 1, server.GRPC, dir)
	assert.Equal(t, "replaced", got.SetCertificate.Relation)
	assert.True(t, strings.HasPrefix(got.finding("expired").WayOut, "restart Milvus with the server.pem of "+dir), got.finding("expired").WayOut)
}

// agreeing are the sets that probe and verify are compared on, some of each kind; with PROBE_ALL_SETS=1 it is all of them.
var agreeing = strings.Fields(`
baseline ca-false ca-without-key-usage ca-two-new-first ca-critical-unknown-extension wrong-ca wrong-ca-same-name-no-ids
leaves-self-signed no-ski-aki-one-subject intermediate-chain-sent intermediate-chain-not-sent intermediate-expired
server-pem-leaf-and-ca client-pem-leaf-and-ca client-serial-negative keys-sec1 client-key-encrypted client-key-empty files-crlf
ca-pem-headers client-pem-der ec-p224 ec-p521 ed25519-ca rsa-1024-leaves sha1-leaves-ecdsa server-damaged-signature
client-damaged-signature client-key-mismatch name-constraints-permit-another-name leaves-expired client-expired
leaves-not-yet-valid client-server-auth-only leaves-any-eku leaves-key-encipherment-only client-critical-unknown-extension`)

// probeAgreesWithVerify: of a server that was started with a set, clients say what they say of the set. That of a client's
// certificate is seen in the one case and foretold in the other.
func probeAgreesWithVerify(t *testing.T, program sets.Program) {
	folder, all := t.TempDir(), sets.All(program)
	if os.Getenv("PROBE_ALL_SETS") != "1" {
		all = slices.DeleteFunc(all, func(s sets.Set) bool { return !slices.Contains(agreeing, s.Name) })
		require.Len(t, all, len(agreeing))
	}
	require.NoError(t, sets.Make(folder, all))
	compared := 0
	for _, set := range all {
		for _, mode := range []stub.Mode{stub.OneWay, stub.TwoWay} {
			dir := filepath.Join(folder, set.Name)
			server, err := stub.Start(stub.Config{Dir: dir, Mode: mode})
			if err != nil {
				continue // Milvus does not start with it
			}
			target := fmt.Sprintf("localhost:%d", server.GRPC)
			seen, foretold := report(t, program, "probe", target, "-d", dir), report(t, program, "verify", "--host", "localhost", "--mode", fmt.Sprint(int(mode)), "-d", dir)
			server.Stop()
			if set.Name == "server-pem-headers" {
				continue // probe sees what is sent, and not the form of the file
			}
			if len(seen.Clients) == 0 { // no handshake came about
				for _, v := range foretold.Clients {
					assert.True(t, !v.OK || v.Client == "milvus", "%s: %v", set.Name, v)
				}
				continue
			}
			for i := range seen.Clients {
				for _, text := range []*string{&seen.Clients[i].File, &seen.Clients[i].Problem} {
					*text = strings.ReplaceAll(*text, target, "server.pem")
				}
				_, port, _ := net.SplitHostPort(target)
				seen.Clients[i].Shown = strings.ReplaceAll(seen.Clients[i].Shown, ":"+port, ":19530")
				for _, r := range []*probed{&seen, &foretold} { // the time of day is in it
					r.Clients[i].Behind, r.Clients[i].Shown = clock.ReplaceAllString(r.Clients[i].Behind, ""), clock.ReplaceAllString(r.Clients[i].Shown, "")
				}
			}
			assert.Equal(t, foretold.Clients, seen.Clients, "%s, mode %d", set.Name, mode)
			compared++
		}
	}
	t.Logf("%d servers", compared)
	assert.Greater(t, compared, len(all))
}

// report is a report whatever the exit status.
func report(t *testing.T, program sets.Program, args ...string) (r probed) {
	t.Helper()
	out, said, _, err := program.Answer(append(args, "-o", "json")...)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(out), &r), said)
	return r
}
