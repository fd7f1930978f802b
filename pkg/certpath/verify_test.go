package certpath_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestVerifyRefusesWhatPeersRefuse: a chain fails in milvus-certs verify where crypto/x509 or openssl verify -x509_strict
// refuses it, each of which is some client, and nowhere else, but for what onlyOthersRefuse tells.
func TestVerifyRefusesWhatPeersRefuse(t *testing.T) {
	const debianLevel = 2
	var refused, others atomic.Int64
	const count = 3000
	certpath.EachGenerated(t, count, certpath.OpenSSL{Strict: true, SecurityLevel: debianLevel}, func(p certpath.Path, byOpenSSL bool) string {
		byGo := goRefuses(p)
		wanted := byGo || byOpenSSL && p.Purpose == certpath.Server // who judges a client is Milvus, which is Go
		report := verify.Chain(files(p), verify.Options{At: p.At}, p.Purpose)
		switch {
		case report.OK == !wanted:
			if wanted {
				refused.Add(1)
			}
			return ""
		case !report.OK && onlyOthersRefuse(report):
			others.Add(1)
			return ""
		}
		return fmt.Sprintf("Go refuses: %v, OpenSSL: %v, verify: %v %+v", byGo, byOpenSSL, !report.OK, report.Findings)
	})
	t.Logf("%d refused, %d by other clients alone", refused.Load(), others.Load())
	assert.Positive(t, refused.Load())
	assert.Positive(t, others.Load())
}

// onlyOthersRefuse tells whether what fails is of no concern to crypto/x509 and openssl verify:
//   - JSSE takes a key for TLS only where keyUsage has digitalSignature, and reads no empty subject beside a subjectAltName
//     that is not critical
//   - TLS 1.3 has no signature for some keys, and pymilvus, as PyPI builds it, none for Ed25519: that shows in a handshake
func onlyOthersRefuse(r *verify.Report) bool {
	failures := slices.DeleteFunc(slices.Clone(r.Findings), func(f verify.Finding) bool { return f.Severity != verify.Failure })
	return len(failures) > 0 && !slices.ContainsFunc(failures, func(f verify.Finding) bool {
		return f.Check != string(certpath.UnsupportedKey) && !slices.Equal(f.RefusedBy, []string{"java"})
	})
}

// goRefuses asks crypto/x509 as crypto/tls does.
func goRefuses(p certpath.Path) bool {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range p.Trusted {
		roots.AppendCertsFromPEM(toPEM(c))
	}
	var leaf *x509.Certificate
	for i, c := range p.Sent {
		parsed, err := x509.ParseCertificate(c.Raw)
		switch {
		case err != nil:
			return true
		case i == 0:
			leaf = parsed
		default:
			between.AddCert(parsed)
		}
	}
	usage := map[certpath.Purpose]x509.ExtKeyUsage{certpath.Server: x509.ExtKeyUsageServerAuth, certpath.Client: x509.ExtKeyUsageClientAuth}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: p.At, KeyUsages: []x509.ExtKeyUsage{usage[p.Purpose]}})
	return err != nil
}

// files is the path as --ca and --cert give it.
func files(p certpath.Path) verify.Input {
	leaf := map[certpath.Purpose]string{certpath.Server: certset.ServerCertificate, certpath.Client: certset.ClientCertificate}[p.Purpose]
	return verify.Input{Files: map[string]certset.File{
		certset.CACertificate: {Name: certset.CACertificate, Data: toPEM(p.Trusted...)},
		leaf:                  {Name: leaf, Data: toPEM(p.Sent...)},
	}}
}

func toPEM(certs ...*certset.Certificate) []byte {
	var out bytes.Buffer
	for _, c := range certs {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return out.Bytes()
}
