package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// The names that scripts use, by OID.
var (
	extensionNames = map[string]string{
		"2.5.29.14": "subjectKeyIdentifier", "2.5.29.15": "keyUsage", "2.5.29.17": "subjectAltName",
		"2.5.29.19": "basicConstraints", "2.5.29.35": "authorityKeyIdentifier", "2.5.29.37": "extendedKeyUsage",
		"2.16.840.1.113730.1.13": "nsComment",
	}
	attributeNames = map[string]string{
		"2.5.4.6": "C", "2.5.4.8": "ST", "2.5.4.7": "L", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.3": "CN",
		"1.2.840.113549.1.9.1": "emailAddress",
	}
	// In the order of the bits, from the first on.
	keyUsageNames = []string{
		"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign",
	}
	extKeyUsageNames = map[x509.ExtKeyUsage]string{
		x509.ExtKeyUsageServerAuth: "serverAuth", x509.ExtKeyUsageClientAuth: "clientAuth",
	}
)

// readCertificate reads a certificate, or a request as a certificate that has no more than a request says.
func readCertificate(ts *testscript.TestScript, name string) *x509.Certificate {
	block, rest := pem.Decode([]byte(ts.ReadFile(name)))
	if block == nil || len(rest) > 0 {
		ts.Fatalf("%s: wanted one PEM block and nothing else", name)
	}
	if block.Type == "CERTIFICATE" {
		cert, err := x509.ParseCertificate(block.Bytes)
		ts.Check(err)
		return cert
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	ts.Check(err)
	ts.Check(request.CheckSignature())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0), RawSubject: request.RawSubject, ExtraExtensions: request.Extensions,
	}
	_, key, err := ed25519.GenerateKey(nil)
	ts.Check(err)
	der, err := x509.CreateCertificate(nil, template, &x509.Certificate{}, request.PublicKey, key)
	ts.Check(err)
	cert, err := x509.ParseCertificate(der)
	ts.Check(err)
	cert.SignatureAlgorithm = request.SignatureAlgorithm
	return cert
}

// certificateFields are what fields compares. What is absent reads as nothing.
var certificateFields = map[string]func(*x509.Certificate) string{
	"subject":   func(c *x509.Certificate) string { return describeName(c.RawSubject) },
	"issuer":    func(c *x509.Certificate) string { return describeName(c.RawIssuer) },
	"san":       describeNames,
	"ku":        describeKeyUsage,
	"eku":       describeExtKeyUsage,
	"ca":        describeCA,
	"days":      func(c *x509.Certificate) string { return fmt.Sprint(c.NotAfter.Sub(c.NotBefore).Hours() / 24) },
	"key":       describeKey,
	"signature": func(c *x509.Certificate) string { return c.SignatureAlgorithm.String() },
	"serial":    func(c *x509.Certificate) string { return hexSerial(c.SerialNumber) },
	"version":   func(c *x509.Certificate) string { return fmt.Sprint(c.Version) },
	// In their order, a critical one with an exclamation mark.
	"extensions": func(c *x509.Certificate) string {
		var names []string
		for _, e := range c.Extensions {
			name, ok := extensionNames[e.Id.String()]
			if !ok {
				name = e.Id.String()
			}
			if e.Critical {
				name += "!"
			}
			names = append(names, name)
		}
		return strings.Join(names, ",")
	},
}

func cmdFields(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "fields file key=value…")
	cert := readCertificate(ts, args[0])
	for _, arg := range args[1:] {
		key, want, _ := strings.Cut(arg, "=")
		field, ok := certificateFields[key]
		if !ok {
			ts.Fatalf("no field is called %q", key)
		}
		if got := field(cert); got != want {
			ts.Fatalf("%s: %s is %q, wanted %q", args[0], key, got, want)
		}
	}
}

