package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Job is one connection for a client to make.
type Job struct {
	ID         int    `json:"id"`
	Host       string `json:"host"` // as the user dials it
	Port       int    `json:"port"`
	ServerName string `json:"serverName,omitempty"` // that the certificate has to be for; without one it is Host
	Root       string `json:"root,omitempty"`       // file with what the client trusts; without one, what the system trusts
	Cert       string `json:"cert,omitempty"`       // file with the client's certificate, in two-way mode
	Key        string `json:"key,omitempty"`

	Plaintext bool           `json:"plaintext,omitempty"` // without TLS; not for JSSE and openssl
	TLS12     bool           `json:"tls12,omitempty"`     // TLS 1.2 at most; not for the Node SDK and pymilvus
	HTTP1     bool           `json:"http1,omitempty"`     // HTTP/1.1 and no newer one; for curl
	User      string         `json:"user,omitempty"`      // "name:password"; for the SDKs
	Arguments map[string]any `json:"arguments,omitempty"` // what pymilvus is given, in place of all files
	Told      bool           `json:"told,omitempty"`      // the Go SDK returns the error of the connection, pymilvus its log
}

// name is the name that the certificate has to be for.
func (j Job) name() string {
	if j.ServerName != "" {
		return j.ServerName
	}
	return j.Host
}

// Outcome is what became of a job.
type Outcome struct {
	OK    bool   `json:"ok"`
	Shown string `json:"shown,omitempty"` // the error that the user gets to see
	Cause string `json:"cause,omitempty"` // what is behind it, where the client hides that
	// Also are what stands in its log, and what it shows now and then instead, where the server hangs up before it reads why.
	Also []string `json:"also,omitempty"`
}

// Reason is the most telling text of a refusal.
func (o Outcome) Reason() string {
	if o.Cause != "" {
		return o.Cause
	}
	return o.Shown
}

// Port is the listener of Milvus that a client speaks with.
type Port int

const (
	GRPC Port = iota
	REST
)

// Client is a client of Milvus, or the TLS library that one is built on.
type Client struct {
	Name    string
	Speaks  Port
	Version func() (string, error) // an error says that it is not installed
	Run     func(context.Context, []Job) ([]Outcome, error)
}

// Clients are all of them; dir is the folder of this module, where their programs are.
func Clients(dir string) []Client {
	return []Client{goSDK(), nodeSDK(dir), pymilvus(dir), jsse(dir), curl(), openSSL(), python(dir), requests(dir)}
}

// atOnce is how many connections a client makes at a time: enough to fill the waits, and few enough for two cores.
const atOnce = 12

// each runs jobs one by one, several at a time.
func each(atOnce int, run func(context.Context, Job) (Outcome, error)) func(context.Context, []Job) ([]Outcome, error) {
	return func(ctx context.Context, jobs []Job) ([]Outcome, error) {
		outcomes, errs := make([]Outcome, len(jobs)), make([]error, len(jobs))
		turns := make(chan struct{}, atOnce)
		var running sync.WaitGroup
		for i, job := range jobs {
			turns <- struct{}{}
			running.Go(func() {
				defer func() { <-turns }()
				if outcomes[i], errs[i] = run(ctx, job); errs[i] != nil {
					errs[i] = fmt.Errorf("%+v: %w", job, errs[i])
				}
			})
		}
		running.Wait()
		return outcomes, errors.Join(errs...)
	}
}
