package milvus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

const command = "milvus-certs setup milvus m.yaml"

// sentences are findings in short.
func sentences(findings []verify.Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %s %s", f.Severity, f.Check, f))
	}
	return out
}

// internalYAML is a file that has all of it.
func internalYAML(t *testing.T) string {
	t.Helper()
	asked := internal
	asked.ContainerDir = milvus.ContainerDir
	fragment, err := milvus.Fragment(asked)
	require.NoError(t, err)
	return string(fragment.Data)
}

// TestCheckFile: what does not fit in the file, with a set that is sound.
func TestCheckFile(t *testing.T) {
	set := newSet(t, "")
	short, whole := string(testFile(t, "short.yaml")), internalYAML(t)
	for _, test := range []struct {
		name, yaml string
		replace    [2]string
		want       milvus.TLS
		findings   []string
	}{
		{name: "all fits", yaml: short},
		{name: "all fits, internal TLS too", yaml: whole},
		{name: "as asked", yaml: short, want: milvus.TLS{Mode: 1, ContainerDir: "/milvus/tls", REST: milvus.REST{Port: 8080}}},
		{name: "as asked, internal TLS too", yaml: whole, want: milvus.TLS{Mode: 2, ContainerDir: "/milvus/tls", REST: milvus.REST{Port: 8443}, Internal: true, SNI: "milvus.example.com"}},
		{name: "keys in other letters", yaml: string(testFile(t, "lower-case.yaml"))},
		{name: "by merge key", yaml: strings.ReplaceAll(string(testFile(t, "merge-key.yaml")), "/old", "/milvus/tls")},

		{name: "TLS is off", yaml: short, replace: [2]string{"tlsMode: 1", "tlsMode: 0"}, findings: []string{"failure tls-mode m.yaml:13: TLS is off"}},
		{name: "TLS is not set", yaml: short, replace: [2]string{"tlsMode: 1", "x: 1"}, findings: []string{"failure tls-mode m.yaml: TLS is off"}},
		{name: "TLS is empty", yaml: short, replace: [2]string{"tlsMode: 1", "tlsMode:"}, findings: []string{"failure tls-mode m.yaml:13: TLS is off"}},
		{name: "no number", yaml: short, replace: [2]string{"tlsMode: 1", "tlsMode: one"}, findings: []string{"failure tls-mode m.yaml:13: TLS is off, for the mode is no number, and Milvus takes that for 0"}},
		{name: "a mapping", yaml: string(testFile(t, "mapping-for-scalar.yaml")), findings: []string{
			"failure yaml m.yaml:13: common.security.tlsMode: wanted a value on one line, found a mapping", "failure tls-mode m.yaml:13: TLS is off, for the mode is no number, and Milvus takes that for 0",
		}},
		{name: "no such mode", yaml: short, replace: [2]string{"tlsMode: 1", "tlsMode: 3"}, findings: []string{"failure tls-mode m.yaml:13: Milvus knows no such mode"}},
		{name: "the other mode", yaml: short, want: milvus.TLS{Mode: 2}, findings: []string{"failure tls-mode m.yaml:13: TLS is in the other mode"}},

		{name: "a path that is empty", yaml: short, replace: [2]string{"serverKeyPath: /milvus/tls/server.key", "serverKeyPath:"}, findings: []string{"failure tls-paths m.yaml:9: tls.serverKeyPath is not set"}},
		{name: "a path that is a list", yaml: short, replace: [2]string{"serverKeyPath: ", "serverKeyPath:\n  - "}, findings: []string{
			"failure yaml m.yaml:9: tls.serverKeyPath: wanted a value on one line, found a list", "failure tls-paths m.yaml:9: tls.serverKeyPath is not set",
		}},
		{name: "files swapped", yaml: short, replace: [2]string{"server.key", "server.pem"}, findings: []string{"failure tls-paths m.yaml:9: tls.serverKeyPath is another file"}},
		{name: "a path in the image", yaml: short, replace: [2]string{"/milvus/tls/server.pem", "configs/cert/server.pem"}, findings: []string{"failure tls-paths m.yaml:8: tls.serverPemPath is another file"}},
		{name: "elsewhere", yaml: short, replace: [2]string{"/milvus/tls/server.pem", "/certs/server.pem"}, findings: []string{"warning tls-paths m.yaml:8: tls.serverPemPath is elsewhere than the documentation has it"}},
		{name: "elsewhere than was asked", yaml: short, replace: [2]string{"/milvus/tls/server.pem", "/certs/server.pem"}, want: milvus.TLS{ContainerDir: "/milvus/tls"}, findings: []string{"failure tls-paths m.yaml:8: tls.serverPemPath is another file"}},
		{name: "no CA, one-way", yaml: short, replace: [2]string{"caPemPath", "x"}},
		{name: "no CA, two-way", yaml: strings.Replace(short, "tlsMode: 1", "tlsMode: 2", 1), replace: [2]string{"caPemPath", "x"}, findings: []string{"failure tls-paths m.yaml: tls.caPemPath is not set"}},

		{name: "the trap", yaml: short, replace: [2]string{"port: 8080", "port: 19530"}, findings: []string{"failure http-port m.yaml:6: proxy.http.port is that of proxy.port, and with TLS REST needs a port of its own: Milvus does not start"}},
		{name: "the trap, where it is not set", yaml: short, replace: [2]string{"port: 8080", "x: 1"}, findings: []string{"failure http-port m.yaml: proxy.http.port is not set, and with TLS REST needs a port of its own: Milvus does not start"}},
		{name: "no port", yaml: short, replace: [2]string{"port: 8080", "port: 80800"}, findings: []string{"failure http-port m.yaml:6: proxy.http.port is no port, and with TLS REST needs a port of its own: Milvus does not start"}},
		{name: "REST is off", yaml: short, replace: [2]string{"enabled: true\n    port: 8080", "enabled: no"}},
		{name: "REST is on", yaml: short, want: milvus.TLS{REST: milvus.REST{Off: true}}, findings: []string{"failure http-port m.yaml:5: REST is on"}},
		{name: "REST is asked for, and off", yaml: short, replace: [2]string{"enabled: true", "enabled: false"}, want: milvus.TLS{REST: milvus.REST{Port: 8080}}, findings: []string{"failure http-port m.yaml:5: REST is off"}},
		{name: "REST on another port", yaml: short, want: milvus.TLS{REST: milvus.REST{Port: 9000}}, findings: []string{"failure http-port m.yaml:6: proxy.http.port is another port"}},

		{name: "REST on a port that is taken", yaml: short, want: milvus.TLS{REST: milvus.REST{Port: 19530}}, findings: []string{"failure http-port m.yaml:6: proxy.http.port cannot be 19530, for that is proxy.port"}},
		{name: "the trap, and 8080 is taken", yaml: strings.Replace(short, "port: 8080", "x: 1", 1), replace: [2]string{"port: 19530", "port: 8080"}, findings: []string{
			"failure http-port m.yaml: proxy.http.port is not set, and with TLS REST needs a port of its own: Milvus does not start",
		}},
		{name: "internal TLS is off", yaml: whole, replace: [2]string{"internaltlsEnabled: true", "internaltlsEnabled: nonsense"}, want: milvus.TLS{Internal: true}, findings: []string{
			"failure internal-tls m.yaml:10: TLS between the components is off", "warning value-kind m.yaml:10: common.security.internaltlsEnabled is neither true nor false, and Milvus takes it for false",
		}},
		{name: "REST is neither on nor off", yaml: short, replace: [2]string{"enabled: true", "enabled:"}, findings: []string{"warning value-kind m.yaml:5: proxy.http.enabled is neither true nor false, and Milvus takes it for false"}},
		{name: "no port of gRPC", yaml: short, replace: [2]string{"port: 19530", "port: grpc"}, findings: []string{"failure value-kind m.yaml:3: proxy.port is no port"}},
		{name: "internal TLS without files", yaml: short, replace: [2]string{"tlsMode: 1", "tlsMode: 1\n    internaltlsEnabled: true"}, findings: []string{
			"failure tls-paths m.yaml: internaltls.serverPemPath is not set", "failure tls-paths m.yaml: internaltls.serverKeyPath is not set", "failure tls-paths m.yaml: internaltls.caPemPath is not set",
			"warning internal-sni m.yaml: internaltls.sni is not set, so that the components check the address that they dial against the certificate",
		}},
		{name: "sni is no name", yaml: whole, replace: [2]string{"sni: milvus.example.com", "sni: https://x/"}, findings: []string{"failure internal-sni m.yaml:22: internaltls.sni is no name"}},
		{name: "sni is another", yaml: whole, want: milvus.TLS{Internal: true, SNI: "localhost"}, findings: []string{"failure internal-sni m.yaml:22: internaltls.sni is another name"}},
		{name: "sni is not in the certificate", yaml: whole, replace: [2]string{"sni: milvus.example.com", "sni: other"}, findings: []string{"failure host server.pem: subjectAltName does not cover other"}},

		{name: "a key twice", yaml: string(testFile(t, "two-spellings.yaml")), findings: []string{
			`failure yaml m.yaml:14: common.security.tlsMode is there twice, as "tls_mode" here and as "tlsMode" in line 13, and it is not certain which one counts`,
		}},
		{name: "a section twice", yaml: string(testFile(t, "duplicate-section.yaml")), findings: []string{
			`failure yaml m.yaml:14: tls is there twice, as "tls" here and as "tls" in line 7, and it is not certain which one counts`,
		}},
		{name: "not YAML", yaml: string(testFile(t, "tab.yaml")), findings: []string{"failure yaml m.yaml:13: a tab indents this line"}},
		{name: "a list", yaml: string(testFile(t, "list.yaml")), findings: []string{"failure yaml m.yaml:1: wanted a milvus.yaml, with sections and keys, found a list"}},
		{name: "a scalar", yaml: "tlsMode", findings: []string{"failure yaml m.yaml:1: wanted a milvus.yaml, with sections and keys, found a scalar"}},
		{name: "an operator's resource", yaml: "apiVersion: v1\nkind: \"a\\e\"\n", findings: []string{`failure yaml m.yaml:2: this is a resource of Kubernetes, of the kind "a\x1b", and no milvus.yaml`}},
		{name: "a key twice, and TLS is off", yaml: "proxy:\n  port: 1\n  port: 2\n", findings: []string{
			`failure yaml m.yaml:3: proxy.port is there twice, as "port" here and as "port" in line 2, and it is not certain which one counts`,
		}},
		{name: "not edited, and elsewhere", yaml: string(testFile(t, "merge-key.yaml")), findings: []string{
			"warning yaml m.yaml:8: tls.serverPemPath comes in by a merge key (<<), from here",
			"warning tls-paths m.yaml:8: tls.serverPemPath is elsewhere than the documentation has it",
			"warning tls-paths m.yaml:9: tls.serverKeyPath is elsewhere than the documentation has it",
			"warning tls-paths m.yaml:10: tls.caPemPath is elsewhere than the documentation has it",
		}},
		{name: "two documents", yaml: string(testFile(t, "two-documents.yaml")), findings: []string{"failure yaml m.yaml:14: wanted one document, found a second one that begins here"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := test.yaml
			if test.replace[0] != "" {
				require.Contains(t, data, test.replace[0])
				data = strings.Replace(data, test.replace[0], test.replace[1], 1)
			}
			check := milvus.Check{File: "m.yaml", Data: []byte(data), Set: verify.Input{Files: set}, At: now, Want: test.want, Command: command}
			assert.Equal(t, append([]string{}, test.findings...), sentences(check.Findings()))
			for _, f := range check.Findings() {
				assert.NotEmpty(t, f.WayOut)
			}
		})
	}
}

