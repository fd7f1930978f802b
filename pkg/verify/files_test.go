package verify_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/certset"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
	"github.com/milvus-certs/milvus-certs/pkg/profile"
	"github.com/milvus-certs/milvus-certs/pkg/verify"
)

// TestSoundSet: of a set with which nothing is wrong, one thing is said.
func TestSoundSet(t *testing.T) {
	r := check(input(t, newSet(t, "", profile.Asked{})))
	assert.True(t, r.OK)
	assert.Empty(t, found(r))
	assert.Len(t, r.Findings, 1)
	assert.Equal(t, "server.pem: no root for these clients, who take none but one that is signed by itself: refused by Node SDK, openssl s_client", r.Findings[0].Sentence())
	assert.Equal(t, "have them trust ca.pem instead", r.Findings[0].WayOut)
}

// modes are the modes of Milvus as --mode has them.
var (
	modeOne = ways(clients.RootServer, clients.RootCA)
	modeTwo = ways(clients.TwoWay)
)

// notGo are those that say of a root why they cannot read it. Go passes over it, and then trusts nobody.
const (
	notGo          = "pymilvus, Node SDK, Java SDK, curl, " + strict
	goTrustsNobody = "advice unknown-issuer server.pem: there is no path from it to a root that is trusted: refused by Go SDK"
)

// TestMissing: which files Milvus and its clients need, in which mode.
func TestMissing(t *testing.T) {
	set := input(t, newSet(t, "", profile.Asked{}))
	const notChecked, failure = "not-checked missing ", "failure missing "
	for _, tc := range []struct {
		file           string
		one, two, both string
	}{
		{caKey, notChecked, notChecked, notChecked},
		{caSerial, notChecked, notChecked, notChecked},
		{serverCSR, notChecked, notChecked, notChecked},
		{clientCSR, notChecked, notChecked, notChecked},
		{clientPEM, notChecked, failure, failure},
		{clientKey, notChecked, failure, failure},
		{caPEM, failure, failure, failure},
		{serverPEM, failure, failure, failure},
		{serverKey, failure, failure, failure},
	} {
		t.Run(tc.file, func(t *testing.T) {
			in := put(set, tc.file, nil)
			for name, mode := range map[string]struct {
				only func(*verify.Options)
				want string
			}{"1": {modeOne, tc.one}, "2": {modeTwo, tc.two}, "both": {ways(), tc.both}} {
				r := check(in, mode.only)
				lines := slices.DeleteFunc(found(r), func(line string) bool { return line == goTrustsNobody })
				if assert.Len(t, lines, 1, name) {
					assert.Contains(t, lines[0], mode.want+tc.file+": is missing", name)
				}
				assert.Equal(t, mode.want == notChecked, r.OK, name)
			}
		})
	}
}

// TestMissingPairs: several files that are missing are each said, and no file is said to be bad for want of another.
func TestMissingPairs(t *testing.T) {
	set := input(t, newSet(t, "", profile.Asked{}))
	assert.Equal(t, []string{
		"not-checked missing ca.key: is missing", "not-checked missing ca.srl: is missing", "not-checked missing server.csr: is missing",
		"not-checked missing client.key: is missing", "not-checked missing client.csr: is missing", "not-checked missing client.pem: is missing",
	}, found(check(verify.Input{Files: map[string]certset.File{caPEM: set.Files[caPEM], serverPEM: set.Files[serverPEM], serverKey: set.Files[serverKey]}}, modeOne)))
	assert.False(t, check(verify.Input{}).OK)
}

