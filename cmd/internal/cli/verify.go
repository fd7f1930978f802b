package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	output
	dir, ca, cert, key string
	hosts              []string
	mode, purpose, at  string
	expiresIn          duration
	internalSNI        string
	clients            []string
	strict             bool

	chain    bool // a chain alone, and no set
	dirAlone bool // the command has no flags for single files
}

func (a *app) verifyCommand() *cobra.Command {
	o := &verifyOptions{}
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check a set, and what each client of Milvus will say of it",
		Long: `Check the set in --dir: that its files can be read, match each other, chain and
are in their time, and whether Milvus starts with them. Then say for every client
and every way of the documentation (one-way with server.pem as root, one-way with
ca.pem as root, two-way) whether it will connect, and if not, why, and what its
user will see. Nothing is written, and nothing is asked of a network.

A client is served one-way where one of the two roots works for it; what only the
other one refuses is advice. --client and --mode narrow what is asked, and so the
exit status.

With --ca and --cert a chain is judged alone, without keys or a set: the leaf
first in --cert, intermediates behind it. Without --host any name will do then.

The clients, by the names that --client takes:

` + clientTable() + `

Exit status: 0 all holds, 1 something fails (with --strict also a warning), 2 the
command line is wrong. docs/verify.md tells of each check and of the JSON.`,
		Example: `  milvus-certs verify -d certs --host milvus.example.com --host 10.0.0.5
  milvus-certs verify -d certs --mode 1 --client pymilvus --client node
  milvus-certs verify -d certs --expires-in 30d --strict -q   # in a pipeline
  milvus-certs verify --ca ca.crt --cert tls.crt --host milvus.example.com`,
		Args: noArguments("; the directory is given with --dir, a chain with --ca and --cert"),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.validate(c.Flags()); err != nil {
				return err
			}
			return a.runVerify(o)
		},
	}
	o.flags(c.Flags())
	return c
}

