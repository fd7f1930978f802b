package peer

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const goModule = "github.com/milvus-io/milvus/client/v2"

func goSDK() Client {
	return Client{"Go SDK", GRPC, goVersion, each(waiting, runGo)}
}

// goVersion asks go, for the binary of a test does not list its modules.
func goVersion() (string, error) {
	version, err := printed("go", "list", "-m", goModule)()
	return version + ", " + runtime.Version(), err
}

// waiting is how many connections the SDK makes at a time: most are refusals, and cost time but no work.
const waiting = 64

// impatience is how long the SDK, which takes a refusal for a reason to try again, is left at it.
const impatience = 2 * time.Second

// runGo connects, and again with more time where neither an answer nor a reason came: the machine may be busy.
func runGo(ctx context.Context, j Job) (Outcome, error) {
	for _, patience := range []time.Duration{impatience, patience} {
		outcome, err := connectGo(ctx, j, patience)
		if err != nil || outcome.OK || !strings.HasSuffix(outcome.Reason(), context.DeadlineExceeded.Error()) {
			return outcome, err
		}
	}
	return Outcome{}, context.DeadlineExceeded
}

func connectGo(ctx context.Context, j Job, patience time.Duration) (Outcome, error) {
	config, err := goConfig(j)
	if err != nil {
		// A user of the SDK writes this part, and sees what crypto/tls says.
		return Outcome{Shown: err.Error(), Cause: err.Error()}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	witness := &witness{TransportCredentials: credentials.NewTLS(config), cause: &cause{}}
	if j.Plaintext {
		witness.TransportCredentials = insecure.NewCredentials()
	}
	options := append([]grpc.DialOption{grpc.WithTransportCredentials(witness)}, milvusclient.DefaultGrpcOpts...)
	if j.Told {
		options = append(options, grpc.WithReturnConnectionError()) //nolint:staticcheck // deprecated, and the way to the cause with this SDK, which blocks
	}
	client, err := milvusclient.New(ctx, &milvusclient.ClientConfig{
		Address:     net.JoinHostPort(j.Host, strconv.Itoa(j.Port)),
		APIKey:      j.User,
		DialOptions: options,
	})
	if err == nil {
		_, err = client.ListCollections(ctx, milvusclient.NewListCollectionOption())
		_ = client.Close(ctx)
	}
	if err != nil {
		return Outcome{Shown: err.Error(), Cause: cmp.Or(witness.text(), refused(err))}, nil
	}
	return Outcome{OK: true}, nil
}

// refused is what Milvus says of a call, if so.
func refused(err error) string {
	if s, ok := status.FromError(err); ok && s.Code() == codes.Unauthenticated {
		return err.Error()
	}
	return ""
}

// goConfig is the tls.Config that a user of the SDK hands over.
func goConfig(j Job) (*tls.Config, error) {
	config := &tls.Config{ServerName: j.ServerName}
	if j.TLS12 {
		config.MaxVersion = tls.VersionTLS12
	}
	if j.Root != "" {
		data, err := os.ReadFile(j.Root)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(data)
	}
	if j.Cert != "" {
		pair, err := tls.LoadX509KeyPair(j.Cert, j.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// witness notes what ends a connection; the SDK only ever says that its deadline is exceeded.
type witness struct {
	credentials.TransportCredentials
	*cause
}

func (w *witness) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := w.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if err != nil {
		w.note(err)
		return conn, info, err
	}
	return watched{conn, w.cause}, info, nil
}

// Clone is what gRPC calls before it dials.
func (w *witness) Clone() credentials.TransportCredentials {
	return &witness{w.TransportCredentials.Clone(), w.cause}
}

// watched notes what the first reads say: there TLS 1.3 reports that the server refuses the client.
type watched struct {
	net.Conn
	*cause
}

func (w watched) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if err != nil {
		w.note(err)
	}
	return n, err
}

// cause is the first error that the other side is the reason of.
type cause struct {
	mutex sync.Mutex
	err   error
}

func (c *cause) note(err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	// That the other side hung up is no reason either: Milvus gives one in an alert.
	ours := errors.Is(err, io.EOF) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) || os.IsTimeout(err)
	if c.err == nil && !ours {
		c.err = err
	}
}

func (c *cause) text() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.err == nil {
		return ""
	}
	return c.err.Error()
}
