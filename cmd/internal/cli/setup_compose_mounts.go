package cli

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// mountCheck names what is said of mounts.
const mountCheck = "mount"

// about is a finding about the service, as Compose puts it together from its files.
func (t *composeThere) about(severity verify.Severity, check, problem, wayOut string) verify.Finding {
	return verify.Finding{Severity: severity, Check: check, Problem: "service " + t.service + " " + problem, WayOut: wayOut}
}

// composeConfig shows what Compose makes of its files.
const composeConfig = "docker compose config shows it"

// mounted wants Compose to mount what it should, so far as its files can be read without it.
func (t *composeThere) mounted() []verify.Finding {
	switch {
	case t.unreadable != nil:
		return []verify.Finding{{Severity: verify.Failure, Check: mountCheck, Problem: t.unreadable.Error()}}
	case t.compose == "":
		return []verify.Finding{{Severity: verify.Failure, Check: mountCheck, Problem: "there is no docker-compose.yml in " + t.folder, WayOut: "FOLDER names the folder that it lies in"}}
	case t.found.Unsure != "":
		return []verify.Finding{t.about(verify.NotChecked, mountCheck, "has "+t.found.Unsure+", and what is mounted then only Compose can tell", composeConfig)}
	case !t.found.Found && t.found.Vague == "":
		return []verify.Finding{{Severity: verify.Failure, Check: "service", File: filepath.Join(t.folder, t.compose), Problem: "has no service " + t.service, WayOut: "--service names that of Milvus" + t.services()}}
	}
	findings := t.exposed()
	for _, name := range deploy.ServerFiles() {
		findings = append(findings, t.mountedAt(path.Join(t.containerDir, name), filepath.Join(t.tls(), name), t.containerDir, t.tls())...)
	}
	return append(findings, t.mountedAt(deploy.MilvusYAML, t.configuration(), deploy.MilvusYAML, t.configuration())...)
}

// services are those that there are, as an error ends.
func (t *composeThere) services() string {
	if len(t.found.Others) == 0 {
		return ""
	}
	return "; there are " + strings.Join(t.found.Others, ", ")
}

// mountedAt wants a file to be mounted at a target. Place and from are what they are called: the folders that they lie in, or they.
func (t *composeThere) mountedAt(target, file, place, from string) []verify.Finding {
	m, rest, ok := t.found.At(target)
	source := filepath.Join(t.source(m), filepath.FromSlash(rest))
	switch {
	case !ok && (t.found.Vague != "" || t.found.HasVagueMount()):
		why := "a volume whose place in the container has variables"
		if t.found.Vague != "" {
			why = t.found.Vague
		}
		return []verify.Finding{t.about(verify.NotChecked, mountCheck, fmt.Sprintf("has %s, and whether %s is mounted at %s only Compose can tell", why, from, place), composeConfig)}
	case !ok:
		return []verify.Finding{t.about(verify.Failure, mountCheck, "mounts nothing at "+place, t.again())}
	case !m.Plain:
		return []verify.Finding{t.about(verify.NotChecked, mountCheck, fmt.Sprintf("mounts %s at %s, and whether that is %s only Compose can tell", m.Source, m.Target, from), composeConfig)}
	case !m.Path:
		return []verify.Finding{t.about(verify.Failure, mountCheck, fmt.Sprintf("mounts a volume at %s, and not %s", m.Target, from), t.again())}
	case filepath.Clean(source) != filepath.Clean(file) && !sameFile(source, file) && !t.holdsSet(m):
		return []verify.Finding{t.about(verify.Failure, mountCheck, fmt.Sprintf("mounts %s at %s, and not %s", m.Source, m.Target, from), t.again())}
	}
	return nil
}

// source is the path of what is mounted.
func (t *composeThere) source(m deploy.Mount) string {
	source := filepath.FromSlash(m.Source)
	if home, err := os.UserHomeDir(); err == nil && (source == "~" || strings.HasPrefix(source, "~"+string(filepath.Separator))) {
		return filepath.Join(home, source[1:])
	}
	if filepath.IsAbs(source) {
		return source
	}
	return filepath.Join(t.folder, source)
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// holdsSet tells whether the set's directory is mounted.
func (t *composeThere) holdsSet(m deploy.Mount) bool {
	if !m.Path || !m.Plain {
		return false
	}
	info, err := os.Stat(t.source(m))
	return err == nil && isWithin(t.dir, info)
}

// exposed are the mounts with which the keys of the CA and the client come into the container.
func (t *composeThere) exposed() (findings []verify.Finding) {
	if t.found.Unsure != "" {
		return nil
	}
	for _, m := range t.found.Mounts() {
		if last, _, _ := t.found.At(m.Target); t.holdsSet(m) && (m.Target == "" || last == m) {
			findings = append(findings, t.about(verify.Failure, mountCheck, fmt.Sprintf("mounts %s, and with it the set in %s and the keys of the CA and the client", m.Source, t.dir),
				"mount "+t.tls()+" alone; "+t.again()))
		}
	}
	return findings
}

// published wants the port of REST that is published to be the one that milvus.yaml has. Where that has none, this is said.
func (t *composeThere) published() []verify.Finding {
	if t.compose == "" || t.unreadable != nil || t.found.Vague+t.found.Unsure != "" || t.rest == (milvus.REST{}) {
		return nil
	}
	wanted, taken := t.values()
	var isThere, isAsked bool
	for _, p := range t.found.Ports {
		isREST := p.Service == t.service && p.LeadsTo(wanted.HTTPPort)
		isThere = isThere || isREST || p.Service == t.service && p.Container == 0
		isAsked = isAsked || isREST && t.ports == fmt.Sprint(p.First)
	}
	own := deploy.Compose{}
	if t.own != nil && t.own.Service == t.service {
		own = *t.own
	}
	f := verify.Finding{Severity: verify.Failure, Check: "http-port", WayOut: t.again()}
	switch asked := t.ports != "" && t.ports != "off"; {
	case own.Published > 0 && t.rest.Off:
		f.Severity, f.Problem = verify.Warning, fmt.Sprintf("%s publishes port %d for REST, which is off in %s", t.override, own.Published, t.configuration())
	case own.Published > 0 && own.HTTPPort != wanted.HTTPPort:
		f.Problem = fmt.Sprintf("%s publishes %d:%d for REST, which is on port %d by %s", t.override, own.Published, own.HTTPPort, wanted.HTTPPort, t.configuration())
	case own.Published > 0 && t.ports == "off":
		f.Problem = fmt.Sprintf("%s publishes port %d for REST", t.override, own.Published)
	case asked && taken != nil:
		f.Problem, f.WayOut = portTaken(taken), "--http-port chooses another"
	case asked && !isAsked:
		f.Problem = fmt.Sprintf("port %s is not published for REST", t.ports)
	case taken != nil && !isThere:
		f.Severity, f.Problem, f.WayOut = verify.Warning, portTaken(taken), "--http-port chooses another"
	case t.own == nil && !isThere && !t.rest.Off && t.ports == "" && t.found.Found:
		f.Severity, f.Problem = verify.Advice, fmt.Sprintf("REST, on port %d, is not published for the machine", wanted.HTTPPort)
	default:
		return nil
	}
	return []verify.Finding{f}
}

// portTaken says why REST is not published.
func portTaken(p *deploy.Port) string {
	return fmt.Sprintf("REST is not published, for service %s has that port of the machine (%s)", p.Service, p)
}
