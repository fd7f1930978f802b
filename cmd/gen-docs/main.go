// Command gen-docs writes docs/cli and docs/man from the command tree.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/milvus-certs/milvus-certs/cmd/internal/cli"
)

func main() {
	if err := run(filepath.Join("docs")); err != nil {
		fmt.Fprintln(os.Stderr, "gen-docs:", err)
		os.Exit(1)
	}
}

func run(docs string) error {
	root := cli.RootCommand()
	for _, tree := range []struct {
		dir   string
		write func(*cobra.Command, string) error
	}{
		{filepath.Join(docs, "cli"), doc.GenMarkdownTree},
		{filepath.Join(docs, "man"), manTree},
	} {
		if err := os.RemoveAll(tree.dir); err != nil {
			return err
		}
		if err := os.MkdirAll(tree.dir, 0o750); err != nil {
			return err
		}
		if err := tree.write(root, tree.dir); err != nil {
			return err
		}
	}
	return nil
}

// manTree dates every page alike, so that the pages change with the commands only.
func manTree(root *cobra.Command, dir string) error {
	date := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Date: &date, Source: "milvus-certs", Manual: "milvus-certs"}, dir)
}