func cmdSerials(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 1, "serials dir [first]")
	read := func(name string) *x509.Certificate { return readCertificate(ts, args[0]+"/"+name) }
	ca, server, client := read("ca.pem").SerialNumber, read("server.pem").SerialNumber, read("client.pem").SerialNumber
	next := new(big.Int).Add(server, big.NewInt(1))
	switch {
	case len(args) > 1 && hexSerial(server) != args[1]:
		ts.Fatalf("server.pem has the number %s, wanted %s", hexSerial(server), args[1])
	case client.Cmp(next) != 0:
		ts.Fatalf("client.pem has the number %s, wanted the one after %s", hexSerial(client), hexSerial(server))
	case ca.Cmp(server) == 0 || ca.Cmp(client) == 0:
		ts.Fatalf("ca.pem has the number of a leaf")
	}
	if got, want := ts.ReadFile(args[0]+"/ca.srl"), hexSerial(client)+"\n"; got != want {
		ts.Fatalf("ca.srl holds %q, wanted %q", got, want)
	}
}

func cmdAscending(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "ascending file file…")
	for i := range args[1:] {
		if readCertificate(ts, args[i]).SerialNumber.Cmp(readCertificate(ts, args[i+1]).SerialNumber) >= 0 {
			ts.Fatalf("the number of %s is not higher than that of %s", args[i+1], args[i])
		}
	}
}

func cmdAlike(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, neg, args, 2, "alike file file")
	a, b := readCertificate(ts, args[0]), readCertificate(ts, args[1])
	for key, field := range certificateFields {
		if key != "serial" && field(a) != field(b) {
			ts.Fatalf("%s differs: %q and %q", key, field(a), field(b))
		}
	}
	for i, e := range a.Extensions {
		name := extensionNames[e.Id.String()]
		if name != "subjectKeyIdentifier" && name != "authorityKeyIdentifier" && !bytes.Equal(e.Value, b.Extensions[i].Value) {
			ts.Fatalf("%s differs", name)
		}
	}
}

func cmdSameKey(ts *testscript.TestScript, neg bool, args []string) {
	wantArgs(ts, false, args, 2, "same-key file file")
	a, b := readCertificate(ts, args[0]), readCertificate(ts, args[1])
	same := a.PublicKey.(interface{ Equal(crypto.PublicKey) bool }).Equal(b.PublicKey)
	if same == neg {
		ts.Fatalf("%s and %s: the same key: %v", args[0], args[1], same)
	}
}

func describeName(der []byte) string {
	var rdns pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &rdns); err != nil {
		return err.Error()
	}
	var out []string
	for _, rdn := range rdns {
		out = append(out, fmt.Sprintf("%s=%v", attributeNames[rdn[0].Type.String()], rdn[0].Value))
	}
	return strings.Join(out, ", ")
}

// describeNames sorts by kind: DNS, IP, email, URI.
func describeNames(c *x509.Certificate) string {
	var out []string
	for _, n := range c.DNSNames {
		out = append(out, "DNS:"+n)
	}
	for _, n := range c.IPAddresses {
		out = append(out, "IP:"+n.String())
	}
	for _, n := range c.EmailAddresses {
		out = append(out, "email:"+n)
	}
	for _, n := range c.URIs {
		out = append(out, "URI:"+n.String())
	}
	return strings.Join(out, ",")
}

func describeKeyUsage(c *x509.Certificate) string {
	var out []string
	for bit, name := range keyUsageNames {
		if c.KeyUsage&(1<<bit) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}

func describeExtKeyUsage(c *x509.Certificate) string {
	var out []string
	for _, u := range c.ExtKeyUsage {
		out = append(out, extKeyUsageNames[u])
	}
	return strings.Join(out, ",")
}

func describeCA(c *x509.Certificate) string {
	switch {
	case !slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.String() == "2.5.29.19" }):
		return ""
	case c.MaxPathLen >= 0 && c.IsCA:
		return fmt.Sprintf("TRUE,pathlen:%d", c.MaxPathLen)
	}
	return strings.ToUpper(fmt.Sprint(c.IsCA))
}

func describeKey(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("rsa-%d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return fmt.Sprintf("ec-p%d", key.Curve.Params().BitSize)
	}
	return "ed25519"
}

// hexSerial writes a number as ca.srl does: two upper-case digits an octet.
func hexSerial(n *big.Int) string { return fmt.Sprintf("%X", n.Bytes()) }
