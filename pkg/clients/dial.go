package clients

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// library is how a client does TLS: what it reads, checks, sends and says.
type library struct {
	roots    func([]byte) ([]*certset.Certificate, string)                    // reads the file that it trusts, or says why not
	load     func(cert []byte, key keyFile) ([]*certset.Certificate, *Reason) // reads what it sends in two-way mode
	verify   func(certpath.Path) []certpath.Refusal                           // in its order
	lastSaid bool                                                             // it goes on after a refusal, and says the last one
	matches  matcher                                                          // asks for the host after that; nil: verify does it
	mismatch func(certpath.Identity, string) string                           // what it says where a host fails; nil: the words of verify
	alert    func(alert) string
	// onlyNamedCAs: it keeps its certificate to itself where Milvus does not name the issuer among the CAs that it takes.
	onlyNamedCAs bool
	// unusable says why a key of the server is not one that it verifies with, besides those that nobody does; nil: none.
	unusable func(*certset.Certificate) string
	// sendsDot: it asks for a host with the dot at its end, which Go, and so Milvus, takes for a malformed message.
	sendsDot bool
	says     map[situation]phrase
}

// situation is where in a connection something goes wrong.
type situation int

const (
	readingRoot situation = iota
	loadingOwn
	weakOwn  // its certificate, which the library does not even load
	aborting // the whole process
	verifying
	signatures
	naming
	alertedEarly // in the handshake
	alerted
)

// phrase is how a client says so: to its user, and, where that tells nothing, in a log or a debugger. %s is what the
// library says, {host} and {port} what was dialled. An ellipsis stands for what no two runs have in common.
type phrase struct{ shown, behind string }

// connect is one connection of a client with this library.
func (l library) connect(a attempt) *Reason {
	if r := a.server.unreachable(); r != nil {
		return r
	}
	root := a.way.root()
	trusted, failure := l.roots(a.Files[root])
	if failure != "" {
		r := &Reason{Cause: Unreadable, File: root, Detail: failure}
		if len(trusted) > 0 {
			r.Cause, r.Place = certpath.Malformed, 1 // others read it
		}
		return l.say(r, readingRoot, failure, a)
	}
	var own []*certset.Certificate
	if a.way == TwoWay {
		var reason *Reason
		if own, reason = l.loadOwn(a); reason != nil {
			switch reason.Cause {
			case NoClientCert: // who has none will hardly try
				return reason
			case Aborts:
				return l.say(reason, aborting, reason.Shown, a)
			}
			at := loadingOwn
			if _, apart := l.says[weakOwn]; apart && (reason.Cause == certpath.WeakKey || reason.Cause == certpath.WeakSignature) {
				at = weakOwn
			}
			return l.say(reason, at, reason.Shown, a)
		}
	}
	if reason := l.takesServer(a, trusted, root); reason != nil {
		return reason
	}
	if a.way == TwoWay {
		return l.isTaken(a, own)
	}
	return nil
}

func (l library) loadOwn(a attempt) ([]*certset.Certificate, *Reason) {
	for _, name := range []string{certset.ClientCertificate, certset.ClientKey} {
		if a.Files[name] == nil {
			return nil, &Reason{Cause: NoClientCert, File: name, Detail: "no such file"}
		}
	}
	return l.load(a.Files[certset.ClientCertificate], a.key)
}

