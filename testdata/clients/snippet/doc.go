// Package snippet runs what milvus-certs connect prints, as it is printed: programs with the SDK that they are for, or with a
// stand-in for it, and configurations by what the program that reads them does with them.
package snippet
