// Package clients says what the real TLS clients of Milvus, and Milvus itself, make of certificates: an Observation goes in,
// a verdict for each client and each way of using the certificates comes out, with the error that the user would see. The
// clients stand in one table, each with the source of its rules; testdata/clients holds the verdicts against the real ones.
package clients

import (
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Observation is what there is to judge: the files of a set, or what a running server was seen to send.
type Observation struct {
	Files       map[string][]byte // in PEM, by the names of package certset; those that are not there are missing
	Running     bool              // the server runs: whether it starts, and with which key, is not asked
	Answer      *Answer           // what it was seen to make of client.pem; nil: what ca.pem says of it
	Hosts       []string          // names and addresses that clients dial; empty: any will do
	Port        int               // of gRPC that they dial; 0: the usual one, 19530
	InternalSNI string            // internaltls.sni; empty: internal TLS is not asked about
	At          time.Time
}

// GRPCPort is where Milvus listens for gRPC unless proxy.port says otherwise.
const GRPCPort = 19530

// Answer is what a running server made of client.pem.
type Answer struct {
	Taken bool
	Alert int // by which it refused (RFC 8446, 6.2); 0: without one
}

// Way is how certificates are used: what the client trusts, and whether it shows a certificate of its own.
type Way string

// The three ways of the documentation, and the one between Milvus's own components.
const (
	RootServer Way = "root-server" // one-way, with server.pem as root
	RootCA     Way = "root-ca"     // one-way, with ca.pem as root
	TwoWay     Way = "two-way"
	Internal   Way = "internal"
)

// root is the file that the client trusts.
func (w Way) root() string {
	if w == RootServer {
		return certset.ServerCertificate
	}
	return certset.CACertificate
}

// Client is a client of Milvus, or Milvus itself.
type Client struct {
	ID, Name string
	Means    string // what the name stands for
	Source   string // of its rules
	dials    bool   // it wants the server's certificate to be for the host that it dials
	ways     []Way
	judge    func(attempt) *Reason
}

// attempt is one client's try in one way.
type attempt struct {
	Observation
	way    Way
	host   string
	server server
	key    keyFile // client.key
}

// Verdict is what one client makes of one way, dialling one host.
type Verdict struct {
	Client string // its ID
	Way    Way
	Host   string  // empty where the host does not matter
	Reason *Reason // why the connection does not come about; nil: it does
}

// Reason is why a connection does not come about.
type Reason struct {
	Cause  certpath.Cause
	By     string // ID of who refuses: the client, or Milvus
	File   string // that the fault is in, by the names of package certset
	Place  int    // number of the certificate in that file, from 1; 0: it is not about a certificate
	Detail string // of the cause, where there is more to say
	Shown  string // what the user gets to see
	Behind string // what the library says, where the user gets to see something else
	// Also is what else speaks against the connection, where the client could tell; nobody gets to see it.
	Also []*Reason
}

// Further causes, which are not those of a path.
const (
	NoStart      certpath.Cause = "milvus-does-not-start"
	Unreadable   certpath.Cause = "unreadable-file"
	NoClientCert certpath.Cause = "no-client-certificate"
	// RefusedLive is that a running server refuses what its files, as they are now, should make it take.
	RefusedLive certpath.Cause = "refused-by-the-server"
)

// Judge returns the verdicts of clients about those of the ways that they know, in the order of clients, ways and hosts.
func Judge(o Observation, clients []Client, ways []Way) []Verdict {
	oneWay, twoWay := start(o)
	servers := map[bool]server{false: oneWay, true: twoWay}
	key := newKeyFile(o.Files[certset.ClientKey])
	var verdicts []Verdict
	for _, c := range clients {
		for _, way := range ways {
			if !slices.Contains(c.ways, way) {
				continue
			}
			for _, host := range c.hosts(o) {
				reason := c.judge(attempt{o, way, host, servers[way == TwoWay], key})
				if reason != nil && reason.By == "" {
					reason.By = c.ID
				}
				verdicts = append(verdicts, Verdict{c.ID, way, host, reason})
			}
		}
	}
	return verdicts
}

// hosts are what the client dials; one that does not dial is asked once.
func (c Client) hosts(o Observation) []string {
	switch {
	case c.ID == InternalID:
		return []string{o.InternalSNI}
	case !c.dials || len(o.Hosts) == 0:
		return []string{""}
	}
	return o.Hosts
}

// Dials tells whether the client connects to Milvus, and so wants a certificate for the host that it dials.
func (c Client) Dials() bool { return c.dials }
