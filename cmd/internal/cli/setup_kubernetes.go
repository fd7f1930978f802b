package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
)

// kubernetesOptions are the flags of setup kubernetes.
type kubernetesOptions struct {
	output
	clusterFlags
	dir, out string
	check    bool
}

func (a *app) setupKubernetesCommand() *cobra.Command {
	o := &kubernetesOptions{}
	c := &cobra.Command{
		Use:   "kubernetes",
		Short: "Print what a Milvus in Kubernetes needs for TLS, for the operator or Helm",
		Long: `Print the part of the Milvus operator's resource, or of the Helm chart's values, that
switches TLS on and mounts the files, to be merged into yours. At its head stands
the kubectl command that makes the Secret with server.pem, server.key and ca.pem.

With --out that Secret is written too, into a new file of mode 0600. It holds the
server's key, and is never printed. Nothing of the CA's key or the client's goes
near the cluster.

--check prints nothing to apply. It tells whether Milvus works with the set in that
mode, and which names of its Service the certificate lacks.

Milvus reads its files when it starts: after a renewal make the Secret anew and
restart it. setup cert-manager is for those who leave that to cert-manager.

Exit status: 0 done, or all checks hold; 1 a check fails, or the work could not be
done; 2 the command line is wrong.`,
		Example: `  milvus-certs setup kubernetes -d certs --mode 2 --name vectors --namespace search
  milvus-certs setup kubernetes -d certs --for helm --out secret.yaml > values-tls.yaml
  milvus-certs setup kubernetes -d certs --name vectors --check`,
		Args: noArguments("; the directory of the set is given with --dir"),
		RunE: func(c *cobra.Command, _ []string) error { return a.runKubernetes(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *kubernetesOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	o.clusterFlags.flags(f, "certs")
	f.StringVar(&o.out, "out", "", "write the Secret into this new file")
	f.BoolVar(&o.check, "check", false, "print nothing to apply; tell whether the set and the deployment fit together")
	o.output.flags(f)
	f.Lookup("quiet").Usage = "print no remarks, only errors and what is to be applied"
}

func (o *kubernetesOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "out"); err != nil {
		return err
	}
	if o.check && o.out != "" {
		return usagef("--check and --out exclude each other: --check writes nothing")
	}
	if err := deploy.CheckText(o.dir); err != nil {
		return usagef("--dir: %w, for a command line of it is printed; found %q", err, o.dir)
	}
	if err := o.clusterFlags.validate(f); err != nil {
		return err
	}
	return o.output.validate()
}

const (
	kubernetesSchema      = "milvus-certs/setup-kubernetes/v1"
	kubernetesCheckSchema = "milvus-certs/setup-kubernetes-check/v1"
)

// kubernetesReport is what setup kubernetes says, in JSON as it stands.
type kubernetesReport struct {
	Schema    string       `json:"schema"`
	Directory string       `json:"directory"`
	For       string       `json:"for"`
	Mode      int          `json:"mode"`
	Secret    secretReport `json:"secret"`
	Document  string       `json:"document"` // what is to be merged into the resource or the values
	remarks
}

// secretReport is how a Secret is made.
type secretReport struct {
	Name      string   `json:"name"`
	Namespace string   `json:"namespace"`
	Keys      []string `json:"keys"`
	Command   string   `json:"command"`        // that makes it
	File      string   `json:"file,omitempty"` // that it was written into
}

func (a *app) runKubernetes(o *kubernetesOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	names, err := o.names()
	if err != nil {
		return err
	}
	if o.check {
		set, err := lookAtDeployed(o.dir)
		if err != nil {
			return err
		}
		return a.printCheck(o.output, kubernetesCheckSchema, o.dir, append(set.failures(o.mode, a.now()), set.lacks(names, o.renewal(o.dir))...))
	}
	set, err := a.readDeployed(o.output, o.dir)
	if err != nil {
		return err
	}
	report := &kubernetesReport{Schema: kubernetesSchema, Directory: o.dir, For: o.way, Mode: o.values(nil).Mode, remarks: newRemarks()}
	warnings, err := set.want(o.mode, a.now())
	if err != nil {
		return err
	}
	report.Warnings = oneLineEach(append(warnings, asWarnings(set.lacks(names, o.renewal(o.dir)))...))
	if report.Document, err = o.values(nil).Part(deploy.Way(o.way)); err != nil {
		return err
	}
	if report.Secret, err = a.serverSecret(o, set); err != nil {
		return err
	}
	return a.printManifest(o.output, report.Secret, report, report.remarks, report.head(o)+report.Document)
}

// appliedAnew has kubectl create replace what is there, which it refuses to do by itself.
const appliedAnew = " --dry-run=client -o yaml | kubectl apply -f -"

// serverSecret says how the Secret is made, and writes it where that is asked for.
func (a *app) serverSecret(o *kubernetesOptions, set *deployed) (secretReport, error) {
	command := fmt.Sprintf("kubectl create secret generic %s -n %s", o.secret, o.namespace)
	for _, name := range deploy.ServerFiles() {
		command += " --from-file=" + name // by its name alone: a path may have characters that kubectl parts at
	}
	r := secretReport{Name: o.secret, Namespace: o.namespace, Keys: deploy.ServerFiles(), Command: inDirectory(o.dir, command+appliedAnew)}
	if o.out == "" {
		return r, nil
	}
	text, err := deploy.ServerSecret(o.secret, o.namespace, set.Files)
	if err != nil {
		return r, err
	}
	r.File, r.Command, err = a.writeSecret(o.output, o.out, text)
	return r, err
}

// writeSecret writes a Secret into a new file for its owner alone. Command is the one that applies it.
func (a *app) writeSecret(o output, out, text string) (file, command string, err error) {
	t, err := secretTarget(out)
	if err != nil {
		return "", "", err
	}
	const private = 0o600
	err = a.writeNew(o, t.dir, []certset.File{{Name: t.name, Mode: private, Data: []byte(text)}}, "it may hold a key; move it away, or name another file with --out")
	return t.path(), "kubectl apply -f " + pathIn(t.dir, t.name), err
}

// head is what stands above what is to be merged.
func (r *kubernetesReport) head(o *kubernetesOptions) string {
	lines := []string{
		"TLS in mode " + o.mode + ", to be merged into the Milvus resource of the operator: by hand, or, this output being FILE, with",
		fmt.Sprintf("  kubectl patch milvus %s -n %s --type merge --patch-file FILE", o.name, o.namespace),
		"which puts its volumes and volumeMounts in the place of yours, if so. kubectl apply of this alone would take out all else.",
	}
	if o.way == string(deploy.Helm) {
		lines = []string{"TLS in mode " + o.mode + ", for the chart's values: with this output in FILE, helm upgrade " + o.name + " milvus/milvus -n " + o.namespace + " --reuse-values -f FILE"}
	}
	again := "After a renewal run it once more, and restart Milvus, which reads its files when it starts:"
	if r.Secret.File != "" {
		again = "That file holds the server's key. After a renewal write and apply it anew, and restart Milvus:"
	}
	lines = append(lines, "", "The Secret with the files of "+o.dir+" comes first:", "  "+r.Secret.Command, again, "  "+o.restart())
	return deploy.Comment(strings.Join(oneLineEach(lines), "\n")) + "\n"
}

// printManifest prints what is to be applied.
func (a *app) printManifest(o output, s secretReport, report any, r remarks, text string) error {
	err := a.printResult(o, report, r, text)
	if err != nil && s.File != "" {
		return fmt.Errorf("%s is written, but %w", oneLine(s.File), err)
	}
	return err
}
