package certpath

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// wantedVersion is the OpenSSL that the model is of.
const wantedVersion = "OpenSSL 3.0."

// unmet skips a test for want of something outside this project; where REQUIRE_PEERS=1 it fails instead.
func unmet(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("REQUIRE_PEERS") == "1" {
		t.Fatalf(format+" (REQUIRE_PEERS=1)", args...)
	}
	t.Skipf(format, args...)
}

// libcrypto is a process that asks OpenSSL's library.
type libcrypto struct {
	in      io.Writer
	answers *bufio.Reader
}

// needLibcrypto starts the process.
func needLibcrypto(t *testing.T) *libcrypto {
	t.Helper()
	peer := exec.Command("python3", "-I", "testdata/verify.py")
	peer.Stderr = os.Stderr
	in, err := peer.StdinPipe()
	require.NoError(t, err)
	out, err := peer.StdoutPipe()
	require.NoError(t, err)
	if err := peer.Start(); err != nil {
		unmet(t, "python3 cannot be run: %v", err)
	}
	t.Cleanup(func() { in.Close(); _ = peer.Wait() })
	l := &libcrypto{in, bufio.NewReader(out)}
	var version string
	if line, err := l.answers.ReadBytes('\n'); err != nil || json.Unmarshal(line, &version) != nil {
		unmet(t, "python3 cannot load OpenSSL's library")
	}
	if !strings.HasPrefix(version, wantedVersion) {
		unmet(t, "wanted the library of %s, found %s", wantedVersion, version)
	}
	return l
}

// question is what the process reads.
type question struct {
	Certificates            [][]byte
	Sent, Trusted           []int
	Client, Names           bool
	Flags, HostFlags, Level int
	Host, Address           string
	At                      int64
	certificates            []*certset.Certificate
}

// answer is what the process writes.
type answer struct {
	Unreadable []int
	Refusals   []struct {
		Number      verifyError
		Text        string
		Certificate int // its place in the question, or -1
	}
	Matches bool
}

// The flags of openssl/x509_vfy.h and openssl/x509v3.h.
const (
	x509Strict         = 0x20
	partialChain       = 0x80000
	noPartialWildcards = 0x4
	neverCheckSubject  = 0x20
)

// ask has the library validate a path.
func (g generated) question() question {
	q := question{Client: g.Purpose == Client, Level: g.settings.SecurityLevel, At: g.At.Unix()}
	for _, c := range g.Sent {
		q.Sent = append(q.Sent, q.place(c))
	}
	for _, c := range g.Trusted {
		q.Trusted = append(q.Trusted, q.place(c))
	}
	for flag, on := range map[int]bool{x509Strict: g.settings.Strict, partialChain: g.settings.PartialChain} {
		if on {
			q.Flags |= flag
		}
	}
	q.setHost(g.Host, !g.settings.NeverCommonName, g.partialWildcards)
	return q
}

func (q *question) setHost(host string, commonName, partialWildcards bool) {
	for flag, on := range map[int]bool{neverCheckSubject: !commonName, noPartialWildcards: !partialWildcards} {
		if on {
			q.HostFlags |= flag
		}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		q.Address = host
	} else {
		q.Host = host
	}
}

// place returns where a certificate is in the question, and puts it there.
func (q *question) place(c *certset.Certificate) int {
	for i := range q.Certificates {
		if bytes.Equal(q.Certificates[i], c.Raw) {
			return i
		}
	}
	q.Certificates, q.certificates = append(q.Certificates, c.Raw), append(q.certificates, c)
	return len(q.Certificates) - 1
}

func (l *libcrypto) ask(t *testing.T, q question) answer {
	line, err := json.Marshal(q)
	require.NoError(t, err)
	_, err = l.in.Write(append(line, '\n'))
	require.NoError(t, err)
	reply, err := l.answers.ReadBytes('\n')
	require.NoError(t, err, "the library has died")
	var a answer
	require.NoError(t, json.Unmarshal(reply, &a))
	return a
}
