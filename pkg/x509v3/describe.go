package x509v3

import (
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Describe writes the content of an extension for people, in the words of x509v3_config(5) where it has them.
func (e Extension) Describe() string {
	switch v := e.Value.(type) {
	case BasicConstraints:
		return v.describe()
	case Bits:
		names := keyUsageBits
		if !e.ID.Equal(OIDKeyUsage) {
			names = nsCertTypeBits
		}
		return v.describe(names)
	case ExtKeyUsage:
		return v.describe()
	case SubjectAltName:
		return describeNames(v)
	case IssuerAltName:
		return describeNames(v)
	case SubjectKeyIdentifier:
		return v.describe()
	case AuthorityKeyIdentifier:
		return v.describe()
	case IA5String:
		return strconv.Quote(string(v))
	case Raw:
		return describeDER(v, 0)
	}
	return ""
}

// Name returns the short name of the extension, or its OID where OpenSSL has none.
func (e Extension) Name() string { return objectName(e.ID.String()) }

func (bc BasicConstraints) describe() string {
	text := "CA:FALSE"
	if bc.CA {
		text = "CA:TRUE"
	}
	if bc.PathLen != nil {
		text += ", pathlen:" + bc.PathLen.String()
	}
	return text
}

func (bits Bits) describe(names bitNames) string {
	var out []string
	for n, name := range names.short() {
		if bits&(1<<n) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

func (usages ExtKeyUsage) describe() string {
	var out []string
	for _, oid := range usages {
		out = append(out, objectName(oid.String()))
	}
	return strings.Join(out, ", ")
}

// objectName returns the short name of an OID, or else the OID.
func objectName(dotted string) string {
	for row := range strings.Lines(objectTable) {
		if rest, ok := strings.CutPrefix(row, dotted+"\t"); ok {
			name, _, _ := strings.Cut(rest, "\t")
			return name
		}
	}
	return dotted
}

func describeNames(names []GeneralName) string {
	var out []string
	for _, n := range names {
		switch n.Kind {
		case subjectEmail:
			out = append(out, "email:"+n.Content)
		case issuerNames:
			out = append(out, "issuer:copy")
		case DirName, OtherName:
			out = append(out, n.Kind.String()+":"+describeDER([]byte(n.Content), 0))
		default:
			out = append(out, n.String())
		}
	}
	return strings.Join(out, ", ")
}

func (ski SubjectKeyIdentifier) describe() string {
	switch {
	case ski.Hash:
		return "hash"
	case len(ski.ID) == 0:
		return "none"
	}
	return hex.EncodeToString(ski.ID)
}

func (aki AuthorityKeyIdentifier) describe() string {
	var out []string
	for _, part := range []struct {
		name     string
		presence Presence
	}{{"keyid", aki.KeyID}, {"issuer", aki.Issuer}} {
		switch part.presence {
		case WherePossible:
			out = append(out, part.name)
		case Always:
			out = append(out, part.name+":always")
		}
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, ", ")
}

// tagNames are the universal types, by number.
var tagNames = map[int]string{
	asn1.TagBoolean: "BOOLEAN", asn1.TagInteger: "INTEGER", asn1.TagBitString: "BIT STRING", asn1.TagOctetString: "OCTET STRING",
	asn1.TagNull: "NULL", asn1.TagOID: "OBJECT", asn1.TagEnum: "ENUMERATED", asn1.TagSequence: "SEQUENCE", asn1.TagSet: "SET",
}

// describeDER writes the elements of DER in one line, the constructed ones in braces. What is no DER is written in hex.
func describeDER(der []byte, depth int) string {
	var out []string
	for rest := der; len(rest) > 0; {
		var element asn1.RawValue
		after, err := asn1.Unmarshal(rest, &element)
		if err != nil || depth > maxNesting {
			return "DER:" + hex.EncodeToString(der)
		}
		out = append(out, describeElement(element, depth))
		rest = after
	}
	return strings.Join(out, ", ")
}

func describeElement(e asn1.RawValue, depth int) string {
	name := fmt.Sprintf("[%d]", e.Tag)
	if e.Class == asn1.ClassUniversal {
		name = tagNames[e.Tag]
	}
	if e.IsCompound {
		return fmt.Sprintf("%s {%s}", name, describeDER(e.Bytes, depth+1))
	}
	if e.Class == asn1.ClassUniversal && e.Tag == asn1.TagOID {
		var oid asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(e.FullBytes, &oid); err == nil {
			return objectName(oid.String())
		}
	}
	return strings.TrimSpace(name + " " + describeContent(e))
}

// describeContent writes text as text, numbers as numbers, and the rest in hex.
func describeContent(e asn1.RawValue) string {
	var n int64
	switch {
	case e.Class == asn1.ClassUniversal && e.Tag == asn1.TagInteger && len(e.Bytes) < 8:
		if _, err := asn1.Unmarshal(e.FullBytes, &n); err == nil {
			return strconv.FormatInt(n, 10)
		}
	case len(e.Bytes) > 0 && strings.IndexFunc(string(e.Bytes), func(r rune) bool { return r < ' ' || r > '~' }) < 0:
		return strconv.Quote(string(e.Bytes))
	}
	return hex.EncodeToString(e.Bytes)
}
