package snippet

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/milvus-certs/milvus-certs/testdata/clients/peer"
)

// connected makes the connection that a configuration describes, with the SDK that its program is built on.
func connected(ctx context.Context, module, sdk string, job peer.Job) (Outcome, error) {
	all := peer.Clients(module)
	client := all[slices.IndexFunc(all, func(c peer.Client) bool { return c.Name == sdk })]
	outcomes, err := client.Run(ctx, []peer.Job{job})
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{outcomes[0].OK, outcomes[0].Reason()}, nil
}

// backup reads the file as milvus-backup does, internal/cfg/cfg.go and internal/client/milvus/grpc.go: unknown keys are none of
// its options.
func backup(module string) func(context.Context, Snippet, string) (Outcome, error) {
	return func(ctx context.Context, s Snippet, _ string) (Outcome, error) {
		var config struct {
			Milvus struct {
				Address      string `yaml:"address"`
				Port         int    `yaml:"port"`
				TLSMode      int    `yaml:"tlsMode"`
				CACertPath   string `yaml:"caCertPath"`
				ServerName   string `yaml:"serverName"`
				MTLSCertPath string `yaml:"mtlsCertPath"`
				MTLSKeyPath  string `yaml:"mtlsKeyPath"`
			} `yaml:"milvus"`
		}
		decoder := yaml.NewDecoder(strings.NewReader(s.Text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&config); err != nil {
			return Outcome{}, err
		}
		m := config.Milvus
		job := peer.Job{Host: m.Address, Port: m.Port, ServerName: m.ServerName, Root: m.CACertPath}
		if m.TLSMode == 2 {
			job.Cert, job.Key = m.MTLSCertPath, m.MTLSKeyPath
		}
		// It reads these two itself.
		job.User = user(s.Env, "MILVUS_USER", "MILVUS_PASSWORD")
		return connected(ctx, module, "Go SDK", job)
	}
}

func user(env []string, name, password string) string {
	values := map[string]string{}
	for _, e := range env {
		key, value, _ := strings.Cut(e, "=")
		values[key] = value
	}
	if values[name] == "" {
		return ""
	}
	return values[name] + ":" + values[password]
}

// fake puts a program of that name first on the path, which writes its arguments and its standard input to files.
func fake(dir, name, script string) (env string, err error) {
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return "", err
	}
	err = os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o700) //nolint:gosec // a program has to be executable
	return "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), err
}

// cdc takes the request that is sent to the CDC server, and does with it what that does: server/model/common.go and
// core/util/milvus_dial_option.go of milvus-cdc.
func cdc(module string) func(context.Context, Snippet, string) (Outcome, error) {
	return func(ctx context.Context, s Snippet, dir string) (Outcome, error) {
		body := filepath.Join(dir, "body")
		path, err := fake(dir, "curl", "exec cat > '"+body+"'\n")
		if err != nil {
			return Outcome{}, err
		}
		s.Env = append(s.Env, path)
		if sent, err := s.file(ctx, dir, "cdc.sh", "sh"); err != nil || !sent.OK {
			return sent, err
		}
		data, err := os.ReadFile(body)
		if err != nil {
			return Outcome{}, err
		}
		job, err := cdcJob(data)
		if err != nil {
			return Outcome{}, fmt.Errorf("%w: %s", err, data)
		}
		return connected(ctx, module, "Go SDK", job)
	}
}

func cdcJob(data []byte) (peer.Job, error) {
	var request struct {
		Type string `json:"request_type"`
		Data struct {
			Param struct {
				Host           string `json:"host"`
				Port           int    `json:"port"`
				Username       string `json:"username"`
				Password       string `json:"password"`
				EnableTLS      bool   `json:"enable_tls"`
				ConnectTimeout int    `json:"connect_timeout"`
				Dial           struct {
					ServerName    string `json:"server_name"`
					ServerPemPath string `json:"server_pem_path"`
					CaPemPath     string `json:"ca_pem_path"`
					ClientPemPath string `json:"client_pem_path"`
					ClientKeyPath string `json:"client_key_path"`
				} `json:"dial_config"`
			} `json:"milvus_connect_param"`
			Collections []struct {
				Name string `json:"name"`
			} `json:"collection_infos"`
			Channel struct {
				Name string `json:"name"`
			} `json:"rpc_channel_info"`
		} `json:"request_data"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return peer.Job{}, err
	}
	p := request.Data.Param
	job := peer.Job{Host: p.Host, Port: p.Port, ServerName: p.Dial.ServerName, Root: p.Dial.ServerPemPath}
	switch {
	case request.Type != "create" || !p.EnableTLS:
		return job, errors.New("no request to create a task with TLS")
	case job.Root == "":
		job.Root, job.Cert, job.Key = p.Dial.CaPemPath, p.Dial.ClientPemPath, p.Dial.ClientKeyPath
	}
	if p.Username != "" {
		job.User = p.Username + ":" + p.Password
	}
	return job, nil
}

// attu reads the arguments of docker run as docker does, and connects as Attu does with its environment: README.md of v3.0.0.
func attu(module string) func(context.Context, Snippet, string) (Outcome, error) {
	return func(ctx context.Context, s Snippet, dir string) (Outcome, error) {
		file := filepath.Join(dir, "arguments")
		path, err := fake(dir, "docker", "{ printf '%s\\0' \"$@\"; printf '%s\\0' \"$MILVUS_USERNAME:$MILVUS_PASSWORD\"; } > '"+file+"'\n")
		if err != nil {
			return Outcome{}, err
		}
		s.Env = append(s.Env, path)
		if run, err := s.file(ctx, dir, "attu.sh", "sh"); err != nil || !run.OK {
			return run, err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return Outcome{}, err
		}
		args := strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
		job, err := attuJob(args[:len(args)-1], args[len(args)-1])
		if err != nil {
			return Outcome{}, fmt.Errorf("%w: %q", err, args)
		}
		return connected(ctx, module, "Node SDK", job)
	}
}

func attuJob(args []string, user string) (peer.Job, error) {
	env, mounted := map[string]string{}, map[string]string{"": ""}
	for i := 0; i < len(args)-1; i++ {
		switch args[i] {
		case "--env":
			key, value, _ := strings.Cut(args[i+1], "=")
			env[key] = value
		case "--mount":
			fields, err := csv.NewReader(strings.NewReader(args[i+1])).Read()
			if err != nil || len(fields) != 4 || fields[0] != "type=bind" || fields[3] != "readonly" {
				return peer.Job{}, fmt.Errorf("--mount %q: %w", fields, err)
			}
			mounted[strings.TrimPrefix(fields[2], "dst=")] = strings.TrimPrefix(fields[1], "src=")
		}
	}
	host, port, err := net.SplitHostPort(env["MILVUS_ADDRESS"])
	if err != nil || env["MILVUS_SSL"] != "true" {
		return peer.Job{}, errors.New("no address, or no TLS")
	}
	job := peer.Job{
		Host: host, ServerName: env["MILVUS_TLS_SERVER_NAME"],
		Root: mounted[env["MILVUS_TLS_ROOT_CERT_PATH"]], Cert: mounted[env["MILVUS_TLS_CERT_CHAIN_PATH"]], Key: mounted[env["MILVUS_TLS_PRIVATE_KEY_PATH"]],
	}
	if _, ok := env["MILVUS_PASSWORD"]; ok {
		job.User = user
	}
	job.Port, err = strconv.Atoi(port)
	return job, err
}
