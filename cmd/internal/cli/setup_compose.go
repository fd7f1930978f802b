package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
)

// composeOptions are the flags of setup compose.
type composeOptions struct {
	output
	dir, folder       string
	service           string
	containerDir      string
	milvusYAML, ports string
	check             bool
}

func (a *app) setupComposeCommand() *cobra.Command {
	o := &composeOptions{}
	c := &cobra.Command{
		Use:   "compose [FOLDER]",
		Short: "Give a Milvus under Docker Compose the files, and an override that mounts them",
		Long: `Lay out tls/ in FOLDER, where docker-compose.yml lies (default the working
directory), with server.pem, server.key and ca.pem of the set in --dir, and write
docker-compose.override.yml, which mounts that folder and milvus.yaml into the
service and publishes the port of REST. The CA's key and the client's never go there.

Run it again after a renewal: tls/ is brought up to date, all of it or nothing, and
it is said that a restart is due, for Milvus reads its files when it starts.

An override file that this command wrote is brought up to date with the flags. One
that is someone else's is left alone; what belongs into it is printed.

server.key is for its owner alone, and so for a Milvus that runs as root. For one
that does not, give the key to its group once; later runs keep that:

  chgrp GID tls/server.key && chmod 640 tls/server.key

--check changes nothing and tells whether tls/ is as the set, mounted, and free of
keys that do not belong there, whether milvus.yaml fits, and which names a client
would dial that the certificate lacks. What depends on variables, or on files that
only Compose can put together, is not checked, and that is said.

Exit status: 0 done, or all checks hold; 1 a check fails, or the work could not be
done; 2 the command line is wrong.`,
		Example: `  milvus-certs setup compose -d certs
  milvus-certs setup compose deploy -d certs --http-port 9443
  milvus-certs setup compose -d certs --check`,
		Args: func(_ *cobra.Command, args []string) error { return o.arguments(args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, _ []string) error { return a.runCompose(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *composeOptions) arguments(args []string) error {
	o.folder = "."
	switch {
	case len(args) > 1:
		return fmt.Errorf("wanted one FOLDER, found %q too", args[1])
	case len(args) == 1 && args[0] == "":
		return usagef("wanted a FOLDER, found nothing")
	case len(args) == 1:
		o.folder = args[0]
	}
	return nil
}

// usualMilvusYAML is what the configuration is called, beside docker-compose.yml.
const usualMilvusYAML = "milvus.yaml"

func (o *composeOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	f.StringVar(&o.service, "service", milvus.ComposeService, "service of Milvus in docker-compose.yml")
	f.StringVar(&o.containerDir, "container-dir", milvus.ContainerDir, "where tls/ is mounted, to which the paths in milvus.yaml lead")
	f.StringVar(&o.milvusYAML, "milvus-yaml", usualMilvusYAML, "configuration of Milvus, from FOLDER")
	f.StringVar(&o.ports, "http-port", "", "port of this machine for REST, or off (default the one of milvus.yaml, else 8080)")
	f.BoolVar(&o.check, "check", false, "change nothing; tell whether what is there and the set fit together")
	o.output.flags(f)
	f.Lookup("quiet").Usage = "print no remarks, only errors and what belongs into an override file that is left alone"
}

func (o *composeOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "service", "container-dir", "milvus-yaml", "http-port"); err != nil {
		return err
	}
	if err := deploy.CheckService(o.service); err != nil {
		return usagef("--service: %w, found %q", err, o.service)
	}
	if err := deploy.CheckContainerDir(o.containerDir); err != nil {
		return usagef("--container-dir: %w, found %q", err, o.containerDir)
	}
	if err := deploy.CheckText(o.milvusYAML); err != nil {
		return usagef("--milvus-yaml: %w, found %q", err, o.milvusYAML)
	}
	if _, err := milvus.ParseHTTPPort(o.ports); o.ports != "" && err != nil {
		return usagef("--http-port: %w, found %q", err, o.ports)
	}
	return o.output.validate()
}

// tls is the folder that is mounted.
func (o *composeOptions) tls() string { return filepath.Join(o.folder, deploy.ComposeFolder) }

// configuration is the path of milvus.yaml.
func (o *composeOptions) configuration() string {
	if filepath.IsAbs(o.milvusYAML) {
		return o.milvusYAML
	}
	return filepath.Join(o.folder, o.milvusYAML)
}

// wantFolders wants the folder to be there, and what would be mounted to be none that holds other keys.
func (o *composeOptions) wantFolders() error {
	info, err := os.Stat(o.folder)
	if err != nil || !info.IsDir() {
		return fmt.Errorf("%s is no directory; FOLDER is where docker-compose.yml lies", o.folder)
	}
	info, err = os.Lstat(o.tls())
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return fmt.Errorf("cannot look at %s: %w", o.tls(), withoutPath(err, o.tls()))
	case info.Mode()&os.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link, through which nothing is written; remove it, or make it a folder", o.tls())
	case !info.IsDir():
		return fmt.Errorf("%s is no directory; move it away", o.tls())
	case isWithin(o.dir, info):
		return fmt.Errorf("%s holds the set itself, and the keys of the CA and the client would be mounted with it; move the set elsewhere, say to %s, and name it with --dir",
			o.tls(), filepath.Join(o.folder, "certs"))
	}
	return nil
}

// isWithin tells whether a directory is that folder, or lies in it, whatever names lead there.
func isWithin(dir string, folder os.FileInfo) bool {
	path, err := filepath.EvalSymlinks(dir)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	for err == nil {
		info, statErr := os.Stat(path)
		if statErr == nil && os.SameFile(info, folder) {
			return true
		}
		if filepath.Dir(path) == path {
			break
		}
		path = filepath.Dir(path)
	}
	return false
}

func (a *app) runCompose(o *composeOptions, f *pflag.FlagSet) error {
	if err := o.validate(f); err != nil {
		return err
	}
	if err := o.wantFolders(); err != nil {
		return err
	}
	if o.check {
		return a.checkCompose(o)
	}
	set, err := a.readDeployed(o.output, o.dir)
	if err != nil {
		return err
	}
	if _, err := set.want("1", a.now()); err != nil {
		return err
	}
	there, err := o.look()
	if err != nil {
		return err
	}
	if err := there.want(); err != nil {
		return err
	}
	return a.layOut(o, set, there)
}
