package profile

import (
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// Digest is a hash function that signatures are made with.
type Digest string

// The digests that can sign.
const (
	SHA1   Digest = "sha1"
	SHA256 Digest = "sha256"
	SHA384 Digest = "sha384"
	SHA512 Digest = "sha512"
)

// digests are the names that OpenSSL takes for them, in lower case.
var digests = map[string]Digest{
	"sha1": SHA1, "sha-1": SHA1, "ssl3-sha1": SHA1,
	"sha256": SHA256, "sha2-256": SHA256, "sha-256": SHA256,
	"sha384": SHA384, "sha2-384": SHA384, "sha-384": SHA384,
	"sha512": SHA512, "sha2-512": SHA512, "sha-512": SHA512,
}

// req is what the section [req] of a conf states, as req(1) reads it.
type req struct {
	options                       x509v3.Options // for the CA and for requests
	digest                        Digest
	digestStated                  bool
	utf8                          bool
	defaultBits                   *opensslconf.Value
	x509Extensions, reqExtensions *opensslconf.Value
	subject                       x509v3.Name // nil: to be built; else with prompt = no
	subjectFrom                   opensslconf.Position
	warnings                      []opensslconf.Warning
}

const reqSection = "req"

func readReq(conf *opensslconf.Conf, exact bool) (*req, error) {
	get := func(key string) *opensslconf.Value {
		if v, ok := conf.Lookup(reqSection, key); ok {
			return &v
		}
		return nil
	}
	r := &req{
		options: x509v3.Options{Mask: x509v3.UTF8Only}, digest: SHA256,
		defaultBits: get("default_bits"), x509Extensions: get("x509_extensions"), reqExtensions: get("req_extensions"),
	}
	if v := get("string_mask"); v != nil {
		mask, err := x509v3.ParseStringMask(v.Text)
		if err != nil {
			return nil, v.Errorf("%v", err)
		}
		r.options.Mask = mask
	}
	if v := get("utf8"); v != nil {
		r.utf8 = v.Text == "yes"
	}
	if err := r.readModules(conf); err != nil {
		return nil, err
	}
	if err := r.readObjects(conf); err != nil {
		return nil, err
	}
	if err := r.readDigest(get("default_md")); err != nil {
		return nil, err
	}
	if v := get("attributes"); v != nil && !conf.Has(v.Text) {
		return nil, v.Errorf("there is no section [%s]", v.Text)
	}
	prompt := get("prompt")
	asks := prompt == nil || prompt.Text != "no"
	return r, r.readSubject(conf, get("distinguished_name"), asks || exact)
}

func (r *req) readDigest(v *opensslconf.Value) error {
	if v == nil {
		return nil
	}
	digest, ok := digests[strings.ToLower(v.Text)]
	if !ok {
		return v.Errorf("wanted sha256, sha384 or sha512, found %q, which this program cannot sign with", v.Text)
	}
	if digest == SHA1 {
		r.warnings = append(r.warnings, v.Warnf("sha1 signs ca.pem and the requests; Go and current OpenSSL refuse such signatures; write sha256"))
	}
	r.digest, r.digestStated = digest, true
	return nil
}

// readSubject reads the section behind distinguished_name, which has to be there even where nothing of it counts.
func (r *req) readSubject(conf *opensslconf.Conf, name *opensslconf.Value, ignored bool) error {
	if name == nil {
		return nil
	}
	values, ok := conf.Section(name.Text)
	if !ok {
		return name.Errorf("there is no section [%s]", name.Text)
	}
	if ignored {
		return nil
	}
	if len(values) == 0 {
		return name.Errorf("the section [%s] is empty, and prompt = no wants a subject in it", name.Text)
	}
	subject, err := x509v3.ParseName(values, r.options)
	if err != nil {
		return err
	}
	r.subject, r.subjectFrom = subject, name.Pos
	return nil
}
