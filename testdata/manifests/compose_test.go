package manifests

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// page is a Compose file in the shape of the documentation's, without and with its mounts for TLS.
const page = `services:
  etcd:
    container_name: milvus-etcd
    image: quay.io/coreos/etcd:v3.5.18
  standalone:
    container_name: milvus-standalone
    image: milvusdb/milvus:v2.6.0
    command: ["milvus", "run", "standalone"]
    security_opt:
      - seccomp:unconfined
    environment:
      ETCD_ENDPOINTS: etcd:2379
    volumes:
      - ${DOCKER_VOLUME_DIRECTORY:-.}/volumes/milvus:/var/lib/milvus
    ports:
      - "19530:19530"
      - "9091:9091"
    depends_on:
      - etcd
networks:
  default:
    name: milvus
`

var pageWithMounts = strings.Replace(page, "/var/lib/milvus\n", `/var/lib/milvus
      - ${DOCKER_VOLUME_DIRECTORY:-.}/tls:/milvus/tls
      - ${DOCKER_VOLUME_DIRECTORY:-.}/milvus.yaml:/milvus/configs/milvus.yaml
`, 1)

// load reads a folder as docker compose does, which finds its files by itself.
func load(t *testing.T, folder string, env ...string) (*types.Project, error) {
	t.Helper()
	o, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(folder), cli.WithEnv(env), cli.WithDefaultConfigPath, cli.WithName("milvus"))
	if err != nil {
		t.Fatal(err)
	}
	return o.LoadProject(context.Background())
}

// wantMounts wants exactly one volume at each target, bound read-only to the source, which docker does not make up.
func wantMounts(t *testing.T, s types.ServiceConfig, sources map[string]string) {
	t.Helper()
	for target, source := range sources {
		var found []types.ServiceVolumeConfig
		for _, v := range s.Volumes {
			if v.Target == target {
				found = append(found, v)
			}
		}
		if len(found) != 1 {
			t.Fatalf("%d volumes at %s: %+v", len(found), target, s.Volumes)
		}
		v := found[0]
		if v.Type != types.VolumeTypeBind || v.Source != source || !v.ReadOnly || v.Bind == nil || bool(v.Bind.CreateHostPath) {
			t.Errorf("at %s: %+v, bind %+v, wanted %s", target, v, v.Bind, source)
		}
	}
}

// published are the ports of a service, of the machine and of the container.
func published(s types.ServiceConfig) string {
	var ports []string
	for _, p := range s.Ports {
		ports = append(ports, fmt.Sprintf("%s:%d", p.Published, p.Target))
	}
	return strings.Join(ports, " ")
}

func TestComposeMergesIntoThePage(t *testing.T) {
	for name, base := range map[string]string{"without mounts": page, "with mounts": pageWithMounts, "compose.yaml": page} {
		t.Run(name, func(t *testing.T) {
			dir := newSet(t, ec)
			file := "docker-compose.yml"
			if name == "compose.yaml" {
				file = name
			}
			write(t, base, dir, file)
			write(t, "proxy:\n  http:\n    port: 8443\n", dir, "milvus.yaml")
			run(t, dir, "setup", "milvus", "milvus.yaml", "-d", "certs", "-q")
			run(t, dir, "setup", "compose", "-d", "certs")
			project, err := load(t, dir, "DOCKER_VOLUME_DIRECTORY=/elsewhere")
			if err != nil {
				t.Fatal(err)
			}
			s := project.Services["standalone"]
			wantMounts(t, s, map[string]string{"/milvus/tls": filepath.Join(dir, "tls"), "/milvus/configs/milvus.yaml": filepath.Join(dir, "milvus.yaml")})
			if got := published(s); got != "19530:19530 9091:9091 8443:8443" {
				t.Errorf("ports %s", got)
			}
			if s.Image != "milvusdb/milvus:v2.6.0" || s.ContainerName != "milvus-standalone" || len(project.Services) != 2 {
				t.Errorf("the rest has changed: %+v", s)
			}
			run(t, dir, "setup", "compose", "-d", "certs", "--check")
		})
	}
}

