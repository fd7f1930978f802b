package probe_test

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/milvus-certs/milvus-certs/pkg/probe"
)

// versionMessage is a GetVersionResponse with a status before the version, as Milvus sends it.
func versionMessage(version string) []byte {
	message := append([]byte{0x0a, 0x02, 0x08, 0x00, 0x12}, binary.AppendUvarint(nil, uint64(len(version)))...)
	message = append(message, version...)
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
}

// grpcHandler answers as a server of gRPC: without a body where it refuses.
func grpcHandler(status, version string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.URL.Path != "/milvus.proto.milvus.MilvusService/GetVersion" || r.Method != http.MethodPost || r.ProtoMajor != 2 || string(body) != "\x00\x00\x00\x00\x00":
			w.Header().Set("Grpc-Status", "13")
		case status != "0":
			w.Header().Set("Grpc-Status", status)
		default:
			w.Header().Set("Trailer", "Grpc-Status")
			_, _ = w.Write(versionMessage(version))
			w.Header().Set("Grpc-Status", status)
		}
	})
}

func restHandler(code int, answer string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v2/vectordb/collections/list" || r.Method != http.MethodPost || string(body) != "{}" {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, answer)
	})
}

// ofKind says that answers are of another kind.
func ofKind(kind string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(kindWriter{w, kind}, r) })
}

type kindWriter struct {
	http.ResponseWriter
	kind string
}

func (w kindWriter) Write(b []byte) (int, error) {
	w.Header().Set("Content-Type", w.kind)
	return w.ResponseWriter.Write(b) //nolint:wrapcheck // it is passed on
}

// answering answers so to everything but what is REST's.
func answering(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, text)
	})
}

func named(software string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", software)
		http.Error(w, "{}", http.StatusForbidden)
	})
}

// TestLateAnswer: what answers one question and not the next in time may be Milvus still.
func TestLateAnswer(t *testing.T) {
	p := newParty(t)
	handler := func(page bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/healthz" && page:
			case r.URL.Path == "/healthz":
				http.NotFound(w, r)
			default:
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			}
		})
	}
	overTLS := p.oneWay()
	overTLS.NextProtos = []string{"http/1.1"}
	for trouble, config := range map[probe.Trouble]*tls.Config{"": overTLS, probe.Plaintext: nil} {
		for _, page := range []bool{false, true} {
			t.Run(fmt.Sprintf("trouble %s, a page %v", trouble, page), func(t *testing.T) {
				t.Parallel()
				got := look(t, serveHTTP(t, handler(page), config, nil), nil, some)
				assert.Equal(t, trouble, got.Trouble)
				assert.Equal(t, probe.HTTP, got.Service)
				assert.Equal(t, !page, got.Late, "Milvus has no such page")
			})
		}
	}
}

// TestService tells what answers over TLS, and the protocols that it takes.
func TestService(t *testing.T) {
	p := newParty(t)
	both := []string{"h2", "http/1.1"}
	for _, tc := range []struct {
		name    string
		handler http.Handler
		offers  []string
		want    probe.Server
	}{
		{"gRPC", grpcHandler("0", "v2.6.2"), []string{"h2"}, probe.Server{Service: probe.GRPC, Version: "v2.6.2"}},
		{"gRPC for users", grpcHandler("16", ""), []string{"h2"}, probe.Server{Service: probe.GRPC, Auth: true}},
		{"gRPC with a version that is none", grpcHandler("0", strings.Repeat("v", 1<<20)), []string{"h2"}, probe.Server{Service: probe.OtherGRPC}},
		{"gRPC of a gateway whose Milvus is down", grpcHandler("14", ""), []string{"h2"}, probe.Server{Service: probe.OtherGRPC, Status: "14"}},
		{"gRPC without a status", grpcHandler("", ""), []string{"h2"}, probe.Server{Service: probe.OtherGRPC}},
		{"gRPC with a status that is none", grpcHandler(strings.Repeat("1", 99), ""), []string{"h2"}, probe.Server{Service: probe.OtherGRPC, Status: strings.Repeat("1", 16)}},
		{"gRPC with a long kind", ofKind("application/grpc+proto; x=y", grpcHandler("0", "v")), []string{"h2"}, probe.Server{Service: probe.GRPC, Version: "v"}},
		{"gRPC-Web", ofKind("application/grpc-web", grpcHandler("0", "v")), []string{"h2"}, probe.Server{Service: probe.HTTP}},
		{"REST", restHandler(http.StatusOK, `{"code":0,"data":[]}`), both, probe.Server{Service: probe.REST}},
		{"REST over HTTP/1.1", restHandler(http.StatusOK, `{"code":0,"data":["a"]}`), []string{"http/1.1"}, probe.Server{Service: probe.REST}},
		{"REST for users", restHandler(http.StatusOK, `{"code":1800,"message":"user hasn't authenticated"}`), both, probe.Server{Service: probe.REST, Auth: true}},
		{"REST that fails", restHandler(http.StatusInternalServerError, `{"code":1,"message":"service not ready"}`), both, probe.Server{Service: probe.REST}},
		{"a code alone", restHandler(http.StatusOK, `{"code":0}`), both, probe.Server{Service: probe.HTTP}},
		{"data of another kind", restHandler(http.StatusOK, `{"code":0,"data":{}}`), both, probe.Server{Service: probe.HTTP}},
		{"Kubernetes", restHandler(http.StatusForbidden, `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"forbidden","code":403}`), both, probe.Server{Service: probe.HTTP}},
		{"a code of HTTP", restHandler(http.StatusNotFound, `{"code":404,"message":"Not Found"}`), both, probe.Server{Service: probe.HTTP}},
		{"gRPC-Gateway", restHandler(http.StatusNotFound, `{"code":5,"message":"Not Found","details":[]}`), both, probe.Server{Service: probe.HTTP}},
		{"JSON of others", restHandler(http.StatusOK, `{"error":0}`), both, probe.Server{Service: probe.HTTP}},
		{"a code that is none", restHandler(http.StatusOK, `{"code":"ok"}`), both, probe.Server{Service: probe.HTTP}},
		{"HTTP", named("nginx"), both, probe.Server{Service: probe.HTTP, Software: "nginx"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config := p.oneWay()
			config.NextProtos = tc.offers
			got := look(t, serveHTTP(t, tc.handler, config, func(ps *http.Protocols) {
				ps.SetHTTP1(slices.Contains(tc.offers, "http/1.1"))
				ps.SetHTTP2(slices.Contains(tc.offers, "h2"))
			}), nil, plenty)
			tc.want.Address, tc.want.TLS = got.Address, got.TLS
			assert.Equal(t, &tc.want, got)
			assert.Equal(t, tc.offers, got.Protocols)
		})
	}
}
