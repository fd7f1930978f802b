package stub

import (
	"context"
	"encoding/base64"
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

// authFailure is what Milvus says, internal/proxy/authentication_interceptor.go.
const authFailure = "auth check failure, please check username and password are correct"

// check is the interceptor of gRPC: every call has to carry the user.
func (u User) check(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	sent := metadata.ValueFromIncomingContext(ctx, "authorization")
	if u != "" && !slices.Contains(sent, base64.StdEncoding.EncodeToString([]byte(u))) {
		return nil, status.Error(codes.Unauthenticated, authFailure)
	}
	return handle(ctx, request)
}

// guard is the same for REST.
func (u User) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u != "" && r.Header.Get("Authorization") != "Bearer "+string(u) {
			http.Error(w, authFailure, http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
