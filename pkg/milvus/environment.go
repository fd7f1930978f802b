package milvus

// environmentKeys are the settings about TLS and REST.
var environmentKeys = []string{
	keyMode, keyServerPem, keyServerKey, keyCAPem, keyHTTPEnabled, keyHTTPPort, keyGRPCPort,
	keyInternalEnabled, keyInternalPem, keyInternalKey, keyInternalCA, keySNI,
}

// SettingOf returns the setting about TLS or REST that a variable of Milvus's environment is, such as tls.serverPemPath for
// TLS_SERVERPEMPATH; empty: none. It counts more than the same setting in milvus.yaml. Source: EnvSource in pkg/config of Milvus 2.6.
func SettingOf(variable string) string {
	for _, key := range environmentKeys {
		if foldKey(key) == foldKey(variable) {
			return key
		}
	}
	return ""
}
