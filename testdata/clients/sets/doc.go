// Package sets makes the certificates that clients are tried with.
package sets
