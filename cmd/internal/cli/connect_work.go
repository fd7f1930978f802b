package cli

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/connect"
)

// connection is what the clients of a set connect to, and what is known of how that will go.
type connection struct {
	connect.Target
	dir      string // as the user has it
	absolute string
	files    map[string]certset.File
	server   *certset.Certificate // nil: server.pem is not here
	identity certpath.Identity
	at       time.Time
	remarks
}

func (a *app) runConnect(o *connectOptions) error {
	c, err := o.connection(a.now())
	if err != nil {
		return err
	}
	if o.named == nil {
		return a.printOverview(o, c)
	}
	return a.printSnippet(o, c, *o.named)
}

// connection reads what snippets name, for a snippet with a file that is not there would not run as it is.
func (o *connectOptions) connection(now time.Time) (*connection, error) {
	cert, key, err := o.ownFiles()
	if err != nil {
		return nil, err
	}
	c := &connection{dir: o.dir, at: now, remarks: newRemarks()}
	c.Port, c.HTTPPort, c.Auth = o.port, o.httpPort, o.auth
	if c.absolute, err = filepath.Abs(o.dir); err != nil {
		return nil, err
	}
	if c.files, err = readHere(o.dir, certset.CACertificate, certset.ServerCertificate, cert, key); err != nil {
		return nil, err
	}
	if err := o.wantFiles(c.files, cert, key); err != nil {
		return nil, err
	}
	c.CA = filepath.Join(c.absolute, certset.CACertificate)
	if cert != "" {
		c.Cert, c.Key = filepath.Join(c.absolute, cert), filepath.Join(c.absolute, key)
		if loose := looseKey(c.files[key], filepath.Join(o.dir, key)); loose != "" {
			_ = c.warn(false, loose) // it fails with --strict alone
		}
	}
	return c, o.names(c)
}

// ownFiles are the client's certificate and key; empty one-way.
func (o *connectOptions) ownFiles() (cert, key string, err error) {
	switch {
	case o.mode == "1":
		return "", "", nil
	case o.clientCert == "" || strings.EqualFold(o.clientCert, "client"):
		return certset.ClientCertificate, certset.ClientKey, nil
	}
	name, err := fileName(o.clientCert)
	switch {
	case slices.Contains(setNames, strings.ToLower(o.clientCert)):
		return "", "", usagef("--client-cert: %s.pem is not a client's; wanted client or a name that issue client was given", strings.ToLower(o.clientCert))
	case err != nil:
		return "", "", usagef("--client-cert: %w", err)
	}
	return name + certset.CertificateEnding, name + certset.KeyEnding, nil
}

// readHere reads those of the files that are there.
func readHere(path string, names ...string) (map[string]certset.File, error) {
	dir, err := openSet(path)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	return dir.Read(slices.DeleteFunc(names, func(name string) bool { return name == "" }))
}

func (o *connectOptions) wantFiles(files map[string]certset.File, cert, key string) error {
	issues := commandIn("issue client NAME", o.dir)
	if o.clientCert != "" {
		issues = commandIn("issue client "+shellQuote(o.clientCert), o.dir)
	}
	for _, wanted := range []struct{ name, wayOut string }{
		{certset.CACertificate, "every client needs it as its root; milvus-certs init makes a set"},
		{cert, "--mode 2 needs it; " + issues + " makes one, --client-cert names it"},
		{key, "--mode 2 needs it; " + commandIn("renew "+shellQuote(strings.TrimSuffix(key, certset.KeyEnding)), o.dir) + " makes both anew, where it is not kept elsewhere"},
	} {
		if _, ok := files[wanted.name]; !ok && wanted.name != "" {
			return fmt.Errorf("there is no %s in %s; %s", wanted.name, o.dir, wanted.wayOut)
		}
	}
	return nil
}

