// Package expiry says what of a directory's certificates ends when: certificates and a moment go in, what is due, and where in
// a change of its CA the directory stands, comes out. It is told the time, and reads no files.
package expiry
