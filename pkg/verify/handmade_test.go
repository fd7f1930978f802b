package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// handCase is a set made by hand, and what is found in it.
type handCase struct {
	name string
	in   verify.Input
	want []string
}

func TestHandMade(t *testing.T) {
	for group, cases := range map[string][]handCase{"intermediates": intermediates(t), "keys": keysAndDigests(t), "odd": oddCertificates(t), "bundles": bundles(t)} {
		for _, tc := range cases {
			t.Run(group+"/"+tc.name, func(t *testing.T) { assert.Equal(t, tc.want, found(check(tc.in))) })
		}
	}
}

// intermediates: what lies between leaf and root belongs behind the leaf in its file, and has to be a CA.
func intermediates(t testing.TB) []handCase {
	return []handCase{
		{"sent", below(t, nil, nil, true), nil},
		{"not sent", below(t, nil, nil, false), []string{
			"failure unknown-issuer server.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate: refused by every client",
			"failure unknown-issuer client.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate: refused by Milvus",
		}},
		{"one CA too many", below(t, []edit{pathLen(0)}, nil, true), []string{"failure path-too-long ca.pem: more CAs below it than its pathlen allows: refused by Milvus, pymilvus, Go SDK, Node SDK, curl, " + strict}},
		{"the intermediate is no CA", below(t, nil, []edit{func(c *x509.Certificate) { c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature }}, true), []string{
			"failure not-a-ca server.pem: certificate 2 in it: basicConstraints does not say CA:TRUE: refused by pymilvus, Go SDK, Node SDK, curl, " + strict,
			"failure no-key-cert-sign server.pem: certificate 2 in it: keyUsage lacks keyCertSign: refused by pymilvus, Node SDK, Java SDK, curl, " + strict,
			"failure no-authority-key-identifier server.pem: no key identifier in authorityKeyIdentifier: refused by " + strict,
			"failure not-a-ca client.pem: certificate 2 in it: basicConstraints does not say CA:TRUE: refused by Milvus",
		}},
		{"the intermediate has no keyUsage", below(t, nil, []edit{func(c *x509.Certificate) { c.KeyUsage = 0 }}, true), []string{"failure no-key-usage server.pem: certificate 2 in it: no keyUsage: refused by " + strict}},
		{"the intermediate is over", below(t, nil, []edit{since(now.Add(-2 * day)), until(now.Add(-day))}, true), []string{
			"failure expired server.pem: certificate 2 in it: expired on 2026-01-01T03:04:05Z: refused by every client",
			"failure expired client.pem: certificate 2 in it: expired on 2026-01-01T03:04:05Z: refused by Milvus",
		}},
		{"the intermediate is weakly signed", below(t, nil, []edit{sha1}, true), []string{
			"failure weak-signature server.pem: certificate 2 in it: signed with a digest that is too weak: refused by pymilvus, Go SDK, Node SDK, curl, " + strict,
			"failure weak-signature client.pem: certificate 2 in it: signed with a digest that is too weak: refused by Milvus, Node SDK, curl, " + strict,
		}},
	}
}

// keysAndDigests: too weak for some, or of a kind that TLS 1.3 has no use for.
func keysAndDigests(t testing.TB) []handCase {
	return []handCase{
		{"RSA of 1024 bits", keyed(t, "", "rsa-1024", "rsa-1024"), []string{
			"failure weak-key server.pem: the key is too short: refused by pymilvus, curl, " + strict,
			"failure weak-key client.pem: the key is too short: refused by pymilvus, curl, " + strict,
		}},
		{"a CA of 1024 bits", keyed(t, "rsa-1024", "", ""), []string{"failure weak-key ca.pem: the key is too short: refused by pymilvus, curl, " + strict}},
		{"P-224", keyed(t, "", "ec-p224", ""), []string{"failure unsupported-key server.pem: a key that they cannot use: ec-p224, with which TLS 1.3 does not sign: refused by every client"}},
		{"a client of P-224", keyed(t, "", "", "ec-p224"), []string{"failure unsupported-key client.pem: a key that they cannot use: ec-p224, with which TLS 1.3 does not sign: refused by Milvus"}},
		{"Ed25519", keyed(t, "", "ed25519", ""), []string{"failure unsupported-key server.pem: a key that they cannot use: Ed25519, which BoringSSL does not verify: refused by pymilvus"}},
		{"a client of Ed25519", keyed(t, "", "", "ed25519"), nil},
		{"a server signed with SHA-1", family{server: []edit{sha1}}.input(t), []string{"failure weak-signature server.pem: signed with a digest that is too weak: refused by pymilvus, Go SDK, Node SDK, curl, " + strict}},
		{"a client signed with SHA-1", family{client: []edit{sha1}}.input(t), []string{"failure weak-signature client.pem: signed with a digest that is too weak: refused by Milvus, pymilvus, Node SDK, curl, " + strict}},
		{"a CA signed with SHA-1", family{ca: []edit{sha1}}.input(t), []string{"warning weak-signature ca.pem: is signed with ecdsa-with-SHA1"}},
	}
}

