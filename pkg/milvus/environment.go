package milvus

import "strings"

// environmentPrefix may stand before any variable that is a setting.
const environmentPrefix = "MILVUS_CONF_"

// environmentKeys are the settings about TLS and REST.
var environmentKeys = []string{
	keyMode, keyServerPem, keyServerKey, keyCAPem, keyHTTPEnabled, keyHTTPPort, keyGRPCPort,
	keyInternalEnabled, keyInternalPem, keyInternalKey, keyInternalCA, keySNI,
}

// SettingOf returns the setting about TLS or REST that a variable of Milvus's environment is, such as tls.serverPemPath for
// TLS_SERVERPEMPATH; empty: none. It counts more than the same setting in milvus.yaml. Source: EnvSource in pkg/config of Milvus.
func SettingOf(variable string) string {
	name := foldKey(strings.TrimPrefix(variable, environmentPrefix))
	for _, key := range environmentKeys {
		if foldKey(key) == name {
			return key
		}
	}
	return ""
}
