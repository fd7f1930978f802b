// Command milvus-certs makes, checks and keeps the TLS certificates of a Milvus deployment.
package main

import (
	"os"

	"github.com/milvus-certs/milvus-certs/cmd/internal/cli"
)

// version is set by the Makefile.
var version = "dev"

func main() { os.Exit(cli.Main(version, os.Args[1:], os.Stdout, os.Stderr)) }