// takesServer is the client's half: it verifies what Milvus sends.
func (l library) takesServer(a attempt, trusted []*certset.Certificate, root string) *Reason {
	if why := l.unusableKey(a.server.sent[0]); why != "" {
		r := &Reason{Cause: certpath.UnsupportedKey, File: certset.ServerCertificate, Place: 1, Detail: why}
		return l.say(r, alertedEarly, l.alert(handshakeFailure), a)
	}
	if l.sendsDot && strings.HasSuffix(a.host, ".") {
		return l.say(&Reason{Cause: HostWithDot, By: MilvusID, File: certset.ServerCertificate}, alertedEarly, l.alert(decodeError), a)
	}
	refusals := l.verify(certpath.Path{Sent: a.server.sent, Trusted: trusted, Host: a.host, At: a.At})
	if len(trusted) == 0 && len(refusals) > 0 {
		return l.say(&Reason{Cause: Unreadable, File: root, Detail: "it holds no certificate that is read"}, verifying, refusals[0].Text, a)
	}
	if len(refusals) > 0 {
		said := refusals[0]
		if l.lastSaid {
			said = refusals[len(refusals)-1]
		}
		at, text := verifying, said.Text
		switch _, apart := l.says[signatures]; {
		case said.Cause == certpath.Host && l.mismatch != nil:
			at, text = naming, l.mismatch(certpath.IdentityOf(a.server.sent[0]), a.host)
		case apart && (said.Cause == certpath.BadSignature || said.Cause == certpath.SameNamedCAs):
			at = signatures
		}
		reason := a.reason(refusals[0], certset.ServerCertificate, root)
		for _, r := range refusals[1:] {
			reason.Also = append(reason.Also, a.reason(r, certset.ServerCertificate, root))
		}
		return l.say(reason, at, text, a)
	}
	leaf := a.server.sent[0]
	if identity := certpath.IdentityOf(leaf); l.matches != nil && a.host != "" && !l.matches(identity, a.host) {
		r := &Reason{Cause: certpath.Host, File: certset.ServerCertificate, Place: 1}
		return l.say(r, naming, l.mismatch(identity, a.host), a)
	}
	return nil
}

// unusableKey says why Milvus cannot prove to a client that it has the key.
func (l library) unusableKey(c *certset.Certificate) string {
	if !usableKey(c) {
		return noSignature(c)
	}
	if l.unusable == nil {
		return ""
	}
	return l.unusable(c)
}

// isTaken is Milvus's half in two-way mode.
func (l library) isTaken(a attempt, own []*certset.Certificate) *Reason {
	if l.onlyNamedCAs && !a.server.names(own) {
		r := &Reason{Cause: certpath.UnknownIssuer, By: MilvusID, File: certset.ClientCertificate, Place: 1}
		return l.say(r, alerted, l.alert(certificateRequired), a)
	}
	reason, alert := a.accept(own)
	if reason == nil || alert == 0 {
		return reason
	}
	return l.say(reason, alerted, l.alert(alert), a)
}

// HostWithDot is the cause where a client asks Milvus for a host whose name ends in a dot.
const HostWithDot certpath.Cause = "host-with-dot"

// names tells whether the server names the issuer of one of these among the CAs that it takes.
func (s server) names(chain []*certset.Certificate) bool {
	for _, c := range chain {
		for _, ca := range s.trusted {
			if bytes.Equal(c.RawIssuer, ca.RawSubject) {
				return true
			}
		}
	}
	return false
}

// say puts a reason into the client's words.
func (l library) say(r *Reason, at situation, text string, a attempt) *Reason {
	said := *r
	p := l.says[at]
	said.Shown, said.Behind = a.fill(p.shown, text), a.fill(p.behind, text)
	return &said
}

// fill puts what the library says, and what was dialled, into a template.
func (a attempt) fill(template, text string) string {
	if strings.Contains(template, "%s") {
		template = fmt.Sprintf(template, text)
	}
	return strings.NewReplacer("{host}", cmp.Or(a.host, "…"), "{port}", strconv.Itoa(cmp.Or(a.Port, GRPCPort))).Replace(template)
}

// reason says of a refusal in which file the certificate at fault is. A leaf that is no root is at fault itself, whatever
// stands behind it.
func (a attempt) reason(r certpath.Refusal, sent, trusted string) *Reason {
	reason := &Reason{Cause: r.Cause, File: sent, Detail: r.Detail}
	if r.Cause == certpath.LeafAsRoot {
		reason.Place = 1
		return reason
	}
	for _, name := range []string{sent, trusted} {
		for i, c := range goCertificates(a.Files[name]) {
			if bytes.Equal(c.Raw, r.Certificate.Raw) {
				reason.File, reason.Place = name, i+1
				return reason
			}
		}
	}
	return reason
}
