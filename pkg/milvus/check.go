package milvus

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// Check asks whether a milvus.yaml and a set fit together.
type Check struct {
	File string // what the milvus.yaml is called
	Data []byte
	Set  verify.Input
	At   time.Time
	// Want is what the file is to say. Mode 0, no REST, not Internal and an empty SNI leave that to the file; an empty
	// ContainerDir takes ContainerDir, and says less of files that lie elsewhere.
	Want    TLS
	Command string // that sets the file, for ways out
}

// checking is a check at work.
type checking struct {
	Check
	*config
	mode     int             // that counts
	isOn     bool            // TLS between the components is on, or is to be
	blocked  *yamledit.Error // why the command that sets the file would be refused; nil: it would not
	findings []verify.Finding
}

// Findings returns all that does not fit, the gravest first.
func (c Check) Findings() []verify.Finding {
	config, err := readConfig(c.Data)
	if err != nil {
		return []verify.Finding{c.ofError(err)}
	}
	w := &checking{Check: c, config: config}
	w.mode = cmp.Or(w.Want.Mode, w.get(keyMode).meant())
	w.isOn = config.internal(c.Want)
	w.blocked = w.whyBlocked()
	w.checkFile()
	w.checkSet()
	slices.SortStableFunc(w.findings, func(a, b verify.Finding) int {
		return cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity))
	})
	return w.findings
}

// checkFile looks at the settings. What is there twice comes alone, for all else hangs on it.
func (c *checking) checkFile() {
	c.checkMode()
	for _, p := range serverPaths {
		c.checkPath(p, p.key != keyCAPem || c.mode == twoWay)
	}
	c.checkREST()
	c.checkInternal()
	c.checkKinds()
	if len(c.faults) > 0 {
		c.findings = nil
		for _, f := range c.faults {
			c.findings = append(c.findings, c.ofError(f))
		}
		return
	}
	c.blockedFirst()
}

var severities = []verify.Severity{verify.Failure, verify.Warning, verify.Advice, verify.NotChecked}

// place is a line of the file.
func (c Check) place(line int) string {
	if line == 0 {
		return c.File
	}
	return fmt.Sprintf("%s:%d", c.File, line)
}

// ofError is why Milvus cannot read the file, or nobody knows what it reads.
func (c Check) ofError(err error) verify.Finding {
	f := verify.Finding{Severity: verify.Failure, Check: "yaml", File: c.File, Problem: err.Error()}
	if e, ok := errors.AsType[*yamledit.Error](err); ok {
		f.File, f.Problem, f.WayOut = c.place(e.Line), e.Problem, e.WayOut
	}
	return f
}

// add notes a finding about a setting. Of one that is there twice that alone is said.
func (c *checking) add(severity verify.Severity, check string, e entry, problem, wanted, wayOut string) {
	if e.doubled {
		return
	}
	c.findings = append(c.findings, verify.Finding{
		Severity: severity, Check: check, File: c.place(e.line), Problem: problem, Wanted: wanted, Found: e.found(), WayOut: wayOut,
	})
}

func (c *checking) modeFlag() string { return fmt.Sprintf("--mode %d", c.mode) }

func (c *checking) checkMode() {
	const check = "tls-mode"
	e := c.get(keyMode)
	mode, isNumber := 0, true
	if e.text != "" {
		var err error
		mode, err = strconv.Atoi(e.text)
		isNumber = err == nil
	}
	wanted := fmt.Sprintf("%s %d or %d", keyMode, oneWay, twoWay)
	if c.Want.Mode != 0 {
		wanted = fmt.Sprintf("%s %d", keyMode, c.Want.Mode)
	}
	switch {
	case e.kind == yamledit.Mapping, e.kind == yamledit.Sequence, !isNumber:
		c.add(verify.Failure, check, e, "TLS is off, for the mode is no number, and Milvus takes that for 0", wanted, c.set(c.modeFlag()))
	case mode == 0:
		c.add(verify.Failure, check, e, "TLS is off", wanted, c.set(c.modeFlag()))
	case mode < 0 || mode > 2:
		c.add(verify.Failure, check, e, "Milvus knows no such mode", wanted, c.set(c.modeFlag()))
	case c.Want.Mode != 0 && mode != c.Want.Mode:
		c.add(verify.Failure, check, e, "TLS is in the other mode", wanted, c.set(c.modeFlag()))
	}
}

// checkPath wants the path of a file to be where the file will lie in the container.
func (c *checking) checkPath(p pathKey, needed bool) {
	const check = "tls-paths"
	e := c.get(p.key)
	t := TLS{ContainerDir: cmp.Or(c.Want.ContainerDir, ContainerDir)}
	wanted := t.path(p.file)
	flags := c.modeFlag()
	if slices.Contains(internalPaths, p) {
		flags += " --internal"
	}
	switch _, file := path.Split(e.text); {
	case e.text == "" && !needed:
	case e.kind != yamledit.Scalar || e.text == "":
		c.add(verify.Failure, check, e, p.key+" is not set", wanted, c.set(flags))
	case path.Clean(e.text) == wanted:
	case file == p.file && path.IsAbs(e.text) && c.Want.ContainerDir == "":
		c.add(verify.Warning, check, e, p.key+" is elsewhere than the documentation has it", wanted,
			"all is well where the files are mounted there, which --container-dir says; "+c.set(flags))
	default:
		c.add(verify.Failure, check, e, p.key+" is another file", wanted, c.set(flags))
	}
}

// restTaken is why REST cannot have the port that was asked for, or that the command would choose.
func (c *checking) restTaken() *yamledit.Error {
	_, _, err := c.restSettings(c.Want.REST)
	e, _ := errors.AsType[*yamledit.Error](err)
	return e
}

