package cli

import "github.com/spf13/cobra"

func (a *app) setupComposeCommand() *cobra.Command { return &cobra.Command{Use: "compose"} }
