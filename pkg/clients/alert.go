package clients

import (
	"cmp"
	"crypto/tls"
	"strconv"
	"strings"
)

// alert is the number of a TLS alert (RFC 8446, 6.2), by which Milvus tells a client that it does not take its
// certificate, and no more.
type alert int

const (
	handshakeFailure    alert = 40
	badCertificate      alert = 42
	certificateExpired  alert = 45
	unknownCA           alert = 48
	decodeError         alert = 50
	decryptError        alert = 51
	certificateRequired alert = 116
)

// alertTexts are the words of the libraries: crypto/tls, OpenSSL 3.0 and JSSE.
var alertTexts = map[alert]struct{ golang, openssl, jsse string }{
	handshakeFailure:    {"handshake failure", "sslv3 alert handshake failure", "handshake_failure"},
	badCertificate:      {"bad certificate", "sslv3 alert bad certificate", "bad_certificate"},
	certificateExpired:  {"expired certificate", "sslv3 alert certificate expired", "certificate_expired"},
	unknownCA:           {"unknown certificate authority", "tlsv1 alert unknown ca", "unknown_ca"},
	decodeError:         {"error decoding message", "tlsv1 alert decode error", "decode_error"},
	decryptError:        {"error decrypting message", "tlsv1 alert decrypt error", "decrypt_error"},
	certificateRequired: {"certificate required", "tlsv13 alert certificate required", "certificate_required"},
}

// unknownAlert stands for the words for an alert that is not in the table.
const unknownAlert = "…"

func goAlert(a alert) string      { return cmp.Or(alertTexts[a].golang, unknownAlert) }
func opensslAlert(a alert) string { return cmp.Or(alertTexts[a].openssl, unknownAlert) }
func jsseAlert(a alert) string    { return cmp.Or(alertTexts[a].jsse, unknownAlert) }

// String is what was seen of an alert, or of none.
func (a alert) String() string {
	if a == 0 {
		return "it ends the connection without an alert"
	}
	return "alert " + strconv.Itoa(int(a)) + ", " + strings.TrimPrefix(tls.AlertError(a).Error(), "tls: ") //nolint:gosec // alerts are bytes
}
