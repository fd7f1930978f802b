package sets

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// edit makes a certificate go wrong.
type edit func(*cert)

func on(name string, edits ...edit) change {
	return func(p *plan) {
		for _, edit := range edits {
			edit(p.certs[name])
		}
	}
}

func ca(edits ...edit) change     { return on("ca", edits...) }
func server(edits ...edit) change { return on("server", edits...) }
func client(edits ...edit) change { return on("client", edits...) }

func leaves(edits ...edit) change {
	return func(p *plan) {
		server(edits...)(p)
		client(edits...)(p)
	}
}

func all(edits ...edit) change {
	return func(p *plan) {
		ca(edits...)(p)
		leaves(edits...)(p)
	}
}

// stranger adds a CA of another key, which issues nothing.
func stranger(edits ...edit) change {
	return func(p *plan) {
		p.certs["stranger"] = newCA("another CA")
		on("stranger", edits...)(p)
	}
}

// intermediate adds a CA between the CA and the leaves.
func intermediate(edits ...edit) change {
	return func(p *plan) {
		between := newCA("milvus intermediate CA")
		between.issuer = p.certs["ca"]
		p.certs["intermediate"] = between
		on("intermediate", edits...)(p)
		leaves(func(c *cert) { c.issuer = between })(p)
	}
}

// holds sets the certificates of a PEM file.
func holds(file string, names ...string) change {
	return func(p *plan) { p.holds[file] = names }
}

// chained gives both leaves the intermediate CA along.
func chained(p *plan) {
	holds("server.pem", "server", "intermediate")(p)
	holds("client.pem", "client", "intermediate")(p)
}

// keyOf has a key file hold the key of another certificate than its own.
func keyOf(file, name string) change {
	return func(p *plan) { p.keys[file] = name }
}

// rewrite changes a file once it is written.
func rewrite(file string, edit func([]byte) []byte) change {
	return func(p *plan) {
		p.after = append(p.after, func(dir string) error {
			path := filepath.Join(dir, file)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, edit(data), 0o600)
		})
	}
}

// openssl runs a command in the directory of the set once it is written.
func openssl(args ...string) change {
	return func(p *plan) {
		p.after = append(p.after, func(dir string) error { return run(dir, "openssl", args...) })
	}
}

// converted has a command of OpenSSL rewrite a file, which it could not read any more if it were to write it itself.
func converted(file string, args ...string) change {
	return func(p *plan) {
		openssl(append(args, "-in", file, "-out", "converted")...)(p)
		p.after = append(p.after, func(dir string) error {
			return os.Rename(filepath.Join(dir, "converted"), filepath.Join(dir, file))
		})
	}
}

func kind(k string) edit             { return func(c *cert) { c.kind = k } }
func signedBy(algorithm string) edit { return func(c *cert) { c.signed = algorithm } }
func subjectOf(name []byte) edit     { return func(c *cert) { c.subject = name } }
func until(t time.Time) edit         { return func(c *cert) { c.to = t } }
func since(t time.Time) edit         { return func(c *cert) { c.from = t } }
func lasting(d time.Duration) edit   { return func(c *cert) { c.to = c.from.Add(d) } }
func serial(octets ...byte) edit     { return func(c *cert) { c.serial = octets } }
func withoutIDs(c *cert)             { c.noIDs = true }
func selfSigned(c *cert)             { c.issuer = nil }

// versionOne has no extensions: there is no place for them.
func versionOne(c *cert) {
	c.version = 1
	withoutExtensions(c)
}

func withoutExtensions(c *cert) { c.extensions, c.noIDs = nil, true }

// extended sets an extension, in place of one of its kind.
func extended(e pkix.Extension) edit {
	return func(c *cert) {
		if i := slices.IndexFunc(c.extensions, func(o pkix.Extension) bool { return o.Id.Equal(e.Id) }); i >= 0 {
			c.extensions[i] = e
			return
		}
		c.extensions = append(c.extensions, e)
	}
}

func without(id asn1.ObjectIdentifier) edit {
	return func(c *cert) {
		c.extensions = slices.DeleteFunc(c.extensions, func(e pkix.Extension) bool { return e.Id.Equal(id) })
	}
}