// checkREST looks at the trap, and at what was asked of REST.
func (c *checking) checkREST() {
	const check = "http-port"
	enabled, port := c.get(keyHTTPEnabled), c.get(keyHTTPPort)
	on := enabled.flag(true)
	n, _ := port.port()
	flags, taken := c.modeFlag(), c.restTaken()
	switch want := c.Want.REST; {
	case taken != nil && want.Port != 0:
		c.add(verify.Failure, check, port, taken.Problem, "", taken.WayOut)
		return
	case want.Off && on:
		c.add(verify.Failure, check, enabled, "REST is on", keyHTTPEnabled+" false", c.set(flags+" --http-port off"))
	case want.Off:
	case want.Port != 0 && !on:
		c.add(verify.Failure, check, enabled, "REST is off", keyHTTPEnabled+" true", c.set(fmt.Sprintf("%s --http-port %d", flags, want.Port)))
	case want.Port != 0 && n != want.Port:
		c.add(verify.Failure, check, port, keyHTTPPort+" is another port", strconv.Itoa(want.Port), c.set(fmt.Sprintf("%s --http-port %d", flags, want.Port)))
	}
	if trap := c.restTrap(); trap != "" && !c.Want.REST.Off {
		wayOut := c.set(flags) + ", to 8080; --http-port PORT chooses another, --http-port off switches REST off"
		if taken != nil {
			wayOut = taken.WayOut
		}
		c.add(verify.Failure, check, port, fmt.Sprintf("%s %s, and with TLS REST needs a port of its own: Milvus does not start", keyHTTPPort, trap),
			"a port other than that of gRPC, "+c.grpcPort(), wayOut)
	}
}

func (c *checking) checkInternal() {
	const check = "internal-tls"
	if !c.isOn {
		return
	}
	flags := c.modeFlag() + " --internal"
	if e := c.get(keyInternalEnabled); !e.flag(false) {
		c.add(verify.Failure, check, e, "TLS between the components is off", keyInternalEnabled+" true", c.set(flags))
	}
	for _, p := range internalPaths {
		c.checkPath(p, true)
	}
	e := c.get(keySNI)
	_, err := verify.ParseHost(e.text)
	switch {
	case e.text == "" && e.kind != yamledit.Mapping && e.kind != yamledit.Sequence:
		c.add(verify.Warning, "internal-sni", e, keySNI+" is not set, so that the components check the address that they dial against the certificate",
			"a name in subjectAltName of "+certset.ServerCertificate, c.set(flags+" --sni NAME"))
	case err != nil:
		c.add(verify.Failure, "internal-sni", e, keySNI+" is no name", "a name in subjectAltName of "+certset.ServerCertificate, c.set(flags+" --sni NAME"))
	case c.Want.SNI != "" && e.text != c.Want.SNI:
		c.add(verify.Failure, "internal-sni", e, keySNI+" is another name", c.Want.SNI, c.set(flags+" --sni "+c.Want.SNI))
	}
}

// checkKinds looks at what decides whether the rest counts.
func (c *checking) checkKinds() {
	const check = "value-kind"
	for _, key := range []string{keyHTTPEnabled, keyInternalEnabled} {
		e := c.get(key)
		if _, err := strconv.ParseBool(e.text); e.line > 0 && err != nil {
			c.add(verify.Warning, check, e, key+" is neither true nor false, and Milvus takes it for false", "true or false", "write true or false")
		}
	}
	e := c.get(keyGRPCPort)
	if _, ok := e.port(); e.line > 0 && !ok {
		c.add(verify.Failure, check, e, keyGRPCPort+" is no port", fmt.Sprintf("a number from 1 to %d", maxPort), "write the port of gRPC, usually 19530")
	}
}

// checkSet asks pkg/verify about the files, as Milvus reads them in this mode.
func (c *checking) checkSet() {
	o := verify.Options{At: c.At, Ways: []clients.Way{clients.RootCA}}
	asked := []string{clients.MilvusID}
	if c.mode == twoWay {
		o.Ways = []clients.Way{clients.TwoWay}
	}
	if host, err := verify.ParseHost(c.get(keySNI).text); c.isOn && err == nil {
		o.InternalSNI, asked = host, append(asked, clients.InternalID)
	}
	for _, client := range clients.All() {
		if slices.Contains(asked, client.ID) {
			o.Clients = append(o.Clients, client)
		}
	}
	for _, f := range verify.Set(c.Set, o).Findings {
		f.WayOut = verifysWaysOut.Replace(f.WayOut)
		if f.Severity = c.severity(f); f.Severity != "" {
			c.findings = append(c.findings, f)
		}
	}
}

// verifysWaysOut puts in the place of flags of milvus-certs verify those of this command.
var verifysWaysOut = strings.NewReplacer(
	"; or say what clients dial: --host", "",
	"; --mode 1 checks one-way alone", "",
	", or dial a name that it has", ", or set another: --internal --sni NAME",
)

// severity is what a finding about the set means for the file; empty: nothing. That is for milvus-certs verify to say.
func (c *checking) severity(f verify.Finding) verify.Severity {
	readsCA := c.mode == twoWay || c.isOn
	switch {
	case f.Severity != verify.Failure && !c.ofClient(f):
		return ""
	case f.File == certset.ServerCertificate || f.File == certset.ServerKey, f.File == certset.CACertificate && readsCA:
		return f.Severity
	case f.File == certset.CACertificate, c.ofClient(f) && c.mode == twoWay:
		return verify.Warning
	}
	return ""
}

// ofClient tells whether a finding fails a client that shows its certificate, and not Milvus.
func (c *checking) ofClient(f verify.Finding) bool {
	isClients := f.File == certset.ClientCertificate || f.File == certset.ClientKey
	return isClients && (f.Severity == verify.Failure || f.Severity == verify.Warning)
}
