package cli

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
)

// setNames are the names of a set's own files without their endings.
var setNames = []string{"ca", string(profile.ServerRole), string(profile.ClientRole)}

// leafEndings are those of the files of leaves.
var leafEndings = []string{certset.KeyEnding, certset.RequestEnding, certset.CertificateEnding}

// maxFileName bounds the name of a leaf in bytes, so that there is room for endings on every file system.
const maxFileName = 200

// fileName is how the files of a leaf are called: as the leaf, but for what some file system or shell cannot bear. A wildcard is
// written as mkcert does.
func fileName(name string) (string, error) {
	file := name
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		file = "_wildcard." + rest
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		file = strings.ReplaceAll(addr.WithZone("").String(), ":", "_")
	}
	odd := func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(`/\:*?"<>|`, r) }
	switch {
	case file == "":
		return "", fmt.Errorf("wanted a name, found nothing")
	case len(file) > maxFileName:
		return "", fmt.Errorf("wanted %d bytes at most, for files are called by it, found %d", maxFileName, len(file))
	case !utf8.ValidString(file) || strings.ContainsAny(file[:1], ".-") || strings.IndexFunc(file, odd) >= 0 || strings.HasSuffix(file, ".") || file != strings.TrimSpace(file):
		return "", fmt.Errorf("wanted a name that files can have, found %q", name)
	case slices.Contains(setNames, strings.ToLower(file)):
		return "", fmt.Errorf("%s.pem is the set's own; milvus-certs renew makes it anew", strings.ToLower(file))
	}
	for _, ending := range leafEndings {
		if strings.HasSuffix(strings.ToLower(file), ending) {
			return "", fmt.Errorf("wanted a name without the ending of a file, found %q", name)
		}
	}
	return file, nil
}
