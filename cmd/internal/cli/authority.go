package cli

import (
	"bytes"
	"crypto"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/expiry"
	"github.com/milvus-certs/milvus-certs/pkg/issuance"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// caFlags say which CA issues, where it is not the directory's own, and how its key is decrypted.
type caFlags struct {
	caCert, caKey string
	passphrase
}

func (c *caFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&c.caCert, "ca-cert", "", "certificate of the CA that issues, where it is not ca.pem in the directory; those of the CAs above it behind it")
	f.StringVar(&c.caKey, "ca-key", "", "key of the CA that issues, where it is not ca.key in the directory")
	c.passphrase.flags(f)
}

func (c *caFlags) validate(f *pflag.FlagSet) error {
	if err := wantNames(f, "ca-cert", "ca-key"); err != nil {
		return err
	}
	if c.caCert != "" && c.caKey == "" {
		return usagef("--ca-cert wants --ca-key too: what it issues is signed with that key")
	}
	return c.passphrase.validate(f)
}

// elsewhere tells whether another CA than the directory's issues.
func (c *caFlags) elsewhere() bool { return c.caCert != "" }

// certPath and keyPath are where the CA lies.
func (c *caFlags) certPath(dir string) string { return orIn(c.caCert, dir, certset.CACertificate) }
func (c *caFlags) keyPath(dir string) string  { return orIn(c.caKey, dir, certset.CAKey) }

func orIn(path, dir, name string) string {
	if path != "" {
		return path
	}
	return filepath.Join(dir, name)
}

// authority is the CA that issues, as it was found: its files, and what is in them.
type authority struct {
	certset.Entry
	certPath, keyPath string
	own               bool   // it is that of the directory
	data              []byte // the file of its certificate
}

// readCA reads the CA that issues. Files of the directory are read under its lock, so that they are of one CA. The CA's
// certificate is the one that the key belongs to; others in its file are its chain.
func (a *app) readCA(o output, c *caFlags, dir *store.Dir, path string) (*authority, error) {
	ca := &authority{certPath: c.certPath(path), keyPath: c.keyPath(path), own: !c.elsewhere()}
	cert, key, err := a.readCAFiles(o, ca, dir, path)
	if err != nil {
		return nil, err
	}
	ca.data = cert.Data
	certs, _, err := certset.ParseCertificates(cert.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ca.certPath, err)
	}
	if ca.Key, _, err = a.parseCAKey(o, &c.passphrase, key, ca.keyPath); err != nil {
		return nil, err
	}
	var others int
	if ca.Certificate, ca.Chain, others = issuance.CAOf(ca.Key, certs, a.now()); ca.Certificate == nil {
		return nil, fmt.Errorf("%s is not the key of a certificate in %s", ca.keyPath, ca.certPath)
	}
	if others > 0 && !ca.own {
		a.say(o, "warning: %s: %s above that CA, and left out", ca.certPath, countOf(others, "certificate is not", "certificates are not"))
	}
	return ca, nil
}

// isIn tells whether the directory's ca.pem has the CA in it.
func (ca *authority) isIn(dir *store.Dir) (bool, error) {
	trusted, _, err := trustedIn(dir)
	return slices.ContainsFunc(trusted, func(c *certset.Certificate) bool { return bytes.Equal(c.Raw, ca.Certificate.Raw) }), err
}

// trustedIn are the CAs in the directory's ca.pem, and whether there is one. One that cannot be read has none.
func trustedIn(dir *store.Dir) (certs []*certset.Certificate, found bool, err error) {
	files, err := dir.Read([]string{certset.CACertificate})
	if err != nil {
		return nil, false, err
	}
	f, found := files[certset.CACertificate]
	certs, _, err = certset.ParseCertificates(f.Data)
	if err != nil {
		return nil, found, nil //nolint:nilerr // verify tells of it
	}
	return certs, found, nil
}

// vouches tells whether those who trust some CAs take what another one issues.
func vouches(trusted []*certset.Certificate, ca certset.Entry) bool {
	return slices.ContainsFunc(trusted, func(c *certset.Certificate) bool {
		return bytes.Equal(c.Raw, ca.Certificate.Raw) || expiry.IssuedBy(ca, c)
	})
}

func (a *app) readCAFiles(o output, ca *authority, dir *store.Dir, path string) (cert, key certset.File, err error) {
	if !ca.own {
		return ca.files()
	}
	if err := a.lock(o, dir, path); err != nil {
		return cert, key, err
	}
	defer dir.Unlock() //nolint:errcheck // nothing was changed
	return ca.files()
}

// files reads the two files of the CA.
func (ca *authority) files() (cert, key certset.File, err error) {
	if cert, err = store.ReadFile(ca.certPath, store.MaxFileSize); err != nil {
		return cert, key, fmt.Errorf("%w; there is no CA here: milvus-certs init makes one, --ca-cert and --ca-key name another", err)
	}
	key, err = readCAKeyFile(ca.keyPath)
	return cert, key, err
}

