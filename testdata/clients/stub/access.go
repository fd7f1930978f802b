package stub

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// User is the user name and password that a proxy with common.security.authorizationEnabled wants to see, "name:password".
// The zero value stands for one without.
type User string

// What Milvus says, internal/proxy/authentication_interceptor.go and internal/distributed/proxy/httpserver, Milvus 2.6.
const (
	noUser      = "missing authorization in header"
	wrongUser   = "auth check failure, please check username and password are correct"
	restRefusal = `{"code":1800,"message":"user hasn't authenticated"}`
)

// check is the interceptor of gRPC: every call has to carry the user.
func (u User) check(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	sent := metadata.ValueFromIncomingContext(ctx, "authorization")
	switch {
	case u == "" || slices.Contains(sent, base64.StdEncoding.EncodeToString([]byte(u))):
		return handle(ctx, request)
	case len(sent) == 0:
		return nil, status.Error(codes.Unauthenticated, noUser)
	}
	return nil, status.Error(codes.Unauthenticated, wrongUser)
}

// guard is the same for REST.
func (u User) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u != "" && r.Header.Get("Authorization") != "Bearer "+string(u) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, restRefusal)
			return
		}
		next.ServeHTTP(w, r)
	})
}
