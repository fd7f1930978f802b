package deploy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readStandalone(t *testing.T, text string) Service {
	t.Helper()
	s, err := ReadService([]byte("services:\n  standalone:\n    "+text+"\n"), "standalone")
	require.NoError(t, err, text)
	assert.True(t, s.Found, text)
	return s
}

// TestMounts: what lies at /milvus/tls/ca.pem.
func TestMounts(t *testing.T) {
	is := func(source string) Mount {
		return Mount{Source: source, Target: "/milvus/tls", Path: true, Plain: true}
	}
	for text, want := range map[string]Mount{
		"volumes: [./tls:/milvus/tls]":                                                       is("./tls"),
		"volumes: ['./tls:/milvus/tls/:ro']":                                                 is("./tls"),
		"volumes: ['/a/tls:/milvus/tls:ro,z']":                                               is("/a/tls"),
		"volumes: ['~/tls:/milvus/tls']":                                                     is("~/tls"),
		"volumes: ['C:\\tls:/milvus/tls']":                                                   is(`C:\tls`),
		"volumes: ['./$$a:/milvus/tls']":                                                     is("./$a"),
		"volumes: ['${DIR:-.}/tls:/milvus/tls']":                                             {"${DIR:-.}/tls", "/milvus/tls", true, false},
		"volumes: ['${DIR:-${X:-/data}}/tls:/milvus/tls:ro,z']":                              {"${DIR:-${X:-/data}}/tls", "/milvus/tls", true, false},
		"volumes: ['tls:/milvus/tls']":                                                       {"tls", "/milvus/tls", false, true},
		"volumes: [/milvus/tls]":                                                             {"", "/milvus/tls", false, true},
		"volumes: [{type: bind, source: tls, target: /milvus/tls}]":                          is("tls"),
		"volumes: [{type: bind, source: $$a, target: /milvus/tls/}]":                         is("$a"),
		"volumes: [{type: volume, source: tls, target: /milvus/tls}]":                        {"tls", "/milvus/tls", false, true},
		"volumes: [{type: tmpfs, target: /milvus/tls}]":                                      {"", "/milvus/tls", false, true},
		"labels: [&a './tls:/milvus/tls']\n    volumes: [*a]":                                is("./tls"),
		"labels: &a ['./tls:/milvus/tls']\n    volumes: *a":                                  is("./tls"),
		"volumes: [./a:/milvus/tls, ./b:/milvus/tls]":                                        is("./b"),
		"volumes: [./a:/milvus/tls, ./b:/milvus, ./c:/]":                                     is("./a"),
		"labels: &a {type: bind, source: ./a}\n    volumes: [{<<: *a, target: /milvus/tls}]": is("./a"),
	} {
		m, rest, ok := readStandalone(t, text).At("/milvus/tls/ca.pem")
		assert.True(t, ok, text)
		assert.Equal(t, want, m, text)
		assert.Equal(t, "ca.pem", rest, text)
	}
	m, rest, ok := readStandalone(t, "volumes: [./m:/milvus]").At("/milvus/tls/ca.pem")
	assert.True(t, ok && m.Source == "./m" && rest == "tls/ca.pem", rest)
	for _, text := range []string{"image: x", "volumes: [/milvus/tls:/certs, {type: bind, source: /milvus/tls}, [], '']", "volumes: {a: b}", "volumes:", "volumes: ['./tls:${DIR:-/milvus/tls}']"} {
		_, _, ok := readStandalone(t, text).At("/milvus/tls/ca.pem")
		assert.False(t, ok, text)
	}
	assert.True(t, readStandalone(t, "volumes: ['./tls:${DIR:-/milvus/tls}']").HasVagueMount())
}

func TestReadService(t *testing.T) {
	assert.Equal(t, "vdb", readStandalone(t, "container_name: vdb").ContainerName)
	assert.Empty(t, readStandalone(t, "container_name: ${NAME}").ContainerName)
	assert.Equal(t, "1000", readStandalone(t, "user: 1000").User)
	assert.Equal(t, "1000:1001", readStandalone(t, "user: '1000:1001'").User)
	assert.Equal(t, []string{"A", "B"}, readStandalone(t, "environment: [A=1, B]").Environment)
	assert.Equal(t, []string{"A", "B"}, readStandalone(t, "environment: {B: , A: x}").Environment)
	assert.True(t, readStandalone(t, "env_file: .env").EnvFiles)
	for _, text := range []string{"", "services:", "services: {}", "services:\n  other: {}"} {
		s, err := ReadService([]byte(text), "standalone")
		assert.NoError(t, err, text)
		assert.False(t, s.Found, text)
	}
	for _, text := range []string{"services: [", "- a", "services: 1"} {
		_, err := ReadService([]byte(text), "standalone")
		assert.Error(t, err, text)
	}
	s, err := ReadService([]byte("services: {etcd: {}, attu: {}}"), "standalone")
	assert.NoError(t, err)
	assert.Equal(t, []string{"attu", "etcd"}, s.Others)
}

