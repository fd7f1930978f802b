package x509v3

import (
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// tlsFeatures are the TLS extensions that tlsfeature knows by name.
var tlsFeatures = map[string]int64{"status_request": 5, "status_request_v2": 17}

// parseTLSFeature reads tlsfeature (RFC 7633): numbers of TLS extensions, or names.
func parseTLSFeature(p *parser, at opensslconf.Value, text string) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, i := range items {
		feature := i.valueOrName()
		n, ok := tlsFeatures[strings.ToLower(feature)]
		if !ok {
			if n, err = strconv.ParseInt(strings.TrimLeft(feature, spaces), 10, 32); err != nil || n < 0 || n > 65535 {
				return nil, i.at.Errorf("wanted status_request, status_request_v2 or a number up to 65535, found %q", excerpt(feature))
			}
		}
		numbers = append(numbers, n)
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, n := range numbers {
			b.AddASN1Int64(n)
		}
	})
	der, err := b.Bytes()
	return Raw(der), err
}

// parseNull reads noCheck (RFC 6960, 4.2.2.2.1) and ct_precert_poison (RFC 6962, 3.1), which are NULL whatever stands there.
func parseNull(*parser, opensslconf.Value, string) (Value, error) {
	return Raw{byte(asn1.NULL), 0}, nil
}
