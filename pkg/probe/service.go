package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
)

// Service is what a port is for.
type Service string

// The services.
const (
	GRPC      Service = "grpc"       // of Milvus, or of another that asks for a user
	OtherGRPC Service = "other-grpc" // gRPC, but nothing of Milvus
	REST      Service = "rest"       // of Milvus
	Health    Service = "health"     // Milvus's port for metrics and health, which never has TLS
	HTTP      Service = "http"       // HTTP, but nothing of Milvus
)

// question is a request that one of Milvus's services answers, and changes nothing.
type question struct {
	method, path, kind, body string
	reads                    func(*Server, *http.Response, []byte) bool // takes the answer for that of its service, or does not
}

const grpcKind = "application/grpc"

// emptyMessage is a message without fields behind its prefix: not compressed, no bytes (gRPC over HTTP2, Length-Prefixed-Message).
const emptyMessage = "\x00\x00\x00\x00\x00"

// grpcQuestion wants HTTP/2.
var grpcQuestion = question{http.MethodPost, "/milvus.proto.milvus.MilvusService/GetVersion", grpcKind, emptyMessage, (*Server).readGRPC}

// questions come in this order because everything that speaks HTTP answers a GET.
var questions = []question{
	{http.MethodGet, "/healthz", "", "", (*Server).readHealth},
	{http.MethodPost, "/v2/vectordb/collections/list", "application/json", "{}", (*Server).readREST},
}

// What is read of an answer.
const (
	mostHeader = 64 << 10
	mostBody   = 64 << 10

	mostSoftware = 64
	mostStatus   = 16
)

func (p prober) askOverTLS() {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	over := len(p.Protocols) > 0 && p.Protocols[0] == http2
	p.unanswered(p.ask("https", over, &http.Transport{
		Protocols: &protocols,
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			s := p.open(ctx, p.Certificate, nil)
			if s.err != nil {
				s.end()
				return nil, s.err
			}
			return s.tls, nil
		},
	}))
}

func (p prober) unanswered(err error) {
	if err != nil {
		p.Unanswered, p.Late = err.Error(), ranOut(err)
	}
}

// ask puts the questions until one is answered as it should be, and says why none was answered at all.
func (p prober) ask(scheme string, overHTTP2 bool, t *http.Transport) (failure error) {
	defer t.CloseIdleConnections()
	t.MaxResponseHeaderBytes, t.DisableCompression = mostHeader, true
	asked := questions
	if overHTTP2 {
		asked = append([]question{grpcQuestion}, questions...)
	}
	var last *http.Response
	for _, q := range asked {
		response, body, err := p.put(q, scheme, t)
		if err != nil {
			failure = err
			break
		}
		if q.reads(p.Server, response, body) {
			return nil
		}
		last = response
	}
	if last == nil {
		return failure
	}
	software := last.Header.Get("Server")
	p.Service, p.Software = HTTP, software[:min(len(software), mostSoftware)]
	if ranOut(failure) && last.StatusCode >= http.StatusBadRequest { // as Milvus has it, which has no page there
		return failure
	}
	return nil
}

func (p prober) put(q question, scheme string, t *http.Transport) (*http.Response, []byte, error) {
	ctx, cancel := p.step()
	defer cancel()
	_, port, _ := net.SplitHostPort(p.Options.Address)
	request, err := http.NewRequestWithContext(ctx, q.method, scheme+"://"+net.JoinHostPort(p.ServerName, port)+q.path, strings.NewReader(q.body))
	if err != nil {
		return nil, nil, err
	}
	if q.kind != "" {
		request.Header.Set("Content-Type", q.kind)
	}
	if q.kind == grpcKind {
		request.Header.Set("TE", "trailers")
	}
	response, err := t.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, mostBody)) // what there is of it
	return response, body, nil
}

// The codes of gRPC with which Milvus answers.
const (
	grpcOK              = "0"
	grpcUnauthenticated = "16"
)

// readGRPC takes for Milvus what sends a GetVersionResponse, or wants a user. Anything else a gateway could say too.
func (s *Server) readGRPC(r *http.Response, body []byte) bool {
	kind := r.Header.Get("Content-Type")
	if rest, ok := strings.CutPrefix(kind, grpcKind); !ok || strings.Trim(rest[:min(len(rest), 1)], "+; ") != "" { // of gRPC-Web, it is -web
		return false
	}
	status := r.Header.Get("Grpc-Status") // in place of a body
	if status == "" {
		status = r.Trailer.Get("Grpc-Status")
	}
	version, whole := versionIn(body)
	switch {
	case status == grpcOK && whole:
		s.Service, s.Version = GRPC, version
	case status == grpcUnauthenticated:
		s.Service, s.Auth = GRPC, true
	default:
		s.Service, s.Status = OtherGRPC, status[:min(len(status), mostStatus)]
	}
	return true
}

// readREST wants one of the two forms of Milvus's answers, and nothing more in it: others have a code as well.
func (s *Server) readREST(r *http.Response, body []byte) bool {
	var answer struct {
		Code    *int
		Data    []json.RawMessage
		Message string
		Cost    *int
	}
	const noUser = 1800 // merr.ErrNeedAuthenticate of Milvus
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&answer) != nil || decoder.More() || answer.Code == nil {
		return false
	}
	lists := *answer.Code == 0 && answer.Data != nil && r.StatusCode == http.StatusOK
	fails := *answer.Code > 0 && answer.Message != "" && *answer.Code != r.StatusCode // which others repeat
	if !lists && !fails {
		return false
	}
	s.Service, s.Auth = REST, *answer.Code == noUser
	return true
}

// readHealth wants the words of healthz_handler.go of Milvus.
func (s *Server) readHealth(_ *http.Response, body []byte) bool {
	if !bytes.Equal(body, []byte("OK")) && !bytes.HasPrefix(body, []byte("Not all components are ")) {
		return false
	}
	s.Service = Health
	return true
}