func readCAKeyFile(path string) (certset.File, error) {
	key, err := store.ReadFile(path, store.MaxFileSize)
	if err != nil {
		err = fmt.Errorf("%w; the CA signs with its key: --ca-key names the file that it is kept in", err)
	}
	return key, err
}

// readCAKey reads the key of the CA alone.
func (a *app) readCAKey(o output, c *caFlags, dir string) (crypto.Signer, error) {
	path := c.keyPath(dir)
	f, err := readCAKeyFile(path)
	if err != nil {
		return nil, err
	}
	key, _, err := a.parseCAKey(o, &c.passphrase, f, path)
	return key, err
}

// parseCAKey reads a key, and says what its pass phrase is where it has one.
func (a *app) parseCAKey(o output, p *passphrase, f certset.File, path string) (key crypto.Signer, secret []byte, err error) {
	var askErr error // which is about no file of the CA
	ask := a.askPassphrase(o, p, path)
	key, _, err = certset.ParseKeyWith(f.Data, func() ([]byte, error) {
		secret, askErr = ask()
		return secret, askErr
	})
	switch {
	case askErr != nil:
		return nil, nil, askErr
	case err != nil:
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if warning := looseKey(f, path); warning != "" {
		a.say(o, "warning: %s", warning)
	}
	return key, secret, nil
}

// readCertificates reads a file of certificates that a flag names.
func readCertificates(path string) ([]*certset.Certificate, error) {
	f, err := store.ReadFile(path, store.MaxFileSize)
	if err != nil {
		return nil, err
	}
	certs, _, err := certset.ParseCertificates(f.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return certs, nil
}

// issuer wants the CA to be one that may sign.
func (ca *authority) issuer(now time.Time) (*issuance.Issuer, error) {
	i, err := issuance.NewIssuer(ca.Entry, now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ca.certPath, err)
	}
	return i, nil
}

// wantRoot wants a root above the CA, for ca.pem is what clients trust, and most of them take nothing else for an end.
func (ca *authority) wantRoot() error {
	isRoot := func(c *certset.Certificate) bool { return c.SignedBy(c) == nil }
	if isRoot(ca.Certificate) || slices.ContainsFunc(ca.Chain, isRoot) {
		return nil
	}
	top := ca.Certificate
	if len(ca.Chain) > 0 {
		top = ca.Chain[len(ca.Chain)-1]
	}
	return fmt.Errorf("%s: no root is above that CA, and most clients trust ca.pem for a root alone; append the certificates up to it, next that of %s", ca.certPath, oneLine(top.Issuer()))
}

// constrainsNames tells whether the CA, or one above it, allows some names only (RFC 5280, 4.2.1.10).
func (ca *authority) constrainsNames() bool {
	constrains := func(c *certset.Certificate) bool { return c.Extension(x509v3.OIDNameConstraints) != nil }
	return constrains(ca.Certificate) || slices.ContainsFunc(ca.Chain, constrains)
}

// vouchedFor warns where the directory's ca.pem, which those trust who take it from there, has not the CA.
func (ca *authority) vouchedFor(dir *store.Dir, path string) (warning string, err error) {
	if ca.own {
		return "", nil
	}
	trusted, found, err := trustedIn(dir)
	if err != nil || !found || vouches(trusted, ca.Entry) {
		return "", err
	}
	return fmt.Sprintf("%s has not the CA in %s: who trusts it refuses what that one issues", filepath.Join(path, certset.CACertificate), ca.certPath), nil
}

// changing notes that a change of the CA is under way.
func (ca *authority) changing() []string {
	certs, _, err := certset.ParseCertificates(ca.data)
	if err != nil || expiry.ChangeOverOf(certset.Entry{Certificate: certs[0], Chain: certs[1:]}) == nil || !bytes.Equal(certs[0].Raw, ca.Certificate.Raw) {
		return nil
	}
	return []string{"a change of the CA is under way, and what is issued now is of the new CA: who has not got ca.pem with both CAs yet refuses it"}
}

// unchanged wants the CA to be the one that was read.
func (ca *authority) unchanged() error {
	f, err := store.ReadFile(ca.certPath, store.MaxFileSize)
	if err == nil && !bytes.Equal(f.Data, ca.data) {
		err = fmt.Errorf("%s: %w", ca.certPath, errCAReplaced)
	}
	return err
}

// looseKey is a warning of a key that others than its owner can read.
func looseKey(f certset.File, path string) string {
	const others = 0o077
	if !modesMatter || f.Mode&others == 0 {
		return ""
	}
	return fmt.Sprintf("%s: others than its owner can use this key (mode %04o); chmod 600 %s", f.Name, f.Mode, pathIn(filepath.Dir(path), filepath.Base(path)))
}