// names decides what is dialled, and what the certificate is asked for.
func (o *connectOptions) names(c *connection) error {
	for _, name := range []string{certset.CACertificate, certset.ServerCertificate} {
		f, ok := c.files[name]
		if !ok {
			continue
		}
		certs, _, err := certset.ParseCertificates(f.Data)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(o.dir, name), err)
		}
		if name == certset.ServerCertificate {
			c.server, c.identity = certs[0], certpath.IdentityOf(certs[0])
		}
	}
	c.Host = o.host
	switch {
	case c.server == nil && c.Host == "":
		return fmt.Errorf("there is no %s in %s, which would say what to dial; --host says it", certset.ServerCertificate, o.dir)
	case c.server == nil:
		c.note(fmt.Sprintf("%s is not in %s, so nobody looked whether it is for %s", certset.ServerCertificate, o.dir, c.Host))
		return nil
	case c.Host == "":
		var wildcard string
		switch c.Host, wildcard = connect.OwnHost(c.identity); {
		case c.Host == "":
			return fmt.Errorf("%s has no name that could be dialled; --host says what is, and %s gives it one", filepath.Join(o.dir, certset.ServerCertificate), commandIn("renew server --san NAME", o.dir))
		case wildcard != "":
			c.note(fmt.Sprintf("%s is for %s, of which the host %s is made up; --host says what is dialled", certset.ServerCertificate, wildcard, c.Host))
		}
	}
	if c.ServerName = connect.ServerName(c.identity, c.Host); c.ServerName != "" {
		gives := commandIn("renew server --san "+shellQuote(c.Host), o.dir)
		c.note(fmt.Sprintf("%s is not for %s, so the client asks for %s, which it is for; %s gives it the name", certset.ServerCertificate, c.Host, c.ServerName, gives))
	}
	return nil
}

// of completes the target for a client: the commands that say more.
func (c *connection) of(client connect.Client) connect.Target {
	t := c.Target
	t.Verify = c.verifyCommands(client, c.absolute)
	t.Probe = c.probeCommand(client)
	return t
}

// verifyCommands say more of what a client thinks of the files in a directory: the server's, and the client's where those of
// the set are not meant. Without server.pem nothing can be said.
func (c *connection) verifyCommands(client connect.Client, dir string) []string {
	mode, own := c.Mode(), []string(nil)
	switch {
	case c.server == nil:
		return nil
	case c.ownCert():
		cert, key := pathIn(dir, filepath.Base(c.Cert)), pathIn(dir, filepath.Base(c.Key))
		mode, own = 1, []string{fmt.Sprintf("%s verify --ca %s --cert %s --key %s --purpose client", program, pathIn(dir, certset.CACertificate), cert, key)}
	}
	return append([]string{commandIn(fmt.Sprintf("verify --mode %d --host %s --client %s", mode, shellQuote(c.Name()), client.JudgedAs), dir)}, own...)
}

// probeCommand says what the server does that the client dials.
func (c *connection) probeCommand(client connect.Client) string {
	words := "probe " + shellQuote(net.JoinHostPort(c.Host, strconv.Itoa(client.Port(c.Target))))
	if c.ServerName != "" {
		words += " --server-name " + shellQuote(c.ServerName)
	}
	if c.ownCert() {
		words += " --cert " + pathIn(c.absolute, filepath.Base(c.Cert))
	}
	return commandIn(words, c.absolute)
}

// ownCert tells whether the client shows another certificate than the set's client.pem.
func (c *connection) ownCert() bool {
	return c.Cert != "" && filepath.Base(c.Cert) != certset.ClientCertificate
}

// verdict is what a client will say; nil: it connects, or nobody knows.
func (c *connection) verdict(client connect.Client) *clients.Reason {
	if c.server == nil {
		return nil
	}
	way := clients.RootCA
	o := clients.Observation{Files: map[string][]byte{}, Running: true, Hosts: []string{c.Name()}, Port: client.Port(c.Target), At: c.at}
	for name, f := range c.files {
		o.Files[name] = f.Data
	}
	if c.Cert != "" {
		way = clients.TwoWay
		o.Files[certset.ClientCertificate], o.Files[certset.ClientKey] = c.files[filepath.Base(c.Cert)].Data, c.files[filepath.Base(c.Key)].Data
	}
	for _, judge := range clients.All() {
		if judge.ID == client.JudgedAs {
			return clients.Judge(o, []clients.Client{judge}, []clients.Way{way})[0].Reason
		}
	}
	return nil
}
