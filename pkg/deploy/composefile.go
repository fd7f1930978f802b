package deploy

import (
	"path"
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

// Service is what a Compose file says of one service, so far as it can be read without Compose.
type Service struct {
	Found         bool
	ContainerName string // empty: it has none, or one with variables in it
	targets       []string
}

// ReadService reads a service of a Compose file.
func ReadService(data []byte, name string) (Service, error) {
	var file struct {
		Services map[string]struct {
			ContainerName string      `yaml:"container_name"`
			Volumes       []yaml.Node `yaml:"volumes"`
		} `yaml:"services"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return Service{}, err
	}
	found, ok := file.Services[name]
	s := Service{Found: ok}
	if !strings.Contains(found.ContainerName, "$") {
		s.ContainerName = found.ContainerName
	}
	for _, v := range found.Volumes {
		s.targets = append(s.targets, path.Clean(targetOf(v)))
	}
	return s, nil
}

// targetOf is where a volume is mounted: the target of the long form, the second part of the short one, in which a variable may
// have colons, as in ${DIR:-.}/tls:/milvus/tls.
func targetOf(volume yaml.Node) string {
	var long struct{ Target string }
	if volume.Decode(&long) == nil {
		return strings.ReplaceAll(long.Target, "$$", "$")
	}
	_, rest, parted := strings.Cut(volume.Value, ":")
	if !parted {
		return volume.Value // a volume without a name
	}
	for p := range strings.SplitSeq(rest, ":") {
		if strings.HasPrefix(p, "/") {
			return p
		}
	}
	return ""
}

// Mounts tells whether the service mounts something there.
func (s Service) Mounts(target string) bool { return slices.Contains(s.targets, path.Clean(target)) }

// MountsConfiguration tells whether the service mounts a milvus.yaml.
func (s Service) MountsConfiguration() bool { return s.Mounts(milvusYAML) }

// Merge is the service with what an override says of it. One that the override alone has would have no image.
func (s Service) Merge(override Service) Service {
	if override.ContainerName != "" {
		s.ContainerName = override.ContainerName
	}
	s.targets = append(slices.Clone(s.targets), override.targets...)
	return s
}

// HTTPPort is proxy.http.port of a milvus.yaml, 0 where it has none or cannot be read.
func HTTPPort(milvusYAML []byte) int {
	var conf struct {
		Proxy struct {
			HTTP struct {
				Port yaml.Node `yaml:"port"`
			} `yaml:"http"`
		} `yaml:"proxy"`
	}
	if yaml.Unmarshal(milvusYAML, &conf) != nil {
		return 0
	}
	port, err := ParseHTTPPort(conf.Proxy.HTTP.Port.Value)
	if err != nil {
		return 0
	}
	return port
}
