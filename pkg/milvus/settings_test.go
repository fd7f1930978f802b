package milvus_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/milvus"
	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// The two ends of what can be asked for.
var (
	oneWay   = milvus.TLS{Mode: 1, ContainerDir: milvus.ContainerDir}
	internal = milvus.TLS{Mode: 2, ContainerDir: "/certs", REST: milvus.REST{Port: 8443}, Internal: true, SNI: "milvus.example.com"}
)

// wanted is what Milvus is to read.
var wanted = map[string]map[string]string{
	"one-way": {
		"commonsecuritytlsmode": "1", "tlsserverpempath": "/milvus/tls/server.pem", "tlsserverkeypath": "/milvus/tls/server.key", "tlscapempath": "/milvus/tls/ca.pem",
		"proxyhttpport": "8080",
	},
	"internal": {
		"commonsecuritytlsmode": "2", "tlsserverpempath": "/certs/server.pem", "tlsserverkeypath": "/certs/server.key", "tlscapempath": "/certs/ca.pem",
		"proxyhttpport": "8443", "commonsecurityinternaltlsenabled": "true", "internaltlsserverpempath": "/certs/server.pem",
		"internaltlsserverkeypath": "/certs/server.key", "internaltlscapempath": "/certs/ca.pem", "internaltlssni": "milvus.example.com",
	},
}

// accepted are the files of testdata that can be edited, and forms of them.
func accepted(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for _, name := range []string{"milvus.yaml", "no-tls-sections.yaml", "empty-tls-section.yaml", "no-security.yaml", "comments-only.yaml", "empty.yaml", "short.yaml", "lower-case.yaml"} {
		files[name] = testFile(t, name)
	}
	whole := files["milvus.yaml"]
	files["CR LF"] = bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n"))
	files["no final newline"] = bytes.TrimRight(whole, "\n")
	files["byte order mark"] = append([]byte("\ufeff"), whole...)
	return files
}

// TestConfigure: Milvus reads what was asked for and else what it read before, only lines with those keys differ, and a second
// time nothing does.
func TestConfigure(t *testing.T) {
	for name, data := range accepted(t) {
		for mode, asked := range map[string]milvus.TLS{"one-way": oneWay, "internal": internal} {
			t.Run(name+" "+mode, func(t *testing.T) {
				out, err := milvus.Configure(data, asked)
				require.NoError(t, err)
				before, after := asMilvus(t, data), asMilvus(t, out.Data)
				for key, value := range wanted[mode] {
					assert.Equal(t, value, after[key], key)
					delete(after, key)
					delete(before, key)
				}
				for _, section := range []string{"tls", "internaltls"} { // an empty section is a key with an empty value
					delete(before, section)
				}
				assert.Equal(t, before, after)
				wantOnlyKeysOf(t, data, out.Data)

				again, err := milvus.Configure(out.Data, asked)
				require.NoError(t, err)
				assert.Equal(t, string(out.Data), string(again.Data))
				assert.Empty(t, again.Notes)
				for _, c := range again.Changes {
					assert.True(t, c.Same, c.Key())
				}
			})
		}
	}
}

// wantOnlyKeysOf wants a difference to be in lines of the keys that were set, and in the heads of new sections.
func wantOnlyKeysOf(t *testing.T, before, after []byte) {
	t.Helper()
	const keys = `(?i)^[-+] *(tls_?mode|internaltlsEnabled|server_?pem_?path|serverKeyPath|caPemPath|sni|port): ?`
	lines := strings.Split(strings.ReplaceAll(string(diff.Diff("", before, "", after)), "\r", ""), "\n")
	for _, line := range lines[min(3, len(lines)):] {
		switch {
		case line == "" || line[0] == ' ' || line[0] == '@' || line[0] == '\\' || line == "+":
		case strings.HasPrefix(line, "+"):
			assert.Regexp(t, keys+`|^\+ *(tls|internaltls|common|security|proxy|http):$`, line)
		default:
			assert.Regexp(t, keys, line)
		}
	}
}

