package x509v3

import (
	"bufio"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/milvus-certs/milvus-certs/pkg/opensslconf"
)

const recorded = "../../../shared/conf"

// TestRecordedExtensions compares with what OpenSSL 3.0.19 made of each value.
func TestRecordedExtensions(t *testing.T) {
	table, err := os.Open(filepath.Join(recorded, "extensions.tsv"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("REQUIRE_PEERS") == "" {
		t.Skip("the recorded extensions are not here")
	}
	require.NoError(t, err)
	defer table.Close()
	common, err := os.ReadFile(filepath.Join(recorded, "extensions-common.cnf"))
	require.NoError(t, err)

	rows := bufio.NewScanner(table)
	rows.Buffer(nil, 1<<20)
	rows.Scan() // the heading
	for rows.Scan() {
		row := strings.Split(rows.Text(), "\t")
		name, role, section, extra, want := row[0], row[1], row[2], row[3], row[4]
		t.Run(name+"/"+role, func(t *testing.T) {
			lines := strings.NewReplacer(`\n`, "\n").Replace("[exts]\n" + section + "\n" + extra)
			conf, err := opensslconf.Parse("x.cnf", strings.NewReader(lines+"\n"+string(common)), opensslconf.System{})
			require.NoError(t, err)
			exts, err := Parse(conf, "exts", Options{Mask: UTF8Only})
			got, encodeErr := "", error(nil)
			if err == nil {
				var out []pkix.Extension
				out, encodeErr = Encode(exts, recordedContext(t, role, name, want))
				got = render(out)
			}
			switch {
			case strings.HasPrefix(want, "OK"):
				require.NoError(t, err)
				require.NoError(t, encodeErr)
				assert.Equal(t, strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(want, "OK"), " v3")), got)
			case role == "csr" && strings.Contains(want, "no issuer certificate"):
				require.NoError(t, err, "OpenSSL refuses this in a request, here it is left out")
				assert.Empty(t, got)
			default:
				assert.Error(t, errors.Join(err, encodeErr), want)
			}
		})
	}
	require.NoError(t, rows.Err())
}

// render writes extensions as extensions.tsv has them.
func render(exts []pkix.Extension) string {
	var out []string
	for _, e := range exts {
		mark := "="
		if e.Critical {
			mark = "!="
		}
		out = append(out, e.Id.String()+mark+hex.EncodeToString(e.Value))
	}
	return strings.Join(out, " ")
}

func recordedContext(t *testing.T, role, name, want string) Context {
	subject := NewName(Attribute{OIDCommonName, "localhost"})
	if strings.HasSuffix(name, "_mail") || name == "san_sec_email" {
		subject = subject.With(OIDEmailAddress, "a@b.cc")
	}
	ca := recordedKey(t, "ca.key")
	issuer, err := NewName(
		Attribute{OIDCountry, "CN"}, Attribute{OIDState, "Shanghai"}, Attribute{OIDLocality, "Shanghai"},
		Attribute{OIDOrganization, "milvus"}, Attribute{OIDOrganizationalUnit, "milvus"}, Attribute{OIDCommonName, "localhost"},
	).DER(UTF8Only)
	require.NoError(t, err)
	ctx := Context{
		Request:   role == "csr",
		Subject:   subject,
		PublicKey: recordedKey(t, "server.key"),
		Issuer:    Issuer{Name: issuer, Serial: recordedSerial(t, want), KeyID: KeyIdentifier(ca)},
	}
	if role == "ca" {
		ctx.PublicKey = ca
		ctx.Issuer.SelfSigned, ctx.Issuer.KeyID = true, nil
	}
	return ctx
}

func recordedKey(t *testing.T, name string) []byte {
	data, err := os.ReadFile(filepath.Join(recorded, "keys", name))
	require.NoError(t, err)
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	return x509.MarshalPKCS1PublicKey(&key.(*rsa.PrivateKey).PublicKey)
}

// recordedSerial finds the CA's serial number, which was random, in the authorityKeyIdentifier that was recorded.
func recordedSerial(t *testing.T, want string) *big.Int {
	for field := range strings.FieldsSeq(want) {
		der, ok := strings.CutPrefix(strings.Replace(field, "!=", "=", 1), OIDAuthorityKeyIdentifier.String()+"=")
		if !ok {
			continue
		}
		var aki struct {
			KeyID  []byte        `asn1:"optional,tag:0"`
			Issuer asn1.RawValue `asn1:"optional,tag:1"`
			Serial *big.Int      `asn1:"optional,tag:2"`
		}
		raw, err := hex.DecodeString(der)
		require.NoError(t, err)
		if _, err := asn1.Unmarshal(raw, &aki); err == nil && aki.Serial != nil {
			return aki.Serial
		}
	}
	return big.NewInt(1)
}
