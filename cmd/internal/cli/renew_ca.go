package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// renewCAOptions are the flags of renew ca.
type renewCAOptions struct {
	output
	profileFlags
	passphrase
	dir          string
	sameKey      bool
	finish       bool
	encryptCAKey bool
	strict       bool
}

func (a *app) renewCACommand() *cobra.Command {
	o := &renewCAOptions{}
	c := &cobra.Command{
		Use:   "ca",
		Short: "Change to a new CA without an outage",
		Long: `Change the CA of the set in --dir to a new one, step by step, so that nobody is
refused on the way:

  1  milvus-certs renew ca           a new CA, under a new name; ca.pem holds both,
                                     the new one first; the old key is kept in a
                                     dated folder
     Give ca.pem to every client and to Milvus, and restart them.
  2  milvus-certs renew              leaves of the new CA
     Restart Milvus, and hand out the client certificates.
  3  milvus-certs renew ca --finish  drops the old CA from ca.pem
     Give out ca.pem again.

Where nobody else may have the CA's key, --same-key is shorter: a new certificate
for the same key and name, with which the leaves stay valid.

The new CA lasts as long as the old one, has a key of the same type, and has the
year behind its CommonName. An encrypted ca.key stays encrypted, with the same
pass phrase. A CA that another one issued is for that one to renew.

Exit status: 0 done, 1 the work could not be done, or for --finish leaves are still
of the old CA, 2 the command line is wrong.`,
		Example: `  milvus-certs renew ca -d certs
  milvus-certs renew ca -d certs --finish
  milvus-certs renew ca --common-name "milvus CA 2" --key-type ec-p384
  milvus-certs renew ca --same-key --days 7300`,
		Args: noArguments("; the directory is given with --dir"),
		RunE: func(c *cobra.Command, _ []string) error { return a.runRenewCA(o, c.Flags()) },
	}
	o.flags(c.Flags())
	return c
}

func (o *renewCAOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.dir, "dir", "d", ".", "directory of the set")
	o.subjectFlag(f, "common-name", "CommonName of the new CA (default the old one's, with the year)")
	f.IntVar(&o.days, "days", 0, "days until it expires (default as the old one)")
	o.keyTypeFlag(f, "default that of the old key")
	f.BoolVar(&o.sameKey, "same-key", false, "a new certificate for the same key and name, and no change-over")
	f.BoolVar(&o.finish, "finish", false, "end the change-over: drop the old CA from ca.pem")
	f.BoolVar(&o.encryptCAKey, "encrypt-ca-key", false, "encrypt the new ca.key with a pass phrase, which is asked for on a terminal")
	o.passphrase.flags(f)
	f.BoolVar(&o.strict, "strict", false, "take warnings for errors")
	o.output.flags(f)
}

// newCAFlags say what the new CA is to be; with the others they make no sense.
var newCAFlags = []string{"common-name", "key-type", "encrypt-ca-key"}

func (o *renewCAOptions) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "dir", "common-name"); err != nil {
		return err
	}
	for _, name := range newCAFlags {
		if o.sameKey && f.Changed(name) {
			return usagef("--%s and --same-key exclude each other: it is for a new key", name)
		}
	}
	for _, name := range append([]string{"same-key", "days", "passphrase-file", "passphrase-env"}, newCAFlags...) {
		if o.finish && f.Changed(name) {
			return usagef("--%s and --finish exclude each other: the new CA is there already", name)
		}
	}
	if err := o.passphrase.validate(f); err != nil {
		return err
	}
	return o.output.validate()
}
