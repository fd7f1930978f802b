package deploy

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/x509v3"
)

// CertManagerItems are the files of Milvus by the keys of a Secret that cert-manager writes.
func CertManagerItems() []Item {
	return []Item{{tlsCertificate, certset.ServerCertificate}, {tlsKey, certset.ServerKey}, {tlsCA, certset.CACertificate}}
}

// Issuer is a CA in a namespace from which cert-manager issues.
type Issuer struct {
	Name, Namespace string
	Secret          string // with the CA's certificate and key
}

// The resources, by the names of github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1.
type (
	issuerResource struct {
		APIVersion string     `yaml:"apiVersion"`
		Kind       string     `yaml:"kind"`
		Metadata   meta       `yaml:"metadata"`
		Spec       issuerSpec `yaml:"spec"`
	}
	issuerSpec struct {
		CA issuerCA `yaml:"ca"`
	}
	issuerCA struct {
		SecretName string `yaml:"secretName"`
	}
	certificateResource struct {
		APIVersion string          `yaml:"apiVersion"`
		Kind       string          `yaml:"kind"`
		Metadata   meta            `yaml:"metadata"`
		Spec       certificateSpec `yaml:"spec"`
	}
	certificateSpec struct {
		SecretName     string      `yaml:"secretName"`
		IssuerRef      issuerRef   `yaml:"issuerRef"`
		LiteralSubject string      `yaml:"literalSubject,omitempty"`
		Subject        *subject    `yaml:"subject,omitempty"`
		CommonName     string      `yaml:"commonName,omitempty"`
		DNSNames       []string    `yaml:"dnsNames,omitempty"`
		IPAddresses    []string    `yaml:"ipAddresses,omitempty"`
		URIs           []string    `yaml:"uris,omitempty"`
		EmailAddresses []string    `yaml:"emailAddresses,omitempty"`
		IsCA           bool        `yaml:"isCA"`
		Usages         []string    `yaml:"usages,omitempty"`
		Duration       string      `yaml:"duration"`
		RenewBefore    string      `yaml:"renewBefore"`
		PrivateKey     *privateKey `yaml:"privateKey"`
	}
	issuerRef struct {
		Name  string `yaml:"name"`
		Kind  string `yaml:"kind"`
		Group string `yaml:"group"`
	}
	privateKey struct {
		Algorithm      string `yaml:"algorithm"`
		Size           int    `yaml:"size,omitempty"`
		Encoding       string `yaml:"encoding"`
		RotationPolicy string `yaml:"rotationPolicy"`
	}
)

const certManagerAPI = "cert-manager.io/v1"

// Resource is the Issuer.
func (i Issuer) Resource() (string, error) {
	return document(issuerResource{certManagerAPI, "Issuer", meta{i.Name, i.Namespace}, issuerSpec{issuerCA{i.Secret}}})
}

// Certificate is what cert-manager is told to issue in place of a certificate of the set.
type Certificate struct {
	Name, Secret string
	Issuer       Issuer
	Like         *certset.Certificate
	MoreNames    []string // host names besides those that the certificate has
	Lasts        time.Duration
}

const (
	usualRenewal = 30 * 24 * time.Hour // as this program's --renew-before
	leastLasting = time.Hour           // MinimumCertificateDuration of cert-manager's API
)

// Resource is the Certificate: of the same subject, names, uses and kind of key. The error says what cert-manager cannot express.
// What it makes otherwise than the certificate is, is in Differences.
func (c Certificate) Resource() (string, error) {
	if problems := c.Inexpressible(); len(problems) > 0 {
		return "", fmt.Errorf("cert-manager cannot express it: %s", strings.Join(problems, "; "))
	}
	if c.Lasts < leastLasting {
		return "", errors.New("cert-manager issues nothing that lasts less than an hour")
	}
	spec := certificateSpec{
		SecretName: c.Secret, IssuerRef: issuerRef{c.Issuer.Name, "Issuer", "cert-manager.io"},
		Duration: hours(c.Lasts), RenewBefore: hours(min(usualRenewal, c.Lasts/3)), //nolint:mnd // a third, as cert-manager does by itself
	}
	name, err := x509v3.ReadName(c.Like.RawSubject)
	if err != nil {
		return "", err
	}
	spec.setSubject(name)
	spec.setNames(certpath.IdentityOf(c.Like), c.MoreNames)
	spec.Usages, _ = usages(c.Like)
	spec.PrivateKey, err = keyOf(c.Like)
	if err != nil {
		return "", err
	}
	return document(certificateResource{certManagerAPI, "Certificate", meta{c.Name, c.Issuer.Namespace}, spec})
}

