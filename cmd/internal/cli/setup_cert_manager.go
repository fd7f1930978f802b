package cli

import "github.com/spf13/cobra"

func (a *app) setupCertManagerCommand() *cobra.Command { return &cobra.Command{Use: "cert-manager"} }
