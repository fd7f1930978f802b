package peer_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
	"github.com/milvus-certs/milvus-certs/testdata/clients/sets"
	"github.com/milvus-certs/milvus-certs/testdata/clients/stub"
)

// TestServerName: every client can be told the name that the certificate has to be for, and says no to another, to another
// CA, and to Milvus in two-way mode without a certificate of its own. Otherwise a table of outcomes would measure nothing.
func TestServerName(t *testing.T) {
	program, err := sets.Build(filepath.Join("..", "..", ".."), t.TempDir())
	require.NoError(t, err)
	dir, other := t.TempDir(), t.TempDir()
	for _, d := range []string{dir, other} {
		require.NoError(t, program.Init(d, "--common-name", "db.example.com", "--key-type", "ec-p256"))
	}
	oneWay, twoWay := start(t, dir, stub.OneWay), start(t, dir, stub.TwoWay)
	ca, cert, key := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")
	for _, c := range peer.Installed(t, "..") {
		t.Run(c.Name, func(t *testing.T) {
			jobs := []peer.Job{
				{Port: port(c, oneWay), ServerName: "db.example.com", Root: ca},
				{Port: port(c, twoWay), ServerName: "db.example.com", Root: ca, Cert: cert, Key: key},
				{Port: port(c, oneWay), ServerName: "other.example.com", Root: ca},
				{Port: port(c, oneWay), ServerName: "db.example.com", Root: filepath.Join(other, "ca.pem")},
				{Port: port(c, twoWay), ServerName: "db.example.com", Root: ca},
			}
			for i := range jobs {
				jobs[i].Host = "127.0.0.1"
			}
			outcomes, err := c.Run(t.Context(), jobs)
			require.NoError(t, err)
			for i, want := range []bool{true, true, false, false, false} {
				assert.Equal(t, want, outcomes[i].OK, "%+v: %+v", jobs[i], outcomes[i])
				assert.Equal(t, want, outcomes[i].Reason() == "", "%+v: %+v", jobs[i], outcomes[i])
			}
		})
	}
}

func start(t *testing.T, dir string, mode stub.Mode) *stub.Server {
	t.Helper()
	server, err := stub.Start(stub.Config{Dir: dir, Mode: mode})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	return server
}

func port(c peer.Client, s *stub.Server) int {
	if c.Speaks == peer.REST {
		return s.REST
	}
	return s.GRPC
}