// TestContent: a file that is something else, and what reading it says. Nothing that follows from it is said besides.
func TestContent(t *testing.T) {
	set := newSet(t, "", profile.Asked{})
	in := input(t, set)
	data := func(name string) []byte { return in.Files[name].Data }
	text := func(name string) []byte { return append([]byte("a note\n"), data(name)...) }
	for _, tc := range []struct {
		name, file string
		data       []byte
		want       []string
	}{
		{"empty", serverPEM, []byte{}, []string{"failure unreadable server.pem: the file is empty: refused by Milvus"}},
		{"empty", clientKey, []byte{}, []string{"failure unreadable client.key: the file is empty: refused by every client"}},
		{"empty", caPEM, []byte("\n"), []string{"failure unreadable ca.pem: the file is empty: refused by every client"}},
		{"empty", caSerial, []byte{}, []string{"failure unreadable ca.srl: wanted a hexadecimal serial number, two digits an octet, found an empty file"}},
		{"request", serverPEM, data(serverCSR), []string{"failure unreadable server.pem: wanted a certificate, found a certification request (-----BEGIN CERTIFICATE REQUEST-----): refused by Milvus"}},
		{"certificate", serverKey, data(serverPEM), []string{"failure unreadable server.key: wanted a private key, found a certificate (-----BEGIN CERTIFICATE-----): refused by Milvus"}},
		{"certificate", clientCSR, data(clientPEM), []string{"failure unreadable client.csr: wanted a certification request, found a certificate (-----BEGIN CERTIFICATE-----)"}},
		{"DER", clientPEM, derOf(data(clientPEM)), []string{"failure unreadable client.pem: wanted PEM (-----BEGIN CERTIFICATE-----), found DER of a certificate; convert it: openssl x509 -inform DER -in client.pem -out client.pem: refused by Milvus, pymilvus, Go SDK, Node SDK, Java SDK, curl, Python 3.13, requests"}},
		{"cut short", serverCSR, data(serverCSR)[:100], []string{`failure unreadable server.csr: the file is cut short: the block "CERTIFICATE REQUEST" in line 1 has no -----END`}},
		{"key beside it", serverPEM, append(bytes.Clone(data(serverPEM)), data(serverKey)...), []string{"failure unreadable server.pem: block 2 is a private key, which does not belong into a file that is given away; take it out"}},
		{"text before", serverPEM, text(serverPEM), []string{"advice content server.pem: text before the first block, which is passed over"}},
		{"twice", caPEM, append(bytes.Clone(data(caPEM)), data(caPEM)...), []string{"advice content ca.pem: certificate 2 is certificate 1 once more"}},
		{"PKCS#12", serverKey, testFile(t, "pkcs12.pfx"), []string{"failure unreadable server.key: wanted PEM (-----BEGIN PRIVATE KEY-----), found PKCS#12 (.pfx, .p12); openssl pkcs12 -in server.key -nodes -out NEW takes it apart: refused by Milvus"}},
	} {
		t.Run(tc.name+" "+tc.file, func(t *testing.T) {
			assert.Equal(t, tc.want, found(check(put(in, tc.file, tc.data))))
		})
	}
}

// TestUnread: a file that the disk does not give up is said in the words of the disk.
func TestUnread(t *testing.T) {
	in := put(input(t, newSet(t, "", profile.Asked{})), serverKey, nil)
	in.Errors = map[string]error{serverKey: errors.New("permission denied")}
	assert.Equal(t, []string{"failure unreadable server.key: permission denied: refused by Milvus"}, found(check(in)))
}

// TestEncrypted: a CA's key may be, for nobody reads it but who signs; the others are of no use so.
func TestEncrypted(t *testing.T) {
	in := input(t, newSet(t, "", profile.Asked{}))
	for _, form := range []string{"encrypted-pkcs8.key", "encrypted-traditional.key"} {
		for file, want := range map[string]string{
			caKey:     "not-checked encrypted ca.key: is encrypted, so whether it is the key of ca.pem is not checked",
			serverKey: "failure encrypted server.key: is encrypted, and nobody gives Milvus the pass phrase: refused by Milvus",
			clientKey: "failure encrypted client.key: is encrypted, and nobody gives the clients the pass phrase: refused by every client",
		} {
			t.Run(file+" "+form, func(t *testing.T) {
				r := check(put(in, file, testFile(t, form)))
				assert.Equal(t, []string{want}, found(r))
				assert.Equal(t, file == caKey, r.OK)
			})
		}
	}
}

// TestInterrupted: what a command left is said, and is no failure.
func TestInterrupted(t *testing.T) {
	in := input(t, newSet(t, "", profile.Asked{}))
	in.Interrupted = true
	r := check(in)
	assert.Equal(t, []string{"warning interrupted a command was interrupted while it changed this set, or is at work"}, found(r))
	assert.True(t, r.OK)
}

// mismatch is files put in place of those of a set, and what is found then.
type mismatch struct {
	name  string
	files map[string][]byte
	want  []string
}