// hours writes a length of time as cert-manager's API wants it, whole minutes of it.
func hours(d time.Duration) string {
	text := d.Truncate(time.Minute).String()
	text = strings.TrimSuffix(text, "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (s *certificateSpec) setNames(id certpath.Identity, more []string) {
	s.DNSNames = slices.Clone(id.DNS)
	for _, name := range more {
		if !slices.Contains(s.DNSNames, name) {
			s.DNSNames = append(s.DNSNames, name)
		}
	}
	for _, a := range id.Addresses {
		s.IPAddresses = append(s.IPAddresses, a.String())
	}
	s.URIs, s.EmailAddresses = id.URIs, id.Emails
}

// Inexpressible is what of the certificate cert-manager has no words for.
func (c Certificate) Inexpressible() (problems []string) {
	if c.Like.X509 == nil {
		problems = append(problems, fmt.Sprintf("Go, in which it is written, refuses the certificate: %v", c.Like.X509Err))
	}
	if name, err := x509v3.ReadName(c.Like.RawSubject); err != nil {
		problems = append(problems, "subject: "+err.Error())
	} else if err := checkSubject(name); err != nil {
		problems = append(problems, "subject: "+err.Error())
	}
	id := certpath.IdentityOf(c.Like)
	if slices.ContainsFunc(slices.Concat(id.DNS, id.URIs, id.Emails), func(n string) bool { return CheckText(n) != nil }) {
		problems = append(problems, "subjectAltName: a name with characters in it that are not to be seen")
	}
	if id.Others > 0 {
		problems = append(problems, "subjectAltName: names that are no host, address, URI or mailbox")
	}
	if _, unknown := usages(c.Like); len(unknown) > 0 {
		problems = append(problems, "extendedKeyUsage: "+strings.Join(unknown, ", "))
	}
	if ca := c.Like.Uses().CA; ca != nil && *ca {
		problems = append(problems, "basicConstraints: it is a CA, and should be none")
	}
	if _, err := keyOf(c.Like); err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}

// The names of uses in cert-manager's API, by those of RFC 5280 and by OID: pkg/api/util/usages.go.
var (
	keyUsageNames = map[string]string{
		"digitalSignature": "digital signature", "nonRepudiation": "content commitment", "keyEncipherment": "key encipherment",
		"dataEncipherment": "data encipherment", "keyAgreement": "key agreement", "keyCertSign": "cert sign", "cRLSign": "crl sign",
		"encipherOnly": "encipher only", "decipherOnly": "decipher only",
	}
	extKeyUsageNames = map[string]string{
		"2.5.29.37.0": "any", "1.3.6.1.5.5.7.3.1": "server auth", "1.3.6.1.5.5.7.3.2": "client auth", "1.3.6.1.5.5.7.3.3": "code signing",
		"1.3.6.1.5.5.7.3.4": "email protection", "1.3.6.1.5.5.7.3.5": "ipsec end system", "1.3.6.1.5.5.7.3.6": "ipsec tunnel",
		"1.3.6.1.5.5.7.3.7": "ipsec user", "1.3.6.1.5.5.7.3.8": "timestamping", "1.3.6.1.5.5.7.3.9": "ocsp signing",
		"1.3.6.1.4.1.311.10.3.3": "microsoft sgc", "2.16.840.1.113730.4.1": "netscape sgc",
	}
)

// usages are the uses of a certificate in cert-manager's words, and the OIDs of those that it has no word for.
func usages(c *certset.Certificate) (names, unknown []string) {
	uses := c.Uses()
	for _, u := range uses.KeyUsage {
		names = append(names, keyUsageNames[u])
	}
	for _, oid := range uses.ExtKeyUsage {
		if name, ok := extKeyUsageNames[oid.String()]; ok {
			names = append(names, name)
		} else {
			unknown = append(unknown, oid.String())
		}
	}
	return names, unknown
}

// keyOf is what kind of key cert-manager makes. It makes one anew each time, as renew does here.
func keyOf(c *certset.Certificate) (*privateKey, error) {
	key := &privateKey{Encoding: "PKCS8", RotationPolicy: "Always"}
	public, err := c.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("the key: %w", err)
	}
	const least, most = 2048, 8192 // MinRSAKeySize and MaxRSAKeySize of pkg/util/pki
	switch public := public.(type) {
	case *rsa.PublicKey:
		key.Algorithm, key.Size = "RSA", public.N.BitLen()
		if key.Size < least || key.Size > most {
			return nil, fmt.Errorf("the key: RSA of %d bits, where %d to %d will do", key.Size, least, most)
		}
	case *ecdsa.PublicKey:
		key.Algorithm, key.Size = "ECDSA", public.Params().BitSize
		if !slices.Contains([]int{256, 384, 521}, key.Size) {
			return nil, fmt.Errorf("the key: a curve of %d bits, where P-256, P-384 and P-521 will do", key.Size)
		}
	case ed25519.PublicKey:
		key.Algorithm = "Ed25519"
	default:
		return nil, fmt.Errorf("the key: %s", c.KeyType())
	}
	return key, nil
}

// made are the extensions that cert-manager gives a certificate.
func made() []asn1.ObjectIdentifier {
	return []asn1.ObjectIdentifier{
		x509v3.OIDBasicConstraints, x509v3.OIDKeyUsage, x509v3.OIDExtKeyUsage, x509v3.OIDSubjectAltName,
		x509v3.OIDSubjectKeyIdentifier, x509v3.OIDAuthorityKeyIdentifier,
	}
}

// Differences are what a certificate from cert-manager has otherwise, and what it asks of cert-manager. Nobody who connects minds.
func (c Certificate) Differences() (notes []string) {
	for _, e := range c.Like.Extensions {
		if !slices.ContainsFunc(made(), e.Id.Equal) {
			notes = append(notes, fmt.Sprintf("the extension %s is left out", x509v3.Extension{ID: e.Id}.Name()))
		}
	}
	if len(c.Like.Uses().KeyUsage)+len(c.Like.Uses().ExtKeyUsage) == 0 {
		notes = append(notes, "no use was stated; cert-manager states digital signature and key encipherment")
	}
	name, err := x509v3.ReadName(c.Like.RawSubject)
	if err != nil {
		return notes // that is told of
	}
	var spec certificateSpec
	if spec.setSubject(name); spec.LiteralSubject != "" {
		notes = append(notes, "the subject needs literalSubject, which older cert-managers have with the feature gate LiteralCertificateSubject alone")
	}
	if len(name.Emails()) > 0 {
		notes = append(notes, "emailAddress in the subject becomes an UTF8String")
	}
	return notes
}
