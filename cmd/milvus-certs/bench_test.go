package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/cmd/internal/cli"
)

// BenchmarkInit is one set in an empty directory. It calls the command in this process: what starting a program costs is
// the machine's, and testdata/bench measures it.
func BenchmarkInit(b *testing.B) {
	for _, keyType := range []string{"rsa-2048", "ec-p256"} {
		b.Run(keyType, func(b *testing.B) {
			parent := b.TempDir()
			for i := 0; b.Loop(); i++ {
				dir := filepath.Join(parent, strconv.Itoa(i))
				require.NoError(b, os.Mkdir(dir, 0o700))
				require.Zero(b, cli.Main("bench", []string{"init", "-q", "-d", dir, "--key-type", keyType}, io.Discard, os.Stderr))
			}
		})
	}
}
