package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// setChecks are the checks of a set, besides those that the clients make.
var setChecks = []func(*check) []Finding{
	(*check).checkInterrupted, (*check).checkFiles, (*check).checkMatching, (*check).checkTimes, (*check).checkLasting, (*check).checkHosts,
	(*check).checkSubjects, (*check).checkSerials, (*check).checkStrength, (*check).checkModes,
}

// chainChecks are those of a chain alone. What is in its time is for the clients to say, for not all that is in the files need
// be of the chain.
var chainChecks = []func(*check) []Finding{
	(*check).checkChainFiles, (*check).checkKeys, (*check).checkLasting, (*check).checkHosts, (*check).checkSubjects,
}

func (c *check) checkInterrupted() []Finding {
	if !c.Interrupted {
		return nil
	}
	return []Finding{{Severity: Warning, Check: "interrupted", Problem: "a command was interrupted while it changed this set, or is at work",
		WayOut: c.withDir("the next command that writes finishes or undoes it: milvus-certs init --if-needed{dir}")}}
}

// checkFiles says which files are missing or cannot be read. What Milvus and its clients need has to be there, the rest need
// not be: the CA's key is best kept elsewhere.
func (c *check) checkFiles() (findings []Finding) {
	for _, name := range certset.Names() {
		severity := c.need(name)
		switch err := c.errorOf(name); {
		case err == nil:
			findings = append(findings, c.remarks(name)...)
		case errors.Is(err, certset.ErrMissing) && c.Running: // whoever looked at the server knows what there is
		case errors.Is(err, certset.ErrMissing):
			findings = append(findings, Finding{Severity: severity, Check: "missing", File: name, Problem: "is missing", WayOut: c.missingWayOut(name)})
		case errors.Is(err, certset.ErrEncrypted) && name == certset.CAKey:
			findings = append(findings, Finding{Severity: NotChecked, Check: "encrypted", File: name, Problem: "is encrypted, so whether it is the key of ca.pem is not checked"})
		case errors.Is(err, certset.ErrEncrypted):
			findings = append(findings, Finding{Severity: Failure, Check: "encrypted", File: name, Problem: "is encrypted, and nobody gives " + users[name] + " the pass phrase",
				WayOut: fmt.Sprintf("openssl pkey -in %s -out NEW decrypts it", c.path(name))})
		default:
			findings = append(findings, c.unreadable(name, err))
		}
	}
	return findings
}

// unreadable names what cannot be read. Where an error has a command for the file, it is for this one.
func (c *check) unreadable(name string, err error) Finding {
	return Finding{Severity: Failure, Check: "unreadable", File: name, Problem: c.withPath(err.Error(), name)}
}

