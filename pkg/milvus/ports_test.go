package milvus

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestRESTOf: REST's port is the one that Milvus takes, however it is written.
func TestRESTOf(t *testing.T) {
	for text, want := range map[string]REST{
		"proxy: {http: {port: 8443}}":                        {Port: 8443},
		"proxy: {http: {port: '8443'}}":                      {Port: 8443},
		"proxy: {http: {port: 0x24E3}}":                      {Port: 9443},
		"proxy.http.port: 8443":                              {Port: 8443},
		"Proxy: {HTTP: {Port: 8443}}":                        {Port: 8443},
		"a: &a {port: 8443}\nproxy: {http: *a}":              {Port: 8443},
		"proxy: {http: {port: 8443, enabled: false}}":        {Off: true},
		"proxy: {http: {port: 8443, enabled: no}}":           {Off: true},
		"proxy: {http: {enabled: false}}":                    {Off: true},
		"proxy: {http: {port: 9091}}\ncommon.metricsPort: 1": {Port: 9091},
	} {
		rest, trap, err := RESTOf([]byte(text))
		assert.NoError(t, err, text)
		assert.Equal(t, want, rest, text)
		assert.Empty(t, trap, text)
	}
	for text, want := range map[string]string{
		"": "is not set", "proxy: {http: {port: }}": "is not set", "proxy: {port: 8443}": "is not set",
		"proxy: {http: {port: off}}": "is no port", "proxy: {http: {port: 19530}}": "is that of proxy.port",
		"proxy: {http: {port: 9091}}": "is that of common.metricsPort", "proxy: {http: {port: 19529}}": "is that of proxy.internalPort",
	} {
		rest, trap, err := RESTOf([]byte(text))
		assert.NoError(t, err, text)
		assert.Equal(t, REST{}, rest, text)
		assert.Equal(t, want, trap, text)
	}
	for _, text := range []string{"proxy: [", "proxy: {http: {port: 1}}\nproxy.http.port: 2", "proxy: {http: {enabled: false}}\nProxy: {http: {enabled: true}}"} {
		rest, _, err := RESTOf([]byte(text))
		assert.Error(t, err, text)
		assert.Equal(t, REST{}, rest, text)
	}
}

func TestParseHTTPPort(t *testing.T) {
	for text, want := range map[string]int{"off": 0, "1": 1, "8080": 8080, "65535": 65535} {
		port, err := ParseHTTPPort(text)
		assert.NoError(t, err)
		assert.Equal(t, want, port)
	}
	for _, text := range []string{"", "0", "-1", "65536", "19530", "19529", "9091", "http", "80 ", "0x50", "1e3"} {
		_, err := ParseHTTPPort(text)
		assert.Error(t, err, text)
	}
}

func TestSettingOf(t *testing.T) {
	for variable, want := range map[string]string{
		"COMMON_SECURITY_TLSMODE": "common.security.tlsMode", "common.security.tlsMode": "common.security.tlsMode", "TLS_SERVERPEMPATH": "tls.serverPemPath",
		"PROXY_HTTP_PORT": "proxy.http.port", "MILVUS_CONF_TLS_CAPEMPATH": "tls.caPemPath", "TLS": "", "ETCD_ENDPOINTS": "", "": "",
	} {
		assert.Equal(t, want, SettingOf(variable), variable)
	}
}
