package manifests

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/cert-manager/cert-manager/pkg/util/pki"
	corev1 "k8s.io/api/core/v1"
)

// oddConf has subjects and names that have no fields of their own, or none that keep their order.
const oddConf = `[req]
prompt = no
distinguished_name = dn
utf8 = yes
string_mask = utf8only
[dn]
C = DE
1.OU = first
O = a, b + c = \"d\"; <e> \\ \#f
2.OU = second
1.CN = milvus.example.com
emailAddress = tls@example.com
street = " Straße 1 "
title = \#x
[v3_req]
basicConstraints = critical, CA:FALSE
keyUsage = digitalSignature, nonRepudiation, keyAgreement
extendedKeyUsage = serverAuth, clientAuth, codeSigning, emailProtection, timeStamping
subjectAltName = DNS:milvus.example.com, DNS:*.example.com, IP:10.0.0.5, IP:fd00::1, URI:spiffe://example.com/milvus, email:tls@example.com
`

// TestCertManager has cert-manager's own code issue from the resources, as its controllers do, and compares.
func TestCertManager(t *testing.T) {
	for name, flags := range map[string][]string{
		"rsa-2048":  nil,
		"ec-p384":   {"--key-type", "ec-p384"},
		"ed25519":   {"--key-type", "ed25519"},
		"days":      {ec, "--days", "20", "--ca-days", "3650"},
		"odd":       {ec, "--config", "odd.cnf"},
		"one-field": {ec, "--country", "", "--organization", "", "--organizational-unit", "", "--common-name", "a.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "odd" {
				dir := t.TempDir()
				write(t, oddConf, dir, "odd.cnf")
				flags[2] = filepath.Join(dir, "odd.cnf")
			}
			dir := newSet(t, flags...)
			text := run(t, dir, "setup", "cert-manager", "-d", "certs", "-q", "--out", "ca.yaml")
			caSecret := strict[corev1.Secret](t, string(read(t, dir, "ca.yaml")))
			documents := documents(text)
			if len(documents) != 3 {
				t.Fatalf("%d documents:\n%s", len(documents), text)
			}
			wantIssuer(t, documents[0], caSecret)
			for i, role := range []string{"server", "client"} {
				crt := strict[cmapi.Certificate](t, documents[1+i])
				if crt.APIVersion != "cert-manager.io/v1" || crt.Kind != "Certificate" || crt.Name != "my-release-"+role || crt.Spec.SecretName != "my-release-"+role+"-tls" {
					t.Errorf("%+v %+v", crt.TypeMeta, crt.ObjectMeta)
				}
				issued, key := issue(t, &crt, caSecret)
				ours := certificateIn(t, read(t, dir, "certs", role+".pem"))
				wantAlike(t, certificateIn(t, issued.ChainPEM), ours)
				if crt.Spec.RenewBefore.Duration <= 0 || crt.Spec.RenewBefore.Duration > crt.Spec.Duration.Duration/2 || crt.Spec.PrivateKey.RotationPolicy != cmapi.RotationPolicyAlways {
					t.Errorf("renewed %s before the end of %s, %s", crt.Spec.RenewBefore.Duration, crt.Spec.Duration.Duration, crt.Spec.PrivateKey.RotationPolicy)
				}
				if role == "server" {
					wantUsable(t, dir, uncommented(text), issued, key)
				}
			}
			refuses[cmapi.Certificate](t, documents[1], "spec", "secretName", "issuerRef", "usages", "duration", "renewBefore", "privateKey", "rotationPolicy", "algorithm")
			refuses[cmapi.Issuer](t, documents[0], "spec", "ca", "secretName")
		})
	}
}

func wantIssuer(t *testing.T, text string, secret corev1.Secret) {
	t.Helper()
	i := strict[cmapi.Issuer](t, text)
	if i.APIVersion != "cert-manager.io/v1" || i.Kind != "Issuer" || i.Spec.CA == nil || i.Spec.CA.SecretName != secret.Name || i.Namespace != secret.Namespace {
		t.Errorf("%+v for %+v", i, secret.ObjectMeta)
	}
	if secret.Type != corev1.SecretTypeTLS || len(secret.Data) != 2 {
		t.Errorf("Secret of type %s", secret.Type)
	}
}

