package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// genSh is one run of gen.sh with a conf: the three commands at the head of shared/conf/README.md, the last two once for
// the server and once for the client.
type genSh struct {
	conf               string
	ca, server, client string // sections, as those commands choose them
	caSubject, subject string
	days               string   // of all three
	flags              []string // what asks init for the same
	nothingStated      bool     // in the leaves' section: then OpenSSL writes version 1, which init never does
	requests           string   // the section for openssl's requests, where it refuses that of the leaves
}

const (
	usualCASubject = "/C=CN/ST=Shanghai/L=Shanghai/O=milvus/OU=milvus/CN=localhost"
	usualSubject   = "/C=CN/O=milvus/OU=milvus/CN=localhost"
)

// newGenSh chooses the sections of a conf, which lies in dir.
func newGenSh(t *testing.T, dir, conf string) genSh {
	t.Helper()
	g := genSh{conf: conf, caSubject: usualCASubject, subject: usualSubject, days: "3650"}
	file, err := os.Open(filepath.Join(dir, conf))
	require.NoError(t, err)
	defer file.Close()
	c, err := opensslconf.Parse(conf, file, opensslconf.System{
		Open:      os.DirFS(dir).Open,
		LookupEnv: func(string) (string, bool) { return "", true },
	})
	require.NoError(t, err)
	g.ca = section(c, "v3_ca", "x509_extensions")
	g.server = section(c, "v3_req", "req_extensions")
	require.NotEmpty(t, g.server, "without any section OpenSSL takes the default one, and we do not follow")
	g.client = g.server
	stated, _ := c.Section(g.server)
	g.nothingStated = len(stated) == 0
	return g
}

// section returns the usual section of a conf, else the one that a key of [req] names.
func section(c *opensslconf.Conf, usual, key string) string {
	if c.Has(usual) {
		return usual
	}
	named, _ := c.Lookup("req", key)
	return named.Text
}

// commands are the openssl commands, in turn.
func (g genSh) commands() [][]string {
	ca := []string{"req", "-new", "-x509", "-key", "ca.key", "-out", "ca.pem", "-days", g.days, "-subj", g.caSubject, "-config", g.conf}
	if g.ca != "" {
		ca = append(ca, "-extensions", g.ca)
	}
	commands := [][]string{ca}
	for _, leaf := range []struct{ role, section string }{{"server", g.server}, {"client", g.client}} {
		requests := cmp.Or(g.requests, leaf.section)
		key, csr, cert := leaf.role+".key", leaf.role+".csr", leaf.role+".pem"
		commands = append(commands,
			[]string{"req", "-new", "-nodes", "-key", key, "-out", csr, "-subj", g.subject, "-config", g.conf, "-reqexts", requests},
			[]string{"x509", "-req", "-days", g.days, "-in", csr, "-out", cert, "-CA", "ca.pem", "-CAkey", "ca.key",
				"-CAcreateserial", "-extfile", g.conf, "-extensions", leaf.section})
	}
	return commands
}

// keys are the three keys of a set, as gen.sh's commands make them, or of a kind that is made quickly.
type keys struct {
	dir   string
	flags []string // what asks init for keys of the same kind
}

func rsaKeys(t *testing.T) keys {
	t.Helper()
	dir := t.TempDir()
	openssl(t, dir, "genrsa", "-out", "ca.key", "2048")
	for _, name := range []string{"server.key", "client.key"} {
		openssl(t, dir, "genpkey", "-algorithm", "RSA", "-out", name)
	}
	return keys{dir, nil}
}

func ecKeys(t *testing.T) keys {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"ca.key", "server.key", "client.key"} {
		openssl(t, dir, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name)
	}
	return keys{dir, []string{"--key-type", "ec-p256"}}
}

// run runs gen.sh's commands in a copy of a folder with confs, and returns the copy, and what openssl refuses, if so.
func (g genSh) run(t *testing.T, k keys, folder string) (dir, refusal string) {
	t.Helper()
	dir = copyFolder(t, folder)
	for _, name := range []string{"ca.key", "server.key", "client.key"} {
		data, err := os.ReadFile(filepath.Join(k.dir, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	for _, args := range g.commands() {
		if got := runIn(t, dir, "openssl", args...); got.status != 0 {
			return dir, strings.Join(args, " ") + ": " + got.stderr
		}
	}
	return dir, ""
}

// init returns the command line that asks for the same.
func (g genSh) init(k keys) []string {
	return slices.Concat([]string{"init", "-q", "--exact", "--config", g.conf, "--days", g.days, "--ca-days", g.days}, k.flags, g.flags)
}

// compare runs init as well, and compares everything that gen.sh makes.
func (g genSh) compare(t *testing.T, k keys, folder, theirs string) {
	t.Helper()
	ours := copyFolder(t, folder)
	made := runIn(t, ours, program(t), g.init(k)...)
	require.Zero(t, made.status, made.stderr)
	g.compareSets(t, theirs, ours)
}

func (g genSh) compareSets(t *testing.T, theirs, ours string) {
	t.Helper()
	want, got := readSet(t, theirs), readSet(t, ours)
	for _, role := range []string{"ca", "server", "client"} {
		wanted := want.certificate(t, role)
		if g.nothingStated && role != "ca" {
			wanted.Version = 3
		}
		assert.Equal(t, wanted, got.certificate(t, role), role+".pem")
		if role != "ca" && g.requests == "" {
			assert.Equal(t, want.request(t, role), got.request(t, role), role+".csr")
		}
	}
	assert.Equal(t, succession(t, theirs), succession(t, ours))
	assert.Equal(t, forms(t, theirs), forms(t, ours))
}

// succession says how the serial numbers of a directory follow each other.
func succession(t *testing.T, dir string) (out []string) {
	t.Helper()
	s := requireWhole(t, dir)
	first := s.Server.Certificate.SerialNumber
	second, err := certset.NextSerial(first)
	require.NoError(t, err)
	if s.Client.Certificate.SerialNumber.Cmp(second) == 0 {
		out = append(out, "the client's is one more than the server's")
	}
	data, err := os.ReadFile(filepath.Join(dir, "ca.srl"))
	require.NoError(t, err)
	if string(certset.FormatSerial(second)) == string(data) {
		out = append(out, "ca.srl holds the last one")
	}
	return out
}

// forms describes the files of a set from outside: mode, PEM type, and how it is laid out.
func forms(t *testing.T, dir string) (out []string) {
	t.Helper()
	for _, name := range certset.Names() {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		lines := strings.SplitAfter(string(data), "\n")
		form := []string{name, info.Mode().String()}
		if name != certset.CASerial {
			form = append(form, lines[0], lines[len(lines)-2], lines[len(lines)-1])
			assert.Len(t, lines[1], len("\n")+64, name)
		}
		out = append(out, strings.Join(form, " "))
	}
	return out
}

// copyFolder copies the files of a folder, and of the folders in it, to a new one.
func copyFolder(t *testing.T, folder string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(folder)))
	return dir
}
