package verify

import (
	"bytes"
	"fmt"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// Failure is one thing that is wrong with a file of a set.
type Failure struct {
	File, Reason string
}

func (f Failure) String() string { return f.File + ": " + f.Reason }

// part is an entry of a set with the names of its files.
type part struct {
	certset.Entry
	key, request, certificate string
}

func parts(set *certset.Set) []part {
	return []part{
		{set.CA, certset.CAKey, "", certset.CACertificate},
		{set.Server, certset.ServerKey, certset.ServerRequest, certset.ServerCertificate},
		{set.Client, certset.ClientKey, certset.ClientRequest, certset.ClientCertificate},
	}
}

// Sound checks that the files of a set match each other, chain, and are in their time at the moment given; it does not ask
// what any client thinks of them. It returns all failures.
func Sound(set *certset.Set, at time.Time) []Failure {
	return append(Matching(set), InTime(set, at)...)
}

// Matching checks that keys, requests and certificates belong together, and that the certificates chain to the CA's.
func Matching(set *certset.Set) []Failure {
	var failures []Failure
	for _, p := range parts(set) {
		if !p.HasKey() {
			failures = append(failures, Failure{p.key, "is not the key of " + p.certificate})
		}
		if err := p.Certificate.SignedBy(set.CA.Certificate); err != nil {
			failures = append(failures, Failure{p.certificate, fmt.Sprintf("does not chain to %s: %v", certset.CACertificate, err)})
		}
		if p.request != "" {
			failures = append(failures, p.checkRequest()...)
		}
	}
	return failures
}

func (p part) checkRequest() (failures []Failure) {
	if !bytes.Equal(p.Request.PublicKeyInfo, p.Certificate.PublicKeyInfo) {
		failures = append(failures, Failure{p.request, "is for another key than " + p.certificate})
	}
	if err := p.Request.CheckSignature(); err != nil {
		failures = append(failures, Failure{p.request, err.Error()})
	}
	return failures
}

// InTime checks that every certificate is valid at the moment given.
func InTime(set *certset.Set, at time.Time) []Failure {
	var failures []Failure
	for _, p := range parts(set) {
		switch c := p.Certificate; {
		case at.Before(c.NotBefore):
			failures = append(failures, Failure{p.certificate, "is not valid before " + c.NotBefore.Format(time.RFC3339)})
		case at.After(c.NotAfter):
			failures = append(failures, Failure{p.certificate, "expired on " + c.NotAfter.Format(time.RFC3339)})
		}
	}
	return failures
}
