package profile

import (
	"crypto/x509"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// ignoredModules are the modules of config(5) that change nothing about a certificate that is made here.
var ignoredModules = map[string]bool{"providers": true, "alg_section": true, "ssl_conf": true, "random": true, "stbl_section": true}

// readModules follows openssl_conf, which configures OpenSSL itself before req(1) starts to work. Of its modules only the
// one that defines objects has a meaning here.
func (r *req) readModules(conf *opensslconf.Conf) error {
	v, ok := conf.Get("default", "openssl_conf")
	if !ok {
		return nil
	}
	modules, ok := conf.Section(v.Text)
	if !ok {
		return v.Errorf("there is no section [%s]", v.Text)
	}
	for _, m := range modules {
		name, _, _ := strings.Cut(m.Key, ".")
		switch {
		case name == "oid_section":
			if err := r.defineObjects(conf, m, true); err != nil {
				return err
			}
		case name == "engines":
			return m.Errorf("engines are not supported: keys are made and kept in files here; take the line out, or use openssl")
		case ignoredModules[name]:
			r.warnings = append(r.warnings, m.Warnf("passed over: it configures OpenSSL, which is not used here"))
		default:
			return m.Errorf("OpenSSL has no module of this name")
		}
	}
	return nil
}

// readObjects reads the section behind oid_section, which only the default section can name.
func (r *req) readObjects(conf *opensslconf.Conf) error {
	v, ok := conf.Get("default", "oid_section")
	if !ok {
		return nil
	}
	return r.defineObjects(conf, v, false)
}

func (r *req) defineObjects(conf *opensslconf.Conf, section opensslconf.Value, module bool) error {
	values, ok := conf.Section(section.Text)
	if !ok {
		return section.Errorf("there is no section [%s]", section.Text)
	}
	if r.options.Objects == nil {
		r.options.Objects = map[string]x509.OID{}
	}
	return x509v3.DefineObjects(r.options.Objects, values, module)
}
