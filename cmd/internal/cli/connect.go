package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/connect"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// connectOptions are the flags of connect.
type connectOptions struct {
	output
	dir, client, mode, host, clientCert string
	port, httpPort                      int
	auth                                bool

	named *connect.Client // by --client; nil: none is
}

func (a *app) connectCommand() *cobra.Command {
	o := &connectOptions{}
	c := &cobra.Command{
		Use:   "connect",
		Short: "Print how each client connects to Milvus with this set",
		Long: `Print a program or a configuration with which a client connects to Milvus and lists
the collections, to standard output and nothing else there: with the paths of this
set, the name that the certificate is for, and the traps of that client avoided. Its
comments say what it needs, and which error means what. Nothing is asked of a network.

Without --client, say of each client whether it will connect. The clients, by the
names that --client takes:

` + snippetTable() + `

Clients trust ca.pem. With --mode 2 they show client.pem too, or another leaf that
issue client made: --client-cert. Where server.pem is not for --host, the snippet
asks for a name that it is for. On a machine of clients, without server.pem, --host
has to be given. --auth adds user name and password, which the snippet reads from
MILVUS_USER and MILVUS_PASSWORD: TLS and user authentication are two things.

Exit status: 0 done, also where the client will refuse, which is a warning; 1 the set
is not fit for it, 2 the command line is wrong.`,
		Example: `  milvus-certs connect -d certs
  milvus-certs connect -d certs --client go > main.go
  milvus-certs connect -d certs --client pymilvus --mode 2 --auth
  milvus-certs connect -d certs --client curl --host milvus.example.com --http-port 8080 | sh`,
		Args: noArguments("; --client names the client, --host what is dialled"),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.validate(c.Flags()); err != nil {
				return err
			}
			return a.runConnect(o)
		},
	}
	o.flags(c)
	return c
}

func snippetTable() string {
	var out strings.Builder
	for _, c := range connect.All() {
		fmt.Fprintf(&out, "  %-13s  %s, %s\n", c.ID, c.Name, c.Language)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func snippetIDs() (ids []string) {
	for _, c := range connect.All() {
		ids = append(ids, c.ID)
	}
	return ids
}

func (o *connectOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.StringVar(&o.client, "client", "", "the client to print for")
	f.StringVar(&o.mode, "mode", "1", "tlsMode of Milvus: 1 or 2")
	f.StringVar(&o.host, "host", "", "name or address to dial (default the first of server.pem that can be dialled)")
	f.IntVar(&o.port, "port", milvus.GRPCPort, "port of gRPC")
	f.IntVar(&o.httpPort, "http-port", milvus.RESTPort, "port of REST, proxy.http.port in milvus.yaml")
	f.BoolVar(&o.auth, "auth", false, "pass user name and password too")
	f.StringVar(&o.clientCert, "client-cert", "", `with --mode 2: the client certificate, by the name that issue has for it (default "client")`)
	o.output.flags(f)
	f.Lookup("quiet").Usage = "print no notes and warnings, and without --client nothing"
	for flag, values := range map[string][]string{"client": snippetIDs(), "mode": {"1", "2"}} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flag exists
	}
}

func (o *connectOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "client", "host", "client-cert"); err != nil {
		return err
	}
	switch {
	case o.mode != "1" && o.mode != "2":
		return usagef("--mode: wanted 1 or 2, found %q", o.mode)
	case o.clientCert != "" && o.mode != "2":
		return usagef("--client-cert goes with --mode 2; one-way, no client shows a certificate")
	case o.format == formatJSON && o.client == "":
		return usagef("--output json wants --client: one of %s", strings.Join(snippetIDs(), ", "))
	}
	for flag, port := range map[string]int{"port": o.port, "http-port": o.httpPort} {
		const highest = 1<<16 - 1
		if port < 1 || port > highest {
			return usagef("--%s: wanted a number from 1 to %d, found %d", flag, highest, port)
		}
	}
	if err := o.nameClient(f); err != nil {
		return err
	}
	if o.host != "" {
		host, err := verify.ParseHost(o.host)
		if err != nil {
			return usagef("--host: %w", err)
		}
		o.host = host
	}
	return o.output.validate()
}

// nameClient looks up --client, and refuses the port that it does not dial.
func (o *connectOptions) nameClient(f *pflag.FlagSet) error {
	if o.client == "" {
		return nil
	}
	all := connect.All()
	i := slices.Index(snippetIDs(), strings.ToLower(o.client))
	if i < 0 {
		return usagef("--client: wanted one of %s, found %q", strings.Join(snippetIDs(), ", "), o.client)
	}
	o.named = &all[i]
	switch {
	case !o.named.GRPC && f.Changed("port"):
		return usagef("--port is of gRPC, and %s speaks REST; wanted --http-port", o.named.ID)
	case !o.named.REST && f.Changed("http-port"):
		return usagef("--http-port is of REST, and %s speaks gRPC; wanted --port", o.named.ID)
	}
	return nil
}
