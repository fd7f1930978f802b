// Package peer runs real clients of Milvus: each is given a list of connections to make, and says what became of them.
package peer
