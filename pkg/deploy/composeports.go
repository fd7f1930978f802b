package deploy

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Port is what a service publishes.
type Port struct {
	Service string
	// First to Last are ports of the machine, 0 where docker chooses one, or where they cannot be told; Container is where the first
	// leads, 0 where that cannot be told.
	First, Last, Container int
}

func (p Port) String() string {
	if p.First == p.Last {
		return fmt.Sprintf("%d:%d", p.First, p.Container)
	}
	return fmt.Sprintf("%d-%d:%d-%d", p.First, p.Last, p.Container, p.Container+p.Last-p.First)
}

// Takes tells whether a port of the machine is among them.
func (p Port) Takes(port int) bool { return port > 0 && p.First <= port && port <= p.Last }

// LeadsTo tells whether one of them leads to a port of the container.
func (p Port) LeadsTo(port int) bool {
	return p.Container <= port && port <= p.Container+p.Last-p.First
}

// portsOf reads the ports that a service publishes, but for those of UDP.
func portsOf(service string, ports yaml.Node) (out []Port) {
	for _, item := range items(ports) {
		long := struct{ Target, Published, Protocol string }{Target: item.Value}
		if item.Kind == yaml.MappingNode {
			if item.Decode(&long) != nil {
				continue
			}
		} else {
			long.Target, long.Protocol, _ = strings.Cut(item.Value, "/")
			if i := strings.LastIndex(long.Target, ":"); i >= 0 && isPlain(item.Value) {
				long.Published, long.Target = long.Target[:i], long.Target[i+1:]
			}
		}
		if long.Protocol != "udp" {
			out = append(out, newPort(service, long.Published[strings.LastIndex(long.Published, ":")+1:], long.Target))
		}
	}
	return out
}

func newPort(service, published, target string) Port {
	p := Port{Service: service}
	p.First, p.Last = portRange(published)
	p.Container, _ = portRange(target)
	return p
}

// portRange reads N or N-M.
func portRange(text string) (first, last int) {
	from, to, _ := strings.Cut(text, "-")
	if to == "" {
		to = from
	}
	first, err := strconv.Atoi(from)
	last, lastErr := strconv.Atoi(to)
	if err != nil || lastErr != nil || last < first {
		return 0, 0
	}
	return first, last
}
