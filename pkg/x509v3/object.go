package x509v3

import (
	"crypto/x509"
	_ "embed" // objects.tsv
	"encoding/asn1"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// objectTable lists the objects that OpenSSL 3.0 has names for, one a line: OID, short name, long name.
//
//go:embed objects.tsv
var objectTable string

// objects maps short and long names to OIDs, as OBJ_sn2nid and OBJ_ln2nid of OpenSSL do. Where two objects share a name,
// the short one counts before the long one.
var objects = sync.OnceValue(func() map[string]string {
	names := make(map[string]string, 2500)
	var long [][2]string
	for row := range strings.Lines(objectTable) {
		oid, rest, _ := strings.Cut(strings.TrimSuffix(row, "\n"), "\t")
		shortName, longName, _ := strings.Cut(rest, "\t")
		names[shortName] = oid
		long = append(long, [2]string{longName, oid})
	}
	for _, l := range long {
		if _, taken := names[l[0]]; !taken && l[0] != "" {
			names[l[0]] = l[1]
		}
	}
	return names
})

// object reads an object's name or OID. The names that a conf defines itself count as well.
func (p *parser) object(text string) (x509.OID, error) {
	if oid, ok := p.Objects[text]; ok {
		return oid, nil
	}
	return parseObject(text)
}

// DefineObjects reads the section behind oid_section: name = OID. As in OpenSSL neither may be known already.
func DefineObjects(values []opensslconf.Value) (map[string]x509.OID, error) {
	known := map[string]bool{}
	for _, oid := range objects() {
		known[oid] = true
	}
	defined := map[string]x509.OID{}
	for _, v := range values {
		if _, err := parseObject(v.Key); err == nil {
			return nil, v.Errorf("OpenSSL has an object of this name; choose another one")
		}
		oid, err := parseOID(v.Text)
		if err != nil {
			return nil, v.Errorf("%v", err)
		}
		if known[oid.String()] {
			return nil, v.Errorf("OpenSSL has a name for the OID %s already", oid)
		}
		known[oid.String()] = true
		defined[v.Key] = oid
	}
	return defined, nil
}

// parseObject reads an object's name, short or long, or its OID in dotted form, as OBJ_txt2obj of OpenSSL does.
func parseObject(text string) (x509.OID, error) {
	if dotted, ok := objects()[text]; ok {
		return x509.ParseOID(dotted)
	}
	if text == "" || text[0] < '0' || text[0] > '9' {
		return x509.OID{}, fmt.Errorf("unknown object %q%s; wanted a name that OpenSSL knows, or an OID such as 1.3.6.1.5.5.7.3.1",
			excerpt(text), suggestion(text, slices.Collect(maps.Keys(objects()))))
	}
	return parseOID(text)
}

// parseOID reads an OID as a2d_ASN1_OBJECT of OpenSSL does: blanks separate as dots do, an empty number is 0, and one
// separator at the end is nothing.
func parseOID(text string) (x509.OID, error) {
	arcs := strings.Split(strings.ReplaceAll(text, " ", "."), ".")
	if n := len(arcs); n > 2 && arcs[n-1] == "" {
		arcs = arcs[:n-1]
	}
	root := arcs[0]
	for i, arc := range arcs {
		arcs[i] = strings.TrimLeft(arc, "0")
		if arcs[i] == "" {
			arcs[i] = "0"
		}
	}
	oid, err := x509.ParseOID(strings.Join(arcs, "."))
	if err != nil || len(root) != 1 || len(strings.FieldsFunc(text, isOIDSeparator)) == 1 {
		return x509.OID{}, fmt.Errorf("%q is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1", excerpt(text))
	}
	return oid, nil
}

func isOIDSeparator(r rune) bool { return r == '.' || r == ' ' }

// identifier gives an OID the form that crypto/x509/pkix asks for. Numbers beyond 31 bits have none.
func identifier(oid x509.OID) (asn1.ObjectIdentifier, error) {
	var id asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(oid.String(), ".") {
		n, err := strconv.ParseInt(arc, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("an OID with the number %s cannot be written here", arc)
		}
		id = append(id, int(n))
	}
	return id, nil
}

func mustOID(dotted string) x509.OID {
	oid, err := x509.ParseOID(dotted)
	if err != nil {
		panic(err) // only for OIDs that stand in this package
	}
	return oid
}
