package issuance

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// extensions are those of a certificate that is made after another one.
type extensions []pkix.Extension

func (e extensions) clone() extensions { return slices.Clone(e) }

func (e extensions) find(id asn1.ObjectIdentifier) *pkix.Extension {
	for i := range e {
		if e[i].Id.Equal(id) {
			return &e[i]
		}
	}
	return nil
}

func (e extensions) without(id asn1.ObjectIdentifier) extensions {
	return slices.DeleteFunc(e.clone(), func(x pkix.Extension) bool { return x.Id.Equal(id) })
}

// set encodes an extension and puts it in the place of the old one, or to the end.
func (e *extensions) set(x x509v3.Extension, ctx x509v3.Context) error {
	encoded, err := x509v3.EncodeOne(x, ctx)
	if err != nil {
		return err
	}
	if old := e.find(x.ID); old != nil {
		old.Value = encoded.Value
		return nil
	}
	*e = append(*e, encoded)
	return nil
}

// rekey gives a subjectKeyIdentifier to the new key: it identifies the key (RFC 5280, 4.2.1.2), so that none that was chosen for the old
// one can stay. Where the key is the same it stays.
func (e extensions) rekey(oldBits []byte, key crypto.PublicKey) error {
	bits, err := publicKeyBits(key)
	if err != nil {
		return err
	}
	is, err := asn1.Marshal(x509v3.KeyIdentifier(bits))
	if err != nil {
		return err
	}
	if ski := e.find(x509v3.OIDSubjectKeyIdentifier); ski != nil && !bytes.Equal(bits, oldBits) {
		ski.Value = is
	}
	return nil
}

// complete adds the names and the use that a leaf lacks, and the names that were asked for. It returns what was added.
func (e *extensions) complete(subject []byte, r Renewal) (added []string, err error) {
	names, err := e.names(subject, r.SANs)
	if err != nil {
		return nil, err
	}
	if len(names) > 0 {
		added = append(added, "subjectAltName "+strings.Join(names, ", "))
	}
	usage := e.find(x509v3.OIDExtKeyUsage)
	if r.Role == "" || usage != nil && !r.ResetUsage {
		return added, nil
	}
	stated := []byte(nil)
	if usage != nil {
		stated = usage.Value
	}
	if err := e.set(r.Role.Extension(), x509v3.Context{}); err != nil {
		return nil, err
	}
	if bytes.Equal(stated, e.find(x509v3.OIDExtKeyUsage).Value) {
		return added, nil
	}
	return append(added, "extendedKeyUsage "+r.Role.Usage()), nil
}

// names adds to subjectAltName what was asked for, and where there is none the names of the CommonName.
func (e *extensions) names(subject []byte, asked x509v3.SubjectAltName) (added []string, err error) {
	old := e.find(x509v3.OIDSubjectAltName)
	if old == nil {
		// A subject that cannot be read gives no names.
		if name, err := x509v3.ReadName(subject); err == nil {
			commonName, _ := name.Get(x509v3.OIDCommonName)
			asked = slices.Concat(profile.NamesFor(commonName), asked)
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	var have []string
	if old != nil {
		have = certset.DescribeNames(old.Value)
	}
	var more x509v3.SubjectAltName
	for _, n := range asked {
		if !slices.Contains(have, n.String()) && !slices.Contains(more, n) {
			more, added = append(more, n), append(added, n.String())
		}
	}
	if len(more) == 0 {
		return nil, nil
	}
	encoded, err := x509v3.EncodeOne(x509v3.Extension{ID: x509v3.OIDSubjectAltName, Value: more}, x509v3.Context{})
	if err != nil {
		return nil, err
	}
	if old == nil {
		*e = append(*e, encoded)
		return added, nil
	}
	old.Value, err = concat(old.Value, encoded.Value)
	return added, err
}

// concat joins the elements of two SEQUENCEs.
func concat(a, b []byte) ([]byte, error) {
	var first, second asn1.RawValue
	if _, err := asn1.Unmarshal(a, &first); err != nil {
		return nil, fmt.Errorf("subjectAltName: %w", err)
	}
	if _, err := asn1.Unmarshal(b, &second); err != nil {
		return nil, fmt.Errorf("subjectAltName: %w", err)
	}
	return asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: slices.Concat(first.Bytes, second.Bytes)})
}

