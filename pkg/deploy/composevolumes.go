package deploy

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mount is a volume of a service.
type Mount struct {
	Source string // a path of the machine, from the Compose file's folder, or the name of a volume
	Target string // where it is in the container
	Path   bool   // Source is a path
	Plain  bool   // Source has no variables in it
}

// mountOf reads a volume in its long or its short form. Its target is empty where it has variables in it.
func mountOf(volume *yaml.Node) Mount {
	var long struct{ Type, Source, Target string }
	if volume.Kind == yaml.MappingNode {
		if volume.Decode(&long) != nil {
			return Mount{}
		}
		return newMount(long.Source, long.Target, long.Type == "bind")
	}
	parts := parted(volume.Value)
	if len(parts) == 1 {
		return newMount("", parts[0], false) // a volume without a name
	}
	return newMount(parts[0], parts[1], isPath(parts[0]))
}

// isPath tells a path, or what may become one, from the name of a volume.
func isPath(source string) bool {
	return source != "" && strings.ContainsRune(`./~$`, rune(source[0])) || strings.ContainsAny(source, `\:`)
}

func newMount(source, target string, isPath bool) Mount {
	m := Mount{Source: source, Path: isPath, Plain: isPlain(source)}
	if m.Plain {
		m.Source = plain(source)
	}
	if isPlain(target) && target != "" {
		m.Target = path.Clean(plain(target))
	}
	return m
}

// parted are the parts of the short form, which colons part, but for those in ${…} and behind the letter of a drive.
func parted(text string) []string {
	var parts []string
	depth, begin := 0, 0
	for i, r := range text {
		isDrive := i == begin+1 && len(parts) == 0 && strings.HasPrefix(text[i+1:], `\`)
		switch {
		case r == '{' && i > 0 && (text[i-1] == '$' || depth > 0):
			depth++
		case r == '}' && depth > 0:
			depth--
		case r == ':' && depth == 0 && !isDrive:
			parts, begin = append(parts, text[begin:i]), i+1
		}
	}
	return append(parts, text[begin:])
}

// At is what lies at a path of the container: the mount that it is in, of several at one place the last, and where it is in that.
func (s Service) At(target string) (m Mount, rest string, ok bool) {
	target = path.Clean(target)
	for dir := target; ; dir = path.Dir(dir) {
		for _, mount := range s.mounts {
			if mount.Target == dir {
				m, ok = mount, true
			}
		}
		if ok || path.Dir(dir) == dir {
			return m, strings.TrimPrefix(target[len(dir):], "/"), ok
		}
	}
}

// Mounts are those of the service.
func (s Service) Mounts() []Mount { return s.mounts }

// HasVagueMount tells whether it has one that may be anywhere.
func (s Service) HasVagueMount() bool {
	for _, m := range s.mounts {
		if m.Target == "" {
			return true
		}
	}
	return false
}