// oddCertificates: what X.509 does not allow, and few look at.
func oddCertificates(t testing.TB) []handCase {
	return []handCase{
		{"a nameless CA", family{ca: []edit{func(c *x509.Certificate) { c.Subject = pkix.Name{} }}}.input(t), []string{
			"failure malformed ca.pem: Empty issuer DN not allowed in X509Certificates: refused by Java SDK",
			"failure empty-name ca.pem: a name is empty that must not be: refused by " + strict,
			"failure malformed server.pem: Empty issuer DN not allowed in X509Certificates: refused by Java SDK",
			"failure empty-name server.pem: a name is empty that must not be: refused by " + strict,
		}},
		{"a CA of version 1 with extensions", swapped(t, caPEM, version3, version1), []string{
			"failure malformed ca.pem: no more data allowed for version 1 certificate: refused by Java SDK",
			"failure extensions-without-version-3 ca.pem: has extensions and is not of version 3: refused by " + strict,
		}},
		{"a server of version 1", swapped(t, serverPEM, version3, version1), []string{
			"failure host server.pem: has DNS:localhost, which these clients do not take for localhost: refused by Go SDK",
			"failure malformed server.pem: no more data allowed for version 1 certificate: refused by Java SDK",
			"failure extensions-without-version-3 server.pem: has extensions and is not of version 3: refused by " + strict,
		}},
		{"a negative serial number", swapped(t, serverPEM, serial2, serial2m), []string{"failure serial server.pem: its serial number is negative, which Go, and so Milvus, does not read: refused by Milvus"}},
		{"a server with two algorithms", swapped(t, serverPEM, withSHA2, withSHA38), []string{"failure milvus-does-not-start server.pem: Milvus does not start: x509: inner and outer signature algorithm identifiers don't match: refused by Milvus"}},
		{"a CA with two algorithms", swapped(t, caPEM, withSHA2, withSHA38), []string{
			"failure milvus-does-not-start ca.pem: Milvus does not start: fail to append ca to cert: refused by Milvus",
			"failure inconsistent-signature-algorithms ca.pem: names two signature algorithms: refused by " + strict,
			"advice malformed ca.pem: x509: inner and outer signature algorithm identifiers don't match: refused by Go SDK",
			"advice malformed ca.pem: Signature algorithm mismatch: refused by Java SDK",
		}},
		{"a nameless server", family{server: []edit{nameless(t)}}.input(t), []string{
			"failure malformed server.pem: X.509 Certificate is incomplete: SubjectAlternativeName extension MUST be marked critical when subject field is empty: refused by Java SDK",
			"failure empty-name server.pem: a name is empty that must not be: refused by " + strict,
		}},
	}
}

// bundles: ca.pem may hold several CAs, as it does while one takes over from another, and server.pem its CA.
func bundles(t testing.TB) []handCase {
	ca, server, client := family{}.make(t)
	plain := inputOf(ca, server, client)
	other, namesake, own := makeCA(t, nil, "a new CA"), makeCA(t, nil, "a CA"), makeLeaf(t, nil, x509.ExtKeyUsageServerAuth)
	bundle := func(file string, members ...made) verify.Input {
		var data []byte
		for _, m := range members {
			data = append(data, m.pem()...)
		}
		return put(plain, file, data)
	}
	const otherCAKey = "failure key ca.key: is not the key of ca.pem"
	return []handCase{
		{"a new CA behind the old one", bundle(caPEM, ca, other), nil},
		{"a new CA before the old one, whose key ca.key is", bundle(caPEM, other, ca), nil},
		{"a new CA of the same name before the old one", bundle(caPEM, namesake, ca), nil},
		{"strangers alone", bundle(caPEM, other, other), []string{
			otherCAKey,
			"failure unknown-issuer server.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate: refused by every client",
			"failure unknown-issuer client.pem: does not chain to ca.pem: its issuer is not the subject of the CA certificate: refused by Milvus",
			"advice content ca.pem: certificate 2 is certificate 1 once more",
		}},
		{"the CA behind the leaf", bundle(serverPEM, server, ca), nil},
		{"the CA before the leaf", bundle(serverPEM, ca, server), []string{
			"failure key server.key: is the key of certificate 2 in server.pem, not of the first: refused by Milvus",
			"failure request server.csr: is for another key than server.pem",
			"failure host server.pem: has no name that could be dialled",
			"warning one-subject server.pem: has the subject of the CA, so that key identifiers alone tell that it is not signed by itself",
		}},
		{"a server signed by itself", inputOf(ca, own, client), []string{"failure unknown-issuer server.pem: is signed by itself, and not by ca.pem: refused by every client"}},
	}
}
