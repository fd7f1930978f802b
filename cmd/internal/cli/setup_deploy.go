package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// What setup compose, kubernetes and cert-manager have in common: a set, and whether Milvus can use it.

// deployed is a set that a deployment is to use.
type deployed struct {
	dir string
	verify.Input
	certset.Reading
}

// readDeployed reads a set, so that its files are of one state: under its lock, where that can be taken.
func (a *app) readDeployed(o output, path string) (*deployed, error) {
	dir, err := openSet(path)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // nothing was changed
	lockErr := a.lock(o, dir, path)
	if lockErr != nil && !errors.Is(lockErr, store.ErrNotWritable) {
		return nil, lockErr
	}
	if err := settled(dir, path, lockErr); err != nil {
		return nil, err
	}
	return lookAtDeployed(path)
}

// lookAtDeployed reads a set as it is, and leaves no trace.
func lookAtDeployed(path string) (*deployed, error) {
	in, err := (&verifyOptions{dir: path, setAlone: true}).input()
	if err != nil {
		return nil, err
	}
	return &deployed{path, in, certset.ReadEach(in.Files)}, nil
}

// failures are what keeps Milvus, in that mode, from working with the set.
func (d *deployed) failures(mode string, at time.Time) []verify.Finding {
	only := slices.DeleteFunc(clients.All(), func(c clients.Client) bool { return c.ID != clients.MilvusID })
	report := verify.Set(d.Input, verify.Options{At: at, Ways: verifyModes[mode], Clients: only})
	return slices.DeleteFunc(report.Findings, func(f verify.Finding) bool { return f.Severity != verify.Failure })
}

// want wants Milvus to work with the set. What is wrong with the client's part is a warning.
func (d *deployed) want(mode string, at time.Time) (warnings []string, err error) {
	for _, f := range d.failures(mode, at) {
		text := withWayOut(f)
		if !strings.HasPrefix(f.File, "client.") {
			return nil, fmt.Errorf("%s: %s", d.dir, text)
		}
		warnings = append(warnings, text)
	}
	return warnings, nil
}

// lacks is what subjectAltName of server.pem lacks of the names under which a deployment is dialled. That it has none of them is a
// failure.
func (d *deployed) lacks(names []string, wayOut string) []verify.Finding {
	server := d.Set.Server.Certificate
	if server == nil {
		return nil
	}
	missing := milvus.Missing(server, names)
	if len(missing) == 0 {
		return nil
	}
	f := verify.Finding{Severity: verify.Warning, Check: "name", File: certset.ServerCertificate,
		Problem: "subjectAltName lacks " + strings.Join(missing, ", ") + "; who dials this deployment so is refused",
		WayOut:  wayOut}
	if len(missing) == len(names) {
		f.Severity, f.Problem = verify.Failure, "subjectAltName has none of the names of this deployment: "+strings.Join(missing, ", ")
	}
	return []verify.Finding{f}
}

// asWarnings are findings for a command that does its work all the same.
func asWarnings(findings []verify.Finding) (warnings []string) {
	for _, f := range findings {
		warnings = append(warnings, withWayOut(f))
	}
	return warnings
}

func withWayOut(f verify.Finding) string {
	if f.WayOut == "" {
		return f.String()
	}
	return f.String() + "; " + f.WayOut
}