// TestRefused: what is not edited, and where.
func TestRefused(t *testing.T) {
	for file, want := range map[string]string{
		"duplicate-key.yaml":      `line 14: common.security.tlsMode is there twice, as "tlsMode" here and as "tlsMode" in line 13`,
		"two-spellings.yaml":      `line 14: common.security.tlsMode is there twice, as "tls_mode" here and as "tlsMode" in line 13`,
		"duplicate-section.yaml":  `line 14: tls is there twice, as "tls" here and as "tls" in line 7`,
		"alias.yaml":              "line 8: &pem is used in line 15 as well, and a change to tls.serverPemPath would show there",
		"anchored-section.yaml":   "line 7: &tls is used in line 14 as well, and a change to tls.serverPemPath would show there",
		"merge-key.yaml":          "line 8: tls.serverPemPath comes in by a merge key (<<), from here",
		"flow.yaml":               "line 1: proxy.http.port has to be added here, and the section is not written with a line for each key; write it so, or add http.port: 8080 by hand",
		"two-documents.yaml":      "line 14: wanted one document, found a second one that begins here",
		"tab.yaml":                "line 13: a tab indents this line; indent it with blanks, as YAML wants",
		"block-scalar.yaml":       "line 8: tls.serverPemPath: wanted a value on one line, found a text of several lines; write it as serverPemPath: /certs/server.pem",
		"mapping-for-scalar.yaml": "line 13: common.security.tlsMode: wanted a value on one line, found a mapping; write it as tlsMode: 2",
		"scalar-for-section.yaml": "line 11: common.security.tlsMode has to be added here, wanted a section, found a scalar; make it a section with security.tlsMode: 2 in it",
		"list.yaml":               "line 1: wanted a milvus.yaml, with sections and keys, found a list; name another file; Milvus's image has one in /milvus/configs",
		"utf-16.yaml":             "wanted UTF-8, found UTF-16; save it as UTF-8",
		"latin-1.yaml":            "line 1: wanted UTF-8, found other bytes; save it as UTF-8",
		"syntax.yaml":             "line 4: not YAML: ",
	} {
		t.Run(file, func(t *testing.T) {
			asked := internal
			if file == "flow.yaml" {
				asked.REST.Port = 8080
			}
			_, err := milvus.Configure(testFile(t, file), asked)
			require.ErrorContains(t, err, want)
			assert.IsType(t, &yamledit.Error{}, err)
		})
	}
}

// TestREST: the trap, and each way out of it.
func TestREST(t *testing.T) {
	const (
		on8080 = "proxy.http.port is not set, and with TLS Milvus does not start unless it is a port of its own, not that of gRPC (19530); it is set to 8080; --http-port PORT chooses another, --http-port off switches REST off"
		wayOut = "; choose another with --http-port PORT, or switch REST off with --http-port off"
	)
	for _, test := range []struct {
		name, in string
		rest     milvus.REST
		enabled  string // as Milvus reads it then
		port     string
		note     string
		err      string
	}{
		{name: "nothing", in: "", port: "8080", note: on8080},
		{name: "empty", in: "proxy: {http: {port: }}", err: "line 1: proxy.http.port: wanted a value on one line, found nothing; write it as port: 8080"},
		{name: "that of gRPC", in: "proxy: {http: {port: 19530}}", port: "8080", note: strings.Replace(on8080, "is not set", "is that of proxy.port", 1)},
		{name: "that of gRPC, which is another", in: "proxy: {port: 1, http: {port: 1}}", port: "8080", note: strings.NewReplacer("is not set", "is that of proxy.port", "19530", "1").Replace(on8080)},
		{name: "no port", in: "proxy: {http: {port: rest}}", port: "8080", note: strings.Replace(on8080, "is not set", "is no port", 1)},
		{name: "that of metrics", in: "proxy: {http: {port: 9091}}", port: "8080", note: strings.Replace(on8080, "is not set", "is that of common.metricsPort", 1)},
		{name: "a port of its own", in: "proxy: {http: {port: 9000}}", port: "9000"},
		{name: "the same in quotes", in: "proxy: {http: {port: '9000'}}", port: "9000"},
		{name: "that of gRPC where gRPC has another", in: "proxy: {port: 1, http: {port: 19530}}", port: "19530"},
		{name: "off", in: "proxy: {http: {enabled: false}}", enabled: "false"},
		{name: "off, in words of YAML 1.1", in: "proxy: {http: {enabled: off}}", enabled: "off"},
		{name: "off by an empty value", in: "proxy: {http: {enabled: }}", enabled: ""},

		{name: "asked for", in: "", rest: milvus.REST{Port: 9000}, port: "9000"},
		{name: "asked for, and there", in: "proxy: {http: {port: 9000}}", rest: milvus.REST{Port: 9000}, port: "9000"},
		{name: "another", in: "proxy: {http: {port: 9000}}", rest: milvus.REST{Port: 9001}, port: "9001"},
		{name: "asked for, and off", in: "proxy: {http: {enabled: false, port: 0}}", rest: milvus.REST{Port: 9001}, port: "9001", enabled: "true",
			note: "proxy.http.enabled was false; it is set to true, for --http-port asks for REST"},
		{name: "asked off", in: "proxy:\n  http:\n    port: 19530\n", rest: milvus.REST{Off: true}, port: "19530", enabled: "false"},
		{name: "asked for that of gRPC", in: "", rest: milvus.REST{Port: 19530}, err: "proxy.http.port cannot be 19530, for that is proxy.port, which is 19530 where the file does not say otherwise" + wayOut},
		{name: "asked for that of gRPC in the file", in: "proxy:\n  port: 7\n", rest: milvus.REST{Port: 7}, err: "line 2: proxy.http.port cannot be 7, for that is proxy.port" + wayOut},
		{name: "asked for that of metrics", in: "", rest: milvus.REST{Port: 9091}, err: "proxy.http.port cannot be 9091, for that is common.metricsPort, which is 9091 where the file does not say otherwise" + wayOut},
		{name: "asked for that of a component", in: "rootCoord:\n  port: 53100\n", rest: milvus.REST{Port: 53100}, err: "line 2: proxy.http.port cannot be 53100, for that is rootCoord.port" + wayOut},
		{name: "asked for that of a component of another file", in: "", rest: milvus.REST{Port: 53100}, port: "53100"},
		{name: "8080 is taken", in: "proxy:\n  port: 8080\n", err: "line 2: proxy.http.port cannot be 8080, for that is proxy.port" + wayOut},
		{name: "ports twice", in: "proxy:\n  port: 1\n  Port: 2\n", err: `line 3: proxy.port is there twice, as "Port" here and as "port" in line 2, and it is not certain which one counts; remove one of the two`},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := oneWay
			asked.REST = test.rest
			out, err := milvus.Configure([]byte(test.in), asked)
			if test.err != "" {
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			read := asMilvus(t, out.Data)
			assert.Equal(t, test.port, read["proxyhttpport"])
			assert.Equal(t, test.enabled, read["proxyhttpenabled"])
			assert.Equal(t, test.note, strings.Join(out.Notes, "\n"))
		})
	}
}

