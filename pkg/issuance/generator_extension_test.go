package issuance

import (
	"fmt"
	"strings"
)

// extension makes a setting of an extension's section.
func (g *generator) extension() (key, value string) {
	families := []struct {
		key   string
		value func() string
	}{
		{"basicConstraints", g.basicConstraints},
		{"keyUsage", g.keyUsage},
		{"extendedKeyUsage", func() string { return g.list(g.oid) }},
		{"subjectAltName", func() string { return g.list(g.generalName) }},
		{"subjectAltName", func() string { return g.list(g.generalName) }},
		{"subjectAltName", g.emailCopy},
		{"issuerAltName", func() string { return g.list(g.generalName) }},
		{"subjectKeyIdentifier", func() string { return g.pick("hash", "none", g.hex(), g.hex()) }},
		{"crlDistributionPoints", func() string { return g.list(g.distributionPoint) }},
		{"freshestCRL", func() string { return g.list(g.distributionPoint) }},
		{"issuingDistributionPoint", g.issuingDistributionPoint},
		{"authorityInfoAccess", func() string { return g.list(g.access) }},
		{"subjectInfoAccess", func() string { return g.list(g.access) }},
		{"certificatePolicies", g.policies},
		{"policyConstraints", g.policyConstraints},
		{"policyMappings", func() string { return g.list(func() string { return g.oid() + ":" + g.oid() }) }},
		{g.pick("inhibitAnyPolicy", "crlNumber", "deltaCRL"), g.integer},
		{"nameConstraints", func() string { return g.list(g.constraint) }},
		{g.pick("noCheck", "ct_precert_poison"), func() string { return g.pick("", "ignored", "yes") }},
		{"tlsfeature", func() string { return g.list(g.tlsFeature) }},
		{"proxyCertInfo", g.proxyCertInfo},
		{"nsCertType", g.nsCertType},
		{g.pick("nsComment", "nsBaseUrl", "nsSslServerName"), g.word},
		{g.oid(), g.generic},
		{g.pick("1.2.3.4", "basicConstraints", "2.5.29.17", "subjectAltName"), g.generic},
		{"1.2.3.4", func() string { return "ASN1:" + g.asn1(0) }},
		{g.mostly([]string{"nsCaPolicyUrl"}, []string{"sbgp-autonomousSysNum", "crlReason", "nosuch", "keyusage", "certificateIssuer", "invalidityDate"}), g.word},
	}
	f := families[g.IntN(len(families))]
	value = f.value()
	if g.chance(6) {
		value = g.mostly([]string{"critical,", "critical, ", "critical,\t"}, []string{"critical ,", "Critical,", " critical,", "critical,critical,"}) + value
	}
	return keyOnly(f.key), g.mutated(value, 12)
}

// list makes an inline list, or refers to a section that holds the same. A key of a section has no colon: there the name
// is the key.
func (g *generator) list(item func() string) string {
	if !g.chance(4) {
		return g.times(1, 4, g.pick(",", ",", ", ", " , "), item)
	}
	return "@" + g.section(g.lines(1, 4, func() (string, string) {
		key, value, _ := strings.Cut(item(), ":")
		return key, value
	})...)
}

func (g *generator) basicConstraints() string {
	return g.list(func() string {
		return g.mostly([]string{"CA:" + g.boolean(), "CA:TRUE", "pathlen:" + g.integer()}, []string{"CA", "pathlen", "ca:TRUE"})
	})
}

func (g *generator) keyUsage() string {
	return g.list(func() string {
		return g.pick("digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
			"cRLSign", "encipherOnly", "decipherOnly", "Digital Signature", "CRL Sign", "Decipher Only")
	})
}

func (g *generator) nsCertType() string {
	return g.list(func() string {
		return g.pick("client", "server", "email", "objsign", "reserved", "sslCA", "emailCA", "objCA", "SSL Client", "S/MIME")
	})
}

func (g *generator) boolean() string {
	return g.mostly([]string{"TRUE", "true", "YES", "yes", "Y", "y", "FALSE", "false", "NO", "no", "N", "n"}, []string{"True", "1", "on", "t", "TRUE x"})
}

