package x509v3

import (
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

// item is one member of an extension's value: "name", or "name:value". At is where it was stated.
type item struct {
	name, value string
	hasValue    bool
	at          opensslconf.Value
}

func (i item) String() string {
	if i.hasValue {
		return i.name + ":" + i.value
	}
	return i.name
}

// valueOrName returns the value, or the name of an item that has none.
func (i item) valueOrName() string {
	if i.hasValue {
		return i.value
	}
	return i.name
}

// located gives an error the place of the item. Nil stays nil.
func (i item) located(err error) error {
	if err == nil {
		return nil
	}
	return i.at.Errorf("%v", err)
}

// spaces are those of the C locale's isspace.
const spaces = " \t\n\v\f\r"

// trimSpace trims as X509V3_parse_list does, which leaves the blanks behind a single character: in "pathlen:0 ,CA:TRUE"
// the number is "0 ", which is none.
func trimSpace(s string) string {
	s = strings.TrimLeft(s, spaces)
	if trimmed := strings.TrimRight(s, spaces); len(trimmed) > 1 {
		return trimmed
	}
	return s
}

// parseList splits the text of a value at commas, and each part at its first colon, as X509V3_parse_list of OpenSSL does.
// No part may be empty. A line end stops the splitting: all that follows it belongs to the part that it stands in.
func parseList(at opensslconf.Value, text string) ([]item, error) {
	rest := ""
	if end := strings.IndexAny(text, "\r\n"); end >= 0 {
		text, rest = text[:end], text[end:]
	}
	parts := strings.Split(text, ",")
	items := make([]item, 0, len(parts))
	for n, part := range parts {
		name, value, hasValue := strings.Cut(part, ":")
		if last := n == len(parts)-1; last && hasValue {
			value += rest
		} else if last {
			name += rest
		}
		i := item{trimSpace(name), trimSpace(value), hasValue, at}
		switch {
		case i.name == "" && text == "":
			return nil, at.Errorf("the value is empty")
		case i.name == "":
			return nil, at.Errorf("an item of the list is empty in %q", excerpt(text))
		case hasValue && i.value == "":
			return nil, at.Errorf("%s: nothing behind the colon", excerpt(i.name))
		}
		items = append(items, i)
	}
	return items, nil
}

// items reads the members of a list: from the text itself, or where it is "@name" from that section, which may not be
// empty.
func (p *parser) items(at opensslconf.Value, text string) ([]item, error) {
	name, ok := strings.CutPrefix(text, "@")
	if !ok {
		return parseList(at, text)
	}
	items, err := p.sectionItems(at, name)
	if err == nil && len(items) == 0 {
		err = at.Errorf("the section [%s] is empty", excerpt(name))
	}
	return items, err
}

// sectionItems reads the members of a list from a section, one a key.
func (p *parser) sectionItems(at opensslconf.Value, name string) ([]item, error) {
	values, err := p.section(at, name)
	if err != nil {
		return nil, err
	}
	items := make([]item, 0, len(values))
	for _, v := range values {
		items = append(items, item{name: v.Key, value: v.Text, hasValue: true, at: v})
	}
	return items, nil
}

// sequence reads a list and writes a SEQUENCE of what add writes for each item.
func (p *parser) sequence(at opensslconf.Value, text string, add func(*cryptobyte.Builder, item) error) (Value, error) {
	items, err := p.items(at, text)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, i := range items {
			if err := add(b, i); err != nil {
				b.SetError(err)
				return
			}
		}
	})
	der, err := b.Bytes()
	return Raw(der), err
}

// maxReferred bounds the settings of all sections that values refer to. A list can name one section again and again.
const maxReferred = 100_000

// section returns the settings of a section that the value at refers to.
func (p *parser) section(at opensslconf.Value, name string) ([]opensslconf.Value, error) {
	values, ok := p.conf.Section(name)
	if !ok {
		return nil, at.Errorf("there is no section [%s]", excerpt(name))
	}
	if p.referred += len(values); p.referred > maxReferred {
		return nil, at.Errorf("the sections that are referred to hold more than %d settings together", maxReferred)
	}
	return values, nil
}

func excerpt(s string) string {
	const length = 60
	if len(s) <= length {
		return s
	}
	return s[:length] + "…"
}
