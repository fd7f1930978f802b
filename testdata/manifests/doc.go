// Package manifests holds what milvus-certs writes for Compose, Kubernetes and cert-manager against the types and the code of
// those who read it. It is a module of its own, for the many modules that these need.
package manifests
