// Package stub stands in for the proxy of Milvus: the gRPC and the REST listener, with the TLS settings and the start-up
// refusals of Milvus 2.6, and just enough of the service for an SDK to connect and to list collections.
package stub