// TestCheckSet: what does not fit in the set.
func TestCheckSet(t *testing.T) {
	set, other := newSet(t, ""), newSet(t, "")
	noCA := newSet(t, "[v3_ca]\nbasicConstraints=CA:FALSE\n")
	oneWay, whole := string(testFile(t, "short.yaml")), internalYAML(t)
	twoWay := strings.Replace(oneWay, "tlsMode: 1", "tlsMode: 2", 1)
	for _, test := range []struct {
		name, yaml string
		set        map[string]certset.File
		changed    map[string][]byte
		findings   []string
	}{
		{"server.pem is missing", oneWay, set, map[string][]byte{"server.pem": nil}, []string{"failure missing server.pem: is missing"}},
		{"server.key is missing", oneWay, set, map[string][]byte{"server.key": nil}, []string{"failure missing server.key: is missing"}},
		{"another key", oneWay, set, map[string][]byte{"server.key": other["server.key"].Data}, []string{"failure key server.key: is not the key of server.pem"}},
		{"ca.pem is missing, one-way", oneWay, set, map[string][]byte{"ca.pem": nil}, []string{"warning missing ca.pem: is missing"}},
		{"client.pem is missing, one-way", oneWay, set, map[string][]byte{"client.pem": nil}, nil},
		{"client.pem is missing, two-way", twoWay, set, map[string][]byte{"client.pem": nil}, []string{"warning missing client.pem: is missing"}},
		{"no CA", twoWay, noCA, nil, []string{"failure not-a-ca ca.pem: basicConstraints does not say CA:TRUE"}},
		{"no CA, internal TLS", whole, noCA, nil, []string{"failure not-a-ca ca.pem: basicConstraints does not say CA:TRUE"}},
		{"the CA's key stays elsewhere", whole, set, map[string][]byte{"ca.key": nil, "ca.srl": nil, "server.csr": nil}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			check := milvus.Check{File: "m.yaml", Data: []byte(test.yaml), Set: with(test.set, test.changed), At: now, Command: command}
			assert.Equal(t, append([]string{}, test.findings...), sentences(check.Findings()))
		})
	}
}

