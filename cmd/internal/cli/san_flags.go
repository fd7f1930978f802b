package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/milvus"
)

// sanFlags are --san and --san-for, which stands for the --san of each name of a deployment.
func (p *profileFlags) sanFlags(f *pflag.FlagSet, usage string) {
	p.sanFlag(f, usage)
	f.Var(sanValue{&p.sans, milvus.NamesFor, "deployment"}, "san-for", "names of the server in a deployment: compose, or kubernetes=SERVICE[.NAMESPACE]; repeatable")
}

func (p *profileFlags) sanFlag(f *pflag.FlagSet, usage string) {
	itself := func(name string) ([]string, error) { return []string{name}, nil }
	f.Var(sanValue{&p.sans, itself, "name"}, "san", usage+": DNS:name, IP:address, or either alone; repeatable")
}

// errServersNames is about --san-for, and a client's certificate.
var errServersNames = errors.New("--san-for is for servers, for it stands for the names under which a deployment is dialled; --san adds names to a client's certificate")

// sanValue is a flag that adds names to a list, which several flags may share.
type sanValue struct {
	sans  *[]string
	names func(string) ([]string, error) // that a value stands for
	kind  string
}

// Set adds the names that are not there yet.
func (v sanValue) Set(value string) error {
	names, err := v.names(value)
	for _, name := range names {
		if !slices.Contains(*v.sans, name) {
			*v.sans = append(*v.sans, name)
		}
	}
	return err
}

func (v sanValue) String() string {
	if v.sans == nil {
		return ""
	}
	return strings.Join(*v.sans, ",")
}

// Type is what help calls the value.
func (v sanValue) Type() string { return v.kind }
