package sets

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"slices"
)

// keyFiles are sets by the form of their key files.
func keyFiles() []Set {
	encrypted := func(name string) change {
		return converted(name, "pkcs8", "-topk8", "-passout", "pass:milvus")
	}
	pkcs1 := func(name string) change { return converted(name, "rsa", "-traditional") }
	return []Set{
		with("keys-pkcs1", leaves(kind("rsa-2048")), pkcs1("server.key"), pkcs1("client.key")),
		with("keys-sec1", rewrite("server.key", sec1), rewrite("client.key", sec1)),
		with("keys-sec1-with-parameters", rewrite("server.key", withParameters), rewrite("client.key", withParameters)),
		with("server-key-encrypted", encrypted("server.key")),
		with("client-key-encrypted", encrypted("client.key")),
		with("client-key-encrypted-pkcs1", client(kind("rsa-2048")),
			converted("client.key", "rsa", "-traditional", "-aes256", "-passout", "pass:milvus")),
		with("client-key-der", rewrite("client.key", unarmored)),
		with("client-key-empty", rewrite("client.key", empty)),
	}
}

// certificateFiles are sets by the form of their PEM files.
func certificateFiles() []Set {
	text := func(name string) change { return converted(name, "x509", "-text") }
	each := func(edit func([]byte) []byte) change {
		return func(p *plan) {
			for _, name := range []string{"ca.pem", "server.pem", "server.key", "client.pem", "client.key"} {
				rewrite(name, edit)(p)
			}
		}
	}
	return []Set{
		with("files-crlf", each(crlf)),
		with("files-no-final-newline", each(bytes.TrimSpace)),
		with("ca-pem-bom", rewrite("ca.pem", bom)),
		with("server-pem-bom", rewrite("server.pem", bom)),
		with("client-pem-bom", rewrite("client.pem", bom)),
		with("files-text-before", text("ca.pem"), text("server.pem"), text("client.pem")),
		with("files-text-after", each(trailing)),
		with("ca-pem-headers", rewrite("ca.pem", headers)),
		with("server-pem-headers", rewrite("server.pem", headers)),
		with("client-pem-headers", rewrite("client.pem", headers)),
		with("ca-pem-trusted-certificate", converted("ca.pem", "x509", "-trustout")),
		with("ca-pem-der", rewrite("ca.pem", unarmored)),
		with("server-pem-der", rewrite("server.pem", unarmored)),
		with("client-pem-der", rewrite("client.pem", unarmored)),
		with("ca-pem-empty", rewrite("ca.pem", empty)),
		with("client-pem-empty", rewrite("client.pem", empty)),
		with("ca-pem-damaged-base64", rewrite("ca.pem", damaged)),
		with("server-pem-request", openssl("req", "-in", "server.csr", "-out", "server.pem")),
		with("client-pem-request", openssl("req", "-in", "client.csr", "-out", "client.pem")),
		with("client-pem-with-key", appended("client.pem", "client.key")),
		with("server-pem-with-key", appended("server.pem", "server.key")),
		with("ca-pem-with-key", appended("ca.pem", "ca.key")),
	}
}

func appended(to, from string) change {
	return func(p *plan) {
		var key []byte
		rewrite(from, func(data []byte) []byte { key = data; return data })(p)
		rewrite(to, func(data []byte) []byte { return slices.Concat(data, key) })(p)
	}
}

func bom(data []byte) []byte      { return append([]byte("\xef\xbb\xbf"), data...) }
func crlf(data []byte) []byte     { return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")) }
func trailing(data []byte) []byte { return append(data, "made for milvus\n"...) }
func empty([]byte) []byte         { return nil }

// damaged has a character in the first line of its base64 that is none of base64.
func damaged(data []byte) []byte {
	data[bytes.IndexByte(data, '\n')+1+40] = '!'
	return data
}

func headers(data []byte) []byte {
	parsed, _ := pem.Decode(data)
	parsed.Headers = map[string]string{"Subject": "milvus"}
	return pem.EncodeToMemory(parsed)
}

func unarmored(data []byte) []byte {
	parsed, _ := pem.Decode(data)
	return parsed.Bytes
}

// sec1 writes an EC key as openssl ec does.
func sec1(data []byte) []byte {
	private, err := x509.ParsePKCS8PrivateKey(unarmored(data))
	if err != nil {
		panic(err)
	}
	encoded, err := x509.MarshalECPrivateKey(private.(*ecdsa.PrivateKey))
	if err != nil {
		panic(err)
	}
	return block("EC PRIVATE KEY", encoded)
}

// withParameters writes an EC key as openssl ecparam -genkey does.
func withParameters(data []byte) []byte {
	return append(block("EC PARAMETERS", der(oidP256)), sec1(data)...)
}

var oidP256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
