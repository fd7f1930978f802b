// Command bare is what issuing n clients costs at the least: keys, requests and certificates by plain crypto/x509, each
// file made last, no checks whatever. It prints the seconds that it took. All of it is done 16 at once, so that the disk
// syncs many files together.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const writers = 16

func main() {
	log.SetFlags(0)
	log.SetPrefix("bare: ")
	n := flag.Int("n", 10000, "how many clients")
	kind := flag.String("key", "ec-p256", "ec-p256 or rsa-2048")
	caKey := flag.String("ca-key", "ca.key", "the CA's key, PKCS#8 in PEM")
	caCert := flag.String("ca-cert", "ca.pem", "the CA's certificate")
	dir := flag.String("dir", ".", "where the files go; none of them may be there")
	keysOnly := flag.Bool("keys-only", false, "make keys on all cores, and write nothing")
	flag.Parse()

	start := time.Now()
	if *keysOnly {
		each(*n, runtime.NumCPU(), func(int) { newKey(*kind) })
	} else {
		ca := loadCA(*caKey, *caCert)
		each(*n, writers, func(i int) { ca.issue(*dir, *kind, i) })
		syncDir(*dir)
	}
	fmt.Printf("%.3f\n", time.Since(start).Seconds())
}

// each calls do with 0 to n-1, so many at once.
func each(n, atOnce int, do func(i int)) {
	var all sync.WaitGroup
	var begun atomic.Int64
	for range atOnce {
		all.Go(func() {
			for i := int(begun.Add(1)) - 1; i < n; i = int(begun.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}

type authority struct {
	cert      *x509.Certificate
	key       any
	serial    *big.Int // the first
	notBefore time.Time
}

func loadCA(keyFile, certFile string) authority {
	key, err := x509.ParsePKCS8PrivateKey(readPEM(keyFile))
	check(err)
	cert, err := x509.ParseCertificate(readPEM(certFile))
	check(err)
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	check(err)
	return authority{cert: cert, key: key, serial: serial, notBefore: time.Now()}
}

// issue makes the three files of client i. CreateCertificate takes the authority's key identifier from the CA.
func (ca authority) issue(dir, kind string, i int) {
	name := fmt.Sprintf("client-%05d", i+1)
	subject := pkix.Name{
		Country: []string{"CN"}, Organization: []string{"milvus"}, OrganizationalUnit: []string{"milvus"}, CommonName: name,
	}
	key := newKey(kind)
	csr, err := x509.CreateCertificateRequest(rand.Reader,
		&x509.CertificateRequest{Subject: subject, DNSNames: []string{name}}, key)
	check(err)
	cert, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: new(big.Int).Add(ca.serial, big.NewInt(int64(i))),
		Subject:      subject,
		NotBefore:    ca.notBefore,
		NotAfter:     ca.notBefore.AddDate(1, 0, 0),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		DNSNames:     []string{name},
		SubjectKeyId: keyID(key.Public()),
	}, ca.cert, key.Public(), ca.key)
	check(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)

	path := filepath.Join(dir, name)
	writePEM(path+".key", 0o600, "PRIVATE KEY", pkcs8)
	writePEM(path+".csr", 0o644, "CERTIFICATE REQUEST", csr)
	writePEM(path+".pem", 0o644, "CERTIFICATE", cert)
}

func newKey(kind string) (key crypto.Signer) {
	var err error
	switch kind {
	case "ec-p256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa-2048":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		log.Fatalf("key %q: wanted ec-p256 or rsa-2048", kind)
	}
	check(err)
	return key
}

// keyID is the SHA-1 of the key's bits, as OpenSSL has it.
func keyID(key crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	check(err)
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	_, err = asn1.Unmarshal(der, &info)
	check(err)
	id := sha1.Sum(info.Key.Bytes)
	return id[:]
}

func readPEM(file string) []byte {
	text, err := os.ReadFile(file)
	check(err)
	block, _ := pem.Decode(text)
	if block == nil {
		log.Fatalf("%s: no PEM", file)
	}
	return block.Bytes
}

// writePEM makes a new file, and makes it last.
func writePEM(path string, mode fs.FileMode, kind string, der []byte) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	check(err)
	_, err = f.Write(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})) // Encode writes line by line
	check(err)
	check(f.Sync())
	check(f.Close())
}

func syncDir(dir string) {
	f, err := os.Open(dir)
	check(err)
	check(f.Sync())
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