// TestMismatches: files that do not belong together. What clients say of the same fault is said with it.
func TestMismatches(t *testing.T) {
	set, other := input(t, newSet(t, "", profile.Asked{})), input(t, newSet(t, "", profile.Asked{}))
	renamed := input(t, newSet(t, "", profile.Asked{CACommonName: flag("another CA")}))
	for _, tc := range mismatches(set, other, renamed) {
		t.Run(tc.name, func(t *testing.T) {
			in := set
			for name, data := range tc.files {
				in = put(in, name, data)
			}
			assert.Equal(t, tc.want, found(check(in)))
		})
	}
}

func mismatches(set, other, renamed verify.Input) []mismatch {
	const (
		otherCAKey  = "failure key ca.key: is not the key of ca.pem"
		otherServer = "failure key server.key: is not the key of server.pem: refused by Milvus"
		badServer   = "failure bad-signature server.pem: does not chain to ca.pem: the signature is not that key's: refused by "
		badClient   = "failure bad-signature client.pem: does not chain to ca.pem: the signature is not that key's: refused by Milvus"
		otherIssuer = ": does not chain to ca.pem: its issuer is not the subject of the CA certificate"
		requestOf   = ": is for another key than "
	)
	return []mismatch{
		{"leaves' keys swapped", map[string][]byte{serverKey: set.Files[clientKey].Data, clientKey: set.Files[serverKey].Data},
			[]string{"failure key server.key: is the key of client.pem, not of server.pem: refused by Milvus", "failure key client.key: is the key of server.pem, not of client.pem"}},
		{"server's key of another", map[string][]byte{serverKey: other.Files[serverKey].Data}, []string{otherServer}},
		{"client's key of another", map[string][]byte{clientKey: other.Files[clientKey].Data}, []string{"failure key client.key: is not the key of client.pem: refused by every client"}},
		{"CA's key of another", map[string][]byte{caKey: other.Files[caKey].Data}, []string{otherCAKey}},
		{"request of another", map[string][]byte{serverCSR: other.Files[serverCSR].Data}, []string{"failure request server.csr" + requestOf + "server.pem"}},
		{"requests swapped", map[string][]byte{serverCSR: set.Files[clientCSR].Data, clientCSR: set.Files[serverCSR].Data},
			[]string{"failure request server.csr" + requestOf + "server.pem", "failure request client.csr" + requestOf + "client.pem"}},
		{"request damaged", map[string][]byte{clientCSR: spoilt(set.Files[clientCSR].Data)}, []string{"failure request client.csr: the signature is not that key's"}},
		{"CA of the same name, which has another key identifier", map[string][]byte{caPEM: other.Files[caPEM].Data},
			[]string{otherCAKey, badServer + "every client", badClient}},
		{"CA of another name", map[string][]byte{caPEM: renamed.Files[caPEM].Data},
			[]string{otherCAKey, "failure unknown-issuer server.pem" + otherIssuer + ": refused by every client", "failure unknown-issuer client.pem" + otherIssuer + ": refused by Milvus"}},
		{"server.pem damaged", map[string][]byte{serverPEM: spoilt(set.Files[serverPEM].Data)}, []string{badServer + "every client"}},
		{"client.pem damaged", map[string][]byte{clientPEM: spoilt(set.Files[clientPEM].Data)}, []string{badClient}},
		{"ca.pem damaged, which no client looks at", map[string][]byte{caPEM: spoilt(set.Files[caPEM].Data)}, []string{"failure bad-signature ca.pem: its signature by itself is not by its key, so it was damaged"}},
		{"the client's certificate as the server's", map[string][]byte{serverPEM: set.Files[clientPEM].Data}, []string{otherServer, "failure request server.csr" + requestOf + "server.pem"}},
		{"a leaf as the CA", map[string][]byte{caPEM: set.Files[serverPEM].Data}, []string{
			"failure misplaced ca.pem: holds the certificate of server.pem, and no CA: refused by Milvus, Node SDK, openssl s_client",
		}},
	}
}

// spoilt changes the last bit, which is one of the signature.
func spoilt(data []byte) []byte {
	der := derOf(data)
	der[len(der)-1] ^= 1
	kind := "CERTIFICATE"
	if bytes.Contains(data, []byte("REQUEST")) {
		kind = "CERTIFICATE REQUEST"
	}
	return block(kind, der)
}
