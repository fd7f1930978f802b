package milvus

import (
	"cmp"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// The keys of milvus.yaml that TLS is about. Source: pkg/util/paramtable of Milvus 2.6.
const (
	keyMode            = "common.security.tlsMode"
	keyServerPem       = "tls.serverPemPath"
	keyServerKey       = "tls.serverKeyPath"
	keyCAPem           = "tls.caPemPath"
	keyHTTPEnabled     = "proxy.http.enabled"
	keyHTTPPort        = "proxy.http.port"
	keyGRPCPort        = "proxy.port"
	keyInternalEnabled = "common.security.internaltlsEnabled"
	keyInternalPem     = "internaltls.serverPemPath"
	keyInternalKey     = "internaltls.serverKeyPath"
	keyInternalCA      = "internaltls.caPemPath"
	keySNI             = "internaltls.sni"
)

// foldKey is what Milvus makes of a key: it knows each setting by the whole path in lower case, without dots, slashes and
// underscores (formatKey in pkg/config). Of two keys that come to the same, chance decides.
func foldKey(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '_' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, key)
}

// config is a milvus.yaml as Milvus reads it.
type config struct {
	doc    *yamledit.Document
	faults []*yamledit.Error // keys that are there twice
}

// readConfig reads a milvus.yaml. The error is a *yamledit.Error, also for a file that is another.
func readConfig(data []byte) (*config, error) {
	doc, err := yamledit.Parse(data, foldKey)
	if doc != nil {
		err = cmp.Or(foreign(doc), err)
	}
	return &config{doc: doc}, err
}

// entry is a setting as Milvus reads it.
type entry struct {
	key  string
	line int    // 0: it is not there
	text string // an empty value is the empty text
	kind yamledit.Kind
	// doubled tells that it is there twice, so that nobody knows what it is.
	doubled bool
}

// get reads a setting. That one is there twice is noted as a fault.
func (c *config) get(key string) entry {
	v, err := c.doc.Get(strings.Split(key, ".")...)
	fault, doubled := errors.AsType[*yamledit.Error](err)
	if doubled {
		c.fault(fault)
	}
	return entry{key, v.Line, textOf(v), v.Kind, doubled}
}

func (c *config) fault(new *yamledit.Error) {
	for _, f := range c.faults {
		if *f == *new {
			return
		}
	}
	c.faults = append(c.faults, new)
}

// found is how a setting reads in a finding: in quotes where it would not show what is wrong with it.
func (e entry) found() string {
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	if e.kind == yamledit.Scalar && (strings.TrimSpace(e.text) != e.text || strings.ContainsFunc(e.text, hidden)) {
		return strconv.Quote(e.text)
	}
	if e.kind == yamledit.Scalar && e.text != "" {
		return e.text
	}
	if e.kind == yamledit.Scalar {
		return string(yamledit.Null)
	}
	return string(e.kind)
}

// decimal is a float as yaml.v2 takes it.
var decimal = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// textOf is the text that Milvus gets: its reader takes yaml.v2's value, by the rules of YAML 1.1, for a string.
func textOf(v yamledit.Value) string {
	if v.Quoted {
		return v.Text
	}
	switch v.Text {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE":
		return "true"
	case "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE":
		return "false"
	}
	number := strings.ReplaceAll(v.Text, "_", "")
	if n, err := strconv.ParseInt(number, 0, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	if f, err := strconv.ParseFloat(number, 64); err == nil && decimal.MatchString(number) {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return v.Text
}

// flag reads a bool: what is none, be it nothing, is false to Milvus.
func (e entry) flag(usual bool) bool {
	if e.line == 0 {
		return usual
	}
	b, err := strconv.ParseBool(e.text)
	return err == nil && b
}

const maxPort = 65535

// port reads the number of a port.
func (e entry) port() (int, bool) {
	n, err := strconv.Atoi(e.text)
	return n, err == nil && n >= 1 && n <= maxPort
}

// ports are the settings of the ports that Milvus listens on, besides REST's, and those that it has where a file says nothing.
// The components of a cluster are only taken at their word.
var ports = []struct {
	key   string
	usual int
}{
	{keyGRPCPort, GRPCPort}, {"proxy.internalPort", 19529}, {"common.metricsPort", 9091},
	{"rootCoord.port", 0}, {"dataCoord.port", 0}, {"queryCoord.port", 0}, {"indexCoord.port", 0}, {"mixCoord.port", 0},
	{"dataNode.port", 0}, {"queryNode.port", 0}, {"indexNode.port", 0}, {"streamingNode.port", 0},
}

// portUser is the setting that has a port already. A setting of the file has a line.
func (c *config) portUser(port int) (entry, bool) {
	for _, p := range ports {
		e := c.get(p.key)
		if e.line == 0 {
			e.text = strconv.Itoa(p.usual)
		}
		if n, ok := e.port(); ok && n == port {
			return e, true
		}
	}
	return entry{}, false
}

// grpcPort is the port of gRPC as it reads in a sentence.
func (c *config) grpcPort() string {
	if e := c.get(keyGRPCPort); e.line > 0 {
		return e.found()
	}
	return strconv.Itoa(ports[0].usual)
}

// restTrap is what is wrong with the REST port where TLS is on; empty: nothing is, or REST is off. Milvus ends with "proxy
// server(http) and external grpc server share the same port, tls mode must be 0" where it is not set or is that of gRPC.
func (c *config) restTrap() string {
	if !c.get(keyHTTPEnabled).flag(true) {
		return ""
	}
	e := c.get(keyHTTPPort)
	port, ok := e.port()
	switch user, taken := c.portUser(port); {
	case e.text == "":
		return "is not set"
	case !ok:
		return "is no port"
	case taken:
		return "is that of " + user.key
	}
	return ""
}

// why says in an error of a line, if there is one, why a setting is what it is.
func (e entry) why() string {
	if e.line > 0 {
		return e.key
	}
	return e.key + ", which is " + e.text + " where the file does not say otherwise"
}