// identifyIssuer has the identifiers that are missing added, and that of the issuer name the one that signs now. Where it is the
// same one, only what names it by its certificate can be outdated.
func (e *extensions) identifyIssuer(ctx x509v3.Context, sameIssuer bool) (added []string, err error) {
	if e.find(x509v3.OIDSubjectKeyIdentifier) == nil {
		added = append(added, "subjectKeyIdentifier")
		if err := e.set(x509v3.Extension{ID: x509v3.OIDSubjectKeyIdentifier, Value: x509v3.SubjectKeyIdentifier{Hash: true}}, ctx); err != nil {
			return nil, err
		}
	}
	form := x509v3.AuthorityKeyIdentifier{KeyID: x509v3.WherePossible, Issuer: x509v3.WherePossible}
	old := e.find(x509v3.OIDAuthorityKeyIdentifier)
	if old == nil {
		added = append(added, "authorityKeyIdentifier")
	} else {
		byCertificate := namesIssuer(old.Value)
		if sameIssuer && !byCertificate {
			return added, nil
		}
		if byCertificate {
			form.Issuer = x509v3.Always
		}
	}
	return added, e.set(x509v3.Extension{ID: x509v3.OIDAuthorityKeyIdentifier, Value: form}, ctx)
}

// NamesIssuer tells whether a certificate names that of its CA by issuer and serial number, so that it does not fit another one for
// the same key (RFC 5280, 4.2.1.1).
func NamesIssuer(c *certset.Certificate) bool {
	e := extensions(c.Extensions).find(x509v3.OIDAuthorityKeyIdentifier)
	return e != nil && namesIssuer(e.Value)
}

// namesIssuer tells whether an authorityKeyIdentifier names the issuer's certificate, by its issuer and number.
func namesIssuer(der []byte) bool {
	var aki struct {
		KeyID  []byte        `asn1:"optional,tag:0"`
		Issuer asn1.RawValue `asn1:"optional,tag:1"`
		Serial asn1.RawValue `asn1:"optional,tag:2"`
	}
	_, err := asn1.Unmarshal(der, &aki)
	return err == nil && len(aki.Issuer.FullBytes) > 0
}

// completeCA does for a CA that is made after another one what the profile does for a new one. Ctx is that of a certificate which
// signs itself.
func (e *extensions) completeCA(ctx x509v3.Context) (added []string, err error) {
	for _, x := range profile.CAExtensions() {
		old := e.find(x.ID)
		switch {
		case x.ID.Equal(x509v3.OIDAuthorityKeyIdentifier):
			form := e.identifyItself(&ctx, old)
			if x.Value = form; old == nil && form.KeyID == x509v3.Never {
				continue
			}
			err = e.set(x, ctx)
		case old != nil && x.ID.Equal(x509v3.OIDBasicConstraints) && !old.Critical:
			old.Critical = true
			added = append(added, "basicConstraints made critical")
			continue
		case old == nil:
			err = e.set(x, ctx)
		}
		if err != nil {
			return nil, err
		}
		if old == nil {
			added = append(added, x.Name())
		}
	}
	return added, nil
}

// identifyItself returns the form of the authorityKeyIdentifier of a CA. It has to say what subjectKeyIdentifier says, be it
// chosen freely, or OpenSSL does not take the certificate for signed by itself.
func (e *extensions) identifyItself(ctx *x509v3.Context, old *pkix.Extension) (form x509v3.AuthorityKeyIdentifier) {
	const none = 2 // bytes or less are none to OpenSSL
	if ski := e.find(x509v3.OIDSubjectKeyIdentifier); ski != nil {
		ctx.Issuer.KeyID = nil
		_, _ = asn1.Unmarshal(ski.Value, &ctx.Issuer.KeyID) // where it cannot be read there is none
		if len(ctx.Issuer.KeyID) > none {
			form.KeyID = x509v3.Always
		}
	}
	if old != nil && namesIssuer(old.Value) {
		form.Issuer = x509v3.Always
	}
	return form
}
