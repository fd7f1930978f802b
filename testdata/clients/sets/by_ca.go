package sets

import "bytes"

// authorities are sets by what their CA is.
func authorities() []Set {
	loose := basicConstraints(true)
	loose.Critical = false
	return []Set{
		with("ca-false", ca(extended(basicConstraints(false)))),
		with("ca-without-basic-constraints", ca(without(oidBasicConstraints))),
		with("ca-without-extensions", ca(withoutExtensions)),
		with("ca-version-1", ca(versionOne)),
		with("ca-without-key-cert-sign", ca(extended(keyUsage(crlSign, digitalSignature)))),
		with("ca-without-key-usage", ca(without(oidKeyUsage))),
		with("ca-non-critical-basic-constraints", ca(extended(loose))),
		with("ca-client-auth-only", ca(extended(extKeyUsage(clientAuth)))),
		with("ca-server-auth-only", ca(extended(extKeyUsage(serverAuth)))),
		with("ca-path-len-0", ca(extended(pathLen(0)))),
		with("ca-critical-unknown-extension", ca(extended(critical(unknown())))),
		with("ca-two-new-first", stranger(subjectOf(common("milvus CA 2"))), holds("ca.pem", "stranger", "ca")),
		with("ca-two-new-first-same-name", stranger(subjectOf(common("milvus CA"))), holds("ca.pem", "stranger", "ca")),
		with("ca-two-new-first-same-name-no-ids", all(withoutIDs), stranger(subjectOf(common("milvus CA")), withoutIDs),
			holds("ca.pem", "stranger", "ca")),
	}
}

// strangers are sets whose leaves do not belong to their CA, and those where that is hard to tell.
func strangers() []Set {
	wrong := holds("ca.pem", "stranger")
	return []Set{
		with("wrong-ca", stranger(), wrong),
		with("wrong-ca-same-name", stranger(subjectOf(common("milvus CA"))), wrong),
		with("wrong-ca-same-name-no-ids", all(withoutIDs), stranger(subjectOf(common("milvus CA")), withoutIDs), wrong),
		with("leaves-self-signed", leaves(selfSigned)),
		with("no-ski-aki", all(withoutIDs)),
		with("no-ski-aki-one-subject", all(withoutIDs, subjectOf(common("localhost")))),
		with("ski-aki-one-subject", all(subjectOf(common("localhost")))),
		with("aki-of-another", leaves(func(c *cert) { c.issuerID = bytes.Repeat([]byte{0xAB}, 20) })),
	}
}

// intermediates are sets with a CA between the CA and the leaves.
func intermediates() []Set {
	return []Set{
		with("intermediate-chain-sent", intermediate(), chained),
		with("intermediate-chain-not-sent", intermediate()),
		with("intermediate-path-len-exceeded", ca(extended(pathLen(0))), intermediate(), chained),
		with("intermediate-ca-false", intermediate(extended(basicConstraints(false))), chained),
		with("intermediate-without-key-usage", intermediate(without(oidKeyUsage)), chained),
		with("intermediate-without-key-cert-sign", intermediate(extended(keyUsage(crlSign))), chained),
		with("intermediate-expired", intermediate(since(past), until(past.Add(year))), chained),
		with("intermediate-sha1", ca(kind("rsa-2048")), intermediate(signedBy("sha1")), chained),
		with("intermediate-as-root", intermediate(), holds("ca.pem", "intermediate")),
		with("intermediate-and-root-in-ca-pem", intermediate(), holds("ca.pem", "intermediate", "ca")),
		with("server-pem-leaf-root-intermediate", intermediate(), chained, holds("server.pem", "server", "ca", "intermediate")),
		with("server-pem-intermediate-leaf", intermediate(), chained, holds("server.pem", "intermediate", "server"), keyOf("server.key", "server")),
		with("server-pem-leaf-and-ca", holds("server.pem", "server", "ca")),
		with("client-pem-leaf-and-ca", holds("client.pem", "client", "ca")),
	}
}
