package milvus

import (
	"fmt"
	"strconv"
)

// RESTOf reads where Milvus has REST by its milvus.yaml, with TLS on: off, or on a port. Where it is neither, trap says what
// proxy.http.port is instead, such as "is not set", and Milvus does not start. The error is a *yamledit.Error: a text that cannot
// be read, or a key that is there twice.
func RESTOf(data []byte) (rest REST, trap string, err error) {
	c, err := readConfig(data)
	if err != nil {
		return REST{}, "", err
	}
	trap = c.restTrap()
	on := c.get(keyHTTPEnabled).flag(true)
	port, _ := c.get(keyHTTPPort).port()
	switch {
	case len(c.faults) > 0:
		return REST{}, "", c.faults[0]
	case !on:
		return REST{Off: true}, "", nil
	case trap != "":
		return REST{}, trap, nil
	}
	return REST{Port: port}, "", nil
}

// ParseHTTPPort reads a port for REST, or "off", which is 0. The error says what was wanted: no port that Milvus has for something
// else where its milvus.yaml does not say otherwise.
func ParseHTTPPort(text string) (int, error) {
	if text == "off" {
		return 0, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > maxPort {
		return 0, fmt.Errorf("wanted a port from 1 to %d, or off", maxPort)
	}
	usual, err := readConfig(nil)
	if err != nil {
		return 0, err
	}
	if user, taken := usual.portUser(port); taken {
		what := user.key
		if what == keyGRPCPort {
			what = "gRPC"
		}
		return 0, fmt.Errorf("wanted another port than %d, which is that of %s: with TLS on the two cannot share one", port, what)
	}
	return port, nil
}
