package expiry

import (
	"crypto/x509"
	"encoding/asn1"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Role is what a certificate is for.
type Role string

// The roles. Both is that of a leaf for servers and clients, Unknown of one that does not say.
const (
	RoleCA      Role = "ca"
	RoleServer  Role = "server"
	RoleClient  Role = "client"
	RoleBoth    Role = "server+client"
	RoleUnknown Role = ""
)

// The purposes of RFC 5280, 4.2.1.12.
var (
	serverAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	clientAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
	anyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
)

// commonName returns the OID of that attribute.
func commonName() x509.OID {
	oid, _ := x509.OIDFromInts([]uint64{2, 5, 4, 3}) // it is one
	return oid
}

// namedRoles are the roles of the first certificates in files of these names, where they state no usage.
var namedRoles = map[string]Role{"ca": RoleCA, "server": RoleServer, "client": RoleClient}

// roleOf reads what a certificate is for from its extensions, and where they leave it open from the name of its file.
func roleOf(file string, place int, uses certset.Uses) Role {
	if uses.CA != nil && *uses.CA {
		return RoleCA
	}
	var server, client bool
	for _, use := range uses.ExtKeyUsage {
		server = server || use.Equal(serverAuth) || use.Equal(anyUsage)
		client = client || use.Equal(clientAuth) || use.Equal(anyUsage)
	}
	switch {
	case server && client:
		return RoleBoth
	case server:
		return RoleServer
	case client:
		return RoleClient
	case len(uses.ExtKeyUsage) > 0 || place > 0:
		return RoleUnknown
	}
	name, _, _ := strings.Cut(file, ".")
	return namedRoles[name]
}
