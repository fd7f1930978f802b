package live_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/live"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestAllHolds: of a server with the files of the set there is nothing to say.
func TestAllHolds(t *testing.T) {
	ca := newCA(t, "a CA")
	server, client := ca.server(t, 2), ca.leaf(t, 3, x509.ExtKeyUsageClientAuth)
	in := live.Input{Set: set(&ca, &server, withClient(t, client))}
	for _, seen := range []*probe.Server{sending(server), demanding(&probe.Answer{Taken: true}, server)} {
		r := judge(seen, in)
		assert.True(t, r.OK, r.Findings)
		assert.Zero(t, r.Count(verify.Warning), r.Findings)
		assert.Equal(t, live.Relation{Kind: live.Current, File: serverPEM}, r.Relation)
		assert.Equal(t, server.Raw, r.Leaf.Raw)
		assert.Equal(t, "dialled", r.Hosts[0].From)
		assert.NotEmpty(t, r.Clients)
	}
}

// TestPort: what clients show has the port that was dialled, where that is gRPC's.
func TestPort(t *testing.T) {
	ca := newCA(t, "a CA")
	server := ca.server(t, 2)
	for service, port := range map[probe.Service]string{probe.GRPC: ":443,", probe.REST: ":19530,"} {
		seen := sending(server)
		seen.Service = service
		in := live.Input{Set: set(&ca, &server)}
		r := live.Judge(seen, in, live.Options{Target: "other.example.com:443", Options: verify.Options{At: now, Hosts: []string{"other.example.com"}}})
		i := slices.IndexFunc(r.Clients, func(v verify.Verdict) bool { return v.Client == "pymilvus" && v.Way == clients.RootCA })
		require.GreaterOrEqual(t, i, 0)
		assert.Contains(t, r.Clients[i].Shown, "other.example.com"+port)
	}
}

// TestUnreadable: a certificate that cannot be read is never passed over, and nothing is judged in its place.
func TestUnreadable(t *testing.T) {
	ca := newCA(t, "a CA")
	server := ca.server(t, 2)
	for name, chain := range map[string][][]byte{"none": {}, "alone": {[]byte("garbage\n")}, "before another": {{0x30, 0}, server.Raw}, "behind another": {server.Raw, {0x30, 0}}} {
		t.Run(name, func(t *testing.T) {
			seen := sending()
			seen.Chain = chain
			r := judge(seen, live.Input{Set: set(&ca, &server)})
			require.Len(t, r.Findings, 1)
			assert.Equal(t, []string{"failure", "unreadable-certificate"}, []string{string(r.Findings[0].Severity), r.Findings[0].Check})
			assert.NotEmpty(t, r.Findings[0].Problem)
			assert.Contains(t, r.Findings[0].WayOut, "issue it anew")
			assert.False(t, r.OK)
			assert.Nil(t, r.Leaf)
			assert.Empty(t, r.Relation)
			assert.Equal(t, live.OneWay, r.Mode())
		})
	}
}

// TestTroubles: each is a failure with a way out, in one line, whatever the network said.
func TestTroubles(t *testing.T) {
	for _, trouble := range []probe.Trouble{
		probe.UnknownHost, probe.Refused, probe.NoRoute, probe.NoAnswer, probe.Unreachable, probe.Silent, probe.Slow, probe.Closed, probe.Reset, probe.Plaintext,
		probe.NotTLS, probe.Handshake,
	} {
		for _, service := range []probe.Service{"", probe.GRPC, probe.REST, probe.Health, probe.HTTP, probe.OtherGRPC} {
			r := judge(&probe.Server{Trouble: trouble, Service: service, Detail: "a\x1b\nb", Greeting: []byte("a\n"), Version: "v\n", Software: "s\n", Unanswered: "u\n"}, live.Input{})
			require.Len(t, r.Findings, 1)
			f := r.Findings[0]
			assert.Equal(t, []string{"failure", string(trouble)}, []string{string(f.Severity), f.Check})
			for _, text := range []string{f.Problem, f.WayOut} {
				assert.NotEmpty(t, text)
				assert.False(t, strings.ContainsAny(text, "\n\x1b{}"), text)
			}
			assert.False(t, r.OK)
			assert.Equal(t, trouble == probe.Plaintext, r.Mode() == live.Plain)
		}
	}
}

