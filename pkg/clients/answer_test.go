package clients_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/certpath"
	"github.com/milvus-certs/milvus-certs/pkg/clients"
)

// TestAnswer: what a running server was seen to make of client.pem counts for more than what its files should make it do, but
// where they foretell the same alert, they have the reason.
func TestAnswer(t *testing.T) {
	good, serverOnly := files(t, made{}), files(t, made{client: "extendedKeyUsage = serverAuth"})
	const badCertificate, unknownCA, accessDenied = 42, 48, 49
	for _, tc := range []struct {
		name   string
		files  map[string][]byte
		answer *clients.Answer
		cause  certpath.Cause
		detail string
		curl   string
	}{
		{"nothing was seen", good, nil, "", "", ""},
		{"nothing was seen, for servers", serverOnly, nil, certpath.ExtKeyUsage, "", "sslv3 alert bad certificate"},
		{"taken", good, &clients.Answer{Taken: true}, "", "", ""},
		{"taken against all expectation", serverOnly, &clients.Answer{Taken: true}, "", "", ""},
		{"refused as foretold", serverOnly, &clients.Answer{Alert: badCertificate}, certpath.ExtKeyUsage, "", "sslv3 alert bad certificate"},
		{"refused for another reason", serverOnly, &clients.Answer{Alert: unknownCA}, clients.RefusedLive, "alert 48, unknown certificate authority", "tlsv1 alert unknown ca"},
		{"refused", good, &clients.Answer{Alert: unknownCA}, clients.RefusedLive, "alert 48, unknown certificate authority", "tlsv1 alert unknown ca"},
		{"refused as Milvus never does", good, &clients.Answer{Alert: accessDenied}, clients.RefusedLive, "alert 49, access denied", "…"},
		{"refused without a word", good, &clients.Answer{}, clients.RefusedLive, "it ends the connection without an alert", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := observe(tc.files)
			o.Running, o.Answer = true, tc.answer
			for _, id := range append(dialling(), clients.MilvusID) {
				r := ask(t, o, id, clients.TwoWay)
				if tc.cause == "" {
					assert.Nil(t, r, id)
					continue
				}
				require.NotNil(t, r, id)
				assert.Equal(t, []any{tc.cause, clients.MilvusID, clientPEM}, []any{r.Cause, r.By, r.File}, id)
				if tc.detail != "" {
					assert.Equal(t, tc.detail, r.Detail, id)
				}
				if id == "curl" {
					assert.Contains(t, r.Shown, tc.curl)
				}
			}
			assert.Nil(t, ask(t, o, "go", clients.RootCA), "one-way it is of no account")
		})
	}
}
