// Command bench compares run times, as ratios of medians: init with gen.sh's commands, the start of the program with that of
// an empty one, and issue with the least that issuing costs and with openssl. The two of a pair run in turn, so that whatever
// else the machine does meets both.
//
// It is run from the project's root, and needs go and openssl.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// genSh is what gen.sh runs, with the docs' conf as openssl.cnf beside it and the docs' values.
var genSh = []string{
	"genrsa -out ca.key 2048",
	"req -new -x509 -key ca.key -out ca.pem -days 3650 -subj /C=CN/ST=Shanghai/L=Shanghai/O=milvus/OU=milvus/CN=localhost",
	"genpkey -algorithm RSA -out server.key",
	"req -new -nodes -key server.key -out server.csr -days 3650 -subj /C=CN/O=milvus/OU=milvus/CN=localhost -config ./openssl.cnf -extensions v3_req",
	"x509 -req -days 3650 -in server.csr -out server.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ./openssl.cnf -extensions v3_req",
	"genpkey -algorithm RSA -out client.key",
	"req -new -nodes -key client.key -out client.csr -days 3650 -subj /C=CN/O=milvus/OU=milvus/CN=localhost -config ./openssl.cnf -extensions v3_req",
	"x509 -req -days 3650 -in client.csr -out client.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ./openssl.cnf -extensions v3_req",
}

const conf = "testdata/conf/docs-like.cnf"

// What is to be reached.
const (
	initGoal  = 0.22
	startGoal = 2.7
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	inits := flag.Int("inits", 25, "how often to make a set each way")
	starts := flag.Int("starts", 100, "how often to start each program")
	issues := flag.Int("issues", 5, "how often to issue many clients each way")
	clients := flag.Int("clients", 10000, "how many clients with EC keys")
	rsaClients := flag.Int("rsa-clients", 1000, "how many clients with RSA keys")
	loops := flag.Int("openssl-clients", 200, "for how many clients to run openssl's commands")
	flag.Parse()

	dir, err := os.MkdirTemp("", "milvus-certs-bench-")
	check(err)
	defer os.RemoveAll(dir) //nolint:errcheck // a folder for temporary files
	program, empty, bare := build(dir)

	fmt.Printf("%s, %d times each\n", opensslVersion(), *inits)
	report("gen.sh", "milvus-certs init", initGoal, inTurn(*inits,
		func() time.Duration { return timeGenSh(newDir(dir)) },
		func() time.Duration { return timeRun(newDir(dir), program, "init", "-q") }))

	fmt.Printf("\nstart-up, %d times each\n", *starts)
	report("an empty Go program", "milvus-certs --version", startGoal, inTurn(*starts,
		func() time.Duration { return timeRun(dir, empty) },
		func() time.Duration { return timeRun(dir, program, "--version") }))

	if *issues > 0 {
		issuing(program, bare, dir, *issues, *clients, *rsaClients, *loops)
	}
}

// build makes the program as the Makefile does, and an empty one and bare the same way.
func build(dir string) (program, empty, bare string) {
	program, empty, bare = filepath.Join(dir, "milvus-certs"), filepath.Join(dir, "empty"), filepath.Join(dir, "bare")
	source := filepath.Join(dir, "empty.go")
	check(os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600))
	for output, input := range map[string]string{program: "./cmd/milvus-certs", empty: source, bare: "./testdata/bench/bare"} {
		timeRun(".", "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", output, input)
	}
	return program, empty, bare
}

// newDir makes a folder with the conf in it.
func newDir(parent string) string {
	dir, err := os.MkdirTemp(parent, "set-")
	check(err)
	text, err := os.ReadFile(conf)
	check(err)
	check(os.WriteFile(filepath.Join(dir, "openssl.cnf"), text, 0o600))
	return dir
}

func timeGenSh(dir string) (took time.Duration) {
	for _, line := range genSh {
		took += timeRun(dir, "openssl", strings.Fields(line)...)
	}
	return took
}

func timeRun(dir, name string, args ...string) time.Duration {
	return timeCommand(exec.Command(name, args...), dir) //nolint:gosec // the commands are those above
}

func timeCommand(c *exec.Cmd, dir string) time.Duration {
	c.Dir = dir
	start := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		log.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, out)
	}
	return time.Since(start)
}

// inTurn runs both so many times, one after the other, and returns the medians. A first round is not counted.
func inTurn(times int, first, second func() time.Duration) [2]time.Duration {
	var took [2][]time.Duration
	for range times + 1 {
		took[0], took[1] = append(took[0], first()), append(took[1], second())
	}
	return [2]time.Duration{median(took[0][1:]), median(took[1][1:])}
}

func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	middle := len(took) / 2
	if len(took)%2 == 1 {
		return took[middle]
	}
	return (took[middle-1] + took[middle]) / 2
}

func report(first, second string, goal float64, medians [2]time.Duration) {
	ratio := float64(medians[1]) / float64(medians[0])
	verdict := "reached"
	if ratio > goal {
		verdict = "missed"
	}
	const unit = 10 * time.Microsecond
	fmt.Printf("  %-24s median %v\n  %-24s median %v\n", first, medians[0].Round(unit), second, medians[1].Round(unit))
	fmt.Printf("  ratio %.3f, to reach: %.2f at most: %s\n", ratio, goal, verdict)
}

func opensslVersion() string {
	out, err := exec.Command("openssl", "version").Output()
	check(err)
	return strings.TrimSpace(string(out))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
