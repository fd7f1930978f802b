package cli

import "github.com/spf13/cobra"

func (a *app) setupKubernetesCommand() *cobra.Command { return &cobra.Command{Use: "kubernetes"} }
