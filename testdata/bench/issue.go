package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// What is to be reached by issue: a part of the speed of bare, which checks nothing, a multiple of that of openssl, and memory.
const (
	bareGoal    = 0.85
	keysGoal    = 0.90
	opensslGoal = 20.0
	memoryGoal  = 128 << 20
)

// client is what a loop of openssl commands does for one client, with the CA in the folder.
var client = []string{
	"ecparam -name prime256v1 -genkey -noout -out NAME.key",
	"req -new -key NAME.key -out NAME.csr -subj /C=CN/O=milvus/OU=milvus/CN=NAME -config ./openssl.cnf -extensions v3_req",
	"x509 -req -days 3650 -in NAME.csr -out NAME.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ./openssl.cnf -extensions v3_req",
}

// issuing times issue beside bare and openssl. All of them issue from a CA with an EC key, in a folder of their own.
func issuing(program, bare string, parent string, rounds, clients, rsaClients, loops int) {
	issue := func(n int, key string, most *int64) time.Duration {
		dir := newCA(program, parent)
		names := filepath.Join(parent, "names")
		check(os.WriteFile(names, listed(n), 0o600))
		c := exec.Command(program, "issue", "client", "-q", "--names-from", names, "--key-type", key)
		took := timeCommand(c, dir)
		*most = max(*most, maxMemory(c))
		check(os.RemoveAll(dir))
		return took
	}
	var most int64
	fmt.Printf("\n%d clients with ec-p256, %d times each\n", clients, rounds)
	times := inTurn(rounds,
		func() time.Duration {
			dir := newCA(program, parent)
			defer os.RemoveAll(dir) //nolint:errcheck // a folder for temporary files
			return timeRun(dir, bare, "-n", fmt.Sprint(clients))
		},
		func() time.Duration { return issue(clients, "ec-p256", &most) })
	atLeast("without checks", "milvus-certs issue", bareGoal, times)
	verdict(fmt.Sprintf("memory %d MiB, to reach: under %d", most>>20, memoryGoal>>20), most < memoryGoal)
	perClient := times[1] / time.Duration(clients)

	fmt.Printf("\nopenssl's three commands for each of %d clients\n", loops)
	loop := timeOpenSSL(newCA(program, parent), loops) / time.Duration(loops)
	atLeast("openssl, one client", "milvus-certs, one client", opensslGoal, [2]time.Duration{loop, perClient})

	// How long a key takes is left to chance: of a thousand the mean still varies by two in a hundred.
	fmt.Printf("\n%d clients with rsa-2048, %d times each\n", rsaClients, rounds)
	atLeast("the keys alone, on all cores", "milvus-certs issue", keysGoal, inTurn(rounds,
		func() time.Duration {
			return timeRun(parent, bare, "-n", fmt.Sprint(rsaClients), "-key", "rsa-2048", "-keys-only")
		},
		func() time.Duration { return issue(rsaClients, "rsa-2048", new(int64)) }))
}

// newCA makes a folder with a set from whose CA clients are issued.
func newCA(program, parent string) string {
	dir := newDir(parent)
	timeRun(dir, program, "init", "-q", "--key-type", "ec-p256")
	return dir
}

func listed(n int) []byte {
	var names strings.Builder
	for i := range n {
		fmt.Fprintf(&names, "client-%05d\n", i+1)
	}
	return []byte(names.String())
}

func timeOpenSSL(dir string, n int) (took time.Duration) {
	for i := range n {
		for _, line := range client {
			took += timeRun(dir, "openssl", strings.Fields(strings.ReplaceAll(line, "NAME", fmt.Sprintf("client-%05d", i+1)))...)
		}
	}
	return took
}

// atLeast reports how many times as fast the second is.
func atLeast(first, second string, goal float64, took [2]time.Duration) {
	ratio := float64(took[0]) / float64(took[1])
	fmt.Printf("  %-28s %v\n  %-28s %v\n", first, took[0].Round(10*time.Microsecond), second, took[1].Round(10*time.Microsecond))
	verdict(fmt.Sprintf("speed %.2f, to reach: %.2f at least", ratio, goal), ratio >= goal)
}

func verdict(text string, reached bool) {
	word := "reached"
	if !reached {
		word = "missed"
	}
	fmt.Printf("  %s: %s\n", text, word)
}