// withPath puts the path of a file into the commands in a text that have FILE for it.
func (c *check) withPath(text, name string) string {
	var pairs []string
	for _, option := range []string{"-in ", "-out ", "-f "} {
		pairs = append(pairs, option+"FILE", option+c.path(name))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// errorOf is why a file is not in the set: it could not be read from the disk, or makes no sense.
func (c *check) errorOf(name string) error {
	if err, ok := c.Input.Errors[name]; ok {
		return err
	}
	return c.Reading.Errors[name]
}

// users are who reads the keys.
var users = map[string]string{certset.ServerKey: "Milvus", certset.ClientKey: "the clients"}

// need says what it means that a file is missing.
func (c *check) need(name string) Severity {
	switch name {
	case certset.CACertificate, certset.ServerCertificate, certset.ServerKey:
		return Failure
	case certset.ClientCertificate, certset.ClientKey:
		if c.twoWay() {
			return Failure
		}
	}
	return NotChecked
}

func (c *check) missingWayOut(name string) string {
	switch {
	case c.need(name) == NotChecked:
		return ""
	case name == certset.ClientCertificate || name == certset.ClientKey:
		return "two-way mode needs it; --mode 1 checks one-way alone"
	case name == certset.ServerKey:
		return "copy it from where the set was made, for it cannot be made again; milvus-certs init --force makes a new set"
	}
	return "milvus-certs init makes a set; -d names the directory of one"
}

func (c *check) remarks(name string) (findings []Finding) {
	for _, remark := range c.Remarks[name] {
		findings = append(findings, Finding{Severity: Advice, Check: "content", File: name, Problem: remark})
	}
	return findings
}

func (c *check) checkChainFiles() (findings []Finding) {
	for _, name := range certset.Names() {
		if _, given := c.Files[name]; !given && c.Input.Errors[name] == nil {
			continue
		}
		if err := c.errorOf(name); err != nil {
			findings = append(findings, c.unreadable(name, err))
			continue
		}
		findings = append(findings, c.remarks(name)...)
	}
	return findings
}

// checkMatching wants keys, requests and certificates to belong together. A CA that another one issued is for its clients to
// judge.
func (c *check) checkMatching() []Finding {
	return append(slices.Clone(c.misplaced), slices.DeleteFunc(Matching(c.Set), func(f Finding) bool {
		if len(c.misplaced) > 0 {
			return f.Check != "key" || f.File == certset.CAKey // the rest comes of it
		}
		isChain := slices.Contains(chainCauses, certpath.Cause(f.Check))
		return isChain && f.File == certset.CACertificate && !bytes.Equal(c.Set.CA.Certificate.RawIssuer, c.Set.CA.Certificate.RawSubject)
	})...)
}

// misplaced is the check of certificates that are in the wrong file.
const misplaced = "misplaced"

// findMisplaced looks for the certificate of one file in another: a leaf for the CA, the CA for a leaf.
func findMisplaced(set *certset.Set) (findings []Finding) {
	ca := set.CA.Certificate
	for _, p := range parts(set)[1:] {
		ownBehind := slices.ContainsFunc(p.Chain, func(c *certset.Certificate) bool {
			return p.Key != nil && (certset.Entry{Key: p.Key, Certificate: c}).HasKey()
		})
		switch {
		case ca == nil || p.Certificate == nil || !bytes.Equal(ca.Raw, p.Certificate.Raw) || ownBehind:
		case certpath.IsCA(ca):
			findings = append(findings, Finding{Severity: Failure, Check: misplaced, File: p.certificate, Problem: "holds the certificate of the CA", WayOut: "put the leaf's certificate here"})
		default:
			findings = append(findings, Finding{Severity: Failure, Check: misplaced, File: certset.CACertificate, Problem: "holds the certificate of " + p.certificate + ", and no CA", WayOut: "put the certificate of the CA here"})
		}
	}
	return findings
}

func (c *check) checkKeys() (findings []Finding) {
	for _, p := range parts(c.Set) {
		findings = append(findings, p.checkKey(c.Set)...)
	}
	return findings
}

// checkTimes looks at the leaves and at the CA that issued them; what else is in ca.pem may be over.
func (c *check) checkTimes() []Finding {
	set := *c.Set
	set.CA.Certificate = c.ca
	return InTime(&set, c.At)
}

// issuingCA is the one in ca.pem that issued something in the set, else the first.
func issuingCA(set *certset.Set) *certset.Certificate {
	cas := parts(set)[0].all()
	for _, ca := range cas {
		for _, p := range parts(set)[1:] {
			if slices.ContainsFunc(p.all(), func(issued *certset.Certificate) bool { return issued.SignedBy(ca) == nil }) {
				return ca
			}
		}
	}
	return set.CA.Certificate
}

// checkLasting looks ahead: at what expires soon, and at what outlives its CA.
func (c *check) checkLasting() (findings []Finding) {
	ca := c.ca
	for _, p := range parts(c.Set) {
		certs := p.all()
		if p.request == "" && ca != nil {
			certs = []*certset.Certificate{ca}
		}
		for i, cert := range certs {
			findings = append(findings, c.lasts(p, i+1, cert)...)
			if ca != nil && cert != ca && !c.At.After(ca.NotAfter) {
				findings = append(findings, p.outlives(cert, ca)...)
			}
		}
	}
	return findings
}

const day = 24 * time.Hour

// expiresSoon is the check of what does not last long enough.
const expiresSoon = "expires-soon"

func (c *check) lasts(p part, place int, cert *certset.Certificate) []Finding {
	end := cert.NotAfter
	if c.ExpiresIn == 0 || c.At.After(end) || !c.At.Add(c.ExpiresIn).After(end) {
		return nil
	}
	f := Finding{Severity: Failure, Check: expiresSoon, File: p.certificate, place: place,
		Problem: fmt.Sprintf("expires on %s, in %d days", end.Format(time.DateOnly), int(end.Sub(c.At)/day)), WayOut: expired}
	if place > 1 {
		f.Problem = fmt.Sprintf("certificate %d in it %s", place, f.Problem)
	}
	return []Finding{f}
}

func (p part) outlives(cert, ca *certset.Certificate) []Finding {
	if cert.NotAfter.Sub(ca.NotAfter) <= day || cert != p.Certificate {
		return nil
	}
	return []Finding{{Severity: Warning, Check: "outlives-ca", File: p.certificate, Problem: "is valid longer than the CA, with which it ends",
		Wanted: "not after " + ca.NotAfter.Format(time.DateOnly), Found: cert.NotAfter.Format(time.DateOnly), WayOut: "renew the CA before " + ca.NotAfter.Format(time.DateOnly)}}
}

// checkSubjects: where a leaf has the name of its CA, libraries take it for signed by itself unless key identifiers tell.
func (c *check) checkSubjects() (findings []Finding) {
	ca := c.ca
	if ca == nil || len(c.misplaced) > 0 {
		return nil
	}
	for _, p := range parts(c.Set)[1:] {
		if p.Certificate != nil && bytes.Equal(p.Certificate.RawSubject, ca.RawSubject) {
			findings = append(findings, Finding{Severity: Warning, Check: "one-subject", File: p.certificate, Problem: "has the subject of the CA, so that key identifiers alone tell that it is not signed by itself",
				Found: ca.Subject(), WayOut: "give the CA another CommonName: --ca-common-name"})
		}
	}
	return findings
}

// checkSerials: RFC 5280, 4.1.2.2. But for negative ones nobody here looks at them; browsers and revocation lists do.
func (c *check) checkSerials() (findings []Finding) {
	warn := func(file, problem, wayOut string) {
		findings = append(findings, Finding{Severity: Warning, Check: "serial", File: file, Problem: problem, WayOut: wayOut})
	}
	const anew = "issue it anew"
	last := big.NewInt(0)
	for _, p := range parts(c.Set) {
		if p.Certificate == nil {
			continue
		}
		n := p.Certificate.SerialNumber
		switch {
		case n.Sign() < 0:
			findings = append(findings, Finding{Severity: Failure, Check: "serial", File: p.certificate, Problem: "its serial number is negative, which Go, and so Milvus, does not read", WayOut: anew})
		case n.Sign() == 0:
			warn(p.certificate, "its serial number is 0; it has to be positive", anew)
		case n.BitLen() > certset.MaxSerialBits:
			warn(p.certificate, "its serial number is longer than 20 octets", anew)
		}
		if p.request != "" && n.Cmp(last) > 0 {
			last = n
		}
	}
	server, client := c.Set.Server.Certificate, c.Set.Client.Certificate
	if server != nil && client != nil && server.SerialNumber.Cmp(client.SerialNumber) == 0 && bytes.Equal(server.RawIssuer, client.RawIssuer) && !bytes.Equal(server.Raw, client.Raw) {
		warn(certset.ClientCertificate, "has the serial number of server.pem, by the same CA", anew)
	}
	if c.Set.Serial != nil && c.Set.Serial.Cmp(last) < 0 && last.BitLen() <= certset.MaxSerialBits {
		warn(certset.CASerial, "lags behind the certificates, so that OpenSSL could give a serial number twice",
			fmt.Sprintf("write %s into it", bytes.TrimSpace(certset.FormatSerial(last))))
	}
	return findings
}

var weaknesses = []struct {
	cause certpath.Cause
	has   func(*certset.Certificate) bool
}{
	{certpath.WeakKey, certpath.HasWeakKey},
	{certpath.WeakSignature, certpath.WeaklySigned},
}

// checkStrength warns of what is weak. Clients that are asked may refuse it, and not all of them do; the signature of a CA by
// itself nobody looks at.
func (c *check) checkStrength() (findings []Finding) {
	for _, p := range parts(c.Set) {
		found := map[certpath.Cause]bool{}
		for i, cert := range p.all() {
			for _, w := range weaknesses {
				if w.has(cert) && !found[w.cause] {
					found[w.cause] = true
					findings = append(findings, p.weakness(w.cause, cert, i+1))
				}
			}
		}
	}
	return findings
}

func (p part) weakness(cause certpath.Cause, cert *certset.Certificate, place int) Finding {
	f := Finding{Severity: Warning, Check: string(cause), File: p.certificate, place: place, Problem: causes[cause].problem, WayOut: causes[cause].wayOut}
	switch {
	case cause == certpath.WeakSignature && cert.SignedBy(cert) == nil:
		f.Problem, f.WayOut = "is signed with "+cert.SignatureAlgorithm(), "clients do not look at the signature of a CA by itself; auditors do: default_md = sha256"
	case place > 1:
		f.Problem = fmt.Sprintf("certificate %d in it: %s", place, f.Problem)
	}
	return f
}

// checkModes: a key is for its owner alone, and a certificate for its owner alone to change.
func (c *check) checkModes() (findings []Finding) {
	const others, writers fs.FileMode = 0o077, 0o022
	for _, name := range certset.Names() {
		f, ok := c.Files[name]
		key := name == certset.CAKey || name == certset.ServerKey || name == certset.ClientKey
		path := c.path(name)
		switch {
		case !ok || !c.Modes:
		case key && f.Mode&others != 0:
			findings = append(findings, Finding{Severity: Warning, Check: "mode", File: name, Problem: "others than its owner can use this key",
				Wanted: "mode 0600", Found: fmt.Sprintf("%04o", f.Mode), WayOut: "chmod 600 " + path})
		case !key && f.Mode&writers != 0:
			findings = append(findings, Finding{Severity: Warning, Check: "mode", File: name, Problem: "others than its owner can change it",
				Wanted: "mode 0644", Found: fmt.Sprintf("%04o", f.Mode), WayOut: "chmod 644 " + path})
		}
		if ok && c.Foreign[name] {
			findings = append(findings, Finding{Severity: Warning, Check: "owner", File: name, Problem: "belongs to another user, who can use and change it", WayOut: "chown it: " + path})
		}
	}
	return findings
}
