// Package issuance makes what a profile describes: keys, requests and certificates. It is handed the time and the last
// serial number, and touches neither clock nor disk.
package issuance
