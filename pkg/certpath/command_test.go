package certpath

import (
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// TestCommandAgrees holds the model's first refusal to what `openssl verify` prints: the command takes its own way to
// X509_verify_cert, by files and options.
func TestCommandAgrees(t *testing.T) {
	openssl := needOpenSSL(t)
	count := eachGenerated(t, 150, func(t *testing.T) func(generated) string {
		dir := t.TempDir()
		return func(g generated) string {
			g.partialWildcards, g.settings.NeverCommonName = true, false // the command has no options for them
			g.settings.Host = OpenSSLHost(true, true)
			cmd := exec.Command(openssl, g.arguments(t, dir)...)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			wanted := "OK"
			if refusals := g.settings.Refusals(g.Path); len(refusals) > 0 {
				wanted = fmt.Sprintf("%d %s", numberOf(refusals[0].Text), refusals[0].Text)
			}
			found := "OK"
			if err != nil {
				found = string(out)
				if m := errorLine.FindStringSubmatch(found); m != nil {
					found = m[1] + " " + m[2]
				}
			}
			if found == wanted || strings.Contains(found, "unable to load certificate") {
				return ""
			}
			return fmt.Sprintf("openssl: %s\nmodel: %s", found, wanted)
		}
	})
	t.Logf("%d paths", count)
}

var errorLine = regexp.MustCompile(`(?m)^error (\d+) at \d+ depth lookup: (.*)$`)

func needOpenSSL(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		unmet(t, "openssl cannot be run: %v", err)
	}
	if version, err := exec.Command(path, "version").Output(); err != nil || !strings.HasPrefix(string(version), wantedVersion) {
		unmet(t, "wanted %s, found %s", wantedVersion, version)
	}
	return path
}

// arguments writes the certificates to files, and returns the command's arguments.
func (g generated) arguments(t *testing.T, dir string) []string {
	args := []string{
		"verify", "-purpose", map[Purpose]string{Server: "sslserver", Client: "sslclient"}[g.Purpose],
		"-attime", fmt.Sprint(g.At.Unix()), "-auth_level", fmt.Sprint(g.settings.SecurityLevel), "-no-CApath", "-no-CAstore",
	}
	if g.settings.Strict {
		args = append(args, "-x509_strict")
	}
	if g.settings.PartialChain {
		args = append(args, "-partial_chain")
	}
	q := g.question()
	if q.Host != "" {
		args = append(args, "-verify_hostname", q.Host)
	}
	if q.Address != "" {
		args = append(args, "-verify_ip", q.Address)
	}
	for _, f := range []struct {
		option, name string
		certs        []*certset.Certificate
	}{{"-CAfile", "trusted.pem", g.Trusted}, {"-untrusted", "sent.pem", g.Sent[1:]}, {"", "leaf.pem", g.Sent[:1]}} {
		var text []byte
		for _, c := range f.certs {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, f.name), text, 0o600))
		switch {
		case f.option == "":
			args = append(args, f.name)
		case len(f.certs) > 0:
			args = append(args, f.option, f.name)
		case f.option == "-CAfile":
			args = append(args, "-no-CAfile")
		}
	}
	return args
}
