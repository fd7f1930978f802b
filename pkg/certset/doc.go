// Package certset holds the certificates of a directory in memory: keys, requests, certificates and the serial number
// last used, with their PEM forms in both directions. It reads and writes bytes; package store reads and writes files.
package certset
