package clients

import (
	"crypto/ed25519"
	"fmt"
	"strings"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/certset"
)

// The IDs of Milvus itself and of its components among themselves.
const (
	MilvusID   = "milvus"
	InternalID = "internal"
)

// All returns the clients, in the order in which reports have them.
func All() []Client {
	docs := []Way{RootServer, RootCA, TwoWay}
	return []Client{
		{MilvusID, "Milvus", "whether it starts, and in two-way mode takes client.pem", "internal/distributed/proxy/service.go, Milvus 2.6; crypto/tls", false, docs, serve},
		{InternalID, "Milvus internal TLS", "the components of Milvus among themselves", "internal/util/grpcclient, Milvus 2.6; crypto/tls", true, []Way{Internal}, connectInternally},
		{"pymilvus", "pymilvus", "gRPC C-core as PyPI has it, which takes no Ed25519", "src/core/tsi/ssl_transport_security.cc, gRPC 1.51; measured", true, docs, pymilvus.connect},
		{"go", "Go SDK", "github.com/milvus-io/milvus/client/v2", "crypto/x509 and crypto/tls, asked themselves", true, docs, goSDK.connect},
		{"node", "Node SDK", "@zilliz/milvus2-sdk-node", "lib/tls.js of Node 20 and OpenSSL 3.0; measured", true, docs, node.connect},
		{"java", "Java SDK", "which verifies with JSSE", "sun.security.validator and sun.security.util of JDK 17; measured", true, docs, java.connect},
		{"curl", "curl", "with OpenSSL", "lib/vtls of curl 7.88 and OpenSSL 3.0; measured", true, docs, curl.connect},
		{"python", "Python 3.13", "ssl.create_default_context of Python 3.13 and later", "Lib/ssl.py of Python 3.13 and OpenSSL 3.0; measured", true, docs, python.connect},
		{"requests", "requests", "the same with urllib3 2, which takes no CommonName", "urllib3 2, util/ssl_.py; measured", true, docs, requests.connect},
		{"openssl", "openssl s_client", "with -x509_strict, and -cert_chain for what is behind the leaf", "crypto/x509/x509_vfy.c of OpenSSL 3.0; measured", true, docs, openssl.connect},
	}
}

// debianLevel is the security level of Debian's and Ubuntu's OpenSSL, and of Python; Node's own build has the default of 1.
const (
	debianLevel = 2
	nodeLevel   = 1
)

var goSDK = library{
	roots:        rootsGo,
	load:         loadGo,
	verify:       certpath.Go,
	alert:        goAlert,
	onlyNamedCAs: true,
	says: map[situation]phrase{
		loadingOwn:   {shown: "%s"},
		verifying:    {"context deadline exceeded", "%s"},
		naming:       {"context deadline exceeded", "%s"},
		alertedEarly: {"context deadline exceeded", "remote error: tls: %s"},
		alerted:      {"context deadline exceeded", "remote error: tls: %s"},
	},
}

const pymilvusShows = "Fail connecting to server on {host}:{port}, illegal connection params or server unavailable"

var pymilvus = library{
	roots:   rootsOpenSSL,
	load:    openSSLLoader{level: debianLevel, lax: true, aborts: true}.load,
	verify:  certpath.OpenSSL{PartialChain: true, SecurityLevel: debianLevel}.Refusals,
	matches: matchGRPC,
	mismatch: func(_ certpath.Identity, host string) string {
		return "Peer name " + host + " is not in peer certificate"
	},
	alert:    opensslAlert,
	sendsDot: true,
	unusable: unusableInBoringSSL,
	says: map[situation]phrase{
		readingRoot:  {pymilvusShows, "empty address list"},
		loadingOwn:   {pymilvusShows, "empty address list"},
		aborting:     {"Aborted", "assertion failed: pem_key_cert_pair->%s != nullptr"},
		verifying:    {pymilvusShows, "Ssl handshake failed: SSL_ERROR_SSL"},
		naming:       {pymilvusShows, "%s"},
		alertedEarly: {pymilvusShows, "Ssl handshake failed: SSL_ERROR_SSL: error:…:SSL routines::%s"},
		alerted:      {pymilvusShows, "Endpoint read failed"},
	},
}

const nodeShows = "14 UNAVAILABLE: No connection established. Last error: "

var node = library{
	roots:    rootsOpenSSL,
	load:     openSSLLoader{level: nodeLevel}.load,
	verify:   certpath.OpenSSL{SecurityLevel: nodeLevel}.Refusals,
	lastSaid: true,
	matches:  matchNode,
	mismatch: mismatchNode,
	alert:    opensslAlert,
	sendsDot: true,
	says: map[situation]phrase{
		readingRoot:  {shown: nodeShows + "Error: unable to verify the first certificate"},
		loadingOwn:   {shown: "error:…::%s"},
		verifying:    {shown: nodeShows + "Error: %s"},
		naming:       {shown: nodeShows + "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: %s"},
		alertedEarly: {shown: nodeShows + "…%s"},
		alerted:      {shown: nodeShows + "…%s"},
	},
}

func mismatchNode(id certpath.Identity, host string) string {
	switch {
	case isAddress(host):
		return "IP: " + host + " is not in the cert's list: "
	case len(id.DNS) > 0:
		return "Host: " + host + ". is not in the cert's altnames: "
	case len(id.CommonNames) > 0:
		return "Host: " + host + ". is not cert's CN: " + strings.Join(id.CommonNames, ",")
	}
	return "Cert does not contain a DNS name"
}

