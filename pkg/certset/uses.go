package certset

import (
	"crypto/x509/pkix"
	"encoding/asn1"
)

// Uses is what extensions let a key be used for, RFC 5280, 4.2.1.3, 4.2.1.9 and 4.2.1.12, and the identifiers of keys. What
// cannot be read is left out.
type Uses struct {
	KeyUsage    []string // such as "digitalSignature"
	ExtKeyUsage []asn1.ObjectIdentifier
	CA          *bool // nil without basicConstraints
	PathLen     *int  // the CAs that may stand below; nil where no number is given
	KeyID       []byte
	IssuerKeyID []byte

	read map[string]bool // by OID
}

// Uses reads the uses of the certificate.
func (c *Certificate) Uses() Uses { return usesOf(c.Extensions) }

// Uses reads the uses that the request asks for.
func (r *Request) Uses() Uses { return usesOf(r.Extensions) }

// keyUsageNames by bit, RFC 5280, 4.2.1.3.
var keyUsageNames = [...]string{
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
	"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
}

// useReaders read extensions by OID.
var useReaders = map[string]func(*Uses, []byte) error{
	"2.5.29.14": func(u *Uses, der []byte) error { return unmarshal(der, &u.KeyID) },
	"2.5.29.15": readKeyUsage,
	"2.5.29.19": readBasicConstraints,
	"2.5.29.35": readIssuerKeyID,
	"2.5.29.37": func(u *Uses, der []byte) error { return unmarshal(der, &u.ExtKeyUsage) },
}

// Tell reports whether the uses, or else Names, hold all that an extension of that kind says.
func (u Uses) Tell(id asn1.ObjectIdentifier) bool {
	return u.read[id.String()] || id.Equal(oidSubjectAltName)
}

func usesOf(extensions []pkix.Extension) Uses {
	u := Uses{read: map[string]bool{}}
	for _, e := range extensions {
		id := e.Id.String()
		if read, ok := useReaders[id]; ok {
			u.read[id] = read(&u, e.Value) == nil
		}
	}
	return u
}

func readKeyUsage(u *Uses, der []byte) error {
	var bits asn1.BitString
	if err := unmarshal(der, &bits); err != nil {
		return err
	}
	for n, name := range keyUsageNames {
		if bits.At(n) != 0 {
			u.KeyUsage = append(u.KeyUsage, name)
		}
	}
	return nil
}

func readBasicConstraints(u *Uses, der []byte) error {
	var constraints struct {
		CA      bool `asn1:"optional"`
		PathLen int  `asn1:"optional,default:-1"`
	}
	if err := unmarshal(der, &constraints); err != nil {
		return err
	}
	u.CA = &constraints.CA
	if constraints.PathLen >= 0 {
		u.PathLen = &constraints.PathLen
	}
	return nil
}

// readIssuerKeyID leaves out the issuer's name and number, which the certificate has besides.
func readIssuerKeyID(u *Uses, der []byte) error {
	var identifier struct {
		KeyID  []byte        `asn1:"optional,tag:0"`
		Issuer asn1.RawValue `asn1:"optional,tag:1"`
		Serial asn1.RawValue `asn1:"optional,tag:2"`
	}
	err := unmarshal(der, &identifier)
	if err == nil {
		u.IssuerKeyID = identifier.KeyID
	}
	return err
}
