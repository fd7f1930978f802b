package cli

import "github.com/spf13/cobra"

func (a *app) connectCommand() *cobra.Command { return &cobra.Command{Use: "connect"} }
