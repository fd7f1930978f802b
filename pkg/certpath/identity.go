package certpath

import (
	"net/netip"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Identity is who a certificate says that its owner is: subjectAltName and the CommonNames of its subject.
type Identity struct {
	DNS         []string
	Addresses   []netip.Addr
	Emails      []string
	URIs        []string
	Others      int      // names of other kinds
	CommonNames []string // in the order of the subject
}

// IdentityOf reads the identity of a certificate, of one that crypto/x509 refuses too.
func IdentityOf(c *certset.Certificate) Identity {
	id := Identity{CommonNames: commonNames(c.RawSubject)}
	for _, n := range newCertificate(c).names {
		switch n.tag {
		case dnsTag:
			id.DNS = append(id.DNS, string(n.bytes))
		case emailTag:
			id.Emails = append(id.Emails, string(n.bytes))
		case uriTag:
			id.URIs = append(id.URIs, string(n.bytes))
		case ipTag:
			if address, ok := netip.AddrFromSlice(n.bytes); ok {
				id.Addresses = append(id.Addresses, address)
			}
		default:
			id.Others++
		}
	}
	return id
}
