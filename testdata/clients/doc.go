// Package clients measures which clients of Milvus accept which certificates: real clients against a stand-in for the proxy
// of Milvus. It is a module of its own, for the many modules that the Go SDK needs. run.sh installs the clients and runs it.
package clients
