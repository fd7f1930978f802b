package milvus

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// What the file and the set decide where nothing was asked for.

// ErrNoSNI is returned where internal TLS is asked for without a name, and neither the file nor the server's certificate has one.
var ErrNoSNI = errors.New("there is no name for " + keySNI)

const (
	oneWay = 1
	twoWay = 2
)

// looksTwoWay is what is written for two-way mode, be it that Milvus understands it or not.
var looksTwoWay = regexp.MustCompile(`(?i)^\s*(2(\.0*)?|(2|two)[-_ ]?way|two|mutual|mtls)\s*$`)

// meant is the mode that a file means: what is not for two-way mode is for one-way, or for none.
func (e entry) meant() int {
	if e.kind == yamledit.Scalar && looksTwoWay.MatchString(e.text) {
		return twoWay
	}
	return oneWay
}

// decided is what is asked for with all of it said.
func (c *config) decided(t TLS) (_ TLS, notes []string, err error) {
	if t.Mode == 0 {
		e := c.get(keyMode)
		t.Mode = e.meant()
		notes = append(notes, e.modeNotes(t.Mode)...)
	}
	if t.Internal && t.SNI == "" {
		var note string
		if t.SNI, note = c.sni(t.Server); t.SNI == "" {
			return t, nil, ErrNoSNI
		}
		notes = append(notes, note)
	}
	return t, append(notes, c.followNotes(t)...), nil
}

func (e entry) modeNotes(mode int) []string {
	switch {
	case e.text == fmt.Sprint(twoWay):
		return []string{fmt.Sprintf("%s stays %d, as it is in the file: clients show a certificate too; --mode %d would do without", keyMode, twoWay, oneWay)}
	case e.kind == yamledit.Scalar && e.text != fmt.Sprint(oneWay) && e.text != "0":
		return []string{fmt.Sprintf("%s is set to %d, for %s, as it is in the file, is no mode; --mode chooses", keyMode, mode, e.found())}
	}
	return nil
}

// sni is the name for the components: that of the file, unless server.pem is known not to be for it, else the first that server.pem has.
func (c *config) sni(server *certset.Certificate) (name, why string) {
	e := c.get(keySNI)
	name, err := verify.ParseHost(e.text)
	isName := e.kind == yamledit.Scalar && err == nil
	const wayOut = "; --sni chooses another"
	switch {
	case isName && server == nil:
		return name, fmt.Sprintf("%s stays %s, and there is no %s that would tell whether it has that%s", keySNI, name, certset.ServerCertificate, wayOut)
	case isName && len(Missing(server, []string{name})) == 0:
		return name, fmt.Sprintf("%s stays %s, which %s has%s", keySNI, name, certset.ServerCertificate, wayOut)
	case server == nil:
		return "", ""
	}
	name = firstDNSName(server)
	why = fmt.Sprintf("%s is %s, the first DNS name of %s", keySNI, name, certset.ServerCertificate)
	if isName {
		why += ", which does not have " + e.text
	}
	return name, why + wayOut
}

// firstDNSName is the first DNS name that can be dialled; empty: there is none.
func firstDNSName(server *certset.Certificate) string {
	for _, name := range server.Names() {
		dns, ok := strings.CutPrefix(name, "DNS:")
		if host, err := verify.ParseHost(dns); ok && err == nil {
			return host
		}
	}
	return ""
}

// internal tells whether the paths of internal TLS are to be set: where it is asked for, and where it is on already, for there the
// files move too.
func (c *config) internal(t TLS) bool { return t.Internal || c.get(keyInternalEnabled).flag(false) }

// followNotes say that paths were set which nobody asked for.
func (c *config) followNotes(t TLS) []string {
	if t.Internal || !c.internal(t) {
		return nil
	}
	for _, p := range internalPaths {
		if c.get(p.key).text != t.path(p.file) {
			return []string{fmt.Sprintf("%s is true in the file, so that the paths of internaltls are set to %s as well", keyInternalEnabled, t.ContainerDir)}
		}
	}
	return nil
}
