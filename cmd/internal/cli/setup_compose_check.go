package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/deploy"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/store"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

const composeCheckSchema = "milvus-certs/setup-compose-check/v1"

func (a *app) checkCompose(o *composeOptions) error {
	set, err := lookAtDeployed(o.dir)
	if err != nil {
		return err
	}
	there, err := o.look()
	if err != nil {
		return err
	}
	var report verify.Report
	for _, f := range slices.Concat(set.failures("1", a.now()), there.configured(set, a.now()), checkTLS(o, set), strayKeys(o), there.mounted(), there.published(), there.environment(), there.usable(), there.lacks(set)) {
		if !said(report.Findings, f) {
			report.Findings = append(report.Findings, f)
		}
	}
	report.Add() // sorts
	return a.printCheck(o.output, composeCheckSchema, o.folder, report.Findings)
}

// said tells whether a finding is there already.
func said(findings []verify.Finding, f verify.Finding) bool {
	return slices.ContainsFunc(findings, func(g verify.Finding) bool { return g.Check == f.Check && g.String() == f.String() })
}

// again is the command that puts tls/ and the override right.
func (o *composeOptions) again() string {
	words := "setup compose"
	if filepath.Clean(o.folder) != "." {
		words += " " + pathIn(o.folder, "")
	}
	for _, flag := range []struct{ name, value, usual string }{
		{"service", o.service, milvus.ComposeService}, {"container-dir", o.containerDir, milvus.ContainerDir},
		{"milvus-yaml", o.milvusYAML, usualMilvusYAML}, {"http-port", o.ports, ""},
	} {
		if flag.value != flag.usual {
			words += fmt.Sprintf(" --%s %s", flag.name, shellQuote(flag.value))
		}
	}
	return commandIn(words, o.dir)
}

// checkTLS wants the files in tls/ to be those of the set.
func checkTLS(o *composeOptions, set *deployed) (findings []verify.Finding) {
	if interrupted(o.tls()) {
		findings = append(findings, verify.Finding{Severity: verify.Warning, Check: "interrupted", File: o.tls(), Problem: "a command at work there was interrupted, or is at work yet; the next one finishes it", WayOut: o.again()})
	}
	for _, name := range deploy.ServerFiles() {
		of, ok := set.Files[name]
		if !ok {
			continue // that was said
		}
		path := filepath.Join(o.tls(), name)
		f := verify.Finding{Severity: verify.Failure, Check: "tls-folder", File: path, WayOut: o.again()}
		was, err := store.ReadFile(path, store.MaxFileSize)
		switch {
		case err != nil && !exists(path):
			f.Problem = "is missing"
		case err != nil:
			f.Problem = withoutPath(err, path).Error()
		case !bytes.Equal(was.Data, of.Data):
			f.Problem = "is not " + name + " of the set, but an old or another one"
		case looseKey(was, path) != "" && filepath.Ext(name) == certset.KeyEnding && !readByGroup(was):
			f.Severity, f.Problem = verify.Warning, fmt.Sprintf("others than its owner can use this key (mode %04o)", was.Mode)
		default:
			continue
		}
		findings = append(findings, f)
	}
	return findings
}

// interrupted tells whether package store has left work of its own in a directory.
func interrupted(path string) bool {
	dir, err := store.Open(path)
	if err != nil {
		return false
	}
	defer dir.Close() //nolint:errcheck // it was only read
	is, err := dir.Interrupted()
	return err == nil && is
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
