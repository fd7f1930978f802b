package x509v3

import (
	"crypto/x509"
	_ "embed" // objects.tsv
	"encoding/asn1"
	"errors"
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

// DefineObjects adds the objects of a section that oid_section names to those defined already: name = OID. As in OpenSSL
// neither may be known. Behind openssl_conf, which is what module tells, a long name and a comma may precede the OID.
func DefineObjects(defined map[string]x509.OID, values []opensslconf.Value, module bool) error {
	known := map[string]bool{}
	for _, oid := range objects() {
		known[oid] = true
	}
	for _, oid := range defined {
		known[oid.String()] = true
	}
	for _, v := range values {
		names, text := []string{v.Key}, v.Text
		if module {
			names, text = cutLongName(v)
		}
		oid, err := parseOID(text)
		if err != nil {
			return v.Errorf("%v", err)
		}
		if known[oid.String()] {
			return v.Errorf("the OID %s has a name already", oid)
		}
		for _, name := range names {
			_, standard := objects()[name]
			if _, again := defined[name]; standard || again {
				return v.Errorf("there is an object of the name %q already; choose another one", excerpt(name))
			}
			defined[name] = oid
		}
		known[oid.String()] = true
	}
	return nil
}

// cutLongName cuts "long name, OID". The key is the other name, or the only one.
func cutLongName(v opensslconf.Value) (names []string, oid string) {
	comma := strings.LastIndex(v.Text, ",")
	if comma <= 0 {
		return []string{v.Key}, v.Text[comma+1:]
	}
	return []string{v.Key, strings.Trim(v.Text[:comma], spaces)}, strings.TrimLeft(v.Text[comma+1:], spaces)
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

// maxOID and maxDigits bound numbers, for the time to read one grows with its square. OpenSSL knows no bounds.
const (
	maxOID    = 1000
	maxDigits = 10_000
)

// parseOID reads an OID as a2d_ASN1_OBJECT of OpenSSL does: blanks separate as dots do, an empty number is 0, and one
// separator at the end is nothing.
func parseOID(text string) (x509.OID, error) {
	if len(text) > maxOID {
		return x509.OID{}, fmt.Errorf("an OID may have %d characters at most", maxOID)
	}
	arcs := strings.Split(strings.ReplaceAll(text, " ", "."), ".")
	if last := len(arcs) - 1; arcs[last] == "" {
		arcs = arcs[:last]
	}
	if len(arcs) == 0 {
		return x509.OID{}, errors.New("wanted an OID, found nothing")
	}
	root := arcs[0]
	for i, arc := range arcs {
		arcs[i] = strings.TrimLeft(arc, "0")
		if arcs[i] == "" {
			arcs[i] = "0"
		}
	}
	oid, err := x509.ParseOID(strings.Join(arcs, "."))
	if err != nil || len(root) != 1 {
		return x509.OID{}, fmt.Errorf("%q is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1", excerpt(text))
	}
	return oid, nil
}

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