// TestWaysOut: each names what was wanted and found, and a command with flags that there are.
func TestWaysOut(t *testing.T) {
	check := milvus.Check{File: "m.yaml", Data: []byte("proxy:\n  http:\n    port: 19530\n"), Set: verify.Input{Files: newSet(t, "")}, At: now, Want: milvus.TLS{Mode: 2, Internal: true}, Command: command}
	const path = " sets it"
	want := []verify.Finding{
		{Severity: "failure", Check: "tls-mode", File: "m.yaml", Problem: "TLS is off", Wanted: "common.security.tlsMode 2", Found: "nothing", WayOut: command + " --mode 2" + path},
		{Severity: "failure", Check: "tls-paths", File: "m.yaml", Problem: "tls.serverPemPath is not set", Wanted: "/milvus/tls/server.pem", Found: "nothing", WayOut: command + " --mode 2" + path},
		{Severity: "failure", Check: "tls-paths", File: "m.yaml", Problem: "tls.serverKeyPath is not set", Wanted: "/milvus/tls/server.key", Found: "nothing", WayOut: command + " --mode 2" + path},
		{Severity: "failure", Check: "tls-paths", File: "m.yaml", Problem: "tls.caPemPath is not set", Wanted: "/milvus/tls/ca.pem", Found: "nothing", WayOut: command + " --mode 2" + path},
		{Severity: "failure", Check: "http-port", File: "m.yaml:3", Problem: "proxy.http.port is that of proxy.port, and with TLS REST needs a port of its own: Milvus does not start",
			Wanted: "a port other than that of gRPC, 19530", Found: "19530", WayOut: command + " --mode 2 sets it, to 8080; --http-port PORT chooses another, --http-port off switches REST off"},
		{Severity: "failure", Check: "internal-tls", File: "m.yaml", Problem: "TLS between the components is off", Wanted: "common.security.internaltlsEnabled true", Found: "nothing", WayOut: command + " --mode 2 --internal" + path},
	}
	assert.Equal(t, want, check.Findings()[:len(want)])
	host := milvus.Check{File: "m.yaml", Data: []byte(strings.Replace(internalYAML(t), "sni: milvus.example.com", "sni: other", 1)), Set: verify.Input{Files: newSet(t, "")}, At: now}
	assert.Equal(t, "milvus-certs renew server --san other, or set another: --internal --sni NAME", host.Findings()[0].WayOut)
}

