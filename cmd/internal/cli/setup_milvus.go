package cli

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// setupMilvusOptions are the flags of setup milvus.
type setupMilvusOptions struct {
	output
	dir, mode, containerDir string
	httpPort, sni           string
	internal, check, dryRun bool

	file    string // FILE; empty: the fragment is printed
	changed func(flag string) bool
}

func (a *app) setupMilvusCommand() *cobra.Command {
	o := &setupMilvusOptions{}
	c := &cobra.Command{
		Use:   "milvus [FILE]",
		Short: "Set TLS in milvus.yaml, or check it against the set",
		Long: `Set in FILE, a milvus.yaml, what Milvus needs for TLS: common.security.tlsMode and
the paths of server.pem, server.key and ca.pem in the container. Nothing else in
the file changes, not a comment, a blank or a line ending; what cannot be set so is
refused, with what to write by hand. Without FILE the settings are printed.

Without --mode a FILE that has tlsMode 2 keeps it, and any other gets 1.

With TLS, Milvus does not start unless proxy.http.port is set and is not the port of
gRPC, or proxy.http.enabled is false. Where FILE has neither, REST gets port 8080;
--http-port chooses another one, or switches REST off.

--internal sets TLS between the components of Milvus too. They want the server's
certificate to be for the name --sni. Without --sni the name in FILE stays, unless
server.pem in --dir is there and lacks it; else the first DNS name of server.pem is
taken. Where FILE has internal TLS on already, its paths move with the others.

--check writes nothing and says whether FILE and the set in --dir fit together; what
it is to look for besides, flags say. --dry-run prints the difference that a run would
make, which patch FILE DIFFERENCE makes.

Exit status: 0 done, or all fits; 1 the file cannot be changed, or something does
not fit; 2 the command line is wrong.`,
		Example: `  docker cp milvus-standalone:/milvus/configs/milvus.yaml .
  milvus-certs setup milvus milvus.yaml --mode 2 --dry-run
  milvus-certs setup milvus milvus.yaml --mode 2
  milvus-certs setup milvus milvus.yaml -d certs --check
  milvus-certs setup milvus --internal --sni milvus.example.com   # to paste`,
		Args: func(_ *cobra.Command, args []string) error { return o.arguments(args) },
		RunE: func(c *cobra.Command, _ []string) error {
			o.changed = c.Flags().Changed
			t, err := o.validate(c.Flags())
			if err != nil {
				return err
			}
			return a.runSetupMilvus(o, t)
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *setupMilvusOptions) arguments(args []string) error {
	switch {
	case len(args) > 1:
		return fmt.Errorf("wanted one FILE, found %q too", args[1])
	case len(args) == 1 && args[0] == "":
		return errors.New("wanted the name of a FILE, found nothing")
	case len(args) == 1:
		o.file = args[0]
	}
	return nil
}

func (o *setupMilvusOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set, for --check, the default of --sni, and what comes next")
	f.StringVar(&o.mode, "mode", "", "tlsMode: 1, clients verify the server, or 2, clients show a certificate too (default 2 where FILE has it, else 1)")
	f.StringVar(&o.containerDir, "container-dir", milvus.ContainerDir, "where Milvus finds the files, in its container")
	f.StringVar(&o.httpPort, "http-port", "", `port of REST, or off (default what FILE has, else 8080)`)
	f.BoolVar(&o.internal, "internal", false, "TLS between the components of Milvus too")
	f.StringVar(&o.sni, "sni", "", "with --internal: name that the components want in server.pem (default FILE's where server.pem has it, else its first DNS name)")
	f.BoolVar(&o.check, "check", false, "write nothing, and say whether FILE and the set fit together")
	f.BoolVar(&o.dryRun, "dry-run", false, "write nothing, and show the difference that it would make")
	o.output.flags(f)
	f.Lookup("quiet").Usage = "print no remarks, only errors, the settings without FILE, and the difference of --dry-run"
}

// validate turns the flags into what the file is to say.
func (o *setupMilvusOptions) validate(f *pflag.FlagSet) (t milvus.TLS, err error) {
	if err := wantNames(f, "dir", "container-dir", "http-port", "sni"); err != nil {
		return t, err
	}
	switch {
	case o.check && o.dryRun:
		return t, usagef("--check and --dry-run exclude each other")
	case o.file == "" && (o.check || o.dryRun):
		return t, usagef("--check and --dry-run are about a FILE; name the milvus.yaml")
	case o.sni != "" && !o.internal:
		return t, usagef("--sni goes with --internal")
	}
	t = milvus.TLS{ContainerDir: path.Clean(o.containerDir), Internal: o.internal}
	if err := deploy.CheckContainerDir(o.containerDir); err != nil {
		return t, usagef("--container-dir: %w, found %q", err, o.containerDir)
	}
	switch {
	case o.mode == "1", o.mode == "2":
		t.Mode = int(o.mode[0] - '0')
	case f.Changed("mode"):
		return t, usagef("--mode: wanted 1 or 2, found %q", o.mode)
	}
	if t.REST, err = parseREST(o.httpPort); err != nil {
		return t, err
	}
	if o.sni != "" {
		if t.SNI, err = verify.ParseHost(o.sni); err != nil {
			return t, usagef("--sni: %w", err)
		}
	}
	return t, o.output.validate()
}

// parseREST reads the value of --http-port.
func parseREST(text string) (milvus.REST, error) {
	const most = 65535
	switch port, err := strconv.Atoi(text); {
	case text == "":
		return milvus.REST{}, nil
	case text == "off":
		return milvus.REST{Off: true}, nil
	case err != nil || port < 1 || port > most:
		return milvus.REST{}, usagef("--http-port: wanted a port from 1 to %d, or off, found %q", most, text)
	default:
		return milvus.REST{Port: port}, nil
	}
}

// command is the command for the same file and set, without --check.
func (o *setupMilvusOptions) command() string {
	words := "setup milvus " + pathIn(filepath.Dir(o.file), filepath.Base(o.file))
	if o.changed("container-dir") {
		words += " --container-dir " + shellQuote(o.containerDir)
	}
	return commandIn(words, o.dir)
}
