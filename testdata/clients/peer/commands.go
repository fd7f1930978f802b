package peer

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// path is what clients of the REST listener ask for.
const path = "/v2/vectordb/collections/list"

// patience is far more than a connection takes on a busy machine.
const patience = 60 * time.Second

func curl() Client {
	return Client{"curl", REST, printed("curl", "--version"), each(atOnce, runCurl)}
}

// hangUps are how often curl tries again where the server hung up: Milvus does so at the sight of a client certificate that
// it refuses, and curl may be about to send its request then, and does not get to read the alert.
const hangUps = 50

func runCurl(ctx context.Context, j Job) (outcome Outcome, err error) {
	var before []string
	for range hangUps {
		outcome, err = connectCurl(ctx, j)
		if !strings.HasPrefix(outcome.Shown, "curl: (55)") {
			break
		}
		before = []string{outcome.Shown}
	}
	outcome.Also = before
	return outcome, err
}

func connectCurl(ctx context.Context, j Job) (Outcome, error) {
	port := strconv.Itoa(j.Port)
	args := []string{
		"--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--max-time", strconv.Itoa(int(patience.Seconds())),
		// Where the certificate is to be for another name, curl is given that name, and shown the way.
		"--connect-to", net.JoinHostPort(j.name(), port) + ":" + net.JoinHostPort(j.Host, port),
	}
	if j.Root != "" {
		args = append(args, "--cacert", j.Root)
	}
	if j.Cert != "" {
		args = append(args, "--cert", j.Cert, "--key", j.Key)
	}
	if j.TLS12 {
		args = append(args, "--tls-max", "1.2")
	}
	if j.HTTP1 {
		args = append(args, "--http1.1")
	}
	scheme := "https"
	if j.Plaintext {
		scheme = "http"
	}
	address := scheme + "://" + net.JoinHostPort(j.name(), port) + path
	cmd := exec.CommandContext(ctx, "curl", append(args, address)...) //nolint:gosec // the programs and the files are those of a test
	out, failed, err := run(cmd)
	if err != nil || failed == "" && strings.Contains(out, `"code":0`) {
		return Outcome{OK: err == nil}, err
	}
	return Outcome{Shown: curlError(failed), Cause: strings.TrimSpace(out)}, nil
}

// curlError picks the error between what may come before it, the question for a pass phrase, and the paragraph on where to
// read more after it.
func curlError(printed string) string {
	_, failed, found := strings.Cut(printed, "curl: ")
	if !found {
		return printed
	}
	failed, _, _ = strings.Cut(failed, "\n")
	return "curl: " + failed
}

// openSSL is libssl with the strict checks and nothing else: no leaf is a root for it.
func openSSL() Client {
	return Client{"openssl s_client", REST, printed("openssl", "version"), each(atOnce, runOpenSSL)}
}

func runOpenSSL(ctx context.Context, j Job) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := []string{
		"s_client", "-quiet", "-connect", net.JoinHostPort(j.Host, strconv.Itoa(j.Port)),
		"-x509_strict", "-verify_return_error",
	}
	if j.Root != "" {
		args = append(args, "-CAfile", j.Root, "-no-CApath", "-no-CAstore")
	}
	if j.TLS12 {
		args = append(args, "-tls1_2")
	}
	if net.ParseIP(j.name()) != nil {
		args = append(args, "-verify_ip", j.name())
	} else {
		args = append(args, "-verify_hostname", j.name(), "-servername", j.name())
	}
	if j.Cert != "" {
		// What lies behind the first certificate in the file is only sent where it is asked for.
		args = append(args, "-cert", j.Cert, "-cert_chain", j.Cert, "-key", j.Key)
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

// noTerminal keeps clients from asking for the pass phrase of a key.
var noTerminal = &syscall.SysProcAttr{Setsid: true}

// run returns what a command printed, and on failure what it said. The error is that it could not be run.
func run(cmd *exec.Cmd) (out, failed string, err error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &stdout, &stderr, noTerminal
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
	// Files that it cannot read come first, and then how it tried.
	first, _, _ := strings.Cut(printed, "\n")
	return strings.TrimSpace(first)
}
