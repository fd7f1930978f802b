package sets

// kinds are sets by their keys and signatures.
func kinds(program Program) (made []Set) {
	for _, kind := range []string{"rsa-3072", "rsa-4096", "ec-p256", "ec-p384", "ed25519"} {
		made = append(made, initialised("init-"+kind, program, "--key-type", kind))
	}
	return append(made,
		with("ec-p224", all(kind("ec-p224"))),
		with("ec-p521", all(kind("ec-p521"))),
		with("ed25519-ca", ca(kind("ed25519"))),
		with("rsa-2048-leaves-ec-ca", leaves(kind("rsa-2048"))),
		with("rsa-1024-leaves", leaves(kind("rsa-1024"))),
		with("rsa-1024-ca", ca(kind("rsa-1024"))),
		with("rsa-512-leaves", leaves(kind("rsa-512")),
			openssl("req", "-new", "-key", "server.key", "-subj", subject, "-out", "server.csr"),
			openssl("req", "-new", "-key", "client.key", "-subj", subject, "-out", "client.csr")),
		with("sha1-leaves", ca(kind("rsa-2048")), leaves(kind("rsa-2048"), signedBy("sha1"))),
		with("sha1-leaves-ecdsa", leaves(signedBy("sha1"))),
		with("sha1-ca", ca(kind("rsa-2048"), signedBy("sha1")), leaves(kind("rsa-2048"))),
		with("rsa-pss-signatures", ca(kind("rsa-2048"), signedBy("pss")), leaves(kind("rsa-2048"), signedBy("pss"))),
		with("ca-damaged-signature", ca(func(c *cert) { c.spoil = true })),
		with("server-damaged-signature", server(func(c *cert) { c.spoil = true })),
		with("client-damaged-signature", client(func(c *cert) { c.spoil = true })),
		with("server-key-mismatch", keyOf("server.key", "client")),
		with("client-key-mismatch", keyOf("client.key", "server")),
	)
}
