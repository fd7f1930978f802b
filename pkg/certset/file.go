package certset

import "io/fs"

// File is one file of a set: its base name, its permission bits and its bytes.
type File struct {
	Name string
	Mode fs.FileMode
	Data []byte
}

// The names of the nine files, as gen.sh of the Milvus documentation chose them.
const (
	CAKey             = "ca.key"
	CACertificate     = "ca.pem"
	CASerial          = "ca.srl"
	ServerKey         = "server.key"
	ServerRequest     = "server.csr"
	ServerCertificate = "server.pem"
	ClientKey         = "client.key"
	ClientRequest     = "client.csr"
	ClientCertificate = "client.pem"
)

// Names returns the names of the nine files of a set, in the order in which gen.sh makes them.
func Names() []string {
	return []string{
		CAKey, CACertificate, CASerial,
		ServerKey, ServerRequest, ServerCertificate,
		ClientKey, ClientRequest, ClientCertificate,
	}
}
