package deploy

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ComposeFolder is the folder with the files for Milvus, beside the Compose file.
const ComposeFolder = "tls"

// MilvusYAML is where Milvus reads its configuration.
const MilvusYAML = "/milvus/configs/milvus.yaml"

// Compose is how a service of a Compose file gets at its files.
type Compose struct {
	Service      string
	ContainerDir string // where the folder is mounted
	MilvusYAML   string // the configuration: a path from the Compose file's folder, or an absolute one
	Published    int    // port of the machine for REST, 0: none
	HTTPPort     int    // the one in the container
}

// serviceName is what Compose takes for the name of a service: the schema of compose-spec.
var serviceName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// CheckService wants a name that a service of a Compose file can have.
func CheckService(name string) error {
	if !serviceName.MatchString(name) {
		return errors.New("wanted the name of a service, in letters, digits, dots, hyphens and underscores")
	}
	return nil
}

// The parts of a Compose file that an override has, by the names of compose-spec.
type (
	composeFile struct {
		Services map[string]composeService `yaml:"services"`
	}
	composeService struct {
		Volumes []composeVolume `yaml:"volumes"`
		Ports   []string        `yaml:"ports,omitempty"`
	}
	composeVolume struct {
		Type     string      `yaml:"type"`
		Source   string      `yaml:"source"`
		Target   string      `yaml:"target"`
		ReadOnly bool        `yaml:"read_only"`
		Bind     composeBind `yaml:"bind"`
	}
	composeBind struct {
		CreateHostPath bool `yaml:"create_host_path"`
	}
)

const composeHead = `Written by milvus-certs setup compose. Docker Compose merges it into docker-compose.yml by itself,
so long as it keeps its name and no -f is given. It mounts what Milvus needs for TLS, read-only, and
nothing of it is made up where it is missing: docker would make folders of those names.`

// Override is the override file: it mounts the folder and the configuration, and publishes the port of REST.
func (c Compose) Override() (string, error) {
	service := composeService{Volumes: []composeVolume{
		readOnly("./"+ComposeFolder, c.ContainerDir),
		readOnly(fromHere(c.MilvusYAML), MilvusYAML),
	}}
	if c.Published > 0 {
		service.Ports = []string{fmt.Sprintf("%d:%d", c.Published, c.HTTPPort)}
	}
	remarks := []remark{{[]string{"services"}, composeHead}}
	if c.Published > 0 {
		remarks = append(remarks, remark{[]string{"services", c.Service, "ports"}, "REST: with TLS on it has a port of its own."})
	}
	return document(composeFile{map[string]composeService{c.Service: service}}, remarks...)
}

// readOnly mounts in the long form, in which nothing in a path has a meaning but the dollar sign.
func readOnly(source, target string) composeVolume {
	return composeVolume{Type: "bind", Source: literal(source), Target: literal(target), ReadOnly: true}
}

// literal keeps Compose from looking for variables.
func literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// fromHere begins a relative path with a dot, without which it could be the name of a volume.
func fromHere(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	path = filepath.ToSlash(filepath.Clean(path))
	if strings.HasPrefix(path, "../") {
		return path
	}
	return "./" + path
}

// ParseOverride reads an override that Override has written, word for word; ok tells whether it is one.
func ParseOverride(text string) (c Compose, ok bool) {
	var file composeFile
	if yaml.Unmarshal([]byte(text), &file) != nil || len(file.Services) != 1 {
		return Compose{}, false
	}
	for name, service := range file.Services {
		const tlsAndConfiguration = 2
		if len(service.Volumes) != tlsAndConfiguration || len(service.Ports) > 1 {
			return Compose{}, false
		}
		c = Compose{Service: name, ContainerDir: plain(service.Volumes[0].Target), MilvusYAML: plain(service.Volumes[1].Source)}
		for _, port := range service.Ports {
			published, container, _ := strings.Cut(port, ":")
			c.Published, _ = portRange(published)
			c.HTTPPort, _ = portRange(container)
		}
	}
	written, err := c.Override()
	return c, err == nil && written == text
}
