package measure

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
)

// milvusPort is where Milvus listens; users see it where the stub has another.
const milvusPort = ":19530"

// passing is what no two runs have in common: how long the Node SDK tried, when, and the threads of libssl.
var passing = regexp.MustCompile(`, \d+ms\b|\s*\(\d{4}-\d\d-\d\dT[\d:.]+Z\)|\b[0-9A-F]{16}:(error:)`)

// lasting leaves out of an outcome what the next run would show differently.
func lasting(o peer.Outcome, port int) peer.Outcome {
	for _, text := range []*string{&o.Shown, &o.Cause} {
		*text = strings.ReplaceAll(*text, ":"+strconv.Itoa(port), milvusPort)
		*text = passing.ReplaceAllString(*text, "$1")
	}
	return o
}