// TestModes: what a server made of those who show no certificate, and what is said where it is not as wanted.
func TestModes(t *testing.T) {
	ca := newCA(t, "a CA")
	server := ca.server(t, 2)
	asking := func(without *probe.Answer) *probe.Server {
		s := demanding(nil, server)
		s.Without = without
		return s
	}
	for _, tc := range []struct {
		seen         *probe.Server
		mode, wanted live.Mode
		check        string
		severity     verify.Severity
	}{
		{sending(server), live.OneWay, live.Unknown, "mode", ""},
		{sending(server), live.OneWay, live.OneWay, "mode", ""},
		{sending(server), live.OneWay, live.TwoWay, "mode", verify.Failure},
		{asking(&probe.Answer{Alert: 116}), live.TwoWay, live.TwoWay, "mode", ""},
		{asking(&probe.Answer{}), live.TwoWay, live.OneWay, "mode", verify.Failure},
		{asking(&probe.Answer{Taken: true}), live.Optional, live.Unknown, "optional-client-certificate", verify.Advice},
		{asking(&probe.Answer{Taken: true}), live.Optional, live.TwoWay, "mode", verify.Failure},
		{asking(nil), live.Unknown, live.Unknown, "mode", verify.NotChecked},
	} {
		r := judgeFor(tc.seen, live.Input{Set: set(&ca, &server)}, tc.wanted)
		assert.Equal(t, tc.mode, r.Mode())
		var severity verify.Severity
		for _, f := range found(r, tc.check) {
			severity = f.Severity
		}
		assert.Equal(t, tc.severity, severity, "%s, wanted %s", tc.mode.Words(), tc.wanted.Words())
	}
}

// TestRefused: where no file says why a client is refused, the server's own words do.
func TestRefused(t *testing.T) {
	ca, other := newCA(t, "a CA"), newCA(t, "another\nCA")
	server, client := ca.server(t, 2), ca.leaf(t, 3, x509.ExtKeyUsageClientAuth)
	seen := demanding(&probe.Answer{Alert: 48}, server)
	seen.CAs = [][]byte{other.RawSubject}
	r := judge(seen, live.Input{Set: set(&ca, &server, withClient(t, client))})
	refused := found(r, "refused-by-the-server")
	require.Len(t, refused, 1)
	assert.Contains(t, refused[0].WayOut, "restart it")
	assert.Equal(t, "it takes those of CN=another\ufffdCA", strings.ReplaceAll(refused[0].Found, `\n`, "\ufffd"))
	due := found(r, "restart-due")
	require.Len(t, due, 1, "the server has not read this ca.pem")
	assert.Equal(t, caPEM, due[0].File)
}

// TestNotChecked: what is not there is said, and clients are asked about the rest.
func TestNotChecked(t *testing.T) {
	ca := newCA(t, "a CA")
	server := ca.server(t, 2)
	r := judge(demanding(nil, server), live.Input{})
	assert.True(t, r.OK, r.Findings)
	assert.Len(t, found(r, "no-ca"), 1)
	missing := found(r, "no-client-certificate")
	require.Len(t, missing, 1)
	assert.Contains(t, missing[0].WayOut, "milvus-certs issue client")
	assert.Len(t, found(r, "certificate-required"), 1)
	assert.True(t, r.Unshown())
	assert.NotNil(t, r.Clients)
	assert.Empty(t, r.Clients, "what becomes of them is not known")
	r = judge(sending(server), live.Input{Set: set(&ca, nil)})
	assert.Empty(t, found(r, "no-ca"))
	assert.Empty(t, found(r, "no-client-certificate"))
	assert.False(t, r.Unshown())
	r = judge(demanding(nil, ca.server(t, 2, "x")), live.Input{Set: set(&ca, &server)})
	assert.True(t, r.Unshown())
	assert.Empty(t, r.Clients)
	expired := judge(demanding(nil, issueFor(t, ca, "db.example.com")), live.Input{Set: set(&ca, nil)})
	assert.Len(t, found(expired, "host"), 1, "what is wrong with what is sent is said all the same")
}