func TestComposeNastyNames(t *testing.T) {
	for _, name := range []string{
		"a b.yaml", `it's.yaml`, `say "x".yaml`, "$HOME.yaml", "${HOME}.yaml", "a: b.yaml", "a #b.yaml", "#.yaml", "*.yaml", "- x.yaml", "über.yaml", "a$$b.yaml", "sub/../milvus.yaml", "~.yaml", "a:b.yaml", "!x.yaml", "%41.yaml", `a\b.yaml`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := newSet(t, ec)
			write(t, page, dir, "docker-compose.yml")
			write(t, "", dir, filepath.Base(name))
			target := "/milvus/" + strings.ReplaceAll(strings.TrimSuffix(filepath.Base(name), ".yaml"), ":", "")
			run(t, dir, "setup", "compose", "-d", "certs", "--milvus-yaml", name, "--container-dir", target, "--http-port", "off")
			project, err := load(t, dir, "HOME=/root")
			if err != nil {
				t.Fatal(err)
			}
			s := project.Services["standalone"]
			wantMounts(t, s, map[string]string{target: filepath.Join(dir, "tls"), "/milvus/configs/milvus.yaml": filepath.Join(dir, filepath.Clean(name))})
			if len(s.Ports) != 2 {
				t.Errorf("ports %v", s.Ports)
			}
		})
	}
}

