package sets

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// plan is a set to be. A new one is for localhost and 127.0.0.1, and every client accepts it.
type plan struct {
	certs map[string]*cert    // ca, server, client, and any others
	holds map[string][]string // names of the certificates in a PEM file
	keys  map[string]string   // name of the certificate whose key is in a key file
	after []func(dir string) error
}

// change makes a plan go wrong.
type change func(*plan)

// with makes a set of a plan and what is the matter with it.
func with(name string, changes ...change) Set {
	return Set{Name: name, Make: func(dir string) error {
		p := newPlan()
		for _, change := range changes {
			change(p)
		}
		return p.write(dir)
	}}
}

func newPlan() *plan {
	ca := newCA("milvus CA")
	return &plan{
		certs: map[string]*cert{
			"ca":     ca,
			"server": newLeaf(ca, extKeyUsage(serverAuth), san("DNS:localhost", "IP:127.0.0.1")),
			"client": newLeaf(ca, extKeyUsage(clientAuth)),
		},
		holds: map[string][]string{"ca.pem": {"ca"}, "server.pem": {"server"}, "client.pem": {"client"}},
		keys:  map[string]string{},
	}
}

// Certificates are in time for a year, the CA for ten.
const year = 365 * 24 * time.Hour

// began is an hour ago, for machines whose clocks differ.
func began() time.Time { return time.Now().Add(-time.Hour).UTC().Truncate(time.Second) }

func newCA(commonName string) *cert {
	return &cert{
		version: 3, serial: newSerial(), subject: common(commonName), from: began(), to: began().Add(10 * year),
		kind: "ec-p256", signed: "sha256",
		extensions: []pkix.Extension{basicConstraints(true), keyUsage(keyCertSign, crlSign)},
	}
}

func newLeaf(issuer *cert, extensions ...pkix.Extension) *cert {
	usage := keyUsage(nonRepudiation, digitalSignature, keyEncipherment)
	return &cert{
		version: 3, serial: newSerial(), subject: common("localhost"), issuer: issuer, from: began(), to: began().Add(year),
		kind: "ec-p256", signed: "sha256",
		extensions: append([]pkix.Extension{basicConstraints(false), usage}, extensions...),
	}
}

// newSerial is positive and of 20 octets.
func newSerial() []byte {
	serial := make([]byte, 20)
	_, _ = rand.Read(serial) // it never fails
	serial[0] = serial[0]&0x3f | 0x40
	return serial
}

func (p *plan) write(dir string) error {
	for _, c := range p.certs {
		if err := c.issue(); err != nil {
			return err
		}
	}
	for _, role := range []string{"ca", "server", "client"} {
		if err := p.writeRole(dir, role); err != nil {
			return err
		}
	}
	serial := fmt.Sprintf("%X\n", new(big.Int).SetBytes(p.certs["client"].serial))
	if err := os.WriteFile(filepath.Join(dir, "ca.srl"), []byte(serial), 0o600); err != nil {
		return err
	}
	for _, after := range p.after {
		if err := after(dir); err != nil {
			return err
		}
	}
	return nil
}

// writeRole writes the files of a role. A key is that of the first certificate, unless the plan is for another.
func (p *plan) writeRole(dir, role string) error {
	var chain bytes.Buffer
	for _, name := range p.holds[role+".pem"] {
		chain.Write(block("CERTIFICATE", p.certs[name].der))
	}
	owner, ok := p.keys[role+".key"]
	if !ok {
		owner = p.holds[role+".pem"][0]
	}
	files := map[string][]byte{role + ".pem": chain.Bytes(), role + ".key": p.certs[owner].key.pem}
	if c := p.certs[role]; role != "ca" && c.key.signer != nil {
		template := x509.CertificateRequest{RawSubject: c.subject, ExtraExtensions: c.extensions}
		request, err := x509.CreateCertificateRequest(rand.Reader, &template, c.key.signer)
		if err != nil {
			return err
		}
		files[role+".csr"] = block("CERTIFICATE REQUEST", request)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