// TestShownWithoutAVerdict: where there is a client certificate and no answer in time, the files say what becomes of clients.
func TestShownWithoutAVerdict(t *testing.T) {
	ca := newCA(t, "a CA")
	server, client := ca.server(t, 2), ca.leaf(t, 3, x509.ExtKeyUsageClientAuth)
	seen := demanding(nil, server)
	for _, without := range []*probe.Answer{{}, nil} {
		seen.Without = without
		r := judge(seen, live.Input{Set: set(&ca, &server, withClient(t, client))})
		assert.False(t, r.Unshown())
		require.NotEmpty(t, r.Clients)
		for _, v := range r.Clients {
			assert.EqualValues(t, "two-way", v.Way)
		}
	}
}

// TestServer: what answers, and over which TLS.
func TestServer(t *testing.T) {
	ca := newCA(t, "a CA")
	server := ca.server(t, 2)
	for _, tc := range []struct {
		name  string
		edit  func(*probe.Server)
		check string
		want  verify.Severity
	}{
		{"Milvus", func(*probe.Server) {}, "service", ""},
		{"REST", func(s *probe.Server) { s.Service = probe.REST }, "service", ""},
		{"nothing", func(s *probe.Server) { s.Service, s.Unanswered = "", "EOF" }, "service", verify.Failure},
		{"nothing in time", func(s *probe.Server) { s.Service, s.Unanswered, s.Late = "", "timeout", true }, "service", verify.Warning},
		{"HTTP", func(s *probe.Server) { s.Service = probe.HTTP }, "service", verify.Failure},
		{"HTTP that was late once", func(s *probe.Server) { s.Service, s.Late = probe.HTTP, true }, "service", verify.Warning},
		{"health", func(s *probe.Server) { s.Service = probe.Health }, "service", verify.Failure},
		{"gRPC of others", func(s *probe.Server) { s.Service, s.Status = probe.OtherGRPC, "12" }, "service", verify.Failure},
		{"gRPC without a status", func(s *probe.Server) { s.Service = probe.OtherGRPC }, "service", verify.Failure},
		{"gRPC with something else", func(s *probe.Server) { s.Service, s.Status = probe.OtherGRPC, "0" }, "service", verify.Failure},
		{"gRPC of a gateway whose Milvus is down", func(s *probe.Server) { s.Service, s.Status = probe.OtherGRPC, "14" }, "service", verify.Warning},
		{"nothing, for want of a certificate", func(s *probe.Server) { s.Service, s.Asks, s.Without = "", true, &probe.Answer{} }, "service", ""},
		{"TLS 1.2 and 1.3", func(*probe.Server) {}, "old-version", ""},
		{"TLS 1.1 besides", func(s *probe.Server) { s.Versions = []uint16{tls.VersionTLS11, tls.VersionTLS13} }, "old-version", verify.Warning},
		{"TLS 1.1 alone", func(s *probe.Server) { s.Versions = []uint16{tls.VersionTLS11} }, "old-version", verify.Failure},
		{"TLS 1.2 one-way", func(s *probe.Server) { s.Versions = []uint16{tls.VersionTLS12} }, "before-milvus", ""},
		{"TLS 1.2 two-way", func(s *probe.Server) {
			s.Asks, s.Without, s.Versions = true, &probe.Answer{}, []uint16{tls.VersionTLS12}
		}, "before-milvus", verify.Advice},
		{"TLS 1.3 two-way", func(s *probe.Server) {
			s.Asks, s.Without, s.Versions = true, &probe.Answer{}, []uint16{tls.VersionTLS13}
		}, "before-milvus", ""},
	} {
		seen := sending(server)
		tc.edit(seen)
		r := judge(seen, live.Input{Set: set(&ca, &server)})
		var severity verify.Severity
		for _, f := range found(r, tc.check) {
			severity = f.Severity
			assert.NotEmpty(t, f.WayOut, tc.name)
		}
		assert.Equal(t, tc.want, severity, tc.name)
		assert.Equal(t, severity == verify.Failure, !r.OK, tc.name)
		if tc.name == "TLS 1.1 alone" {
			assert.Empty(t, r.Clients, "none connects")
		}
	}
}

