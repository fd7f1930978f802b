package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// path is what clients of the REST listener ask for.
const path = "/v2/vectordb/collections/list"

// patience is far more than a connection takes on a busy machine.
const patience = 60 * time.Second

func curl() Client {
	return Client{"curl", REST, printed("curl", "--version"), each(runCurl)}
}

func runCurl(ctx context.Context, j Job) (Outcome, error) {
	args := []string{
		"--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", strconv.Itoa(int(patience.Seconds())),
		"--cacert", j.Root,
		// Where the certificate is to be for another name, curl is given that name, and shown the way.
		"--connect-to", fmt.Sprintf("%s:%d:%s:%d", j.name(), j.Port, j.Host, j.Port),
	}
	if j.Cert != "" {
		args = append(args, "--cert", j.Cert, "--key", j.Key)
	}
	address := "https://" + net.JoinHostPort(j.name(), strconv.Itoa(j.Port)) + path
	cmd := exec.CommandContext(ctx, "curl", append(args, address)...) //nolint:gosec // the programs and the files are those of a test
	out, failed, err := run(cmd)
	if err != nil || failed == "" && strings.Contains(out, `"code":0`) {
		return Outcome{OK: err == nil}, err
	}
	// What follows is a paragraph on where to read more.
	failed, _, _ = strings.Cut(failed, "\n")
	return Outcome{Shown: failed}, nil
}

// openSSL is libssl with the strict checks and nothing else: no leaf is a root for it.
func openSSL() Client {
	return Client{"openssl s_client", REST, printed("openssl", "version"), each(runOpenSSL)}
}

func runOpenSSL(ctx context.Context, j Job) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := []string{
		"s_client", "-quiet", "-connect", net.JoinHostPort(j.Host, strconv.Itoa(j.Port)),
		"-x509_strict", "-verify_return_error", "-CAfile", j.Root, "-no-CApath", "-no-CAstore",
	}
	if net.ParseIP(j.name()) != nil {
		args = append(args, "-verify_ip", j.name())
	} else {
		args = append(args, "-verify_hostname", j.name(), "-servername", j.name())
	}
	if j.Cert != "" {
		args = append(args, "-cert", j.Cert, "-key", j.Key)
	}
	cmd := exec.CommandContext(ctx, "openssl", args...) //nolint:gosec // the programs and the files are those of a test
	// An answer has to be read: in TLS 1.3 a refused client certificate only shows there.
	cmd.Stdin = strings.NewReader("GET " + path + " HTTP/1.0\r\n\r\n")
	out, failed, err := run(cmd)
	if err != nil || strings.HasPrefix(out, "HTTP/1.0 200 ") {
		return Outcome{OK: err == nil}, err
	}
	return Outcome{Shown: verifyError(failed)}, nil
}

// run returns what a command printed, and on failure what it said. The error is that it could not be run.
func run(cmd *exec.Cmd) (out, failed string, err error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return stdout.String(), strings.TrimSpace(stderr.String()), nil
	}
	return stdout.String(), "", err
}

// verifyError picks the line that says why out of what s_client prints about a chain.
func verifyError(printed string) string {
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "verify error:") || strings.Contains(line, "alert") {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(printed)
}