// TestForeign: files that only look as if they could be edited.
func TestForeign(t *testing.T) {
	for in, want := range map[string]string{
		"apiVersion: milvus.io/v1beta1\nkind: Milvus\n":             `line 2: this is a resource of Kubernetes, of the kind "Milvus", and no milvus.yaml; milvus-certs setup kubernetes`,
		"apiVersion: v1\nkind: Secret\n---\nkind: x\n":              `line 2: this is a resource of Kubernetes, of the kind "Secret"`,
		"x: 1\nextraConfigFiles:\n  user.yaml: |\n    common: {}\n": "line 2: these are values of a Helm chart, with extraConfigFiles, and no milvus.yaml; milvus-certs setup kubernetes --for helm",
		"services:\n  standalone: {}\n":                             "line 1: this is a Compose file, with services, and no milvus.yaml; milvus-certs setup compose",
		"apiVersion: v1\n":                                          "",
		"kind: x\n":                                                 "",
		"services: 1\n":                                             "",
		"extraConfigFiles:\n":                                       "",
	} {
		_, err := milvus.Configure([]byte(in), oneWay)
		if want == "" {
			assert.NoError(t, err, in)
		} else {
			assert.ErrorContains(t, err, want, in)
		}
	}
}

// TestKeeps: what was not asked for stays as the file has it.
func TestKeeps(t *testing.T) {
	server := certset.ReadEach(newSet(t, "")).Set.Server.Certificate // localhost, milvus.example.com
	for _, test := range []struct {
		name, in string
		asked    milvus.TLS
		key      string
		want     string
		note     string
	}{
		{"mode 2", "common: {security: {tlsMode: 2}}", milvus.TLS{}, "commonsecuritytlsmode", "2", "stays 2"},
		{"mode 2, in quotes", "common: {security: {tlsMode: '2'}}", milvus.TLS{}, "commonsecuritytlsmode", "2", "stays 2"},
		{"mode 2, but asked for 1", "common: {security: {tlsMode: 2}}", milvus.TLS{Mode: 1}, "commonsecuritytlsmode", "1", ""},
		{"mode 2 that Milvus does not read", "common: {security: {tlsMode: two}}", milvus.TLS{}, "commonsecuritytlsmode", "2", "is set to 2, for two, as it is in the file, is no mode"},
		{"no such mode", "common: {security: {tlsMode: 3}}", milvus.TLS{}, "commonsecuritytlsmode", "1", "is set to 1, for 3, as it is in the file, is no mode"},
		{"mode 1", "common: {security: {tlsMode: 1}}", milvus.TLS{}, "commonsecuritytlsmode", "1", ""},
		{"mode 0", "common: {security: {tlsMode: 0}}", milvus.TLS{}, "commonsecuritytlsmode", "1", ""},
		{"no mode", "", milvus.TLS{}, "commonsecuritytlsmode", "1", ""},

		{"a name that server.pem has", "internaltls:\n  sni: milvus.example.com\n", milvus.TLS{Internal: true, Server: server}, "internaltlssni", "milvus.example.com", "stays milvus.example.com, which server.pem has"},
		{"a name that it lacks", "internaltls:\n  sni: other\n", milvus.TLS{Internal: true, Server: server}, "internaltlssni", "localhost", "is localhost, the first DNS name of server.pem, which does not have other"},
		{"a name, and nobody knows", "internaltls:\n  sni: other\n", milvus.TLS{Internal: true}, "internaltlssni", "other", "stays other, and there is no server.pem"},
		{"no name", "internaltls:\n  sni: https://x/\n", milvus.TLS{Internal: true, Server: server}, "internaltlssni", "localhost", "is localhost, the first DNS name of server.pem;"},
		{"another is asked for", "internaltls:\n  sni: localhost\n", milvus.TLS{Internal: true, Server: server, SNI: "x"}, "internaltlssni", "x", ""},
		{"internal TLS is not asked for", "internaltls:\n  sni: other\n", milvus.TLS{Server: server}, "internaltlssni", "other", ""},

		{"internal TLS is on", "common:\n  security:\n    internaltlsEnabled: true\n", milvus.TLS{}, "internaltlsserverkeypath", "/new/server.key", "so that the paths of internaltls are set to /new as well"},
		{"internal TLS is off", "internaltls:\n  serverKeyPath: /old/server.key\n", milvus.TLS{}, "internaltlsserverkeypath", "/old/server.key", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.asked.ContainerDir, test.asked.REST.Port = "/new", 8080
			if strings.Contains(test.in, "{") {
				test.in += "\ntls:\nproxy:\n"
			}
			out, err := milvus.Configure([]byte(test.in), test.asked)
			require.NoError(t, err)
			assert.Equal(t, test.want, asMilvus(t, out.Data)[test.key])
			assert.Equal(t, asMilvus(t, out.Data)["commonsecuritytlsmode"], fmt.Sprint(out.TLS.Mode))
			if test.note == "" {
				assert.Empty(t, out.Notes)
			} else {
				assert.Contains(t, strings.Join(out.Notes, "\n"), test.note)
			}
		})
	}
	_, err := milvus.Configure(nil, milvus.TLS{ContainerDir: "/new", Internal: true})
	require.ErrorIs(t, err, milvus.ErrNoSNI)
}