// issue is what cert-manager's controllers do with a Certificate of a CA Issuer: pkg/controller/certificates/requestmanager and
// pkg/controller/certificaterequests/ca.
func issue(t *testing.T, crt *cmapi.Certificate, secret corev1.Secret) (pki.PEMBundle, []byte) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := pki.GeneratePrivateKeyForCertificate(crt)
	must(err)
	csr, err := pki.GenerateCSR(crt, pki.WithUseLiteralSubject(true))
	must(err)
	der, err := pki.EncodeCSR(csr, key)
	must(err)
	request := &cmapi.CertificateRequest{Spec: cmapi.CertificateRequestSpec{
		Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), Duration: crt.Spec.Duration, IsCA: crt.Spec.IsCA, Usages: crt.Spec.Usages,
	}}
	template, err := pki.CertificateTemplateFromCertificateRequest(request)
	must(err)
	cas, err := pki.DecodeX509CertificateChainBytes(secret.Data[corev1.TLSCertKey])
	must(err)
	caKey, err := pki.DecodePrivateKeyBytes(secret.Data[corev1.TLSPrivateKeyKey])
	must(err)
	bundle, err := pki.SignCSRTemplate(cas, caKey, template)
	must(err)
	keyPEM, err := pki.EncodePrivateKey(key, crt.Spec.PrivateKey.Encoding)
	must(err)
	return bundle, keyPEM
}

func certificateIn(t *testing.T, data []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(data)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// attributes of a name, in order, whatever types their strings have.
func attributes(t *testing.T, der []byte) string {
	t.Helper()
	var rdns pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &rdns); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, rdn := range rdns {
		for _, a := range rdn {
			out = append(out, fmt.Sprintf("%s=%q", a.Type, a.Value))
		}
		out = append(out, "/")
	}
	return strings.Join(out, " ")
}

func keySize(public crypto.PublicKey) int {
	switch public := public.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen()
	case *ecdsa.PublicKey:
		return public.Params().BitSize
	}
	return 0
}

// wantAlike compares field by field.
func wantAlike(t *testing.T, got, want *x509.Certificate) {
	t.Helper()
	for _, f := range []struct {
		name      string
		got, want any
	}{
		{"subject", attributes(t, got.RawSubject), attributes(t, want.RawSubject)},
		{"issuer", attributes(t, got.RawIssuer), attributes(t, want.RawIssuer)},
		{"DNS names", got.DNSNames, want.DNSNames},
		{"addresses", got.IPAddresses, want.IPAddresses},
		{"URIs", got.URIs, want.URIs},
		{"mailboxes", got.EmailAddresses, want.EmailAddresses},
		{"key usage", got.KeyUsage, want.KeyUsage},
		{"extended key usage", slices.Sorted(slices.Values(got.ExtKeyUsage)), slices.Sorted(slices.Values(want.ExtKeyUsage))},
		{"other uses", got.UnknownExtKeyUsage, want.UnknownExtKeyUsage},
		{"CA", got.IsCA, want.IsCA},
		{"kind of key", got.PublicKeyAlgorithm, want.PublicKeyAlgorithm},
		{"size of the key", keySize(got.PublicKey), keySize(want.PublicKey)},
		{"authority", bytes.Equal(got.AuthorityKeyId, want.AuthorityKeyId), true},
	} {
		if got, want := fmt.Sprint(f.got), fmt.Sprint(f.want); got != want {
			t.Errorf("%s: %s, wanted %s", f.name, got, want)
		}
	}
	if off := got.NotAfter.Sub(got.NotBefore) - want.NotAfter.Sub(want.NotBefore); off.Abs() > 2*time.Hour {
		t.Errorf("it is valid %s longer", off)
	}
	if got.NotAfter.After(want.NotAfter.Add(2 * time.Hour)) {
		t.Errorf("it ends on %s, wanted %s", got.NotAfter, want.NotAfter)
	}
}

// wantUsable lays out what cert-manager would write, by the items of the volume, and has verify judge it.
func wantUsable(t *testing.T, dir, document string, issued pki.PEMBundle, key []byte) {
	t.Helper()
	m := strict[milvus](t, document)
	wantMounted(t, m.Spec.Components.Volumes, m.Spec.Components.VolumeMounts, m.Spec.Config, "my-release-server-tls", "/certs")
	secret := map[string][]byte{"tls.crt": issued.ChainPEM, "tls.key": key, "ca.crt": issued.CAPEM}
	mounted := t.TempDir()
	for _, item := range m.Spec.Components.Volumes[0].Secret.Items {
		write(t, string(secret[item.Key]), mounted, item.Path)
	}
	run(t, mounted, "verify", "--mode", "1", "--client", "milvus")
	run(t, mounted, "verify", "--mode", "1", "--client", "go")
	sameBytes(t, "ca.crt", issued.CAPEM, read(t, dir, "certs", "ca.pem"))
}