// TestWaysOutThatWork: none is by a command that would be refused, without what stands in its way.
func TestWaysOutThatWork(t *testing.T) {
	for yaml, want := range map[string]string{
		"proxy: {port: 8080, http: {enabled: true}}": "choose another with --http-port PORT, or switch REST off with --http-port off",
		"common: 1\n": "by hand, or once m.yaml:1 is mended: " + command + " --mode 1 sets it, to 8080; --http-port PORT chooses another, --http-port off switches REST off",
	} {
		findings := milvus.Check{File: "m.yaml", Data: []byte(yaml), At: now, Command: command}.Findings()
		i := slices.IndexFunc(findings, func(f verify.Finding) bool { return f.Check == "http-port" })
		assert.Equal(t, want, findings[i].WayOut)
		assert.Equal(t, "yaml", findings[0].Check)
	}
}

// TestNoFlagsOfVerify: ways out name no flag that is another command's.
func TestNoFlagsOfVerify(t *testing.T) {
	twoWay := strings.Replace(string(testFile(t, "short.yaml")), "tlsMode: 1", "tlsMode: 2", 1)
	findings := milvus.Check{File: "m.yaml", Data: []byte(twoWay), Set: with(newSet(t, ""), map[string][]byte{"client.pem": nil}), At: now, Command: command}.Findings()
	assert.Equal(t, []string{"two-way mode needs it"}, []string{findings[0].WayOut})
}

// TestFound: what is found shows in what way it is another than what was wanted; and the mode that was meant is the one to be set.
func TestFound(t *testing.T) {
	for written, want := range map[string][2]string{
		`"2 "`: {`"2 "`, "2"}, "two-way": {"two-way", "2"}, "Two": {"Two", "2"}, `"2.0"`: {"2.0", "2"}, `"1 "`: {`"1 "`, "1"}, `"\u200b2"`: {`"\u200b2"`, "1"},
		"one": {"one", "1"}, "3": {"3", "1"}, "22": {"22", "1"}, "-2": {"-2", "1"}, "0": {"0", "1"}, "''": {"an empty value", "1"}, "[2]": {"a list", "1"},
	} {
		f := milvus.Check{File: "m.yaml", Data: []byte("common:\n  security:\n    tlsMode: " + written + "\n"), At: now, Command: command}.Findings()
		i := slices.IndexFunc(f, func(f verify.Finding) bool { return f.Check == "tls-mode" })
		assert.Equal(t, want[0], f[i].Found, written)
		assert.Contains(t, f[i].WayOut, command+" --mode "+want[1]+" sets it", written)
	}
}
