package x509v3

import "testing"

func TestBasicConstraints(t *testing.T) {
	checkRows(t, []row{
		{"basicConstraints = CA:TRUE", "30030101ff"},
		{"basicConstraints = critical,CA:TRUE", "!30030101ff"},
		{"basicConstraints = critical, CA:true , pathlen:0x10", "!30060101ff020110"},
		{"basicConstraints = CA:FALSE", "3000"},
		{"basicConstraints = CA:no, pathlen:0", "3003020100"},
		{"basicConstraints = pathlen:-129", "30040202ff7f"},
		{"basicConstraints = CA:True", `basicConstraints: CA: wanted TRUE or FALSE (or true, false, YES, NO, yes, no, Y, N, y, n), found "True"`},
		{"basicConstraints = CA", `basicConstraints: CA: wanted TRUE or FALSE (or true, false, YES, NO, yes, no, Y, N, y, n), found ""`},
		{"basicConstraints = pathlen:0 ,CA:TRUE", `basicConstraints: pathlen: wanted a number, found "0 "`},
		{"basicConstraints = pathlen:1_0", `basicConstraints: pathlen: wanted a number, found "1_0"`},
		{"basicConstraints = ca:TRUE", `basicConstraints: wanted CA:TRUE, CA:FALSE or pathlen:NUMBER, found "ca:TRUE"`},
		{"basicConstraints =", "basicConstraints: the value is empty"},
		{"basicConstraints = CA:TRUE,", `basicConstraints: an item of the list is empty in "CA:TRUE,"`},
		{"basicConstraints = CA:", "basicConstraints: CA: nothing behind the colon"},
		{"basicConstraints = Critical,CA:TRUE", `basicConstraints: wanted CA:TRUE, CA:FALSE or pathlen:NUMBER, found "Critical"`},
		{"basicConstraints = @empty", "basicConstraints: the section [empty] is empty"},
		{"basicConstraints = @nowhere", "basicConstraints: there is no section [nowhere]"},
	})
}

func TestKeyUsage(t *testing.T) {
	checkRows(t, []row{
		{"keyUsage = digitalSignature", "03020780"},
		{"keyUsage = critical, keyCertSign, cRLSign", "!03020106"},
		{"keyUsage = Digital Signature, decipherOnly", "0303078080"},
		{"keyUsage = digitalSignatur", `keyUsage: unknown value "digitalSignatur" (did you mean digitalSignature?); wanted digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign, encipherOnly, decipherOnly`},
		{"keyUsage = keyencipherment", `keyUsage: unknown value "keyencipherment" (did you mean keyEncipherment?); wanted digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign, encipherOnly, decipherOnly`},
		{"keyUsage = contentCommitment", `keyUsage: unknown value "contentCommitment"; wanted digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign, encipherOnly, decipherOnly`},
		{"extendedKeyUsage = serverAuth, clientAuth", "301406082b0601050507030106082b06010505070302"},
		{"extendedKeyUsage = TLS Web Server Authentication, 1.2.3", "300e06082b0601050507030106022a03"},
		{"extendedKeyUsage = serverAuht", `extendedKeyUsage: unknown object "serverAuht" (did you mean serverAuth?); wanted a name that OpenSSL knows, or an OID such as 1.3.6.1.5.5.7.3.1`},
		{"extendedKeyUsage = 1.2.3 4", "300506032a0304"},
		{"extendedKeyUsage = 1..", "3003060128"},
		{"extendedKeyUsage = 1.", `extendedKeyUsage: "1." is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1`},
		{"extendedKeyUsage = 01.2", `extendedKeyUsage: "01.2" is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1`},
		{"extendedKeyUsage = 3.1", `extendedKeyUsage: "3.1" is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1`},
		{"nsCertType = server, SSL CA", "03020244"},
		{"nsCertType = serve", `nsCertType: unknown value "serve" (did you mean server?); wanted client, server, email, objsign, reserved, sslCA, emailCA, objCA`},
		{"tlsfeature = status_request, 17", "3006020105020111"},
		{"tlsfeature = 65536", `tlsfeature: wanted status_request, status_request_v2 or a number up to 65535, found "65536"`},
	})
}

func TestKeyIdentifiers(t *testing.T) {
	checkRows(t, []row{
		{"subjectKeyIdentifier = hash", "0414a62f2225bf70bfaccbc7f1ef2a397836717377de"},
		{"subjectKeyIdentifier = 01:0a0B", "0403010a0b"},
		{"subjectKeyIdentifier = none", "0400"},
		{"subjectKeyIdentifier = 0", `subjectKeyIdentifier: wanted hash, none or pairs of hexadecimal digits, found "0"`},
		{"subjectKeyIdentifier = hash:x", `subjectKeyIdentifier: wanted hash, none or pairs of hexadecimal digits, found "hash:x"`},
		{"authorityKeyIdentifier = keyid, issuer:always", ""},
		{"authorityKeyIdentifier = none", "3000"},
		{"authorityKeyIdentifier = none, keyid", `authorityKeyIdentifier: wanted keyid, keyid:always, issuer, issuer:always, or none alone, found "none"`},
		{"authorityKeyIdentifier = keyID", `authorityKeyIdentifier: wanted keyid, keyid:always, issuer, issuer:always, or none alone, found "keyID"`},
	})
}

func TestStrings(t *testing.T) {
	checkRows(t, []row{
		{`nsComment = "OpenSSL Generated Certificate"`, "161d4f70656e53534c2047656e657261746564204365727469666963617465"},
		{"nsComment =", "1600"},
		{"nsBaseUrl = http://ü", "1609687474703a2f2fc3bc"},
		{"noCheck = whatever", "0500"},
		{"inhibitAnyPolicy = 0", "020100"},
		{"inhibitAnyPolicy = zero", `inhibitAnyPolicy: wanted a number, found "zero"`},
	})
}

func TestGenericValues(t *testing.T) {
	checkRows(t, []row{
		{"1.2.3 = DER:01:02", "0102"},
		{"1.2.3 = DER:0", `1.2.3: DER: wanted pairs of hexadecimal digits, found "0"`},
		{"1.2.3 = critical,ASN1:NULL", "!0500"},
		{"1.2.3 = x", "1.2.3: no value can be written for this extension; wanted one behind DER: or ASN1:"},
		{"1.x = ASN1:NULL", `1.x: "1.x" is no OID; wanted numbers with dots between them, such as 1.3.6.1.5.5.7.3.1`},
		{"1.2.2147483648 = ASN1:NULL", "1.2.2147483648: an OID with the number 2147483648 cannot be written here"},
		{"subjectAltName = DER:3000", "3000"},
		{"basicConstraints = DER:", `basicConstraints: DER: wanted pairs of hexadecimal digits, found ""`},
		{"crlNumber = 1", "crlNumber: no value can be written for this extension; wanted one behind DER: or ASN1:"},
		{"keyusage = digitalSignature", "keyusage: unknown extension; did you mean keyUsage?"},
		{"subjectAlternativeName = DNS:x", "subjectAlternativeName: unknown extension"},
		{"nonsense = x", "nonsense: unknown extension"},
	})
}
