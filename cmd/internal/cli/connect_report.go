package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/connect"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
)

// connectSchema names the form of the report. A change that could break a reader changes the number.
const connectSchema = "milvus-certs/connect/v1"

// connectReport is a snippet and what it was made for.
type connectReport struct {
	Schema     string       `json:"schema"`
	Directory  string       `json:"directory"`
	Client     string       `json:"client"`
	Mode       int          `json:"mode"`
	Host       string       `json:"host"`
	Port       int          `json:"port"`
	ServerName string       `json:"server_name"` // that the certificate has to be for
	Files      connectFiles `json:"files"`
	Language   string       `json:"language"`
	FileName   string       `json:"file_name"` // what the snippet may be called
	Snippet    string       `json:"snippet"`
	Notes      []string     `json:"notes"`
	Warnings   []string     `json:"warnings"`
}

// connectFiles are the files that the snippet names.
type connectFiles struct {
	CA   string `json:"ca"`
	Cert string `json:"cert,omitempty"`
	Key  string `json:"key,omitempty"`
}

// printSnippet prints the snippet alone to standard output, so that it can go into a file.
func (a *app) printSnippet(o *connectOptions, c *connection, client connect.Client) error {
	target := c.of(client)
	snippet, err := client.Snippet(target)
	if err != nil {
		return err
	}
	c.warnOf(client)
	if o.format == formatJSON {
		return writeJSON(a.stdout, connectReport{
			connectSchema, o.dir, client.ID, target.Mode(), target.Host, client.Port(target), target.Name(), connectFiles{target.CA, target.Cert, target.Key},
			client.Language, client.File, snippet, c.Notes, c.Warnings,
		})
	}
	a.sayRemarks(o, c)
	_, err = io.WriteString(a.stdout, snippet)
	return err
}

func (a *app) sayRemarks(o *connectOptions, c *connection) {
	for _, n := range c.Notes {
		a.say(o.output, "note: %s", n)
	}
	for _, w := range c.Warnings {
		a.say(o.output, "warning: %s", w)
	}
}

// warnOf warns where the client will not connect, with what its user will see and the way out, and where not all of it works.
func (c *connection) warnOf(client connect.Client) {
	r := c.verdict(client)
	if r == nil {
		if fails := client.Fails(c.Target); fails != "" {
			_ = c.warn(false, client.Name+": "+fails)
		}
		return
	}
	says := c.verifyCommands(client, c.dir)
	wayOut := says[0] + " says why, and what to do"
	switch {
	case r.File == certset.ClientCertificate || r.File == certset.ClientKey:
		wayOut = says[len(says)-1] + " says why, and what to do"
	case r.Cause == certpath.Host:
		wayOut = "the certificate does not cover " + c.Name() + ": " + commandIn("renew server --san "+shellQuote(c.Host), c.dir)
	}
	_ = c.warn(false, fmt.Sprintf("%s will not connect: %s; %s", client.Name, seen(client, r), wayOut)) // it fails with --strict alone
}

// seen is what the user of a client gets to see, and in brackets what that hides. What stands on a client shows it in its own way.
func seen(client connect.Client, r *clients.Reason) string {
	switch {
	case r.Shown == "":
		return r.Detail
	case r.Behind == "":
		return fmt.Sprintf("%q", r.Shown)
	case client.ID != client.JudgedAs:
		return fmt.Sprintf("%q", r.Behind)
	}
	return fmt.Sprintf("%q (%s)", r.Shown, r.Behind)
}

// printOverview says of each client whether it will connect.
func (a *app) printOverview(o *connectOptions, c *connection) error {
	const nameWidth = 15
	var out strings.Builder
	fmt.Fprintf(&out, "%s, REST %s, %s, root %s\n", c.Address(), c.Endpoint(), c.Way(), oneLine(c.CA))
	for _, client := range connect.All() {
		verdict := markOK
		r := c.verdict(client)
		switch {
		case c.server == nil:
			verdict = "?"
		case r != nil:
			verdict = markRefused + " " + seen(client, r)
		case client.Fails(c.Target) != "":
			verdict += ", but " + client.Fails(c.Target)
		}
		fmt.Fprintf(&out, "  %s%s\n", pad(client.ID, nameWidth), oneLine(verdict))
	}
	fmt.Fprintf(&out, "\nnext:\n  %s\n", oneLine(o.next()))
	a.sayRemarks(o, c)
	if o.quiet {
		return nil
	}
	_, err := io.WriteString(a.stdout, paint(printable(out.String()), isTerminal(a.stdout)))
	return err
}

// next prints for the first client that takes all flags that were given.
func (o *connectOptions) next() string {
	client, words := connect.All()[0], ""
	for _, c := range slices.Backward(connect.All()) {
		if (c.GRPC || o.port == milvus.GRPCPort) && (c.REST || o.httpPort == milvus.RESTPort) {
			client = c
		}
	}
	for _, f := range []struct{ flag, value, usual string }{
		{"mode", o.mode, "1"}, {"host", o.host, ""}, {"port", strconv.Itoa(o.port), strconv.Itoa(milvus.GRPCPort)},
		{"http-port", strconv.Itoa(o.httpPort), strconv.Itoa(milvus.RESTPort)}, {"client-cert", o.clientCert, ""},
	} {
		if f.value != f.usual {
			words += " --" + f.flag + " " + shellQuote(f.value)
		}
	}
	if o.auth {
		words += " --auth"
	}
	return commandIn("connect --client "+client.ID+words, o.dir)
}
