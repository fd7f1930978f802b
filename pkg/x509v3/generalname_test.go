package x509v3

import "testing"

func TestGeneralNames(t *testing.T) {
	checkRows(t, []row{
		{"subjectAltName = DNS:localhost, IP:127.0.0.1", "301182096c6f63616c686f737487047f000001"},
		{"subjectAltName = DNS.1:a, DNS.:b", "3006820161820162"},
		{"subjectAltName = @names", "3025820d612e6578616d706c652e636f6d87040a000001810e6d65406578616d706c652e636f6d"},
		{"subjectAltName = DNS:no host name; at all", "301682146e6f20686f7374206e616d653b20617420616c6c"},
		{"subjectAltName = email:copy, email:a@b.c", "301781066140782e636381066240782e636381056140622e63"},
		{"subjectAltName = email:move, email:copy", "301081066140782e636381066240782e6363"},
		{"subjectAltName = URI:http://x/a:b", "300e860c687474703a2f2f782f613a62"},
		{"subjectAltName = RID:1.2.3", "300488022a03"},
		{"subjectAltName = dirName:dn", "3044a4423040310b300906035504061302434e311d300c060355040b0c0570726f7879300d060355040a0c066d696c7675733112301006035504030c096c6f63616c686f7374"},
		{"subjectAltName = otherName:1.2.3;UTF8:x", "300ba00906022a03a0030c0178"},
		{"subjectAltName = otherName:1.2.3;SEQUENCE:members", "3012a01006022a03a00a30080201020c0374776f"},
		{"subjectAltName = dns:localhost", `subjectAltName: "dns:localhost" is no kind of name; wanted DNS, IP, email, URI, RID, dirName or otherName, in these very letters, and a value`},
		{"subjectAltName = DNS", "subjectAltName: DNS: wanted DNS:VALUE"},
		{"subjectAltName = DNSx:a", `subjectAltName: "DNSx:a" is no kind of name; wanted DNS, IP, email, URI, RID, dirName or otherName, in these very letters, and a value`},
		{"subjectAltName = @bad", `x.cnf:10: [bad] IP.7: IP.7: wanted an IP address, without a prefix length, found "10.0.0.0/8"`},
		{"subjectAltName = RID:nothing", `subjectAltName: unknown object "nothing"; wanted a name that OpenSSL knows, or an OID such as 1.3.6.1.5.5.7.3.1`},
		{"subjectAltName = dirName:nowhere", "subjectAltName: there is no section [nowhere]"},
		{"subjectAltName = otherName:1.2.3", `subjectAltName: otherName: wanted OID;TYPE:VALUE, found "1.2.3"`},
		{"subjectAltName = otherName:1.2.3;NOTHING", `subjectAltName: ASN1: "NOTHING" is neither a type nor a modifier`},
		{"subjectAltName = DNS:a,,DNS:b", `subjectAltName: an item of the list is empty in "DNS:a,,DNS:b"`},
		{"issuerAltName = issuer:copy", ""},
		{"issuerAltName = DNS:ca, URI:http://ca/", "301082026361860a687474703a2f2f63612f"},
		{"issuerAltName = email:copy", "30068104636f7079"},
	})
}

func TestAddresses(t *testing.T) {
	checkRows(t, []row{
		{"subjectAltName = IP:10.0.0.1", "300687040a000001"},
		{"subjectAltName = IP:+1. 2.003.4 behind a blank", "3006870401020304"},
		{"subjectAltName = IP:2001:db8::1", "3012871020010db8000000000000000000000001"},
		{"subjectAltName = IP:::ffff:1.2.3.4", "3012871000000000000000000000ffff01020304"},
		{"subjectAltName = IP::", "3012871000000000000000000000000000000000"},
		{"subjectAltName = IP:10.0.0.0/8", `subjectAltName: IP: wanted an IP address, without a prefix length, found "10.0.0.0/8"`},
		{"subjectAltName = IP:1.2.3", `subjectAltName: IP: wanted an IP address, without a prefix length, found "1.2.3"`},
		{"subjectAltName = IP:256.1.1.1", `subjectAltName: IP: wanted an IP address, without a prefix length, found "256.1.1.1"`},
		{"subjectAltName = IP:fe80::1%eth0", `subjectAltName: IP: wanted an IP address, without a prefix length, found "fe80::1%eth0"`},
		{"subjectAltName = IP:1:2", `subjectAltName: IP: wanted an IP address, without a prefix length, found "1:2"`},
	})
}

