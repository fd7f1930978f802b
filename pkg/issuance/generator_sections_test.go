package issuance

import (
	"fmt"
	"strings"
)

// wholeConf writes a conf as they are found: [req], both sections of extensions, what these refer to, and a habit or two.
func (g *generator) wholeConf() string {
	ca, leaf := g.pick("v3_ca", "v3_ca", "v3_ca", "my_ca"), g.pick("v3_req", "v3_req", "v3_req", "my_req")
	parts := []string{
		g.reqSection(ca, leaf),
		"[" + ca + "]\n" + g.extensionLines(caLines),
		"[" + leaf + "]\n" + g.extensionLines(leafLines),
		"[dn]\nCN = prompt\n" + g.pick("", "CN_default = x\n") + "[oids]\n" + g.objects() + "[alt]\nDNS.1 = a.example.com\nDNS.2 = b.example.com\nIP.1 = 10.0.0.1\n",
		strings.Join(g.sections, ""),
	}
	g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	text := g.times(0, 2, "", g.defaultLine) + strings.Join(parts, g.pick("", "\n", "# comment\n"))
	if g.chance(8) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return g.mutated(text, 25)
}

// objects are mine, and others in forms right and wrong.
func (g *generator) objects() string {
	if g.chance(3) {
		return "mine = 1.2.3.4.5\nhis = ${mine}.1\n"
	}
	return "mine = " + g.pick("1.2.3.4.5", "1.2.3.4.5", "my object, 1.2.3.4.5", "TLS Web Server Authentication, 1.2.3.4.5", ",1.2.3.4.5", "1.2.3.4.5,", "1.2.3.4.5 ") + "\n" +
		g.times(0, 2, "", func() string { return keyOnly(g.pick("his", "CN", "1.2.3", g.oid())) + " = " + quoted(g.oid()) + "\n" })
}

// defaultLine is a setting at the top.
func (g *generator) defaultLine() string {
	return g.pick("oid_section = oids", "oid_section = oids", "string_mask = pkix", "default_md = sha512", "HOME = .", "RANDFILE = $ENV::HOME/.rnd",
		"openssl_conf = mods\n[mods]\noid_section = oids\n[default]", ".include part.cnf", "oid_section = oids", "x509_extensions = $ENV::NONE") + "\n"
}

func (g *generator) reqSection(ca, leaf string) string {
	text := "[" + g.pick("req", " req ", "req") + "]\n"
	if ca != "v3_ca" || g.chance(2) {
		text += "x509_extensions = " + ca + "\n"
	}
	if leaf != "v3_req" || g.chance(2) {
		text += "req_extensions = " + leaf + g.pick("", " # the extensions to add\n") + "\n"
	}
	return text + g.times(0, 5, "", func() string {
		return g.pick("distinguished_name = dn", "prompt = no", "prompt = yes", "default_bits = 1024", "attributes = dn", "encrypt_key = no",
			"string_mask = "+g.mostly([]string{"utf8only", "nombstr", "pkix", "default", "MASK:0x2002", "MASK:1"}, []string{"MASK:", "utf8", "MASK:0x10x", ""}),
			"default_md = "+g.mostly([]string{"sha256", "SHA256", "sha384", "sha512", "sha1", "SHA2-256", "sha-512"}, []string{"nosuch", ""}),
			"utf8 = "+g.pick("yes", "no", "YES"), g.mostly([]string{"encrypt_key = no"}, []string{"distinguished_name = nowhere", "attributes = nowhere", "x509_extensions = nowhere"})) + "\n"
	})
}

var keyIdentifierLines = []string{
	"subjectKeyIdentifier = hash", "subjectKeyIdentifier = none", "subjectKeyIdentifier = 01:02:03:04", "subjectKeyIdentifier = 0102",
	"authorityKeyIdentifier = keyid", "authorityKeyIdentifier = keyid:always", "authorityKeyIdentifier = keyid,issuer",
	"authorityKeyIdentifier = keyid:always,issuer:always", "authorityKeyIdentifier = issuer", "authorityKeyIdentifier = none",
	"authorityKeyIdentifier = keyid, issuer:always", "authorityKeyIdentifier = issuer:always", "authorityKeyIdentifier = critical,keyid", "subjectKeyIdentifier = hash", "authorityKeyIdentifier = keyid,issuer",
	"2.5.29.14 = ASN1:FORMAT:HEX,OCT:0A0B0C", "2.5.29.35 = DER:3000",
}

var commonLines = append([]string{
	"subjectAltName = @alt", "subjectAltName = DNS:localhost,IP:127.0.0.1", "subjectAltName = email:copy", "subjectAltName = email:move,DNS:x",
	"subjectAltName = critical,@alt", "issuerAltName = issuer:copy", "issuerAltName = issuer:copy,URI:http://x/", "issuerAltName = DNS:ca",
	"nsComment = \"OpenSSL Generated Certificate\"", "extendedKeyUsage = serverAuth, clientAuth", "1.2.3.4.5 = ASN1:NULL", "2.5.29.17 = ASN1:SEQUENCE", "certificatePolicies = 1.2.3.4", "crlDistributionPoints = URI:http://example.com/ca.crl",
	"authorityInfoAccess = OCSP;URI:http://ocsp.example.com/", "subjectAltName = otherName:1.2.3;UTF8:x", "basicConstraints = CA:FALSE",
}, keyIdentifierLines...)

var caLines = append([]string{
	"basicConstraints = CA:TRUE", "basicConstraints = critical,CA:TRUE", "basicConstraints = critical, CA:true, pathlen:0",
	"keyUsage = cRLSign, keyCertSign", "keyUsage = critical, keyCertSign", "nameConstraints = permitted;DNS:.example.com", "nsCertType = sslCA, emailCA",
}, commonLines...)

// customLines need objects that the conf defines, which leaves never know.
var customLines = []string{"extendedKeyUsage = mine, his", "mine = DER:0500", "certificatePolicies = mine", "subjectAltName = otherName:mine;UTF8:x", "subjectAltName = dirName:dn"}

var leafLines = append([]string{
	"keyUsage = digitalSignature, keyEncipherment", "keyUsage = nonRepudiation, digitalSignature, keyEncipherment", "nsCertType = server",
	"proxyCertInfo = critical,language:id-ppl-anyLanguage,pathlen:3,policy:text:foo", "tlsfeature = status_request", "noCheck = ignored",
}, commonLines...)

// extensionLines are mostly what people write.
func (g *generator) extensionLines(usual []string) string {
	return g.times(0, 6, "", func() string {
		if g.chance(20) {
			return g.pick(customLines...) + "\n"
		}
		if g.chance(15) {
			key, value := g.extension()
			return fmt.Sprintf("%s = %s\n", key, quoted(value))
		}
		line := g.pick(usual...)
		if g.chance(40) {
			line = g.mutated(line, 2)
		}
		return line + g.pick("", "", " ", " # why") + "\n"
	})
}
