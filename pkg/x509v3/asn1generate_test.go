package x509v3

import "testing"

func TestASN1Types(t *testing.T) {
	checkRows(t, []row{
		{"1.2.3 = ASN1:BOOL:yes", "0101ff"},
		{"1.2.3 = ASN1:NULL", "0500"},
		{"1.2.3 = ASN1:INTEGER:-0x80", "020180"},
		{"1.2.3 = ASN1:ENUM:300", "0a02012c"},
		{"1.2.3 = ASN1:OID:serverAuth", "06082b06010505070301"},
		{"1.2.3 = ASN1:UTC:300102030405Z", "170d3330303130323033303430355a"},
		{"1.2.3 = ASN1:GENTIME:20300102030405.5Z", "181132303330303130323033303430352e355a"},
		{"1.2.3 = ASN1:OCT:text, and more: all of it", "0419746578742c20616e64206d6f72653a20616c6c206f66206974"},
		{"1.2.3 = ASN1:FORMAT:HEX,OCT:0102", "04020102"},
		{"1.2.3 = ASN1:BITSTR:a", "03020061"},
		{"1.2.3 = ASN1:FORMAT:BITLIST,BITSTR:1, 9", "0303064040"},
		{"1.2.3 = ASN1:IA5:abc", "1603616263"},
		{"1.2.3 = ASN1:UTF8:ü", "0c04c383c2bc"},
		{"1.2.3 = ASN1:FORMAT:UTF8,UTF8:ü", "0c02c3bc"},
		{"1.2.3 = ASN1:FORMAT:UTF8,BMP:日", "1e0265e5"},
		{"1.2.3 = ASN1:FORMAT:UTF8,UNIV:😀", "1c040001f600"},
		{"1.2.3 = ASN1:FORMAT:UTF8,T61:ü", "1401fc"},
		{"1.2.3 = ASN1:PRINTABLE:ab", "13026162"},
		{"1.2.3 = ASN1:NUMERIC:1 2", "1203312032"},
		{"1.2.3 = ASN1:VISIBLE:v", "1a0176"},
		{"1.2.3 = ASN1:GENSTR:g", "1b0167"},
		{"1.2.3 = ASN1:SEQUENCE:members", "30080201020c0374776f"},
		{"1.2.3 = ASN1:SET:members", "31080201020c0374776f"},
		{"1.2.3 = ASN1:SEQ", "3000"},
		{"1.2.3 = ASN1:seq:empty", "3000"},
	})
}

func TestASN1Modifiers(t *testing.T) {
	checkRows(t, []row{
		{"1.2.3 = ASN1:EXP:0,INT:1", "a003020101"},
		{"1.2.3 = ASN1:EXP:,INT:1", "a003020101"},
		{"1.2.3 = ASN1:IMPLICIT:1A,UTF8:x", "410178"},
		{"1.2.3 = ASN1:EXP:31P,IMP:500,INT:1", "ff1f059f83740101"},
		{"1.2.3 = ASN1:OCTWRAP,BITWRAP,SEQWRAP,SETWRAP,NULL", "0409030700300431020500"},
		{"1.2.3 = ASN1:IMP:2,SEQWRAP,INT:1", "a203020101"},
		{"1.2.3 = ASN1:EXP:4U,IA5:abc", "0403616263"},
		{"1.2.3 = ASN1:IMP:16U,NULL", "3000"},
		{"1.2.3 = ASN1:IMP:1U,INT:1", "010101"},
	})
}

func TestASN1Refusals(t *testing.T) {
	checkRows(t, []row{
		{"1.2.3 = ASN1:", `1.2.3: ASN1: "" is neither a type nor a modifier`},
		{"1.2.3 = ASN1:FORMAT:HEX", `1.2.3: ASN1: wanted a type such as UTF8 or SEQUENCE behind the modifiers in "FORMAT:HEX"`},
		{"1.2.3 = ASN1:NOTHING:x", `1.2.3: ASN1: "NOTHING" is neither a type nor a modifier`},
		{"1.2.3 = ASN1:BOOL:True", `1.2.3: ASN1: wanted TRUE or FALSE, found "True"`},
		{"1.2.3 = ASN1:NULL:x", `1.2.3: ASN1: NULL has no value, found "x"`},
		{"1.2.3 = ASN1:NULL ,x", "1.2.3: ASN1: NULL: wanted a colon and a value behind it, or nothing at all"},
		{"1.2.3 = ASN1:INT:1x", `1.2.3: ASN1: wanted a number, found "1x"`},
		{"1.2.3 = ASN1:FORMAT:HEX,INT:1", "1.2.3: ASN1: a value of this type cannot be given as FORMAT:HEX"},
		{"1.2.3 = ASN1:OID:nothing", `1.2.3: ASN1: unknown object "nothing"; wanted a name that OpenSSL knows, or an OID such as 1.3.6.1.5.5.7.3.1`},
		{"1.2.3 = ASN1:UTC:20300102030405Z", `1.2.3: ASN1: wanted a time such as 300102030405Z, found "20300102030405Z"`},
		{"1.2.3 = ASN1:GENTIME:203001020304.5Z", `1.2.3: ASN1: wanted a time such as 20300102030405Z, found "203001020304.5Z"`},
		{"1.2.3 = ASN1:GENTIME:20300230000000Z", `1.2.3: ASN1: wanted a time such as 20300102030405Z, found "20300230000000Z"`},
		{"1.2.3 = ASN1:PRINTABLE:a@b", "1.2.3: ASN1: the type cannot hold one of the characters"},
		{"1.2.3 = ASN1:FORMAT:BITLIST,BITSTR:70000", "1.2.3: ASN1: the number of a bit may be 65536 at most"},
		{"1.2.3 = ASN1:FORMAT:BITLIST,OCT:1", "1.2.3: ASN1: an OCTET STRING cannot be given as FORMAT:BITLIST"},
		{"1.2.3 = ASN1:FORMAT:HEX,UTF8:61", "1.2.3: ASN1: a string cannot be given as FORMAT:HEX"},
		{"1.2.3 = ASN1:FORMAT:BINARY,OCT:1", `1.2.3: ASN1: wanted FORMAT:ASCII, UTF8, HEX or BITLIST, found "BINARY"`},
		{"1.2.3 = ASN1:EXP:1X,INT:1", `1.2.3: ASN1: wanted a tag's number, and perhaps U, A, C or P for its class, found "1X"`},
		{"1.2.3 = ASN1:EXP:2147483648,INT:1", "1.2.3: ASN1: the tag's number 2147483648 is too large"},
		{"1.2.3 = ASN1:IMP:1,IMP:2,INT:1", "1.2.3: ASN1: two implicit tags, one behind the other"},
		{"1.2.3 = ASN1:IMP:1,EXP:2,INT:1", "1.2.3: ASN1: an explicit tag cannot take an implicit one"},
		{"1.2.3 = ASN1:IMP:1U,UTF8:ab", "1.2.3: ASN1: the value is none of the type that its tag of class U stands for"},
		{"1.2.3 = ASN1:SEQUENCE:nowhere", "1.2.3: there is no section [nowhere]"},
		{"1.2.3 = ASN1:SEQUENCE:loop", "x.cnf:20: [loop] a: ASN1: sections are nested more than 50 deep"},
	})
}
