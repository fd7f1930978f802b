package deploy

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ComposeFiles and OverrideFiles are the names under which Compose looks for its files: cli.DefaultFileNames and
// cli.DefaultOverrideFileNames of compose-go. It takes the first that is there.
func ComposeFiles() []string {
	return []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
}

// OverrideFiles is described with ComposeFiles.
func OverrideFiles() []string {
	return []string{"compose.override.yml", "compose.override.yaml", OverrideName, "docker-compose.override.yaml"}
}

// OverrideName is the override file that setup writes.
const OverrideName = "docker-compose.override.yml"

// Service is what Compose files say of one service, so far as they can be read without Compose. It takes no variables in: a text
// that has some is known to have them.
type Service struct {
	Found         bool
	Others        []string // the services that there are besides
	ContainerName string   // empty: it has none, or one with variables in it
	User          string   // as it is written
	Groups        bool     // the user has groups besides its own
	Environment   []string // the names of the variables that are set
	EnvFiles      bool     // and there are files of such
	Ports         []Port   // that are published, of all services
	// Vague is what only Compose can make out, such as "include": the service may have more than this.
	Vague string
	// Unsure is what only Compose can make out, and what may be so that the service has less than this.
	Unsure string

	mounts []Mount
	image  bool // there is one, or how it is made
}

type (
	readFile struct {
		Include  yaml.Node              `yaml:"include"`
		Services map[string]readService `yaml:"services"`
	}
	readService struct {
		Image         yaml.Node `yaml:"image"`
		Build         yaml.Node `yaml:"build"`
		Extends       yaml.Node `yaml:"extends"`
		ContainerName yaml.Node `yaml:"container_name"`
		User          yaml.Node `yaml:"user"`
		GroupAdd      yaml.Node `yaml:"group_add"`
		Environment   yaml.Node `yaml:"environment"`
		EnvFile       yaml.Node `yaml:"env_file"`
		Volumes       yaml.Node `yaml:"volumes"`
		Ports         yaml.Node `yaml:"ports"`
	}
)

// ReadService reads a service of a Compose file. The error is that of the YAML.
func ReadService(data []byte, name string) (Service, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return Service{}, err
	}
	var file readFile
	if err := document.Decode(&file); err != nil && !document.IsZero() {
		return Service{}, err
	}
	read, found := file.Services[name]
	s := read.service()
	s.Found = found
	for _, other := range slices.Sorted(maps.Keys(file.Services)) {
		if other != name {
			s.Others = append(s.Others, other)
		}
		s.Ports = append(s.Ports, portsOf(other, file.Services[other].Ports)...)
	}
	switch more := decoder.Decode(&yaml.Node{}); {
	case hasTag(&document, "!reset", "!override"):
		s.Unsure = "!reset or !override"
	case !errors.Is(more, io.EOF):
		s.Unsure = "several documents"
	case !file.Include.IsZero():
		s.Vague = "include"
	case !read.Extends.IsZero():
		s.Vague = "extends"
	}
	return s, nil
}

func (r readService) service() Service {
	s := Service{
		ContainerName: textOf(r.ContainerName), User: textOf(r.User), Groups: !r.GroupAdd.IsZero(), EnvFiles: !r.EnvFile.IsZero(),
		Environment: variables(r.Environment), image: !r.Image.IsZero() || !r.Build.IsZero() || !r.Extends.IsZero(),
	}
	if !isPlain(s.ContainerName) {
		s.ContainerName = ""
	}
	for _, v := range items(r.Volumes) {
		s.mounts = append(s.mounts, mountOf(v))
	}
	return s
}

// Merge is the service with what an override says of it. One that the override alone has is none without an image.
func (s Service) Merge(override Service) Service {
	s.Found = s.Found || override.Found && override.image
	if override.ContainerName != "" {
		s.ContainerName = override.ContainerName
	}
	if override.User != "" {
		s.User = override.User
	}
	s.Groups, s.EnvFiles = s.Groups || override.Groups, s.EnvFiles || override.EnvFiles
	s.Environment = slices.Concat(s.Environment, override.Environment)
	s.Ports = slices.Concat(s.Ports, override.Ports)
	s.mounts = slices.Concat(s.mounts, override.mounts)
	for _, vague := range []struct{ mine, others *string }{{&s.Vague, &override.Vague}, {&s.Unsure, &override.Unsure}} {
		if *vague.mine == "" {
			*vague.mine = *vague.others
		}
	}
	return s
}

// resolved is what an alias stands for.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// items are those of a list.
func items(n yaml.Node) (out []*yaml.Node) {
	list := resolved(&n)
	if list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range list.Content {
		out = append(out, resolved(item))
	}
	return out
}

// textOf is a scalar as it is written, else nothing.
func textOf(n yaml.Node) string {
	if scalar := resolved(&n); scalar.Kind == yaml.ScalarNode && scalar.Tag != "!!null" {
		return scalar.Value
	}
	return ""
}

// variables are the names of those that are set, in a list of NAME=VALUE or in a mapping.
func variables(n yaml.Node) (names []string) {
	for _, item := range items(n) {
		name, _, _ := strings.Cut(item.Value, "=")
		names = append(names, name)
	}
	set := map[string]yaml.Node{}
	if resolved(&n).Kind == yaml.MappingNode && n.Decode(&set) == nil {
		names = slices.Sorted(maps.Keys(set))
	}
	return names
}

// hasTag tells whether a node, or one below it, has one of the tags.
func hasTag(n *yaml.Node, tags ...string) bool {
	return slices.Contains(tags, n.Tag) || slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return hasTag(c, tags...) })
}

// isPlain tells whether a text has no variables, which Compose would take in.
func isPlain(text string) bool { return !strings.Contains(strings.ReplaceAll(text, "$$", ""), "$") }

// plain is a text without variables as Compose reads it.
func plain(text string) string { return strings.ReplaceAll(text, "$$", "$") }
