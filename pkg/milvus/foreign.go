package milvus

import (
	"fmt"

	"github.com/milvus-certs/milvus-certs/pkg/yamledit"
)

// foreign says which file it is that is taken for a milvus.yaml and is none; nil: it may be one. Milvus has no settings of these
// names, and would not read what was set beside them.
func foreign(doc *yamledit.Document) error {
	top := func(key string) yamledit.Value {
		v, _ := doc.Get(key) // one that is there twice is none of these
		return v
	}
	api, kind, helm, services := top("apiVersion"), top("kind"), top("extraConfigFiles"), top("services")
	switch {
	case doc.Kind() != yamledit.Absent && doc.Kind() != yamledit.Mapping:
		return &yamledit.Error{Line: 1, Problem: fmt.Sprintf("wanted a milvus.yaml, with sections and keys, found %s", doc.Kind()), WayOut: "name another file; Milvus's image has one in /milvus/configs"}
	case api.Kind == yamledit.Scalar && kind.Kind == yamledit.Scalar:
		return &yamledit.Error{Line: kind.Line, Problem: fmt.Sprintf("this is a resource of Kubernetes, of the kind %q, and no milvus.yaml", kind.Text), WayOut: "milvus-certs setup kubernetes prints what belongs into that of Milvus"}
	case helm.Kind == yamledit.Mapping:
		return &yamledit.Error{Line: helm.Line, Problem: "these are values of a Helm chart, with extraConfigFiles, and no milvus.yaml", WayOut: "milvus-certs setup kubernetes --for helm prints what belongs into them"}
	case services.Kind == yamledit.Mapping:
		return &yamledit.Error{Line: services.Line, Problem: "this is a Compose file, with services, and no milvus.yaml", WayOut: "milvus-certs setup compose writes what belongs beside it; the milvus.yaml is another file"}
	}
	return nil
}