func (g *generator) integer() string {
	return g.mostly([]string{
		"0", "1", "2", "-1", "127", "128", "255", "256", "-128", "-129", "0x1F", "0X0a", "007", "-0", "-0x10", fmt.Sprint(g.IntN(70000)),
		"99999999999999999999999", "-99999999999999999999999", "0xfedcba98765432100123456789",
	}, []string{"0x-5", "--1", "+1", "1a", "0x", "1 2", "1_000", "0b1", "0o7", "１"})
}

func (g *generator) hex() string {
	return g.times(1, 6, g.pick("", ":"), func() string { return fmt.Sprintf(g.pick("%02x", "%02X"), g.IntN(256)) })
}

func (g *generator) word() string {
	return g.pick("", "text", "a longer text, with: punctuation;", "http://example.com/a?b=c", "ünïcode", "\xff\xfe", "a@b.c", strings.Repeat("x", 130), " blanks ")
}

// oid makes names that are known and OIDs, right and odd.
func (g *generator) oid() string {
	if g.chance(2) {
		return fmt.Sprintf("%d.%d.", g.IntN(3), g.IntN(40)) + g.times(1, 4, ".", func() string { return g.number(100000) })
	}
	return g.mostly([]string{
		"serverAuth", "clientAuth", "TLS Web Server Authentication", "codeSigning", "anyExtendedKeyUsage", "ipsecIKE", "CN", "X509v3 Any Policy", "OCSP", "rsaEncryption",
		"1.2", "1.2.", "1..2", "1 2 3", "1.2 3", "1.2.03", "1.39.1", "0.0", "2.999.1", "2.40", "1.2.4294967296", "1.2.18446744073709551616.1", "2.18446744073709551615", "1.2..", "1..",
	}, []string{"01.2", "3.1", "1.40", "1", "1.", "", "1.2.x", ".1.2", "1.2.-3", "1. 2", "nosuch", "servrAuth", "any policy", "UNDEF", "undefined"})
}

func (g *generator) generalName() string {
	switch g.IntN(26) {
	default:
		return "DNS:" + g.pick("example.com", "*.example.com", "localhost", "-bad-", "ünïcode.de", "a b", "a;b", "x")
	case 0, 1, 2, 3:
		return "IP:" + g.address()
	case 4, 5:
		return "email:" + g.pick("a@b.c", "copy", "move", "no at")
	case 6, 7:
		return "URI:" + g.pick("http://example.com/a:b", "urn:x", "plain")
	case 8, 9:
		return "RID:" + g.oid()
	case 10, 11, 12:
		return "dirName:" + g.name()
	case 13, 14, 15:
		return "otherName:" + g.oid() + ";" + g.asn1(0)
	case 16:
		return g.oddName()
	}
}

func (g *generator) oddName() string {
	return g.pick("DNS", "IP", "URI", "dns", "ip", "Email", "dirname", "x400", "ediPartyName") + g.pick("", ".1", "x", ".") + g.pick(":x", ":", "", ":1.2.3.4")
}

// emailCopy asks for the addresses of the subject.
func (g *generator) emailCopy() string {
	return g.list(func() string {
		return g.pick("email:copy", "email:move", "email.1:copy", "email:a@b.c", "DNS:a", "email:Copy")
	})
}

