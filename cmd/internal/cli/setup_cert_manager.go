package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// certManagerOptions are the flags of setup cert-manager.
type certManagerOptions struct {
	output
	clusterFlags
	caFlags
	dir, issuer, out string
	check            bool

	named bool   // the Service is, so that its names are wanted
	said  string // the flags that were given, but for those of where to read and to write
}

func (a *app) setupCertManagerCommand() *cobra.Command {
	o := &certManagerOptions{}
	c := &cobra.Command{
		Use:   "cert-manager",
		Short: "Print what lets cert-manager issue and renew in place of this set",
		Long: `Print resources for cert-manager, for those who outgrow one machine: an Issuer on this
CA, and Certificates with the subjects, names, uses, days and kinds of key of
server.pem and client.pem. Then, as comments, how Milvus gets at the files:
volume items that map tls.crt, tls.key and ca.crt to server.pem, server.key and
ca.pem, for the operator or Helm. What differs from the set is said at the head.

The Issuer needs a Secret with the CA's key. The command that makes it stands at
the head. It is one of kubectl; where the key is encrypted or kept elsewhere, or
ca.pem is more than the CA, kubectl cannot, and it is this one with --out, which
writes the Secret into a new file of mode 0600. --ca-cert, --ca-key and where a
pass phrase is go into that command, and are used with --out alone. A key is never
printed.

--service names the Service that clients dial, and adds its names to the server's.

--check prints nothing to apply, and tells whether cert-manager can express the set.

Exit status: 0 done, or all checks hold; 1 a check fails, or the work could not be
done; 2 the command line is wrong.`,
		Example: `  milvus-certs setup cert-manager -d certs --namespace search | kubectl apply -f -
  milvus-certs setup cert-manager -d certs --out ca-secret.yaml --passphrase-file pass
  milvus-certs setup cert-manager -d certs --service vectors-milvus --check`,
		Args: noArguments("; the directory of the set is given with --dir"),
		RunE: func(c *cobra.Command, _ []string) error { return a.runCertManager(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *certManagerOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.StringVar(&o.issuer, "issuer", "milvus-ca", "name of the Issuer, and of the Secret with its CA")
	o.clusterFlags.flags(f, "")
	f.Lookup("secret").Usage = `Secret for the server's files (default the name of Milvus and "-server-tls")`
	f.Lookup("service").Usage = "Service that clients dial; its names are added to those of the server"
	f.Lookup("name").Usage = "name of the Milvus resource or Helm release; those of Certificates and Secrets begin with it"
	f.StringVar(&o.out, "out", "", "write the Secret with the CA's key into this new file")
	o.caFlags.flags(f)
	f.BoolVar(&o.check, "check", false, "print nothing to apply; tell whether cert-manager can express the set")
	o.output.flags(f)
	f.Lookup("quiet").Usage = "print no remarks, only errors and what is to be applied"
}

func (o *certManagerOptions) validate(f *pflag.FlagSet) error {
	o.named = f.Changed("service")
	if err := wantNames(f, "dir", "issuer", "out"); err != nil {
		return err
	}
	if err := deploy.CheckName(o.issuer); err != nil {
		return usagef("--issuer: %w, found %q", err, o.issuer)
	}
	switch {
	case o.check && o.out != "":
		return usagef("--check and --out exclude each other: --check writes nothing")
	case o.check && o.keyAsked():
		return usagef("--ca-cert, --ca-key and a pass phrase are for the Secret of the CA, which --check does not ask about")
	}
	for _, name := range []string{"dir", "ca-cert", "ca-key", "passphrase-file"} {
		if value := f.Lookup(name).Value.String(); deploy.CheckText(value) != nil {
			return usagef("--%s: %w, for a command line of it is printed; found %q", name, deploy.CheckText(value), value)
		}
	}
	for _, err := range []error{o.clusterFlags.validate(f), o.caFlags.validate(f), o.wantOwnSecrets()} {
		if err != nil {
			return err
		}
	}
	o.said = saidOn(f)
	return o.output.validate()
}

// keyAsked tells whether something is said of the CA's key.
func (o *certManagerOptions) keyAsked() bool { return o.caCert != "" || o.caKey != "" || o.given() }

// wantOwnSecrets wants a Secret each for the CA, the server and the client: cert-manager would write one over the other.
func (o *certManagerOptions) wantOwnSecrets() error {
	secrets := []struct{ of, name string }{
		{"the CA (--issuer)", o.issuer}, {"the server (--secret)", o.secret}, {"the client (--name)", o.clientSecret()},
	}
	for i, s := range secrets {
		for _, other := range secrets[:i] {
			if s.name == other.name {
				return usagef("the Secrets of %s and of %s would both be called %q; give one of them another name", other.of, s.of, s.name)
			}
		}
	}
	return nil
}

func (o *certManagerOptions) clientSecret() string { return o.name + "-client-tls" }

// saidOn are the flags that were given, for a shell, but for those that say where to read and how to print.
func saidOn(f *pflag.FlagSet) string {
	words := ""
	f.Visit(func(flag *pflag.Flag) {
		if !slices.Contains([]string{"dir", "out", "check", "output", "quiet"}, flag.Name) {
			words += " --" + flag.Name + " " + shellQuote(flag.Value.String())
		}
	})
	return words
}

const certManagerCheckSchema = "milvus-certs/setup-cert-manager-check/v1"

func (a *app) runCertManager(o *certManagerOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	if o.check {
		return a.checkCertManager(o)
	}
	set, err := a.readDeployed(o.output, o.dir)
	if err != nil {
		return err
	}
	run := &certManagerRun{certManagerOptions: o, set: set, now: a.now()}
	run.report = certManagerReport{Schema: certManagerSchema, Directory: o.dir, For: o.way, Mode: o.values(nil).Mode, Differences: []string{}, remarks: newRemarks()}
	if err := run.work(a); err != nil {
		return err
	}
	return a.printManifest(o.output, run.report.Secret, run.report, run.report.remarks, run.text())
}

// certificates are what cert-manager is to issue: like the server's certificate, and like the client's where there is one.
func (o *certManagerOptions) certificates(set *deployed, more []string) (out []certManagerLeaf) {
	issuer := deploy.Issuer{Name: o.issuer, Namespace: o.namespace, Secret: o.issuer}
	add := func(file, role, secret string, leaf certset.Entry, more []string) {
		if leaf.Certificate != nil {
			out = append(out, certManagerLeaf{file, leaf, deploy.Certificate{
				Name: o.name + "-" + role, Secret: secret, Issuer: issuer, Like: leaf.Certificate, MoreNames: more,
			}})
		}
	}
	add(certset.ServerCertificate, "server", o.secret, set.Set.Server, more)
	add(certset.ClientCertificate, "client", o.clientSecret(), set.Set.Client, nil)
	return out
}

// certManagerLeaf is a certificate of the set, and the one in its place.
type certManagerLeaf struct {
	file string
	certset.Entry
	deploy.Certificate
}

// serviceNames are the names to be added, and what is lacking where none are.
func (o *certManagerOptions) serviceNames(set *deployed) (add []string, lacks []verify.Finding, err error) {
	names, err := o.names()
	if err != nil || o.named {
		return names, nil, err
	}
	return nil, set.lacks(names, "--service "+o.dialled()+" adds them"), nil
}

func (a *app) checkCertManager(o *certManagerOptions) error {
	set, err := lookAtDeployed(o.dir)
	if err != nil {
		return err
	}
	more, lacks, err := o.serviceNames(set)
	if err != nil {
		return err
	}
	findings := slices.Concat(set.failures(o.mode, a.now()), lacks)
	if err := wantOneCA(set); err != nil {
		findings = append(findings, verify.Finding{Severity: verify.Failure, Check: "change-over", File: certset.CACertificate, Problem: err.Error()})
	} else {
		findings = append(findings, otherCAs(set)...)
	}
	for _, leaf := range o.certificates(set, more) {
		for _, problem := range leaf.Inexpressible() {
			findings = append(findings, verify.Finding{Severity: verify.Failure, Check: "expressible", File: leaf.file, Problem: "cert-manager cannot express it: " + problem})
		}
		for _, note := range leaf.Differences() {
			findings = append(findings, verify.Finding{Severity: verify.Advice, Check: "difference", File: leaf.file, Problem: note})
		}
	}
	return a.printCheck(o.output, certManagerCheckSchema, fmt.Sprintf("%s with cert-manager", o.dir), findings)
}
