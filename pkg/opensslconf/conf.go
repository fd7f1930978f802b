package opensslconf

import (
	"errors"
	"fmt"
	"io"

	"gopkg.in/ini.v1"
)

// Conf is a conf that was read: sections with their settings, in the order of the text. It does not change.
type Conf struct {
	name     string
	file     *ini.File
	places   map[string]map[string]Position // by section and key
	starts   map[string]Position
	warnings []Warning
	open     OpenFunc
}

// newConf hands the settled sections to ini.v1.
func newConf(name string, sections []*section, warnings []Warning) (*Conf, error) {
	c := &Conf{
		name: name,
		file: ini.Empty(ini.LoadOptions{
			AllowNonUniqueSections: true,   // or each new section is searched for in the list of all
			ChildSectionDelimiter:  "\x00", // or [v3.ca] takes what [v3] has; NUL is in no name
		}),
		places:   make(map[string]map[string]Position, len(sections)),
		starts:   make(map[string]Position, len(sections)),
		warnings: warnings,
	}
	for _, s := range sections {
		if err := c.hold(s); err != nil {
			return nil, &Error{Pos: s.pos, Section: s.name, Msg: fmt.Sprintf("cannot be held: %v", err)}
		}
	}
	return c, nil
}

// iniName and iniKey make names that ini.v1 has no thoughts of its own about: it refuses an empty name, and takes
// DEFAULT for the head of the file.
func iniName(section string) string { return "[" + section + "]" }

func iniKey(key string) string { return key + "=" }

func (c *Conf) hold(s *section) error {
	held, err := c.file.NewSection(iniName(s.name))
	if err != nil {
		return err
	}
	places := make(map[string]Position, len(s.index))
	for i, v := range s.values {
		if !s.live[i] {
			continue
		}
		if _, err := held.NewKey(iniKey(v.Key), v.Text); err != nil {
			return err
		}
		places[v.Key] = v.Pos
	}
	c.places[s.name], c.starts[s.name] = places, s.pos
	return nil
}

// maxFile bounds a file that a value refers to; no value can be longer.
const maxFile = maxValue

// ReadFile reads a file that a value refers to, through the function that opens includes.
func (c *Conf) ReadFile(path string) ([]byte, error) {
	if c.open == nil {
		return nil, errors.New("this conf may not refer to files")
	}
	f, err := c.open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	}
	defer f.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s: wanted %d bytes at most", path, maxFile)
	}
	return data, nil
}

// Name returns the name that the conf was read under.
func (c *Conf) Name() string { return c.name }

// Warnings returns what is legal but likely not meant: keys set twice, includes that are not there.
func (c *Conf) Warnings() []Warning { return c.warnings }

// Sections returns the names of all sections in the order of their first appearance. The first is "default", which every
// conf has.
func (c *Conf) Sections() []string {
	var names []string
	for _, s := range c.file.SectionStrings() {
		if s != ini.DefaultSection {
			names = append(names, s[1:len(s)-1])
		}
	}
	return names
}

// Has reports whether the conf has a section of that name, be it empty.
func (c *Conf) Has(section string) bool { return c.file.HasSection(iniName(section)) }

// Start returns where a section begins.
func (c *Conf) Start(section string) Position { return c.starts[section] }

// Section returns the settings of a section in order; ok tells whether there is such a section.
func (c *Conf) Section(section string) (values []Value, ok bool) {
	if !c.Has(section) {
		return nil, false
	}
	for _, k := range c.file.Section(iniName(section)).Keys() {
		key := k.Name()[:len(k.Name())-1]
		values = append(values, c.value(section, key, k.Value()))
	}
	return values, true
}

// Get returns a setting of a section, and nothing else than that section's.
func (c *Conf) Get(section, key string) (Value, bool) {
	if !c.Has(section) {
		return Value{}, false
	}
	held := c.file.Section(iniName(section))
	if !held.HasKey(iniKey(key)) {
		return Value{}, false
	}
	return c.value(section, key, held.Key(iniKey(key)).Value()), true
}

// Lookup returns a setting of a section or else of the default section, as NCONF_get_string of OpenSSL does.
func (c *Conf) Lookup(section, key string) (Value, bool) {
	if v, ok := c.Get(section, key); ok {
		return v, true
	}
	return c.Get(defaultSection, key)
}

func (c *Conf) value(section, key, text string) Value {
	return Value{Section: section, Key: key, Text: text, Pos: c.places[section][key]}
}
