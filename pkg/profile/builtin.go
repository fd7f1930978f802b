package profile

import (
	_ "embed" // builtin.cnf
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// BuiltinName is what the built-in conf is called in messages.
const BuiltinName = "built-in conf"

//go:embed builtin.cnf
var builtin string

// BuiltinText returns the conf that is used where there is no other one.
func BuiltinText() string { return builtin }

// Builtin reads the built-in conf.
func Builtin() (*opensslconf.Conf, error) {
	return opensslconf.Parse(BuiltinName, strings.NewReader(builtin), opensslconf.System{})
}
