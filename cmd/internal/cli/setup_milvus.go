package cli

import "github.com/spf13/cobra"

func (a *app) setupMilvusCommand() *cobra.Command { return &cobra.Command{Use: "milvus"} }
