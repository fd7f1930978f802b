package verify

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

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
func Sound(set *certset.Set, at time.Time) []Finding {
	return slices.DeleteFunc(append(Matching(set), InTime(set, at)...), func(f Finding) bool { return f.Severity != Failure })
}

// Matching checks that keys, requests and certificates belong together, and that the certificates chain to the CA's. What is
// missing of the set is not checked.
func Matching(set *certset.Set) []Finding {
	var findings []Finding
	for _, p := range parts(set) {
		findings = append(findings, p.checkKey(set)...)
		findings = append(findings, p.checkChain(set.CA)...)
		findings = append(findings, p.checkRequest()...)
	}
	return findings
}

// checkKey wants a key to be that of its certificate, and otherwise says whose it is.
func (p part) checkKey(set *certset.Set) []Finding {
	if p.Key == nil || p.Certificate == nil || p.HasKey() {
		return nil
	}
	if p.request == "" && slices.ContainsFunc(p.Chain, func(c *certset.Certificate) bool { return (certset.Entry{Key: p.Key, Certificate: c}).HasKey() }) {
		return nil // of one of the CAs in a bundle
	}
	f := Finding{Severity: Failure, Check: "key", File: p.key, Problem: "is not the key of " + p.certificate,
		WayOut: "put the key here that was made with the certificate, or make both anew"}
	for _, other := range parts(set) {
		for i, c := range other.all() {
			switch {
			case !(certset.Entry{Key: p.Key, Certificate: c}).HasKey():
			case other.certificate == p.certificate:
				f.Problem = fmt.Sprintf("is the key of certificate %d in %s, not of the first", i+1, p.certificate)
				f.WayOut = "the certificate of the key has to come first in " + p.certificate
			case i == 0:
				f.Problem = fmt.Sprintf("is the key of %s, not of %s", other.certificate, p.certificate)
			}
		}
	}
	return []Finding{f}
}

// all are the certificates in the file of the certificate.
func (p part) all() []*certset.Certificate {
	if p.Certificate == nil {
		return nil
	}
	return append([]*certset.Certificate{p.Certificate}, p.Chain...)
}

// checkChain wants a way from a certificate to one of the CAs, by the certificates behind it in its file. A CA that is not
// issued by itself has its issuer elsewhere.
func (p part) checkChain(ca certset.Entry) []Finding {
	if p.Certificate == nil || ca.Certificate == nil {
		return nil
	}
	cas := append([]*certset.Certificate{ca.Certificate}, ca.Chain...)
	err := chain(p.Certificate, p.Chain, cas)
	if err == nil {
		return nil
	}
	w := causes[certpath.UnknownIssuer]
	f := Finding{Severity: Failure, Check: string(certpath.UnknownIssuer), File: p.certificate, Problem: fmt.Sprintf("does not chain to %s: %v", certset.CACertificate, err), WayOut: w.wayOut}
	named := slices.ContainsFunc(cas, func(ca *certset.Certificate) bool { return bytes.Equal(ca.RawSubject, p.Certificate.RawIssuer) })
	switch {
	case p.Certificate == ca.Certificate && named:
		f.Check, f.Problem, f.WayOut = string(certpath.BadSignature), "its signature by itself is not by its key, so it was damaged", "take a copy that is not"
	case named:
		f.Check, f.WayOut = string(certpath.BadSignature), causes[certpath.BadSignature].wayOut
	case p.Certificate.SignedBy(p.Certificate) == nil:
		f.Problem = "is signed by itself, and not by " + certset.CACertificate
		f.WayOut = causes[certpath.BadSignature].wayOut
	}
	return []Finding{f}
}

// chain returns nil where there is a way, else what speaks against the first CA. Each certificate is looked at once, however
// many could have issued each other.
func chain(leaf *certset.Certificate, between, cas []*certset.Certificate) error {
	seen := make([]bool, len(between))
	for open := []*certset.Certificate{leaf}; len(open) > 0; open = open[1:] {
		for _, ca := range cas {
			if open[0].SignedBy(ca) == nil {
				return nil
			}
		}
		for i, issuer := range between {
			if !seen[i] && open[0].SignedBy(issuer) == nil {
				seen[i], open = true, append(open, issuer)
			}
		}
	}
	return leaf.SignedBy(cas[0])
}

func (p part) checkRequest() (findings []Finding) {
	if p.Request == nil {
		return nil
	}
	if p.Certificate != nil && !bytes.Equal(p.Request.PublicKeyInfo, p.Certificate.PublicKeyInfo) {
		findings = append(findings, Finding{Severity: Failure, Check: "request", File: p.request, Problem: "is for another key than " + p.certificate,
			WayOut: "nothing reads it any more: remove it, or make it anew from the key"})
	}
	switch err := p.Request.CheckSignature(); {
	case errors.Is(err, certset.ErrBadSignature):
		findings = append(findings, Finding{Severity: Failure, Check: "request", File: p.request, Problem: err.Error(),
			WayOut: "it was damaged: make it anew from the key"})
	case err != nil:
		findings = append(findings, Finding{Severity: NotChecked, Check: "request", File: p.request, Problem: err.Error()})
	}
	return findings
}

// InTime checks that every certificate is valid at the moment given.
func InTime(set *certset.Set, at time.Time) []Finding {
	var findings []Finding
	for _, p := range parts(set) {
		switch c := p.Certificate; {
		case c == nil:
		case at.Before(c.NotBefore):
			findings = append(findings, Finding{Severity: Failure, Check: string(certpath.NotYetValid), File: p.certificate,
				Problem: "is not valid before " + c.NotBefore.Format(time.RFC3339), WayOut: "look at the clocks, or wait"})
		case at.After(c.NotAfter):
			findings = append(findings, Finding{Severity: Failure, Check: string(certpath.Expired), File: p.certificate,
				Problem: "expired on " + c.NotAfter.Format(time.RFC3339), WayOut: expired})
		}
	}
	return findings
}