func clientTable() string {
	var out strings.Builder
	for _, c := range clients.All() {
		fmt.Fprintf(&out, "  %-9s %s, %s\n", c.ID, c.Name, c.Means)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func clientList() string {
	var ids []string
	for _, c := range clients.All() {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, ", ")
}

func (o *verifyOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.StringVar(&o.ca, "ca", "", "file with the CA, where it is not ca.pem in the directory")
	f.StringVar(&o.cert, "cert", "", "file with the server's certificate, where it is not server.pem")
	f.StringVar(&o.key, "key", "", "file with its key, where it is not server.key")
	f.StringVar(&o.purpose, "purpose", "", `with --ca and --cert: what the certificate is for, server or client (default "server")`)
	f.StringArrayVar(&o.hosts, "host", nil, "name or address that clients dial; repeatable (default the CommonName of the server)")
	f.StringVar(&o.mode, "mode", "both", "tlsMode of Milvus: 1, 2 or both")
	f.StringArrayVar(&o.clients, "client", nil, "ask about this client only; repeatable (default all)")
	f.StringVar(&o.internalSNI, "internal-sni", "", "ask about internal TLS too, with this internaltls.sni")
	f.StringVar(&o.at, "at", "", "the time to check for, such as 2027-01-31 or 2027-01-31T12:00:00Z (default now)")
	f.Var(&o.expiresIn, "expires-in", "fail where a certificate expires within this time, such as 30d")
	f.BoolVar(&o.strict, "strict", false, "take warnings for failures")
	o.output.flags(f)
}

// The values of --mode and --purpose.
var (
	verifyModes = map[string][]clients.Way{
		"1":    {clients.RootServer, clients.RootCA},
		"2":    {clients.TwoWay},
		"both": {clients.RootServer, clients.RootCA, clients.TwoWay},
	}
	verifyPurposes = map[string]certpath.Purpose{"server": certpath.Server, "client": certpath.Client, "": certpath.Server}
)

func (o *verifyOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "ca", "cert", "key", "purpose", "at", "internal-sni"); err != nil {
		return err
	}
	o.chain = o.ca != "" && o.cert != "" && !f.Changed("dir")
	_, modeKnown := verifyModes[o.mode]
	_, purposeKnown := verifyPurposes[o.purpose]
	switch {
	case !modeKnown:
		return usagef("--mode: wanted 1, 2 or both, found %q", o.mode)
	case !purposeKnown:
		return usagef("--purpose: wanted server or client, found %q", o.purpose)
	case o.purpose != "" && !o.chain:
		return usagef("--purpose goes with --ca and --cert, for a chain alone")
	case o.chain && (f.Changed("mode") || o.internalSNI != ""):
		return usagef("--mode and --internal-sni are about a set, --ca and --cert about a chain alone; give --dir to mean a set")
	case o.chain && slices.ContainsFunc(o.clients, asksMilvus):
		return usagef("--client milvus and --client internal are about a set, --ca and --cert about a chain alone; give --dir to mean a set")
	case o.purpose == "client" && (len(o.hosts) > 0 || len(o.clients) > 0):
		return usagef("--host and --client are about a server's certificate, and --purpose is client")
	}
	return o.output.validate()
}

// asksMilvus tells whether a client is Milvus itself, which judges no chain that servers send.
func asksMilvus(id string) bool {
	id = strings.ToLower(id)
	return id == clients.MilvusID || id == clients.InternalID
}

// options turns the flags into what the check takes.
func (o *verifyOptions) options(now time.Time) (out verify.Options, err error) {
	out = verify.Options{At: now, HostFlag: "--host", Ways: verifyModes[o.mode], ExpiresIn: time.Duration(o.expiresIn), Modes: modesMatter}
	if out.At, err = parseAt(o.at, now); err != nil {
		return out, err
	}
	for _, text := range o.hosts {
		host, err := verify.ParseHost(text)
		if err != nil {
			return out, usagef("--host: %w", err)
		}
		if !slices.Contains(out.Hosts, host) {
			out.Hosts = append(out.Hosts, host)
		}
	}
	if o.internalSNI != "" {
		if out.InternalSNI, err = verify.ParseHost(o.internalSNI); err != nil {
			return out, usagef("--internal-sni: %w", err)
		}
	}
	out.Clients, err = o.named()
	return out, err
}

// named are the clients that --client names.
func (o *verifyOptions) named() (named []clients.Client, err error) {
	for _, id := range o.clients {
		i := slices.IndexFunc(clients.All(), func(c clients.Client) bool { return c.ID == strings.ToLower(id) })
		switch {
		case i < 0:
			return nil, usagef("--client: wanted one of %s, found %q", clientList(), id)
		case clients.All()[i].ID == clients.InternalID && o.internalSNI == "":
			return nil, usagef("--client %s wants --internal-sni, the name that the components dial", id)
		}
		named = append(named, clients.All()[i])
	}
	return named, nil
}

func (a *app) runVerify(o *verifyOptions) error {
	options, err := o.options(a.now())
	if err != nil {
		return err
	}
	in, err := o.input()
	if err != nil {
		return err
	}
	report := o.check(in, options)
	report.OK = report.OK && (!o.strict || report.Count(verify.Warning) == 0)
	if err := a.printVerify(o, report); err != nil {
		return err
	}
	return o.verdict(report)
}

func (o *verifyOptions) check(in verify.Input, options verify.Options) *verify.Report {
	if o.chain {
		return verify.Chain(in, options, verifyPurposes[o.purpose])
	}
	return verify.Set(in, options)
}

// verdict is the error with which verify ends.
func (o *verifyOptions) verdict(r *verify.Report) error {
	failures, warnings := r.Count(verify.Failure), r.Count(verify.Warning)
	switch {
	case failures > 0:
		return fmt.Errorf("%s: %s", o.what(), countOf(failures, "check fails", "checks fail"))
	case o.strict && warnings > 0:
		return fmt.Errorf("%s: %s (--strict)", o.what(), countOf(warnings, "warning", "warnings"))
	}
	return nil
}

// what is what was checked.
func (o *verifyOptions) what() string {
	if o.chain {
		return o.cert
	}
	return o.dir
}

func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