var java = library{
	roots:        rootsJSSE,
	load:         loadJSSE,
	verify:       certpath.JSSE,
	matches:      matchJSSE,
	mismatch:     mismatchJSSE,
	alert:        jsseAlert,
	onlyNamedCAs: true,
	says: map[situation]phrase{
		readingRoot:  {shown: "java.security.cert.Certificate…: %s"},
		loadingOwn:   {shown: "%s"},
		verifying:    {shown: "javax.net.ssl.SSLHandshakeException: %s"},
		naming:       {shown: "javax.net.ssl.SSLHandshakeException: %s"},
		alertedEarly: {shown: "javax.net.ssl.SSLHandshakeException: Received fatal alert: %s"},
		alerted:      {shown: "javax.net.ssl.SSLHandshakeException: Received fatal alert: %s"},
	},
}

func mismatchJSSE(id certpath.Identity, host string) string {
	host = strings.TrimSuffix(host, ".")
	switch {
	case !isAddress(host) && illegalForJSSE(host):
		return "Illegal given domain name: " + host
	case isAddress(host) && len(id.DNS)+len(id.Addresses)+len(id.Emails)+len(id.URIs) == 0:
		return "No subject alternative names present"
	case isAddress(host):
		return "No subject alternative names matching IP address " + host + " found"
	case len(id.DNS) > 0:
		return "No subject alternative DNS name matching " + host + " found."
	}
	return "No name matching " + host + " found"
}

var curl = library{
	roots:    rootsOpenSSL,
	load:     openSSLLoader{level: debianLevel}.load,
	verify:   certpath.OpenSSL{PartialChain: true, SecurityLevel: debianLevel}.Refusals,
	matches:  matchCurl,
	mismatch: mismatchCurl,
	alert:    opensslAlert,
	says: map[situation]phrase{
		readingRoot:  {shown: "curl: (77) error setting certificate file"},
		loadingOwn:   {shown: "curl: (58) …"},
		verifying:    {shown: "curl: (60) SSL certificate problem: %s"},
		signatures:   {shown: "curl: (35) OpenSSL/…: error:06880006:asn1 encoding routines::EVP lib"},
		naming:       {shown: "curl: (60) SSL: %s"},
		alertedEarly: {shown: "curl: (35) OpenSSL/…: error:…:SSL routines::%s"},
		alerted:      {shown: "curl: (56) OpenSSL SSL_read: OpenSSL/…: error:…:SSL routines::%s"},
	},
}

func mismatchCurl(id certpath.Identity, host string) string {
	if len(id.DNS)+len(id.Addresses) > 0 {
		return "no alternative certificate subject name matches target host name '" + host + "'"
	}
	if len(id.CommonNames) == 0 {
		return "unable to obtain common name from peer certificate"
	}
	return fmt.Sprintf("certificate subject name '%s' does not match target host name '%s'", id.CommonNames[len(id.CommonNames)-1], host)
}

var pythonSays = map[situation]phrase{
	readingRoot:  {shown: "[X509…"},
	loadingOwn:   {shown: "[…"},
	weakOwn:      {shown: "[SSL: …] %s"},
	verifying:    {shown: "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: %s"},
	naming:       {shown: "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: %s, certificate is not valid for '{host}'."},
	alertedEarly: {shown: "[SSL: …] %s"},
	alerted:      {shown: "[SSL: …] %s"},
}

func pythonWith(commonName bool) library {
	verifier := certpath.OpenSSL{Strict: true, PartialChain: true, SecurityLevel: debianLevel, NeverCommonName: !commonName}
	verifier.Host = certpath.OpenSSLHost(commonName, false)
	return library{
		roots: rootsOpenSSL, load: openSSLLoader{level: debianLevel}.load, verify: verifier.Refusals, mismatch: mismatchPython, alert: opensslAlert, sendsDot: true, says: pythonSays,
	}
}

func mismatchPython(_ certpath.Identity, host string) string {
	if isAddress(host) {
		return "IP address mismatch"
	}
	return "Hostname mismatch"
}

var (
	python   = pythonWith(true)
	requests = pythonWith(false)
)

var openssl = library{
	roots:    rootsOpenSSL,
	load:     openSSLLoader{level: debianLevel, der: true}.load,
	verify:   numbered(certpath.OpenSSL{Strict: true, SecurityLevel: debianLevel, Host: certpath.OpenSSLHost(true, true)}.Refusals),
	alert:    opensslAlert,
	sendsDot: true,
	says: map[situation]phrase{
		readingRoot:  {shown: "error:…"},
		loadingOwn:   {shown: "…"},
		weakOwn:      {shown: "error setting certificate"},
		verifying:    {shown: "verify error:num=%s"},
		alertedEarly: {shown: "error:…:%s"},
		alerted:      {shown: "error:…:%s"},
	},
}

// numbered puts OpenSSL's number before its words, as s_client does.
func numbered(verify func(certpath.Path) []certpath.Refusal) func(certpath.Path) []certpath.Refusal {
	return func(p certpath.Path) []certpath.Refusal {
		refusals := verify(p)
		for i := range refusals {
			refusals[i].Text = fmt.Sprintf("%d:%s", refusals[i].Number, refusals[i].Text)
		}
		return refusals
	}
}

// unusableInBoringSSL: PyPI's grpcio is built on BoringSSL, whose kVerifySignatureAlgorithms has no Ed25519 (read, not run;
// Debian's, on OpenSSL, takes it).
func unusableInBoringSSL(c *certset.Certificate) string {
	if key, err := c.PublicKey(); err == nil {
		if _, ok := key.(ed25519.PublicKey); ok {
			return "Ed25519, which BoringSSL does not verify"
		}
	}
	return ""
}
