// Package opensslconf reads OpenSSL's CONF dialect, config(5), as OpenSSL 3.0 reads it.
//
// Text goes through three stages, one file each: lines.go joins physical lines and reads included files, reader.go tells
// sections, directives (directive.go) and assignments apart, expand.go resolves quotes, escapes and variables. What is left is plain
// sections with plain keys and values, and those are held by gopkg.in/ini.v1 (conf.go). The package opens no files and
// knows no environment but through the functions that it is handed.
package opensslconf