func TestNameConstraints(t *testing.T) {
	checkRows(t, []row{
		{"nameConstraints = permitted;DNS:.example.com, excluded;email:x", "3019a010300e820c2e6578616d706c652e636f6da1053003810178"},
		{"nameConstraints = permitted;IP:10.0.0.0/255.0.0.0", "300ea00c300a87080a000000ff000000"},
		{"nameConstraints = excluded.IP:::/::", "3026a124302287200000000000000000000000000000000000000000000000000000000000000000"},
		{"nameConstraints = IP:10.0.0.0/8", `nameConstraints: wanted permitted;KIND:VALUE or excluded;KIND:VALUE, found "IP:10.0.0.0/8"`},
		{"nameConstraints = permitted;IP:10.0.0.0/8", `nameConstraints: IP: wanted ADDRESS/MASK such as 10.0.0.0/255.0.0.0, found "10.0.0.0/8"`},
		{"nameConstraints = permitted;IP:10.0.0.0/::", `nameConstraints: IP: wanted ADDRESS/MASK such as 10.0.0.0/255.0.0.0, found "10.0.0.0/::"`},
	})
}

func TestAccess(t *testing.T) {
	checkRows(t, []row{
		{"authorityInfoAccess = OCSP;URI:http://o/, caIssuers;URI:http://c/", "302e301506082b060105050730018609687474703a2f2f6f2f301506082b060105050730028609687474703a2f2f632f"},
		{"subjectInfoAccess = 1.2.3;DNS:x", "3009300706022a03820178"},
		{"authorityInfoAccess = OCSP:URI:http://o/", `authorityInfoAccess: wanted METHOD;KIND:VALUE, such as OCSP;URI:http://ocsp.example.com/, found "OCSP:URI:http://o/"`},
		{"authorityInfoAccess = OSCP;URI:http://o/", `authorityInfoAccess: unknown object "OSCP" (did you mean OCSP?); wanted a name that OpenSSL knows, or an OID such as 1.3.6.1.5.5.7.3.1`},
		{"authorityInfoAccess = OCSP;http://o/", `authorityInfoAccess: "http://o/" is no kind of name; wanted DNS, IP, email, URI, RID, dirName or otherName, in these very letters, and a value`},
	})
}

func TestDistributionPoints(t *testing.T) {
	checkRows(t, []row{
		{"crlDistributionPoints = URI:http://a/, URI:http://b/", "3022300fa00da00b8609687474703a2f2f612f300fa00da00b8609687474703a2f2f622f"},
		{"crlDistributionPoints = point", "306d306ba01fa01d8618687474703a2f2f6578616d706c652e636f6d2f612e63726c82016281020560a244a4423040310b300906035504061302434e311d300c060355040b0c0570726f7879300d060355040a0c066d696c7675733112301006035504030c096c6f63616c686f7374"},
		{"crlDistributionPoints = relative", "30133011a00fa10d300b06035504030c0470617274"},
		{"freshestCRL = empty", "30023000"},
		{"crlDistributionPoints = nowhere", "crlDistributionPoints: there is no section [nowhere]"},
		{"issuingDistributionPoint = fullname:URI:http://a/, onlyCA:TRUE, indirectCRL:yes, onlysomereasons:superseded", "3019a00da00b8609687474703a2f2f612f8201ff830203088401ff"},
		{"issuingDistributionPoint = @empty", "issuingDistributionPoint: the section [empty] is empty"},
		{"issuingDistributionPoint = fullname:URI:http://a/, relativename:rdn", "relativename: a distribution point has one name, found a second one"},
		{"issuingDistributionPoint = onlyCA:1", `issuingDistributionPoint: onlyCA: wanted TRUE or FALSE (or true, false, YES, NO, yes, no, Y, N, y, n), found "1"`},
		{"issuingDistributionPoint = onlysomereasons:theft", `onlysomereasons: unknown reason "theft"; wanted unused, keyCompromise, CACompromise, affiliationChanged, superseded, cessationOfOperation, certificateHold, privilegeWithdrawn, AACompromise`},
		{"issuingDistributionPoint = other:x", `issuingDistributionPoint: wanted fullname, relativename, onlyuser, onlyCA, onlyAA, indirectCRL or onlysomereasons, found "other"`},
	})
}
