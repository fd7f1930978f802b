package measure

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
)

// milvusPort is where Milvus listens; users see it where the stub has another.
const milvusPort = ":19530"

// passing is what no two runs have in common: how long the Node SDK tried, when, the threads of libssl, and Go's clock.
var passing = regexp.MustCompile(`, \d+ms\b|\s*\(\d{4}-\d\d-\d\dT[\d:.]+Z\)|\b[0-9A-F]{16}:(error:)|(current time) \S+Z\b`)

// lasting leaves out of an outcome what the next run would show differently.
func lasting(o peer.Outcome, port int, dir string) peer.Outcome {
	texts := []*string{&o.Shown, &o.Cause}
	for i := range o.Also {
		texts = append(texts, &o.Also[i])
	}
	for _, text := range texts {
		*text = strings.ReplaceAll(*text, dir+string(filepath.Separator), "")
		*text = strings.ReplaceAll(*text, ":"+strconv.Itoa(port), milvusPort)
		*text = passing.ReplaceAllString(*text, "$1$2")
	}
	return o
}
