// Package x509v3 turns the extension values of a conf, x509v3_config(5), into the DER that OpenSSL 3.0 writes.
//
// It works in two steps, for some extensions depend on what is only known at signing. Parse reads a section into typed
// extensions that remember where they were stated, and refuses what OpenSSL would refuse; Encode writes them for one
// request or certificate. The families of extensions have a file each. Distinguished names (name.go) are here as well,
// because general names contain them.
package x509v3
