package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
)

// clusterFlags say of a Milvus in Kubernetes what setup kubernetes and setup cert-manager have to know.
type clusterFlags struct {
	way, mode       string
	name, namespace string
	service, secret string
	containerDir    string
	httpPort        string
}

func (c *clusterFlags) flags(f *pflag.FlagSet, secret string) {
	f.StringVar(&c.way, "for", string(deploy.Operator), "how Milvus is deployed: operator or helm")
	f.StringVar(&c.mode, "mode", "1", "tlsMode of Milvus: 1, or 2, where clients need certificates too")
	f.StringVar(&c.name, "name", "my-release", "name of the Milvus resource, or of the Helm release")
	f.StringVar(&c.namespace, "namespace", milvus.DefaultNamespace, "namespace of Milvus")
	f.StringVar(&c.service, "service", "", "Service that clients dial (default the one that operator and chart make)")
	f.StringVar(&c.secret, "secret", secret, "Secret with the files for Milvus")
	f.StringVar(&c.containerDir, "container-dir", "", `where Milvus finds them (default "/certs" with the operator, "/milvus/tls" with Helm)`)
	f.StringVar(&c.httpPort, "http-port", fmt.Sprint(milvus.RESTPort), "port of REST, which with TLS needs one of its own, or off")
}

func (c *clusterFlags) validate(f *pflag.FlagSet) error {
	if c.secret == "" && !f.Changed("secret") {
		c.secret = c.name + "-server-tls"
	}
	if err := wantNames(f, "name", "namespace", "service", "secret", "container-dir", "http-port"); err != nil {
		return err
	}
	switch {
	case c.way != string(deploy.Operator) && c.way != string(deploy.Helm):
		return usagef("--for: wanted operator or helm, found %q", c.way)
	case c.mode != "1" && c.mode != "2":
		return usagef("--mode: wanted 1 or 2, found %q", c.mode)
	}
	for _, name := range []struct{ flag, value string }{{"name", c.name}, {"secret", c.secret}} {
		if err := deploy.CheckName(name.value); err != nil {
			return usagef("--%s: %w, found %q", name.flag, err, name.value)
		}
	}
	if err := deploy.CheckContainerDir(c.mountedAt()); err != nil {
		return usagef("--container-dir: %w, found %q", err, c.containerDir)
	}
	if _, err := milvus.ParseHTTPPort(c.httpPort); err != nil {
		return usagef("--http-port: %w, found %q", err, c.httpPort)
	}
	_, err := c.names()
	return err
}

// mountedAt is the directory in the container.
func (c *clusterFlags) mountedAt() string {
	if c.containerDir == "" {
		return deploy.Way(c.way).ContainerDir()
	}
	return c.containerDir
}

// dialled is the Service that clients dial.
func (c *clusterFlags) dialled() string {
	if c.service == "" {
		return deploy.Way(c.way).ServiceOf(c.name)
	}
	return c.service
}

// names are those under which clients dial it.
func (c *clusterFlags) names() ([]string, error) {
	names, err := milvus.KubernetesNames(c.dialled(), c.namespace)
	switch {
	case err != nil && strings.Contains(err.Error(), "namespace"):
		return nil, usagef("--namespace: %w, found %q", err, c.namespace)
	case err != nil && c.service == "":
		return nil, usagef("--name: its Service would be %s; %w", c.dialled(), err)
	case err != nil:
		return nil, usagef("--service: %w, found %q", err, c.service)
	}
	return names, nil
}

// renewal is the command after which server.pem has these names.
func (c *clusterFlags) renewal(dir string) string {
	return commandIn("renew server --san-for kubernetes="+c.dialled()+"."+c.namespace, dir)
}

// values are what goes into the resources.
func (c *clusterFlags) values(items []deploy.Item) deploy.Kubernetes {
	port, _ := milvus.ParseHTTPPort(c.httpPort) // it was checked before
	return deploy.Kubernetes{
		Name: c.name, Namespace: c.namespace, Secret: c.secret, Items: items, ContainerDir: c.mountedAt(), Mode: int(c.mode[0] - '0'), HTTPPort: port,
	}
}

// restart is the command after which Milvus has read its files anew.
func (c *clusterFlags) restart() string {
	return fmt.Sprintf("kubectl rollout restart deployment -n %s -l app.kubernetes.io/name=milvus,app.kubernetes.io/instance=%s", c.namespace, c.name)
}

// secretTarget is the new file for a Secret.
func secretTarget(out string) (target, error) {
	t, err := newTarget(out, "", "secret.yaml", "")
	if err == nil {
		err = usage(deploy.CheckText(out))
	}
	return t, err
}

// inDirectory is a command that is run in a directory, where it is another than the working directory.
func inDirectory(dir, command string) string {
	if dirFlag(dir) == "" {
		return command
	}
	return "(cd " + pathIn(dir, "") + " && " + command + ")"
}
