package cli

import "github.com/spf13/cobra"

func (a *app) setupCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "setup",
		Short: "Give Milvus the certificates: milvus.yaml, Compose, Kubernetes, cert-manager",
		Long: `Write or print what the Milvus side of a set needs: the TLS settings of milvus.yaml,
a Compose override with the tls folder, the Secret and settings for Kubernetes, or
the resources that let cert-manager issue from this CA. Each has --check, which
changes nothing and says whether what is there and the set fit together.`,
		Args: knownCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.setupMilvusCommand(), a.setupComposeCommand(), a.setupKubernetesCommand(), a.setupCertManagerCommand())
	return c
}
