package certpath

import (
	"bytes"
	"crypto"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

func newCertificates(certs []*certset.Certificate) []*certificate {
	var out []*certificate
	for _, c := range certs {
		out = append(out, newCertificate(c))
	}
	return out
}

// fields are the parts of a certificate that certset.Certificate does not keep: RFC 5280, 4.1.
type fields struct {
	tbs                 cryptobyte.String
	number              int // of the version, from 0
	serial              cryptobyte.String
	inner, outer        cryptobyte.String // the two AlgorithmIdentifiers
	notBefore, notAfter bool              // the times are written as RFC 5280 wants them
	signature           []byte
	uniqueIDs           []cryptobyte.String // issuerUniqueID and subjectUniqueID, which hardly anyone has
}

func readFields(raw []byte) (f fields) {
	der := cryptobyte.String(raw)
	var body, tbs, version, validity, key cryptobyte.String
	var hasVersion bool
	_ = der.ReadASN1(&body, cbasn1.SEQUENCE) &&
		body.ReadASN1Element(&f.tbs, cbasn1.SEQUENCE) &&
		body.ReadASN1Element(&f.outer, cbasn1.SEQUENCE) &&
		body.ReadASN1BitStringAsBytes(&f.signature)
	element := f.tbs
	_ = element.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		tbs.ReadOptionalASN1(&version, &hasVersion, cbasn1.Tag(0).Constructed().ContextSpecific()) &&
		tbs.ReadASN1(&f.serial, cbasn1.INTEGER) &&
		tbs.ReadASN1Element(&f.inner, cbasn1.SEQUENCE) &&
		tbs.SkipASN1(cbasn1.SEQUENCE) &&
		tbs.ReadASN1(&validity, cbasn1.SEQUENCE)
	f.notBefore, f.notAfter = readTime(&validity), readTime(&validity)
	_ = hasVersion && version.ReadASN1Integer(&f.number)
	_ = tbs.SkipASN1(cbasn1.SEQUENCE) && tbs.ReadASN1(&key, cbasn1.SEQUENCE)
	for _, tag := range []cbasn1.Tag{1, 2} {
		var id cryptobyte.String
		var there bool
		if tbs.ReadOptionalASN1(&id, &there, tag.ContextSpecific()) && there {
			f.uniqueIDs = append(f.uniqueIDs, id)
		}
	}
	return f
}

// uniqueIDFailure says why Java does not read a unique identifier, a BIT STRING that counts its unused bits first; empty: it does.
// OpenSSL does not read it either, but for unused bits of nothing; Go passes over all of it.
func (f fields) uniqueIDFailure() (text string, openssl bool) {
	const most = 7
	for _, id := range f.uniqueIDs {
		switch {
		case len(id) == 0:
			return "Invalid encoding: zero length bit string", true
		case id[0] > most:
			return "Invalid number of padding bits", true
		case len(id) == 1 && id[0] > 0:
			text = "Not enough bytes in BitString"
		}
	}
	return text, false
}

// readTime tells whether a time is all digits and a Z, which X509_cmp_time wants.
func readTime(s *cryptobyte.String) bool {
	var content cryptobyte.String
	var tag cbasn1.Tag
	if !s.ReadAnyASN1(&content, &tag) {
		return false
	}
	length := len("YYMMDDHHMMSSZ")
	if tag == cbasn1.GeneralizedTime {
		length = len("YYYYMMDDHHMMSSZ")
	}
	digits := bytes.TrimLeft(content, "0123456789")
	return len(content) == length && string(digits) == "Z"
}

// version is 1 to 3.
func (f fields) version() int { return f.number + 1 }

func (f fields) algorithmsAgree() bool { return bytes.Equal(f.inner, f.outer) }

// algorithm is what is to be known of a signature algorithm.
type algorithm struct {
	key  string      // the kind of key, by the OID of its SubjectPublicKeyInfo
	hash crypto.Hash // 0: none of its own
	bits int         // of security, as OpenSSL counts them
}

// The kinds of keys.
const (
	rsaKey     = "1.2.840.113549.1.1.1"
	rsaPSSKey  = "1.2.840.113549.1.1.10"
	ecKey      = "1.2.840.10045.2.1"
	ed25519Key = "1.3.101.112"
	ed448Key   = "1.3.101.113"
)

// signatureAlgorithms by OID: which keys make them, and the bits of security of their digests, where those count from 63
// for SHA-1 up (openssl's X509_get_signature_info).
var signatureAlgorithms = map[string]algorithm{
	"1.2.840.113549.1.1.4":  {rsaKey, crypto.MD5, 39},
	"1.2.840.113549.1.1.5":  {rsaKey, crypto.SHA1, 63},
	"1.2.840.113549.1.1.14": {rsaKey, crypto.SHA224, 112},
	"1.2.840.113549.1.1.11": {rsaKey, crypto.SHA256, 128},
	"1.2.840.113549.1.1.12": {rsaKey, crypto.SHA384, 192},
	"1.2.840.113549.1.1.13": {rsaKey, crypto.SHA512, 256},
	"1.2.840.10045.4.1":     {ecKey, crypto.SHA1, 63},
	"1.2.840.10045.4.3.1":   {ecKey, crypto.SHA224, 112},
	"1.2.840.10045.4.3.2":   {ecKey, crypto.SHA256, 128},
	"1.2.840.10045.4.3.3":   {ecKey, crypto.SHA384, 192},
	"1.2.840.10045.4.3.4":   {ecKey, crypto.SHA512, 256},
	ed25519Key:              {ed25519Key, 0, 128},
	ed448Key:                {ed448Key, 0, 224},
}

// digests by OID, for RSASSA-PSS, whose parameters name one.
var digests = map[string]algorithm{
	"1.3.14.3.2.26":          {rsaPSSKey, crypto.SHA1, 63},
	"2.16.840.1.101.3.4.2.4": {rsaPSSKey, crypto.SHA224, 112},
	"2.16.840.1.101.3.4.2.1": {rsaPSSKey, crypto.SHA256, 128},
	"2.16.840.1.101.3.4.2.2": {rsaPSSKey, crypto.SHA384, 192},
	"2.16.840.1.101.3.4.2.3": {rsaPSSKey, crypto.SHA512, 256},
}

// algorithmOf reads an AlgorithmIdentifier. RSASSA-PSS without parameters is with SHA-1: RFC 4055, 3.1.
func algorithmOf(identifier cryptobyte.String) (algorithm, bool) {
	if oidOf(identifier) != rsaPSSKey {
		a, ok := signatureAlgorithms[oidOf(identifier)]
		return a, ok
	}
	var body, parameters, digest cryptobyte.String
	var stated bool
	ok := identifier.ReadASN1(&body, cbasn1.SEQUENCE) && body.SkipASN1(cbasn1.OBJECT_IDENTIFIER) &&
		body.ReadASN1(&parameters, cbasn1.SEQUENCE) && parameters.ReadOptionalASN1(&digest, &stated, cbasn1.Tag(0).Constructed().ContextSpecific())
	if !ok || !stated {
		return digests["1.3.14.3.2.26"], ok
	}
	a, ok := digests[oidOf(digest)]
	return a, ok
}

// oidOf returns the OID of an AlgorithmIdentifier.
func oidOf(identifier cryptobyte.String) string {
	var body, oid cryptobyte.String
	if !identifier.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Element(&oid, cbasn1.OBJECT_IDENTIFIER) {
		return ""
	}
	return dotted(oid)
}

// keyKind returns the OID of the kind of key.
func (c *certificate) keyKind() string {
	info := cryptobyte.String(c.PublicKeyInfo)
	var body, identifier cryptobyte.String
	_ = info.ReadASN1(&body, cbasn1.SEQUENCE) && body.ReadASN1Element(&identifier, cbasn1.SEQUENCE)
	return oidOf(identifier)
}

// keyFits is check_sig_alg_match: the subject's signature is of the kind that the issuer's key makes. A key for RSA makes
// RSASSA-PSS too.
func (c *certificate) keyFits(subject *certificate) bool {
	signature, ok := signatureAlgorithms[oidOf(subject.inner)]
	if !c.keyIsReadable() {
		return false
	}
	if oidOf(subject.inner) == rsaPSSKey {
		return c.keyKind() == rsaPSSKey || c.keyKind() == rsaKey
	}
	return ok && signature.key == c.keyKind()
}

// explicitCurve tells whether the parameters of an EC key spell its curve out: an ECParameters and not an OID.
func (c *certificate) explicitCurve() bool {
	info := cryptobyte.String(c.PublicKeyInfo)
	var body, identifier cryptobyte.String
	ok := info.ReadASN1(&body, cbasn1.SEQUENCE) && body.ReadASN1(&identifier, cbasn1.SEQUENCE) && identifier.SkipASN1(cbasn1.OBJECT_IDENTIFIER)
	return ok && c.keyKind() == ecKey && identifier.PeekASN1Tag(cbasn1.SEQUENCE)
}
