// Package measure tries every client with every set, in every way that the documentation of Milvus describes.
package measure