func TestComposeFragmentLoads(t *testing.T) {
	dir := newSet(t, ec)
	write(t, page, dir, "docker-compose.yml")
	write(t, "", dir, "milvus.yaml")
	run(t, dir, "setup", "milvus", "milvus.yaml", "-d", "certs", "-q")
	write(t, "services: {}\n", dir, "compose.override.yml")
	fragment := run(t, dir, "setup", "compose", "-d", "certs", "--http-port", "9443")
	if project, err := load(t, dir); err != nil || len(project.Services["standalone"].Volumes) != 1 {
		t.Fatal("an override file that was there did not stay as it was", err)
	}
	write(t, fragment, dir, "compose.override.yml")
	project, err := load(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := published(project.Services["standalone"]); got != "19530:19530 9091:9091 9443:8080" {
		t.Errorf("ports %s", got)
	}
	run(t, dir, "setup", "compose", "-d", "certs", "--check")
}

// TestComposeIsStrict: the loader refuses what compose-spec does not know, or this test would show nothing.
func TestComposeIsStrict(t *testing.T) {
	dir := newSet(t, ec)
	write(t, page, dir, "docker-compose.yml")
	run(t, dir, "setup", "compose", "-d", "certs")
	text := string(read(t, dir, "docker-compose.override.yml"))
	for _, field := range []string{"services", "volumes", "source", "target", "read_only", "create_host_path", "ports"} {
		if err := os.WriteFile(filepath.Join(dir, "docker-compose.override.yml"), []byte(strings.Replace(text, field+":", field+"x:", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(t, dir); err == nil {
			t.Errorf("%sx is taken", field)
		}
	}
}

// TestComposeReadsAsCompose: where --check finds tls/ mounted, Compose mounts it, and where it does not, Compose does not.
func TestComposeReadsAsCompose(t *testing.T) {
	const conf = "./milvus.yaml:/milvus/configs/milvus.yaml"
	for name, c := range map[string]struct{ service, override string }{
		"short":            {"volumes: [./tls:/milvus/tls, " + conf + "]", ""},
		"short, mode":      {"volumes: ['./tls/:/milvus/tls/:ro,z', " + conf + "]", ""},
		"long":             {"volumes: [{type: bind, source: tls, target: /milvus/tls}, " + conf + "]", ""},
		"other":            {"volumes: [./certs:/milvus/tls, " + conf + "]", ""},
		"named":            {"volumes: [tls:/milvus/tls, " + conf + "]", ""},
		"anonymous":        {"volumes: [/milvus/tls, " + conf + "]", ""},
		"tmpfs":            {"volumes: [{type: tmpfs, target: /milvus/tls}, " + conf + "]", ""},
		"elsewhere":        {"volumes: [./tls:/milvus/TLS, " + conf + "]", ""},
		"dollar":           {"volumes: ['./$$tls:/milvus/tls', " + conf + "]", ""},
		"aliases":          {"labels: {a: &a './tls:/milvus/tls', b: &b " + conf + "}\n    volumes: [*a, *b]", ""},
		"replaced":         {"volumes: [./tls:/milvus/tls, " + conf + "]", "volumes: [./certs:/milvus/tls]"},
		"put right":        {"volumes: [./certs:/milvus/tls, " + conf + "]", "volumes: [./tls:/milvus/tls/]"},
		"added":            {"mem_limit: 4g", "volumes: [./tls:/milvus/tls, " + conf + "]"},
		"another override": {"volumes: [./tls:/milvus/tls, " + conf + "]", "mem_limit: 4g"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newSet(t, ec)
			write(t, "", dir, "milvus.yaml")
			run(t, dir, "setup", "milvus", "milvus.yaml", "-d", "certs", "-q")
			write(t, "services:\n  standalone:\n    image: x\n", dir, "compose.yaml")
			run(t, dir, "setup", "compose", "-d", "certs", "-q") // for tls/
			if err := os.Remove(filepath.Join(dir, "docker-compose.override.yml")); err != nil {
				t.Fatal(err)
			}
			write(t, "services:\n  standalone:\n    image: x\n    container_name: milvus-standalone\n    "+c.service+"\nvolumes: {tls: {}}\n", dir, "compose.yaml")
			if c.override != "" {
				write(t, "services:\n  standalone:\n    "+c.override+"\n", dir, "compose.override.yml")
			}
			project, err := load(t, dir)
			if err != nil {
				t.Fatal(err)
			}
			mounted := slices.ContainsFunc(project.Services["standalone"].Volumes, func(v types.ServiceVolumeConfig) bool {
				return v.Type == types.VolumeTypeBind && filepath.Clean(v.Source) == filepath.Join(dir, "tls") && v.Target == "/milvus/tls"
			})
			check := exec.Command(program, "setup", "compose", "-d", "certs", "--check")
			check.Dir = dir
			out, err := check.Output()
			if fits := err == nil; fits != mounted || strings.Contains(string(out), "?") {
				t.Errorf("Compose mounts it: %t; --check:\n%s", mounted, out)
			}
		})
	}
}

// TestComposePublishedTwice: a port that leads to REST already is not published again, nor is one that is someone else's.
func TestComposePublishedTwice(t *testing.T) {
	for port, want := range map[string]string{"8080:8080": "8080:8080", "127.0.0.1:8080:8080": "8080:8080", "9000:8080": "9000:8080", "8080:80": "8080:80", "8079-8081:79-81": "8079:79 8080:80 8081:81", "80:80": "80:80 8080:8080"} {
		dir := newSet(t, ec)
		write(t, "services:\n  standalone:\n    image: x\n    ports: ['"+port+"']\n", dir, "compose.yaml")
		run(t, dir, "setup", "compose", "-d", "certs", "-q")
		project, err := load(t, dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := published(project.Services["standalone"]); got != want {
			t.Errorf("%s: %s, wanted %s", port, got, want)
		}
	}
}

// TestComposeFileNames: the file that milvus-certs reads is the one that Compose takes.
func TestComposeFileNames(t *testing.T) {
	for kind, names := range map[string][]string{"base": cli.DefaultFileNames, "override": cli.DefaultOverrideFileNames} {
		dir := newSet(t, ec)
		if kind == "override" {
			write(t, page, dir, "compose.yaml")
		}
		for _, name := range slices.Backward(names) {
			write(t, "services:\n  standalone:\n    image: x\n    container_name: "+name+"\n", dir, name)
			project, err := load(t, dir)
			if err != nil || project.Services["standalone"].ContainerName != name {
				t.Fatalf("Compose does not take %s: %v", name, err)
			}
			if out := run(t, dir, "setup", "compose", "-d", "certs", "-o", "json"); !strings.Contains(out, "lacks "+name+";") {
				t.Errorf("%s is not read:\n%s", name, out)
			}
		}
	}
}