// TestFragment: what is printed to paste is what Configure would set.
func TestFragment(t *testing.T) {
	odd := internal
	odd.ContainerDir, odd.SNI = "/with blanks: and #", "no"
	off := oneWay
	off.REST.Off = true
	for name, asked := range map[string]milvus.TLS{"one-way": oneWay, "internal": internal, "odd": odd, "off": off} {
		t.Run(name, func(t *testing.T) {
			fragment, err := milvus.Fragment(asked)
			require.NoError(t, err)
			out, err := milvus.Configure(fragment.Data, asked)
			require.NoError(t, err)
			assert.Equal(t, string(fragment.Data), string(out.Data))
			if want, ok := wanted[name]; ok {
				read := asMilvus(t, fragment.Data)
				delete(read, "proxyhttpenabled")
				assert.Equal(t, want, read)
			}
		})
	}
	taken := oneWay
	taken.REST.Port = 19530
	_, err := milvus.Fragment(taken)
	require.ErrorContains(t, err, "proxy.http.port cannot be 19530")
}

// FuzzConfigure: what Milvus reads then is what was asked for, and else what it read before.
func FuzzConfigure(f *testing.F) {
	for _, data := range accepted(f) {
		f.Add(data[:min(len(data), 2000)])
	}
	for _, seed := range []string{"proxy: {http: {port: 1}}\ntls: \ncommon.security.tlsMode: 0", "TLS_: &x {}\ncommon:\n  security:\n    <<: *x\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := milvus.Configure(data, internal)
		findings := milvus.Check{File: "x", Data: data, At: now}.Findings()
		if err != nil {
			return
		}
		require.NotEmpty(t, findings, "there is no set")
		for _, f := range (milvus.Check{File: "x", Data: out.Data, At: now, Want: internal}).Findings() {
			require.True(t, f.File == "" || f.File[0] != 'x' || f.Check == "value-kind", "%s", f)
		}
		again, err := milvus.Configure(out.Data, internal)
		require.NoError(t, err)
		require.Equal(t, string(out.Data), string(again.Data))
	})
}
