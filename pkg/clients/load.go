package clients

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/netip"
	"sync"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// usableKey: TLS 1.3 signs with RSA, with three curves, and with Ed25519 (RFC 8446, 4.2.3, and Go's part of it).
func usableKey(c *certset.Certificate) bool {
	key, err := c.PublicKey()
	if err != nil {
		return false
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		const least = 1024 // crypto/rsa signs with none under it
		return key.N.BitLen() >= least
	case ed25519.PublicKey:
		return true
	case *ecdsa.PublicKey:
		const p224 = 224
		return key.Curve.Params().BitSize > p224
	}
	return false
}

func noSignature(c *certset.Certificate) string {
	return c.KeyType() + ", with which TLS 1.3 does not sign"
}

// rootsGo is AppendCertsFromPEM, whose result users of the SDK pass over.
func rootsGo(data []byte) ([]*certset.Certificate, string) { return goRoots(data), "" }

// rootsOpenSSL is X509_load_cert_crl_file(3), or why it reads nothing: a block with headers that are not those of encryption
// ends it.
func rootsOpenSSL(data []byte) ([]*certset.Certificate, string) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if strangeHeaders(data) {
		return nil, "not proc type"
	}
	certs := opensslCertificates(data)
	if len(certs) == 0 {
		return nil, "no start line"
	}
	return certs, ""
}

// byteOrderMark at the start of a file hides the first block from Go, and from no one else.
const byteOrderMark = "\xef\xbb\xbf"

func strangeHeaders(data []byte) bool {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if len(block.Headers) > 0 && block.Headers["Proc-Type"] == "" {
			return true
		}
	}
	return false
}

// opensslCertificates are those that PEM_read_bio_X509_AUX takes; what is called otherwise is passed over.
func opensslCertificates(data []byte) []*certset.Certificate {
	return certificates(data, func(b *pem.Block) bool {
		return b.Type == "CERTIFICATE" || b.Type == "X509 CERTIFICATE" || b.Type == "TRUSTED CERTIFICATE"
	})
}

// rootsJSSE is CertificateFactory.generateCertificates.
func rootsJSSE(data []byte) ([]*certset.Certificate, string) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if strangeHeaders(data) {
		return nil, "Could not parse certificate"
	}
	certs := opensslCertificates(data)
	switch {
	case len(certs) == 0 && bytes.Contains(data, []byte("-----BEGIN")):
		return nil, "Could not parse certificate"
	case len(certs) == 0:
		return nil, "found no certificates in input stream"
	}
	for _, c := range certs {
		if failure := certpath.JSSEParseError(c); failure != "" {
			return certs, failure
		}
	}
	return certs, ""
}

// loadGo is tls.LoadX509KeyPair.
func loadGo(cert []byte, key keyFile) ([]*certset.Certificate, *Reason) {
	if _, err := tls.X509KeyPair(cert, key.data); err != nil {
		file := certset.ClientKey
		if certs := goCertificates(cert); len(certs) == 0 || certs[0].X509 == nil {
			file = certset.ClientCertificate
		}
		return nil, &Reason{Cause: Unreadable, File: file, Detail: err.Error(), Shown: err.Error()}
	}
	return goCertificates(cert), nil
}

// openSSLLoader is SSL_CTX_use_certificate_chain_file(3) and SSL_CTX_use_PrivateKey_file(3).
type openSSLLoader struct {
	level  int  // of security, which the certificate has to come up to
	lax    bool // the level is not asked of the CAs behind the certificate
	der    bool // it reads DER too
	aborts bool // it takes an empty file for a fault of the program
}

