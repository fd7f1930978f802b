package opensslconf

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// directive names the directive that a line is, or nothing. A name may run on behind the directive's own (".includes"),
// but where it does not, a blank or an equals sign has to follow.
func directive(name, rest string) string {
	for _, d := range []string{".pragma", ".include"} {
		ran := len(name) > len(d)
		if strings.HasPrefix(name, d) && (ran || rest != "" && (isSpace(rest[0]) || rest[0] == '=')) {
			return d
		}
	}
	return ""
}

// pragma reads "name:value". A pragma that OpenSSL does not know is passed over, as OpenSSL does.
func (r *reader) pragma(text string, pos Position) error {
	name, value, ok := strings.Cut(text, ":")
	if !ok || name == "" || value == "" {
		return &Error{Pos: pos, Msg: fmt.Sprintf("wanted .pragma name:value, found %q", excerpt(text))}
	}
	value = trimLeft(value)
	switch name = trimRight(name); name {
	case "dollarid":
		return r.pragmaSwitch(&r.dollarID, value, pos)
	case "abspath":
		return r.pragmaSwitch(&r.absPath, value, pos)
	case "includedir":
		r.includeDir = value
	default:
		r.warn(Warning{Pos: pos, Msg: fmt.Sprintf("unknown pragma %q is passed over", excerpt(name))})
	}
	return nil
}

var switches = map[string]bool{"on": true, "true": true, "off": false, "false": false}

func (r *reader) pragmaSwitch(flag *bool, value string, pos Position) error {
	on, ok := switches[strings.ToLower(value)]
	if !ok {
		return &Error{Pos: pos, Msg: fmt.Sprintf("pragma: wanted on, true, off or false, found %q", excerpt(value))}
	}
	*flag = on
	return nil
}

// include follows ".include path". The section that is current goes into the file and what is current at its end comes
// out of it.
func (r *reader) include(home, text string, pos Position) error {
	path, err := r.expand(home, text)
	if err != nil {
		return &Error{Pos: pos, Msg: fmt.Sprintf(".include: %v", err)}
	}
	if dir := r.includeBase(); dir != "" && !filepath.IsAbs(path) {
		path = dir + "/" + path
	}
	if r.absPath && !filepath.IsAbs(path) {
		return &Error{Pos: pos, Msg: fmt.Sprintf(".include: %q is a relative path, which .pragma abspath forbids", excerpt(path))}
	}
	ignored, err := r.lines.include(path)
	if err != nil {
		return &Error{Pos: pos, Msg: fmt.Sprintf(".include: %v", err)}
	}
	if ignored != nil {
		r.warn(Warning{Pos: pos, Msg: fmt.Sprintf(".include %s is passed over: %v", excerpt(path), reason(ignored))})
	}
	return nil
}

func (r *reader) includeBase() string {
	if dir, ok := r.lookupEnv("OPENSSL_CONF_INCLUDE"); ok {
		return dir
	}
	return r.includeDir
}

// reason drops the operation and the path that a file error starts with, for the message has them already.
func reason(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
