package certpath

import (
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/net/idna"
)

// otherKind is the OID of an otherName.
func (n generalName) otherKind() string {
	in := cryptobyte.String(n.bytes)
	var oid cryptobyte.String
	if n.tag != otherTag || !in.ReadASN1Element(&oid, cbasn1.OBJECT_IDENTIFIER) {
		return ""
	}
	return dotted(oid)
}

// isMailbox: RFC 8398's SmtpUTF8Mailbox is an email address to constraints.
func (n generalName) isMailbox() bool { return n.otherKind() == "1.3.6.1.5.5.7.8.9" }

// mailboxWithin is nc_email_eai: the base is a host in A-labels. One that begins with a dot, the end of an address, has that
// dot doubled, so that no mailbox is within it.
func mailboxWithin(other []byte, base string) (bool, verifyError) {
	in := cryptobyte.String(other)
	var value, mailbox cryptobyte.String
	isText := in.SkipASN1(cbasn1.OBJECT_IDENTIFIER) &&
		in.ReadASN1(&value, cbasn1.Tag(0).Constructed().ContextSpecific()) && value.ReadASN1(&mailbox, cbasn1.UTF8String)
	_, host, isAddress := cutLast(string(mailbox), "@")
	if strings.Contains(base, "\x00") || !isText || !isAddress {
		return false, unsupportedNameSyntax
	}
	unicode, err := idna.Punycode.ToUnicode(base)
	switch {
	case err != nil:
		return false, unspecified
	case strings.HasPrefix(base, "."):
		end := "." + unicode
		return len(mailbox) > len(end) && foldEqual(string(mailbox[len(mailbox)-len(end):]), end), 0
	}
	return foldEqual(host, unicode), 0
}
