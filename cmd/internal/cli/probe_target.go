package cli

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// endpoint is where a server is dialled.
type endpoint struct {
	host string // as verify.ParseHost returns it
	zone string // of an IPv6 address (RFC 4007, 11), which is for this machine to know; empty: none
	port int

	assumed bool // the port was not given
}

func (e endpoint) String() string {
	host := e.host
	if e.zone != "" {
		host += "%" + e.zone
	}
	return net.JoinHostPort(host, strconv.Itoa(e.port))
}

// parseEndpoint reads HOST:PORT, HOST alone, or a URL with no more than that in it, as SDKs are given it.
func parseEndpoint(text string) (endpoint, error) {
	rest, err := withoutScheme(text)
	if err != nil {
		return endpoint{}, err
	}
	e := endpoint{port: milvus.GRPCPort, assumed: true}
	host := rest
	if before, port, err := net.SplitHostPort(rest); err == nil {
		host, e.assumed = before, false
		const most = 1<<16 - 1
		if e.port, err = strconv.Atoi(port); err != nil || e.port < 1 || e.port > most {
			return e, usagef("wanted HOST:PORT with a port from 1 to %d, found %q", most, text)
		}
	}
	host, e.zone = withoutZone(host)
	if e.host, err = verify.ParseHost(host); err != nil {
		return e, usagef("wanted HOST:PORT, an IPv6 address in brackets, found %q", text)
	}
	return e, nil
}

// withoutScheme takes host and port out of a URL.
func withoutScheme(text string) (string, error) {
	if !strings.Contains(text, "://") {
		if strings.Contains(text, "@") { // before which may be a password
			return "", usagef("wanted HOST:PORT; a user is not asked for")
		}
		if i := strings.IndexAny(text, "/?#"); i >= 0 {
			return "", usagef("wanted HOST:PORT, found more than that%s", giveAlone(text[:i]))
		}
		return text, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", usagef("wanted HOST:PORT, found something else that is no URL either")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", usagef("wanted HOST:PORT, found a URL of %s%s", u.Scheme, giveAlone(u.Host))
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", usagef("wanted HOST:PORT, found a URL with more in it%s", giveAlone(u.Host))
	}
	return u.Host, nil
}

// giveAlone is the way out, with no more of what was found than host and port: behind them may be a secret.
func giveAlone(host string) string {
	if _, err := parseEndpoint(host); err != nil {
		return ""
	}
	return "; give " + host + " alone"
}

// withoutZone cuts the zone off an IPv6 address.
func withoutZone(host string) (address, zone string) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if err != nil || a.Zone() == "" || a.Is4In6() || oneLine(a.Zone()) != a.Zone() {
		return host, ""
	}
	return a.WithZone("").String(), a.Zone()
}

// timeout is a flag's value for what is over in seconds.
type timeout time.Duration

const (
	usualTimeout = 10 * time.Second
	leastTimeout = 100 * time.Millisecond
	mostTimeout  = 10 * time.Minute
)

func (t *timeout) Set(text string) error {
	d, err := time.ParseDuration(text)
	var days duration
	if err != nil && days.Set(text) == nil {
		d, err = time.Duration(days), nil
	}
	switch {
	case err != nil || d < leastTimeout:
		return fmt.Errorf("wanted a time such as 10s, from 100ms to 10m")
	case d > mostTimeout:
		return fmt.Errorf("wanted 10m at most: a server that answers no sooner is not there")
	}
	*t = timeout(d)
	return nil
}

func (t *timeout) String() string { return time.Duration(*t).String() }

// Type names the value in the help text.
func (t *timeout) Type() string { return "duration" }