// TestVague: where only Compose knows what there is, that is known.
func TestVague(t *testing.T) {
	for text, want := range map[string][2]string{
		"services: {standalone: {}}":                                            {},
		"include: [a.yml]\nservices: {standalone: {}}":                          {"include", ""},
		"services: {standalone: {extends: {file: a.yml}}}":                      {"extends", ""},
		"services: {other: {extends: {file: a.yml}}}":                           {},
		"services: {standalone: {volumes: !reset []}}":                          {"", "!reset or !override"},
		"services: {standalone: {volumes: !override ['./tls:/milvus/tls']}}":    {"", "!reset or !override"},
		"services: {standalone: {}}\n---\nservices: {standalone: {image: a}}\n": {"", "several documents"},
	} {
		s, err := ReadService([]byte(text), "standalone")
		assert.NoError(t, err, text)
		assert.Equal(t, want, [2]string{s.Vague, s.Unsure}, text)
	}
}

func TestPorts(t *testing.T) {
	for text, want := range map[string][]Port{
		"ports: ['9091:9091', 8080, '127.0.0.1:80:81', '[::1]:82:83/tcp', '53:53/udp']": {
			{"standalone", 9091, 9091, 9091}, {"standalone", 0, 0, 8080}, {"standalone", 80, 80, 81}, {"standalone", 82, 82, 83},
		},
		"ports: ['9090-9095:80-85', '${P:-8080}:8080', {target: 80, published: '8080'}, {target: 80, published: 8081, protocol: udp}, {target: 80}]": {
			{"standalone", 9090, 9095, 80}, {"standalone", 0, 0, 0}, {"standalone", 8080, 8080, 80}, {"standalone", 0, 0, 80},
		},
		"ports: [a, '2-1:1', '', [], {target: []}]": {{"standalone", 0, 0, 0}, {"standalone", 0, 0, 1}, {"standalone", 0, 0, 0}, {"standalone", 0, 0, 0}},
		"ports: 80": nil,
	} {
		assert.Equal(t, want, readStandalone(t, text).Ports, text)
	}
	p := Port{"a", 9090, 9095, 80}
	assert.True(t, p.Takes(9090) && p.Takes(9095) && p.LeadsTo(80) && p.LeadsTo(85))
	assert.False(t, p.Takes(9089) || p.Takes(9096) || p.LeadsTo(79) || p.LeadsTo(86) || Port{}.Takes(0) || Port{}.LeadsTo(80))
}

func TestMerge(t *testing.T) {
	base := Service{Found: true, ContainerName: "a", User: "1", mounts: []Mount{{Target: "/a", Source: "x"}}}
	override := Service{Found: true, Vague: "extends", mounts: []Mount{{Target: "/a", Source: "y"}, {Target: "/b"}}}
	s := base.Merge(override)
	m, _, _ := s.At("/a")
	assert.True(t, m.Source == "y" && len(s.Mounts()) == 3 && s.ContainerName == "a" && s.User == "1" && s.Vague == "extends")
	override.ContainerName, override.User = "b", "2"
	s = base.Merge(override)
	assert.True(t, s.ContainerName == "b" && s.User == "2")
	assert.False(t, Service{}.Merge(override).Found, "what the override alone has is no service")
	override.image = true
	assert.True(t, Service{}.Merge(override).Found)
}

// TestParseOverride: what Override writes is known again, and nothing else.
func TestParseOverride(t *testing.T) {
	for _, c := range []Compose{
		{"standalone", "/milvus/tls", "./milvus.yaml", 8080, 8080},
		{"a.b-c", "/$x/tls", "./a b: #.yaml", 0, 0},
		{"standalone", "/t", "../$$m.yaml", 9443, 8443},
		{"standalone", "/t", "/etc/$m.yaml", 0, 0},
	} {
		text, err := c.Override()
		require.NoError(t, err)
		back, ok := ParseOverride(text)
		assert.True(t, ok, text)
		assert.Equal(t, c, back)
		for _, other := range []string{"", "# mine\n" + text, text + "  # mine\n", text + "volumes: {}\n", text[1:], "services: {standalone: {}}", "services: [", text + "---\n"} {
			_, ok := ParseOverride(other)
			assert.False(t, ok, other)
		}
	}
}

// FuzzReadService: a Compose file is anyone's, and no crash.
func FuzzReadService(f *testing.F) {
	for _, text := range []string{
		"services:\n  standalone:\n    container_name: a\n    volumes: [./a:/b, {target: /c}, '${a:-${b}}:/c', ':', '', 'C:\\a:/b']\n    ports: [1, '1-2:3-4', {target: 1}]\n", "services: {standalone: &a {volumes: *a}}",
		"services: {standalone: null}", "services: {standalone: {<<: *x}}", "a: &a [*a]", "%YAML 1.2\n---\n", "\xff", "services: {standalone: {volumes: [[], {target: []}, null]}}",
		"services: {standalone: {environment: {a: b}, user: !reset null}}", composeHead,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadService(data, "standalone")
		if err != nil {
			assert.Empty(t, s.mounts)
		}
		s.At("/milvus/tls")
		if c, ok := ParseOverride(string(data)); ok {
			text, err := c.Override()
			assert.NoError(t, err)
			assert.Equal(t, text, string(data))
		}
	})
}