// TestCertManagerService: --service adds the names of the Service.
func TestCertManagerService(t *testing.T) {
	dir := newSet(t, ec)
	text := run(t, dir, "setup", "cert-manager", "-d", "certs", "-q", "--service", "other", "--namespace", "search")
	crt := strict[cmapi.Certificate](t, documents(text)[1])
	for _, name := range []string{"localhost", "other", "other.search", "other.search.svc", "other.search.svc.cluster.local"} {
		if !slices.Contains(crt.Spec.DNSNames, name) {
			t.Errorf("%s is missing in %v", name, crt.Spec.DNSNames)
		}
	}
	strict[helmValues](t, uncommented(run(t, dir, "setup", "cert-manager", "-d", "certs", "-q", "--for", "helm")))
}

// TestCertManagerCA: the Secret is that of kubectl's command, of a key that is decrypted for it, and of a CA with one above it.
func TestCertManagerCA(t *testing.T) {
	t.Run("as kubectl makes it", func(t *testing.T) {
		dir := newSet(t, ec)
		run(t, dir, "setup", "cert-manager", "-d", "certs", "-q", "--out", "ca.yaml")
		s := strict[corev1.Secret](t, string(read(t, dir, "ca.yaml")))
		sameBytes(t, "tls.crt", s.Data["tls.crt"], read(t, dir, "certs", "ca.pem"))
		sameBytes(t, "tls.key", s.Data["tls.key"], read(t, dir, "certs", "ca.key"))
	})
	t.Run("encrypted", func(t *testing.T) {
		dir := t.TempDir()
		write(t, "a pass phrase\n", dir, "pass")
		run(t, dir, "init", "-q", ec, "--encrypt-ca-key", "--passphrase-file", "pass")
		run(t, dir, "setup", "cert-manager", "-q", "--out", "ca.yaml", "--passphrase-file", "pass")
		s := strict[corev1.Secret](t, string(read(t, dir, "ca.yaml")))
		text := run(t, dir, "setup", "cert-manager", "-q")
		crt := strict[cmapi.Certificate](t, documents(text)[1])
		issue(t, &crt, s)
		if strings.Contains(text, "kubectl create secret tls") {
			t.Error("kubectl cannot make it")
		}
	})
	t.Run("below another", func(t *testing.T) {
		dir, corp := t.TempDir(), t.TempDir()
		belowAnother(t, corp)
		key := filepath.Join(corp, "sub.key")
		run(t, dir, "init", "-q", ec, "--ca-cert", filepath.Join(corp, "chain.pem"), "--ca-key", key)
		run(t, dir, "setup", "cert-manager", "-q", "--out", "ca.yaml", "--ca-key", key)
		s := strict[corev1.Secret](t, string(read(t, dir, "ca.yaml")))
		crt := strict[cmapi.Certificate](t, documents(run(t, dir, "setup", "cert-manager", "-q"))[1])
		issued, _ := issue(t, &crt, s)
		sameBytes(t, "ca.crt", issued.CAPEM, read(t, corp, "ca.pem"))
		if n := bytes.Count(issued.ChainPEM, []byte("BEGIN")); n != 2 {
			t.Errorf("%d certificates in tls.crt", n)
		}
	})
}

// belowAnother makes a CA that a root issued: chain.pem has both, sub.key is its key.
func belowAnother(t *testing.T, dir string) {
	t.Helper()
	write(t, `[req]
distinguished_name = dn
x509_extensions = v3_ca
[dn]
[v3_ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[sub]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`, dir, "ca.cnf")
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "4000", "-subj", "/CN=corp root", "-config", "ca.cnf"},
		{"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "sub.key", "-out", "sub.csr", "-subj", "/CN=corp sub", "-config", "ca.cnf"},
		{"x509", "-req", "-in", "sub.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "sub.pem", "-days", "3900", "-extfile", "ca.cnf", "-extensions", "sub"},
	} {
		c := exec.Command("openssl", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	write(t, string(read(t, dir, "sub.pem"))+string(read(t, dir, "ca.pem")), dir, "chain.pem")
}
