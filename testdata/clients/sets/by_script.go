package sets

// The extensions of leaves in the two scripts of the documentation.
const (
	docsLeaf  = "basicConstraints = CA:FALSE\nkeyUsage = nonRepudiation, digitalSignature, keyEncipherment\n"
	bothSANs  = "subjectAltName = DNS:localhost, IP:127.0.0.1\n"
	newerLeaf = docsLeaf + "extendedKeyUsage = serverAuth\nsubjectAltName = DNS:localhost\n"
)

// scripts are the sets that the documentation's scripts make, and those that milvus-certs makes.
func scripts(program Program) []Set {
	genSH := func(name, v3req string) Set {
		return Set{Name: name, Make: func(dir string) error { return GenSH(dir, v3req) }}
	}
	docs := func(name, v3req string, flags ...string) Set {
		return Set{Name: name, Make: func(dir string) error { return program.InitDocs(dir, v3req, flags...) }}
	}
	return []Set{
		genSH("gen-sh", docsLeaf),
		genSH("gen-sh-with-san", docsLeaf+bothSANs),
		genSH("newer-gen-sh", newerLeaf),
		initialised("init", program),
		docs("init-docs-conf", ""),
		docs("init-docs-conf-with-san", bothSANs),
		docs("init-exact", "", "--exact"),
		docs("init-exact-with-san", bothSANs, "--exact"),
		with("baseline"),
	}
}

func initialised(name string, program Program, flags ...string) Set {
	return Set{Name: name, Make: func(dir string) error { return program.Init(dir, flags...) }}
}
