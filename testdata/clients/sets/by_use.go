package sets

// usages are sets by what their leaves may be used for.
func usages() []Set {
	return []Set{
		with("server-client-auth-only", server(extended(extKeyUsage(clientAuth)))),
		with("client-server-auth-only", client(extended(extKeyUsage(serverAuth)))),
		with("leaves-both-purposes", leaves(extended(extKeyUsage(serverAuth, clientAuth)))),
		with("leaves-without-eku", leaves(without(oidExtKeyUsage))),
		with("leaves-any-eku", leaves(extended(extKeyUsage(anyPurpose)))),
		with("leaves-time-stamping-only", leaves(extended(extKeyUsage(timeStamper)))),
		with("leaves-critical-eku", server(extended(critical(extKeyUsage(serverAuth)))), client(extended(critical(extKeyUsage(clientAuth))))),
		with("leaves-without-key-usage", leaves(without(oidKeyUsage))),
		with("leaves-key-encipherment-only", leaves(extended(keyUsage(keyEncipherment)))),
		with("leaves-key-encipherment-only-rsa", leaves(kind("rsa-2048"), extended(keyUsage(keyEncipherment)))),
		with("leaves-key-agreement-only", leaves(extended(keyUsage(keyAgreement)))),
		with("leaves-non-repudiation-only", leaves(extended(keyUsage(nonRepudiation)))),
		with("leaves-key-cert-sign-only", leaves(extended(keyUsage(keyCertSign)))),
		with("leaves-key-cert-sign-too", leaves(extended(keyUsage(digitalSignature, keyCertSign)))),
		with("leaves-ca-true", leaves(extended(basicConstraints(true)))),
		with("leaves-without-basic-constraints", leaves(without(oidBasicConstraints))),
		with("server-ns-cert-type-client", server(extended(nsCertType(0x80)))),
		with("client-ns-cert-type-server", client(extended(nsCertType(0x40)))),
	}
}

// extensions are sets by further extensions.
func extensions() []Set {
	return []Set{
		with("server-critical-unknown-extension", server(extended(critical(unknown())))),
		with("client-critical-unknown-extension", client(extended(critical(unknown())))),
		with("leaves-unknown-extension", leaves(extended(unknown()))),
		with("server-must-staple", server(extended(mustStaple()))),
	}
}