// load returns what is sent. A reason has in Shown what OpenSSL says.
func (l openSSLLoader) load(cert []byte, key keyFile) ([]*certset.Certificate, *Reason) {
	for _, f := range []struct {
		data       []byte
		name, part string
	}{{key.data, certset.ClientKey, "private_key"}, {cert, certset.ClientCertificate, "cert_chain"}} {
		if l.aborts && len(f.data) == 0 {
			return nil, &Reason{Cause: Aborts, File: f.name, Detail: "it is empty", Shown: f.part}
		}
	}
	if l.der {
		cert, key = asPEM("CERTIFICATE", cert), key.fromDER()
	}
	certs, failure := rootsOpenSSL(cert)
	if failure != "" {
		return nil, &Reason{Cause: Unreadable, File: certset.ClientCertificate, Detail: "no certificate that OpenSSL reads", Shown: failure}
	}
	checks := certpath.OpenSSL{SecurityLevel: l.level}
	for i, c := range certs {
		if i > 0 && l.lax {
			break
		}
		if r := checks.OwnRefusal(c, i > 0); r != nil {
			return nil, &Reason{Cause: r.Cause, File: certset.ClientCertificate, Place: i + 1, Detail: r.Text, Shown: r.Text}
		}
	}
	return certs, checkOwnKey(certs[0], key)
}

// keyFile is a file with a private key, which is read once for all clients, for that takes time.
type keyFile struct {
	data   []byte
	signer func() (crypto.Signer, error)
}

func newKeyFile(data []byte) keyFile {
	return keyFile{data, sync.OnceValues(func() (crypto.Signer, error) {
		signer, _, err := certset.ParseKey(data)
		return signer, err
	})}
}

// fromDER is the file in PEM.
func (k keyFile) fromDER() keyFile {
	if data := asPEM("PRIVATE KEY", k.data); !bytes.Equal(data, k.data) {
		return newKeyFile(data)
	}
	return k
}

// asPEM writes DER as PEM, and leaves what is not DER.
func asPEM(kind string, data []byte) []byte {
	const sequence = 0x30
	if len(data) == 0 || data[0] != sequence {
		return data
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})
}

func checkOwnKey(c *certset.Certificate, key keyFile) *Reason {
	signer, err := key.signer()
	switch {
	case errors.Is(err, certset.ErrEncrypted):
		return &Reason{Cause: Unreadable, File: certset.ClientKey, Detail: "it is encrypted, and nobody gives a pass phrase", Shown: "bad decrypt"}
	case err != nil:
		return &Reason{Cause: Unreadable, File: certset.ClientKey, Detail: err.Error(), Shown: "unsupported"}
	case !(certset.Entry{Key: signer, Certificate: c}).HasKey():
		return &Reason{Cause: Unreadable, File: certset.ClientKey, Detail: otherKey, Shown: "key values mismatch"}
	}
	return nil
}

const otherKey = "it is the key of another certificate"

// loadJSSE is a key store made of the two files, as Netty makes it: the key has to be in PKCS#8. Whether it is the
// certificate's is for Milvus to find out.
func loadJSSE(cert []byte, key keyFile) ([]*certset.Certificate, *Reason) {
	certs, failure := rootsJSSE(cert)
	if failure != "" {
		return nil, &Reason{Cause: Unreadable, File: certset.ClientCertificate, Detail: failure, Shown: "java.security.cert.Certificate…"}
	}
	block, _ := pem.Decode(key.data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, &Reason{Cause: Unreadable, File: certset.ClientKey, Detail: "Java reads private keys in PKCS#8 only; openssl pkcs8 -topk8 -nocrypt -in FILE -out NEW converts it", Shown: "java.security.…Key…"}
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return nil, &Reason{Cause: Unreadable, File: certset.ClientKey, Detail: "it holds no private key that can be read", Shown: "java.security.…Key…"}
	}
	if r := checkOwnKey(certs[0], key); r != nil && r.Detail == otherKey {
		r.Shown = "javax.net.ssl.SSLHandshakeException: Received fatal alert: " + jsseAlert(decryptError)
		return nil, r
	}
	return certs, nil
}

// Aborts is the cause where reading a file ends the client's whole process.
const Aborts certpath.Cause = "process-aborts"

// didNotProvide is what crypto/tls says where a client shows no certificate: it has none, or none that it could sign with.
const didNotProvide = "tls: client didn't provide a certificate"

func noClientCertificate(a attempt) *Reason {
	detail := "no such file"
	if a.Files[certset.ClientCertificate] != nil {
		detail = "no certificate in PEM"
	}
	return &Reason{Cause: NoClientCert, File: certset.ClientCertificate, Detail: detail, Shown: didNotProvide}
}
