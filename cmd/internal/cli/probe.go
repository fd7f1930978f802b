package cli

import "github.com/spf13/cobra"

func (a *app) probeCommand() *cobra.Command { return &cobra.Command{Use: "probe"} }