// TestPorts: a client that was asked for by name is not one of the other port.
func TestPorts(t *testing.T) {
	ca := newCA(t, "a CA")
	server := ca.server(t, 2)
	onPort := map[string]probe.Service{"pymilvus": probe.GRPC, "go": probe.GRPC, "node": probe.GRPC, "java": probe.GRPC, "curl": probe.REST, "python": probe.REST, "requests": probe.REST}
	for _, service := range []probe.Service{probe.GRPC, probe.REST, probe.HTTP} {
		seen := sending(server)
		seen.Service = service
		in := live.Input{Set: set(&ca, &server), Dir: "certs"}
		assert.Empty(t, found(judge(seen, in), "other-port"), "nobody was named")
		for _, c := range clients.All() {
			r := live.Judge(seen, in, live.Options{Options: verify.Options{At: now, Hosts: []string{"localhost"}, Clients: []clients.Client{c}}, Target: "localhost:1"})
			want := onPort[c.ID] != "" && service != probe.HTTP && onPort[c.ID] != service
			assert.Len(t, found(r, "other-port"), map[bool]int{true: 1}[want], "%s, %s", c.ID, service)
		}
	}
}

// TestRootServer: the server's certificate as a root is asked about only where what is sent is what clients have.
func TestRootServer(t *testing.T) {
	ca := newCA(t, "a CA")
	server := ca.server(t, 2)
	asked := func(r *live.Report) bool {
		return slices.ContainsFunc(r.Clients, func(v verify.Verdict) bool { return v.Way == clients.RootServer })
	}
	assert.True(t, asked(judge(sending(server), live.Input{Set: set(&ca, &server)})))
	assert.False(t, asked(judge(sending(server, ca), live.Input{Set: set(&ca, &server)})), "server.pem has the leaf alone")
	assert.Empty(t, judge(sending(server, ca), live.Input{Set: set(nil, &server)}).Clients)
	assert.True(t, asked(judge(sending(server, ca), live.Input{})), "there is nothing else to trust")
}

// TestCommonName: that it is another of its names that is dialled is no warning about a server.
func TestCommonName(t *testing.T) {
	ca := newCA(t, "a CA")
	server := issue(t, &ca, x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "x"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: []string{"localhost"}})
	r := judge(sending(server), live.Input{Set: set(&ca, &server)})
	all := found(r, "common-name")
	require.Len(t, all, 1)
	assert.Equal(t, verify.Advice, all[0].Severity)
	assert.Zero(t, r.Count(verify.Warning), r.Findings)
}

// TestWaysOut: what is wrong with what is sent is mended in the set, and where the set is in order, by a restart.
func TestWaysOut(t *testing.T) {
	ca := newCA(t, "a CA")
	forOthers, server := issueFor(t, ca, "db.example.com"), ca.server(t, 3)
	way := func(own made) string {
		r := judge(sending(forOthers), live.Input{Set: set(&ca, &own)})
		for _, f := range r.Findings {
			if f.Severity == verify.Failure && f.File == r.Target {
				return f.WayOut
			}
		}
		return ""
	}
	assert.True(t, strings.HasSuffix(way(forOthers), ", and then restart Milvus"), way(forOthers))
	assert.True(t, strings.HasPrefix(way(server), "restart Milvus with the server.pem of certs"), way(server))
}
