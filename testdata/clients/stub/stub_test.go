package stub_test

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/milvus-io/milvus-proto/go-api/v2/milvuspb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

func newSet(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, sets.GenSH(dir, "subjectAltName = DNS:localhost\n"))
	return dir
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return data
}

// encrypted returns a key under a pass phrase.
func encrypted(t *testing.T, dir, name string) []byte {
	t.Helper()
	out, err := exec.Command("openssl", "pkcs8", "-topk8", "-in", filepath.Join(dir, name), "-passout", "pass:milvus").Output()
	require.NoError(t, err)
	return out
}

// der returns what is within the first PEM block of a file.
func der(t *testing.T, dir, name string) []byte {
	t.Helper()
	block, _ := pem.Decode(read(t, dir, name))
	require.NotNil(t, block)
	return block.Bytes
}

// TestRefusals wants the words of Milvus where it does not start.
func TestRefusals(t *testing.T) {
	dir := newSet(t)
	for _, tc := range []struct {
		name, file string
		data       []byte // nil: no file
		mode       stub.Mode
		want       string
	}{
		{"no certificate", "server.pem", nil, stub.OneWay, "no such file or directory"},
		{"no CA", "ca.pem", nil, stub.TwoWay, "no such file or directory"},
		{"key of another", "server.key", read(t, dir, "client.key"), stub.OneWay, "tls: private key does not match public key"},
		{"empty key", "server.key", []byte{}, stub.OneWay, "tls: failed to find any PEM data in key input"},
		{"certificate as key", "server.key", read(t, dir, "server.pem"), stub.OneWay,
			"tls: found a certificate rather than a key in the PEM for the private key"},
		{"encrypted key", "server.key", encrypted(t, dir, "server.key"), stub.OneWay, "tls: failed to parse private key"},
		{"request as certificate", "server.pem", read(t, dir, "server.csr"), stub.OneWay, `tls: failed to find "CERTIFICATE" PEM block`},
		{"empty CA", "ca.pem", []byte{}, stub.TwoWay, "fail to append ca to cert"},
		{"CA as DER", "ca.pem", der(t, dir, "ca.pem"), stub.TwoWay, "fail to append ca to cert"},
		{"key as CA", "ca.pem", read(t, dir, "ca.key"), stub.TwoWay, "fail to append ca to cert"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			spoilt := t.TempDir()
			require.NoError(t, os.CopyFS(spoilt, os.DirFS(dir)))
			require.NoError(t, os.Remove(filepath.Join(spoilt, tc.file)))
			if tc.data != nil {
				require.NoError(t, os.WriteFile(filepath.Join(spoilt, tc.file), tc.data, 0o600))
			}
			assertRefusal(t, stub.Config{Dir: spoilt, Mode: tc.mode}, tc.want)
		})
	}
	t.Run("one port for both", func(t *testing.T) {
		assertRefusal(t, stub.Config{Dir: dir, Mode: stub.OneWay, SharedPort: true},
			"proxy server(http) and external grpc server share the same port, tls mode must be 0")
	})
}

func assertRefusal(t *testing.T, config stub.Config, want string) {
	t.Helper()
	_, err := stub.Start(config)
	var refusal stub.Refusal
	require.ErrorAs(t, err, &refusal)
	assert.ErrorContains(t, refusal, want)
}

// TestOneWayReadsNoCA: mode 1 starts without ca.pem.
func TestOneWayReadsNoCA(t *testing.T) {
	dir := newSet(t)
	require.NoError(t, os.Remove(filepath.Join(dir, "ca.pem")))
	start(t, dir, stub.OneWay)
}

// TestVersions: only mode 2 has a minimum version.
func TestVersions(t *testing.T) {
	dir := newSet(t)
	oneWay, twoWay := start(t, dir, stub.OneWay), start(t, dir, stub.TwoWay)
	old := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, NextProtos: []string{"h2"}}
	for _, port := range []int{oneWay.GRPC, oneWay.REST} {
		conn, err := tls.Dial("tcp", fmt.Sprintf("localhost:%d", port), old)
		require.NoError(t, err)
		assert.Equal(t, "h2", conn.ConnectionState().NegotiatedProtocol)
		assert.NoError(t, conn.Close())
	}
	for _, port := range []int{twoWay.GRPC, twoWay.REST} {
		_, err := tls.Dial("tcp", fmt.Sprintf("localhost:%d", port), old)
		assert.ErrorContains(t, err, "protocol version not supported")
	}
}

// TestREST: the REST listener answers over HTTP/1.1 and HTTP/2, by GET and by POST, as localhost and as 127.0.0.1.
func TestREST(t *testing.T) {
	server := start(t, newSet(t), stub.OneWay)
	for _, http2 := range []bool{false, true} {
		client := http.Client{Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
			ForceAttemptHTTP2: http2,
		}}
		defer client.CloseIdleConnections()
		for _, host := range []string{"localhost", "127.0.0.1"} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				request, err := http.NewRequestWithContext(t.Context(), method, fmt.Sprintf("https://%s:%d/v2/vectordb/collections/list", host, server.REST), nil)
				require.NoError(t, err)
				response, err := client.Do(request)
				require.NoError(t, err)
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				assert.JSONEq(t, `{"code": 0, "data": []}`, string(body))
				assert.Equal(t, http2, response.ProtoMajor == 2)
			}
		}
	}
}

func start(t *testing.T, dir string, mode stub.Mode) *stub.Server {
	t.Helper()
	server, err := stub.Start(stub.Config{Dir: dir, Mode: mode})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	return server
}

// TestPlain: mode 0 needs no files, and both ports answer without TLS.
func TestPlain(t *testing.T) {
	server := start(t, t.TempDir(), stub.Plain)
	response, err := http.Get(fmt.Sprintf("http://localhost:%d/v2/vectordb/collections/list", server.REST))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusOK, response.StatusCode)
	connection, err := grpc.NewClient(fmt.Sprintf("localhost:%d", server.GRPC), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer connection.Close()
	version, err := milvuspb.NewMilvusServiceClient(connection).GetVersion(t.Context(), &milvuspb.GetVersionRequest{})
	require.NoError(t, err)
	assert.NotEmpty(t, version.GetVersion())
	for _, port := range []int{server.GRPC, server.REST} {
		_, err := tls.Dial("tcp", fmt.Sprintf("localhost:%d", port), &tls.Config{InsecureSkipVerify: true})
		assert.ErrorContains(t, err, "first record does not look like a TLS handshake")
	}
}

// TestAuth: without a user nothing is answered, on neither port.
func TestAuth(t *testing.T) {
	server, err := stub.Start(stub.Config{Mode: stub.Plain, User: "root:Milvus"})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	response, err := http.Get(fmt.Sprintf("http://localhost:%d/v2/vectordb/collections/list", server.REST))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	connection, err := grpc.NewClient(fmt.Sprintf("localhost:%d", server.GRPC), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer connection.Close()
	_, err = milvuspb.NewMilvusServiceClient(connection).GetVersion(t.Context(), &milvuspb.GetVersionRequest{})
	assert.Equal(t, codes.Unauthenticated, status.Code(err))
}
