package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/live"
	"github.com/milvus-certs/milvus-certs/pkg/probe"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// probeOptions are the flags of probe. What is judged is judged as verify does it, with the same flags.
type probeOptions struct {
	verifyOptions
	target     endpoint
	serverName string
	timeout    timeout

	setNamed bool // a set was asked for by name
}

func (a *app) probeCommand() *cobra.Command {
	o := &probeOptions{timeout: timeout(usualTimeout)}
	c := &cobra.Command{
		Use:   "probe HOST:PORT",
		Short: "Say what a live server does, and what each client of Milvus says of it",
		Long: `Connect to a server a few times, and say what it does: whether it speaks TLS at all,
one-way or two-way (tried without a certificate and with the set's client.pem), the
versions and protocols that it takes, whether gRPC or REST of Milvus answers, and
what certificate it sends: the set's server.pem, the one that was replaced, so that
a restart is due, or that of another CA. Then each client of Milvus is asked about
what the server really sends, as verify asks about files.

The set in --dir is what it is held against. What is not there is not checked, and
in a directory without a set the server is looked at all the same. HOST:PORT is as
clients dial it; without a port it is 19530, and https://HOST:PORT is understood.
One name is asked for: HOST, or --server-name. --host is held against the certificate
that is sent for it, though a server may have others for other names: ask for each
with --server-name.

Nothing is changed on the server. It gets a GetVersion over gRPC, or a list of
collections over REST, both without a user, and on other ports /healthz. No more
than --timeout is waited in all, and a quarter of it for each step.

Exit status: 0 all holds, 1 something fails (no server, no TLS, a client that is not
served, a server that is not Milvus, another mode than --mode; with --strict also a
warning), 2 the command line is wrong. JSON has the schema milvus-certs/probe/v1:
beside what was seen the hosts, certificates, findings and clients as verify has them.`,
		Example: `  milvus-certs probe milvus.example.com:19530 -d certs
  milvus-certs probe localhost -d certs --mode 2 --client pymilvus
  milvus-certs probe 10.0.0.5:19530 --server-name milvus.example.com
  milvus-certs probe localhost:19530 -d certs --expires-in 30d --strict -q   # for monitoring`,
		Args: oneTarget,
		RunE: func(c *cobra.Command, args []string) (err error) {
			if o.target, err = parseEndpoint(args[0]); err != nil {
				return err
			}
			if err := o.validate(c.Flags()); err != nil {
				return err
			}
			return a.runProbe(o)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	o.flags(c.Flags())
	return c
}

func (o *probeOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.StringVar(&o.ca, "ca", "", "file with the CA, where it is not ca.pem in the directory")
	f.StringVar(&o.cert, "cert", "", "file with the certificate to show, where it is not client.pem")
	f.StringVar(&o.key, "key", "", "file with its key (default that of --cert with the ending .key)")
	f.StringVar(&o.serverName, "server-name", "", "name to ask for and to want in the certificate, where it is not the host")
	f.StringArrayVar(&o.hosts, "host", nil, "further name or address that clients dial; repeatable")
	f.StringVar(&o.mode, "mode", "", "tlsMode that is wanted: 1 or 2 (default either)")
	f.StringArrayVar(&o.clients, "client", nil, "ask about this client only; repeatable (default all)")
	f.Var(&o.expiresIn, "expires-in", "fail where a certificate expires within this time, such as 30d")
	f.Var(&o.timeout, "timeout", "how long to wait in all")
	f.BoolVar(&o.strict, "strict", false, "take warnings for failures")
	o.output.flags(f)
}

func oneTarget(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return errors.New("wanted HOST:PORT, where clients reach Milvus, such as localhost:19530")
	case 1:
		return nil
	}
	if _, err := parseEndpoint(args[1]); err != nil { // in which may be anything
		return errors.New("wanted one HOST:PORT, found more besides")
	}
	return fmt.Errorf("wanted one HOST:PORT, found %q besides", args[1])
}

func (o *probeOptions) validate(f *pflag.FlagSet) (err error) {
	if err := wantNames(f, "dir", "ca", "cert", "key", "server-name", "mode"); err != nil {
		return err
	}
	o.setNamed = f.Changed("dir") || o.ca != "" || o.cert != ""
	switch {
	case o.mode != "" && o.mode != "1" && o.mode != "2":
		return usagef("--mode: wanted 1 or 2, found %q", o.mode)
	case slices.ContainsFunc(o.clients, func(id string) bool { return strings.ToLower(id) == clients.InternalID }):
		return usagef("--client internal is about Milvus's components among themselves: milvus-certs verify --internal-sni asks about them")
	case o.key != "" && o.cert == "":
		return usagef("--key goes with --cert")
	case o.cert != "" && o.key == "":
		if o.key, err = keyBeside(o.cert); err != nil {
			return err
		}
	}
	if o.serverName != "" {
		if o.serverName, err = verify.ParseHost(o.serverName); err != nil {
			return usagef("--server-name: %w", err)
		}
	}
	o.purpose = "client" // of --cert
	return o.output.validate()
}

// keyBeside is the file with the key of a certificate, as issue calls it.
func keyBeside(cert string) (string, error) {
	name, ok := strings.CutSuffix(cert, ".pem")
	if !ok {
		return "", usagef("--cert %s goes with --key", cert)
	}
	return name + ".key", nil
}

// judged is what is asked for: the name that is dialled comes first.
func (o *probeOptions) judged(now time.Time) (live.Options, error) {
	named := o.verifyOptions
	named.mode = "both"
	named.hosts = append([]string{o.name()}, o.hosts...)
	options, err := named.options(now)
	options.Modes = false // who can read the files is for verify to say
	return live.Options{Options: options, Target: o.target.String(), NameGiven: o.serverName != "", Step: o.step(), Mode: live.Mode(o.mode)}, err
}

// name is what clients want to find in the certificate.
func (o *probeOptions) name() string {
	if o.serverName != "" {
		return o.serverName
	}
	return o.target.host
}

// step is what one step may take: a server that says nothing is asked three times, once it is connected to.
func (o *probeOptions) step() time.Duration {
	const steps = 4
	return time.Duration(o.timeout) / steps
}

func (a *app) runProbe(o *probeOptions) error {
	options, err := o.judged(a.now())
	if err != nil {
		return err
	}
	set, err := o.set()
	if err != nil {
		return err
	}
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard) // where net/http tells of servers that speak out of turn, in their words
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(o.timeout))
	defer cancel()
	seen := probe.Look(ctx, probe.Options{Address: o.target.String(), ServerName: o.name(), Certificate: clientPair(set), Step: o.step()})
	held := live.Input{Set: set, Dir: o.dir, Others: filesIn(o.dir, "*.pem"), Backups: filesIn(o.dir, "backup-*/*.pem")} // see backupName
	report := live.Judge(seen, held, options)
	report.OK = report.OK && (!o.strict || report.Count(verify.Warning) == 0)
	if err := a.printProbe(o, report); err != nil {
		return err
	}
	return o.probeVerdict(report)
}

// probeVerdict is the error with which probe ends. Where nothing of TLS was to be seen, it says why.
func (o *probeOptions) probeVerdict(r *live.Report) error {
	i := slices.IndexFunc(r.Findings, func(f verify.Finding) bool { return f.Severity == verify.Failure })
	switch {
	case r.Leaf == nil && i < 0:
		return fmt.Errorf("%s: nothing could be judged, for a reason that is not known", r.Target)
	case r.Leaf == nil:
		return fmt.Errorf("%s: %s; %s", r.Target, r.Findings[i].Problem, r.Findings[i].WayOut)
	}
	of := o.verifyOptions
	of.dir = r.Target
	return of.verdict(r.Report)
}
