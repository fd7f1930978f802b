package stub

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/milvus-io/milvus-proto/go-api/v2/commonpb"
	"github.com/milvus-io/milvus-proto/go-api/v2/milvuspb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// version is what the proxy says it is; SDKs refuse servers that are too old for them.
const version = "v2.6.2"

// proxy answers what the SDKs ask when they connect.
type proxy struct {
	milvuspb.UnimplementedMilvusServiceServer
}

func success() *commonpb.Status { return &commonpb.Status{} }

func (proxy) Connect(context.Context, *milvuspb.ConnectRequest) (*milvuspb.ConnectResponse, error) {
	return &milvuspb.ConnectResponse{
		Status:     success(),
		ServerInfo: &commonpb.ServerInfo{BuildTags: version, DeployMode: "STANDALONE"},
		Identifier: 1,
	}, nil
}

func (proxy) GetVersion(context.Context, *milvuspb.GetVersionRequest) (*milvuspb.GetVersionResponse, error) {
	return &milvuspb.GetVersionResponse{Status: success(), Version: version}, nil
}

func (proxy) CheckHealth(context.Context, *milvuspb.CheckHealthRequest) (*milvuspb.CheckHealthResponse, error) {
	return &milvuspb.CheckHealthResponse{Status: success(), IsHealthy: true}, nil
}

func (proxy) ShowCollections(context.Context, *milvuspb.ShowCollectionsRequest) (*milvuspb.ShowCollectionsResponse, error) {
	return &milvuspb.ShowCollectionsResponse{Status: success()}, nil
}

// interceptors are what Milvus does before it answers: where users are asked for, nothing is answered without one, be it the
// version (internal/proxy/authentication_interceptor.go).
func (c Config) interceptors() []grpc.ServerOption {
	if !c.Auth {
		return nil
	}
	return []grpc.ServerOption{grpc.UnaryInterceptor(func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
		return nil, status.Error(codes.Unauthenticated, "missing authorization in header")
	})}
}

// restHandler is the one path of the REST interface that the documentation calls.
func (c Config) restHandler() http.Handler {
	code, answer := http.StatusOK, map[string]any{"code": 0, "data": []string{}}
	if c.Auth {
		code, answer = http.StatusUnauthorized, map[string]any{"code": 1800, "message": "user hasn't authenticated"}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/v2/vectordb/collections/list", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(answer)
	})
	return mux
}
