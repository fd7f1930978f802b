package issuance

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// TestGeneratedSets compares whole confs with what gen.sh's three commands make of them.
func TestGeneratedSets(t *testing.T) {
	needOpenSSL(t)
	compareGenerated(t, 300, (*generator).wholeConf, func(t *testing.T) judge {
		c := commands{t: t, dir: generatedDir(t), keys: wildKeys{generatedKey(t), generatedKey(t)}}
		c.writeKey("ca.key", c.keys.ca)
		c.writeKey("server.key", c.keys.server)
		return c.differs
	})
}

// commands runs openssl in a folder.
type commands struct {
	t    *testing.T
	dir  string
	keys wildKeys
}

func (c commands) write(name, text string) {
	require.NoError(c.t, os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600))
}

func (c commands) writeKey(name string, key crypto.Signer) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(c.t, err)
	c.write(name, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// made is what a command wrote, or why it refused.
type made struct {
	der     []byte
	refusal string
}

func (c commands) run(args ...string) made {
	run := exec.Command("openssl", args...)
	run.Dir, run.Env = c.dir, cleanEnvironment()
	var stderr strings.Builder
	run.Stderr = &stderr
	out, err := run.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		require.True(c.t, exit.Exited(), "openssl %s: %v", strings.Join(args, " "), err)
		return made{refusal: stderr.String()}
	}
	require.NoError(c.t, err)
	block, _ := pem.Decode(out)
	require.NotNil(c.t, block, "%s", out)
	return made{der: block.Bytes}
}

// request are the arguments of a request whose subject has these attributes.
func request(subject string, more ...string) []string {
	return append([]string{"req", "-new", "-nodes", "-subj", subject}, more...)
}

const leafSubject = "/C=CN/O=milvus/OU=milvus/CN=localhost"

// sections are the names of the sections that the commands are told to use, empty where they are told none.
type namedSections struct{ ca, request, leaf string }

func sectionsOf(conf *opensslconf.Conf) namedSections {
	var s namedSections
	if conf.Has("v3_ca") {
		s.ca = "v3_ca"
	}
	if conf.Has("v3_req") {
		s.request, s.leaf = "v3_req", "v3_req"
	} else if v, ok := conf.Lookup("req", "req_extensions"); ok {
		s.leaf = v.Text
	}
	return s
}

func option(name, value string) []string {
	if value == "" {
		return nil
	}
	return []string{name, value}
}

// noIssuer is OpenSSL's word on authorityKeyIdentifier and issuer:copy in a request. This program leaves them out of it.
var noIssuer = regexp.MustCompile(`no issuer (certificate|details)`)

// unreadableNames is OpenSSL's word on issuer:copy where the CA's subjectAltName is DER: or ASN1: and no list of names. This
// program copies what is in a SEQUENCE, unread.
const unreadableNames = "issuer decode error"

// issue runs the three commands as the head of shared/conf/README.md has them. A request that names an issuer is made
// anew without extensions, so that the leaf can be judged.
func (c commands) issue(s namedSections) (ca, csr, leaf made) {
	ca = c.run(append(request("/C=CN/ST=Shanghai/L=Shanghai/O=milvus/OU=milvus/CN=localhost", "-x509", "-key", "ca.key", "-days", "3650", "-config", "generated.cnf"), option("-extensions", s.ca)...)...)
	csr = c.run(append(request(leafSubject, "-key", "server.key", "-config", "generated.cnf"), option("-reqexts", s.request)...)...)
	plain := csr
	if noIssuer.MatchString(csr.refusal) {
		plain = c.run(request(leafSubject, "-key", "server.key", "-config", "plain.cnf", "-reqexts", "none")...)
	}
	if ca.der == nil || plain.der == nil {
		return ca, csr, made{refusal: "not tried"}
	}
	c.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.der})))
	c.write("server.csr", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: plain.der})))
	leaf = c.run("x509", "-req", "-days", "3650", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "generated.cnf", "-extensions", s.leaf)
	return ca, csr, leaf
}

func (c commands) differs(text string) string {
	c.write("generated.cnf", text)
	c.write("plain.cnf", text+"\n\n[none]\n")
	conf, err := opensslconf.Parse("generated.cnf", strings.NewReader(text), system(c.dir))
	if err != nil {
		theirs := c.run(request(leafSubject, "-key", "server.key", "-config", "generated.cnf")...)
		return difference(theirs.der != nil, err, "", "")
	}
	s := sectionsOf(conf)
	if s.leaf == "" {
		return "" // OpenSSL then takes the default section for extensions, which nobody means
	}
	ca, csr, leaf := c.issue(s)
	theirs, accepted := c.describe(ca, csr, leaf)
	if strings.Contains(theirs, unreadableNames) {
		return ""
	}
	ours, err := c.ours(conf, csr.der == nil)
	return difference(accepted, err, theirs, ours)
}

// describe writes all that is compared of the three; without the request where OpenSSL cannot make it.
func (c commands) describe(ca, csr, leaf made) (text string, ok bool) {
	if ca.der == nil || leaf.der == nil || csr.der == nil && !noIssuer.MatchString(csr.refusal) {
		return ca.refusal + csr.refusal + leaf.refusal, false
	}
	text = certificateText(c.t, ca.der) + certificateText(c.t, leaf.der)
	if csr.der != nil {
		text += requestText(c.t, csr.der)
	}
	return text, true
}

// ours does in this program what issue does with openssl.
func (c commands) ours(conf *opensslconf.Conf, withoutRequest bool) (string, error) {
	p, err := profile.New(conf, profile.Asked{Exact: true, Now: time.Now()})
	if err != nil {
		return "", err
	}
	ca, leaf, err := c.keys.issue(p)
	if err != nil {
		return "", err
	}
	text := certificateText(c.t, ca.Certificate.Raw) + certificateText(c.t, leaf.Certificate.Raw)
	if !withoutRequest {
		text += requestText(c.t, leaf.Request.Raw)
	}
	return text, nil
}

func certificateText(t *testing.T, der []byte) string {
	cert, err := certset.ParseCertificate(der)
	require.NoError(t, err)
	return described(t, "certificate", der, cert.RawSubject, cert.Extensions)
}

func requestText(t *testing.T, der []byte) string {
	csr, err := certset.ParseRequest(der)
	require.NoError(t, err)
	if csr.X509Err != nil {
		return fmt.Sprintf("request %x\n", csr.RawSubject) // Go cannot read some of what OpenSSL writes
	}
	return described(t, "request", der, csr.RawSubject, csr.X509.Extensions)
}

func described(t *testing.T, what string, der, subject []byte, exts []pkix.Extension) string {
	return fmt.Sprintf("%s %s %x\n  %s\n", what, signatureOID(t, der), subject, strings.Join(describeExtensions(exts), "\n  "))
}
