package stub

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/milvus-io/milvus-proto/go-api/v2/commonpb"
	"github.com/milvus-io/milvus-proto/go-api/v2/milvuspb"
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

// restHandler is the one path of the REST interface that the documentation calls.
func restHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v2/vectordb/collections/list", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"code": 0, "data": []string{}})
	})
	return mux
}