func (g *generator) address() string {
	switch g.IntN(4) {
	case 0:
		return g.times(4, 4, ".", func() string { return g.pick(g.number(256), g.number(256), "0", "255", g.number(260), "01", "0001") })
	case 1:
		return g.mostly([]string{"10.0.0.1", "127.0.0.1", "1.2.3.4 x", "+1.2.3.4", "1. 2.3.4", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", ":"},
			[]string{"1.2.3", "1.2.3.4.5", "-1.2.3.4", "1.2.3.4/24", "::1.2.3.400", "::1%eth0", "1.2.3.4x", "1,2"})
	}
	return g.ipv6()
}

func (g *generator) ipv6() string {
	group := func() string {
		return g.mostly([]string{"0", "1", "ab", "FFFF", "0001", fmt.Sprintf("%x", g.IntN(65536))}, []string{"12345", "g", " 1"})
	}
	switch g.IntN(8) {
	case 0, 1:
		return g.times(8, 8, ":", group)
	case 2, 3, 4:
		return g.times(0, 3, ":", group) + "::" + g.times(0, 4, ":", group)
	case 5:
		return g.times(0, 7, ":", group) + g.pick("::", ":") + "1.2.3.4"
	case 6:
		return g.times(7, 9, ":", group)
	}
	return g.mostly([]string{"::", "::1", "1::", "2001:db8::8:800:200c:417a", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8"},
		[]string{":::", "1:", ":1", "::1::", "1:::2", "::1.2.3.4:5", "1::2::3", "1:2:3:4:5:6:7:8::"})
}

// name makes a section with a distinguished name.
func (g *generator) name() string {
	return g.section(g.lines(0, 4, func() (string, string) {
		key := g.pick("C", "ST", "L", "O", "OU", "CN", "CN", "commonName", "emailAddress", "DC", "serialNumber", "UID", "GN", "SN", "1.2.3.4", "2.5.4.3", "title", "unstructuredName", "dnQualifier", "street", "x500UniqueIdentifier", "friendlyName", "postalCode")
		if g.chance(15) {
			key = g.pick("jurisdictionC", "SNILS", "INN", "OGRN", "c3", "n3", "CSPName", "mail", "nosuch")
		}
		if g.chance(4) {
			key = g.pick("0.", "1,", "x.", "+", "1.+", "") + key
		}
		value := g.mostly([]string{"CN", "DE", "milvus", "a@b.c", "123", "with*star", "under_score", " "}, []string{"Ümläut", "日本", strings.Repeat("n", 60+g.IntN(8)), "", "\xff", "😀"})
		if key == "C" {
			value = "CN"
		}
		return key, value
	})...)
}

func (g *generator) access() string {
	return g.pick("OCSP", "caIssuers", "ad_timestamping", g.oid()) + g.mostly([]string{";"}, []string{"; ", "", ",", ";;"}) + g.generalName()
}

func (g *generator) constraint() string {
	tree := g.pick("permitted", "excluded") + g.mostly([]string{";", ";", "."}, []string{"", ";;"})
	if g.chance(3) {
		return tree + "IP:" + g.mostly([]string{"10.0.0.0/255.0.0.0", "0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0", "::/::", "::/:"}, []string{g.address() + "/" + g.address(), "10.0.0.0/8", "10.0.0.0", "1.2.3.4/::"})
	}
	return tree + g.pick(g.generalName(), "DNS:.example.com", "email:.example.com", "DNS:", "email:copy")
}

func (g *generator) tlsFeature() string {
	return g.mostly([]string{"status_request", "status_request_v2", "STATUS_REQUEST", "5", "17", "65535", "05", "x:5", "+5"}, []string{"65536", "-1", "0x5", "1x", "", " 5"})
}

func (g *generator) distributionPoint() string {
	if g.chance(2) {
		return g.generalName()
	}
	return g.section(g.lines(0, 4, func() (string, string) {
		switch g.IntN(4) {
		case 0:
			return "fullname", g.list(g.generalName)
		case 1:
			return "relativename", g.name()
		case 2:
			return "CRLissuer", g.list(g.generalName)
		}
		return "reasons", g.reasons()
	})...)
}

func (g *generator) reasons() string {
	return g.times(1, 3, ",", func() string {
		return g.pick("unused", "keyCompromise", "CACompromise", "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", "privilegeWithdrawn", "AACompromise")
	})
}

func (g *generator) issuingDistributionPoint() string {
	return g.list(func() string {
		switch g.IntN(4) {
		case 0:
			return "fullname:" + g.pick("URI:http://a/", "@"+g.section("DNS=a"), "dirName:"+g.name())
		case 1:
			return "relativename:" + g.name()
		case 2:
			return "onlysomereasons:" + g.reasons()
		}
		return g.pick("onlyuser", "onlyCA", "onlyAA", "indirectCRL") + ":" + g.boolean()
	})
}

func (g *generator) policyConstraints() string {
	return g.list(func() string { return g.pick("requireExplicitPolicy", "inhibitPolicyMapping") + ":" + g.integer() })
}
